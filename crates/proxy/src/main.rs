//! The `foldback` command: flags in, `name: value` lines out, everything else in the library.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};
use foldback_callservice::{
    engine,
    http::{self, switches::Switches},
};
use foldback_proxy::{
    app::Limits,
    check,
    config::Config,
    demo::{self, Demo},
    log,
    secret::Secret,
    serve,
    server::Server,
};
use foldback_wire::graph::ExclusiveMember;
use mimalloc::MiMalloc;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// A request makes some four hundred small things and lets go of them, often on another thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Control panel for the sound of live multiparty calls.
#[derive(Debug, Parser)]
#[command(name = "foldback", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A rehearsal: embedded call service, proxy and panel in one process.
    Demo(DemoArgs),
    /// The proxy against a real call service.
    Serve {
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Listen here instead of where the configuration says.
        #[arg(long, value_name = "ADDRESS")]
        addr: Option<SocketAddr>,
    },
    /// The embedded call service alone, for any client.
    Callservice(CallServiceArgs),
    /// Reads a configuration and tells every problem.
    Check {
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    #[command(flatten)]
    rehearsal: RehearsalArgs,
}

#[derive(Debug, Args)]
struct CallServiceArgs {
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    addr: SocketAddr,
    /// Where notifications are posted before anybody has joined.
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    /// The same for the ACS call.
    #[arg(long, value_name = "URL")]
    acs_callback: Option<String>,
    #[command(flatten)]
    rehearsal: RehearsalArgs,
}

#[derive(Debug, Args)]
struct RehearsalArgs {
    /// People in the call.
    #[arg(long, value_name = "NUMBER", default_value_t = 43)]
    participants: usize,
    /// The same seed gives the same people.
    #[arg(long, value_name = "NUMBER", default_value_t = 7)]
    seed: u64,
    /// How fast the call's own life goes; 0 freezes it.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,
    /// Open the levers of the call service under /rehearsal/v1/.
    #[arg(long)]
    inspect: bool,
    /// How the service decides where the published pages leave room, for example `mixer_status=200`;
    /// can be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    switch: Vec<String>,
    /// A fault from the start, as /rehearsal/v1/faults takes it, for example
    /// `{"path_contains": "/mute", "percent": 10, "fault": {"status": 429}}`; can be given several
    /// times.
    #[arg(long, value_name = "JSON")]
    fault: Vec<String>,
}

impl RehearsalArgs {
    fn engine(&self) -> engine::Options {
        engine::Options {
            participants: self.participants,
            seed: self.seed,
            speed: self.speed,
            ..engine::Options::default()
        }
    }

    fn switches(&self) -> anyhow::Result<Switches> {
        let mut switches = Switches::default();
        for assignment in &self.switch {
            switches.set(assignment).map_err(|sentence| anyhow::anyhow!("--switch: {sentence}"))?;
        }
        Ok(switches)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start();
    let done = match cli.command {
        Command::Demo(args) => run_demo(args).await,
        Command::Serve { config, addr } => run_serve(config, addr).await,
        Command::Callservice(args) => run_call_service(args).await,
        Command::Check { config } => return run_check(&config),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run_demo(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let mut end = End::listen()?;
    let demo = unless_told(
        Demo::start(demo::Options {
            addr: args.addr,
            participants: args.rehearsal.participants,
            seed: args.rehearsal.seed,
            speed: args.rehearsal.speed,
            inspect: args.rehearsal.inspect,
            switches: args.rehearsal.switches()?,
            faults: args.rehearsal.fault,
            exclusive_member: ExclusiveMember::default(),
            timeout: Duration::from_secs(10),
            limits: Limits::default(),
        }),
        &mut end,
    )
    .await?;
    let Some(demo) = demo else { return Ok(ExitCode::SUCCESS) };
    let links = demo.server.app.sessions.links();
    say("address", &demo.server.app.origin)?;
    say("sign-in", &demo.server.sign_in_url())?;
    say_service(&demo.service, "call-service")?;
    until_told(&demo.server, links, &mut end).await?;
    in_order(demo.stop(), &mut end).await?;
    Ok(ExitCode::SUCCESS)
}

async fn run_serve(path: PathBuf, addr: Option<SocketAddr>) -> anyhow::Result<ExitCode> {
    let mut config = match Config::load(&path) {
        Ok(config) => config,
        Err(problems) => {
            for problem in &problems {
                tracing::error!("{problem}");
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    if let Some(addr) = addr {
        config.listen = addr;
    }
    let mut end = End::listen()?;
    let Some(server) = unless_told(Box::pin(serve::start(config)), &mut end).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    let links = server.app.sessions.links();
    say("address", &server.app.origin)?;
    say("sign-in", &server.sign_in_url())?;
    if let Some(admin) = server.admin {
        say("metrics", &format!("http://{admin}/metrics"))?;
    }
    until_told(&server, links, &mut end).await?;
    in_order(server.stop(), &mut end).await?;
    Ok(ExitCode::SUCCESS)
}

async fn run_call_service(args: CallServiceArgs) -> anyhow::Result<ExitCode> {
    let mut end = End::listen()?;
    let service = http::Service::start(http::Options {
        rehearsal: args.rehearsal.engine(),
        callback: args.callback,
        acs_callback: args.acs_callback,
        inspect: args.rehearsal.inspect,
        switches: args.rehearsal.switches()?,
        faults: args.rehearsal.fault,
        ..http::Options::new(args.addr)
    })
    .await?;
    say_service(&service, "address")?;
    end.told().await;
    service.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn run_check(path: &std::path::Path) -> ExitCode {
    let (problems, remarks) = check::examine(path);
    let mut out = std::io::stdout().lock();
    let remarks = remarks.iter().map(|remark| format!("remark: {remark}"));
    for line in problems.iter().map(ToString::to_string).chain(remarks) {
        if writeln!(out, "{line}").is_err() {
            return ExitCode::FAILURE;
        }
    }
    if problems.is_empty() && writeln!(out, "{}: good", path.display()).is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn say_service(service: &http::Service, name: &str) -> anyhow::Result<()> {
    say(name, &service.base_url())?;
    say("graph-call-id", service.graph_call_id())?;
    say("acs-connection-id", service.acs_connection_id())?;
    say("client-id", service.client_id())?;
    say("client-secret", service.client_secret())?;
    say("acs-access-key", service.acs_access_key())?;
    // What receivers of signed notifications compare: `tid` of a Graph token, `aud` of an ACS one.
    say("tenant", service.tenant())?;
    say("acs-resource-id", service.acs_resource())
}

/// One line of standard output for programs and people.
fn say(name: &str, value: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{name}: {value}")?;
    out.flush()?;
    Ok(())
}

/// Prints a fresh link whenever one was used, until the process is told to end. `links` was taken
/// before the first link was printed: whoever reads that one may use it at once.
async fn until_told(
    server: &Server,
    mut links: watch::Receiver<Secret>,
    end: &mut End,
) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = end.told() => return Ok(()),
            changed = links.changed() => {
                changed?;
                links.mark_unchanged();
                // Nobody reads our lines any more; the call and its operators go on.
                if let Err(error) = say("sign-in", &server.sign_in_url()) {
                    tracing::warn!(%error, "the next sign-in link cannot be printed");
                }
            }
        }
    }
}

/// Waits for a start, unless the process is told to end meanwhile: nothing was answered yet.
async fn unless_told<T>(
    started: impl Future<Output = anyhow::Result<T>>,
    end: &mut End,
) -> anyhow::Result<Option<T>> {
    tokio::select! {
        started = started => started.map(Some),
        () = end.told() => Ok(None),
    }
}

/// Waits for an orderly end; whoever asks a second time does not wait. What is cut then is looked up at
/// the next start, as after a crash.
async fn in_order(
    ended: impl Future<Output = anyhow::Result<()>>,
    end: &mut End,
) -> anyhow::Result<()> {
    tokio::select! {
        ended = ended => ended,
        () = end.told() => {
            tracing::warn!("told to end again: what is under way is cut");
            Ok(())
        }
    }
}

/// Ctrl-C or SIGTERM. Listened for from the start, so that neither ends the process in disorder.
struct End {
    interrupt: Signal,
    terminate: Signal,
}

impl End {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        tracing::info!("ending");
    }
}
