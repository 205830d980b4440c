//! The proxy killed between journal and stream, and started again.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use foldback_callservice::{engine, http};
use foldback_model::{CallState, Event, OperationState, Outcome, Sequence};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::stage::{Operator, PATIENCE, Service, client, eventually, fold};

/// A folder of its own, gone at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let name = format!("foldback-test-{}", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A `foldback serve` process.
pub struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub address: String,
    pub link: String,
    metrics: String,
}

impl Process {
    pub async fn start(config: &Path, addr: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_foldback"))
            .args(["serve", "--config"])
            .arg(config)
            .args(["--addr", addr])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = BTreeMap::new();
        while !told.contains_key("metrics") {
            let Some(line) = lines.next_line().await.unwrap() else {
                let log = child.wait_with_output().await.unwrap().stderr;
                panic!("it did not start: {}", String::from_utf8_lossy(&log));
            };
            let (name, value) = line.split_once(": ").unwrap();
            told.insert(name.to_owned(), value.to_owned());
        }
        let told = |name: &str| told[name].clone();
        let (address, link, metrics) = (told("address"), told("sign-in"), told("metrics"));
        Self { child, lines, address, link, metrics }
    }

    /// SIGKILL: no chance to tidy up.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Any other signal, by its name.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let signal = format!("-{name}");
        assert!(Command::new("kill").args([&signal, &id]).status().await.unwrap().success());
    }

    /// How it ends.
    pub async fn ended(&mut self) -> ExitStatus {
        self.child.wait().await.unwrap()
    }
}

/// An embedded service, and what a proxy needs to use it.
pub struct Rig {
    _service: http::Service,
    pub glass: Service,
    folder: Folder,
    config: PathBuf,
}

impl Rig {
    async fn new() -> Self {
        Self::with("").await
    }

    /// With these sections in the configuration beside the usual ones.
    pub async fn with(sections: &str) -> Self {
        Self::limited("streams_end_within_ms = 0", sections).await
    }

    /// The same, with these limits.
    pub async fn limited(limits: &str, sections: &str) -> Self {
        let service = http::Service::start(http::Options {
            rehearsal: engine::Options {
                participants: 60,
                speed: 0.0,
                ..engine::Options::default()
            },
            inspect: true,
            ..http::Options::new(SocketAddr::from(([127, 0, 0, 1], 0)))
        })
        .await
        .unwrap();
        let folder = Folder::new();
        std::fs::write(folder.path("secret"), service.client_secret()).unwrap();
        let config = folder.path("foldback.toml");
        let text = format!(
            "admin_listen = \"127.0.0.1:0\"\n[graph]\ntenant = \"{}\"\nclient_id = \"{}\"\ncredential = {{ secret_file = \"secret\" }}\n\
             [journal]\nsqlite = \"journal.sqlite\"\n\
             [limits]\nupstream_timeout_ms = 5000\n{limits}\n\
             [rehearsal]\nenabled = true\ncall_service = \"{}\"\n{sections}",
            service.tenant(),
            service.client_id(),
            service.base_url()
        );
        std::fs::write(&config, text).unwrap();
        let glass = Service {
            http: client(),
            base: service.base_url(),
            call: service.graph_call_id().to_owned(),
        };
        Self { _service: service, glass, folder, config }
    }

    pub async fn first(&self) -> (Process, Operator) {
        let process = Process::start(&self.config, "127.0.0.1:0").await;
        let operator = Operator::sign_in(&process.address, &process.link, &self.glass.call).await;
        let join = operator.ask(Method::POST, "/foldback/v1/calls").body(r#"{"graph":{}}"#);
        let reply = join.send().await.unwrap();
        assert_eq!(reply.status(), 201);
        let call: Value = reply.json().await.unwrap();
        assert_eq!(call["id"], format!("graph.{}", self.glass.call));
        (process, operator)
    }

    /// Runs a command that ends by itself, and gives its code and all that it says.
    pub async fn run(&self, command: &str) -> (Option<i32>, String) {
        let mut ran = Command::new(env!("CARGO_BIN_EXE_foldback"));
        let ran = ran.args([command, "--config"]).arg(&self.config).kill_on_drop(true).output();
        // One that does not end is killed.
        let ran = tokio::time::timeout(PATIENCE, ran).await.expect("it goes on").unwrap();
        let told = [ran.stdout, ran.stderr].concat();
        (ran.status.code(), String::from_utf8_lossy(&told).into_owned())
    }

    /// The same proxy at the same address, so that notifications find it.
    pub async fn again(&self, before: &Process) -> (Process, Operator) {
        let addr = before.address.strip_prefix("http://").unwrap();
        let process = Process::start(&self.config, addr).await;
        let operator = Operator::sign_in(&process.address, &process.link, &self.glass.call).await;
        (process, operator)
    }

    /// How many requests for commands the journal file shows, seen from outside.
    fn requested(&self) -> i64 {
        let file = rusqlite::Connection::open(self.folder.path("journal.sqlite")).unwrap();
        let count = "SELECT count(*) FROM facts WHERE event LIKE '%\"operationRequested\"%'";
        file.query_row(count, [], |row| row.get(0)).unwrap()
    }

    async fn mutes(&self) -> usize {
        self.glass.requests("POST", "/mute").await.len()
    }
}

#[tokio::test]
async fn killed_while_the_service_has_the_request() {
    let rig = Rig::new().await;
    let (mut process, operator) = rig.first().await;
    let person = operator.open_microphones().await.remove(0);
    let seen = operator.snapshot().await;
    rig.glass.fault("/mute", json!("hang")).await;
    let asking = {
        let (operator, person) = (operator.clone(), person.clone());
        tokio::spawn(async move {
            let action = format!("participants/{person}/mute");
            operator.command(&action, &json!({"clientContext": "killed"})).send().await
        })
    };
    eventually("the service has it", || async { (rig.mutes().await == 1).then_some(()) }).await;
    process.kill().await;
    assert!(asking.await.unwrap().is_err());

    let (_process, operator) = rig.again(&process).await;
    let state = operator.snapshot().await;
    let operations: Vec<_> = state.operations.iter().collect();
    assert_eq!(operations.len(), 1);
    assert_eq!(operations[0].request.client_context.as_deref(), Some("killed"));
    // It was not carried out and nobody said so: that is what is told.
    assert_eq!(operations[0].state, OperationState::Finished(Outcome::Unconfirmed));
    assert!(!state.roster.get(&person).unwrap().muted);
    let missed = operator.missed(&seen, &state).await;
    assert_eq!(fold(seen, &missed), state);
    assert_eq!(rig.mutes().await, 1, "nothing is sent twice");
}

#[tokio::test]
async fn killed_once_the_journal_has_the_fact() {
    let rig = Rig::new().await;
    let (mut process, operator) = rig.first().await;
    let person = operator.open_microphones().await.remove(0);
    let seen = operator.snapshot().await;
    // The service carries it out, after the proxy is gone.
    rig.glass.fault("/mute", json!({"latency_ms": 400})).await;
    let asking = {
        let (operator, person) = (operator.clone(), person.clone());
        tokio::spawn(async move {
            let action = format!("participants/{person}/mute");
            operator.command(&action, &json!({"clientContext": "journaled"})).send().await
        })
    };
    eventually("the journal has it", || async { (rig.requested() == 1).then_some(()) }).await;
    process.kill().await;
    assert!(asking.await.unwrap().is_err());

    let (_process, operator) = rig.again(&process).await;
    let sent = rig.mutes().await;
    let state = eventually("it has an end", || async {
        let state = operator.snapshot().await;
        let ended = state.operations.iter().all(|operation| !operation.is_open());
        ended.then_some(state)
    })
    .await;
    let outcome = &state.operations.iter().next().unwrap().state;
    let muted = state.roster.get(&person).unwrap().muted;
    // Whatever the moment: what is told is what is so, or that nobody knows.
    if muted {
        assert!(matches!(
            outcome,
            OperationState::Finished(Outcome::Completed | Outcome::Unconfirmed)
        ));
    } else {
        assert_eq!(*outcome, OperationState::Finished(Outcome::Unconfirmed));
    }
    let missed = operator.missed(&seen, &state).await;
    assert_eq!(fold(seen, &missed), state);
    assert!(sent <= 1);
    assert_eq!(rig.mutes().await, sent, "nothing is sent twice");
}

#[tokio::test]
async fn killed_in_a_burst_nothing_is_lost_or_doubled() {
    let rig = Rig::new().await;
    let (mut process, mut operator) = rig.first().await;
    let mut seen = CallState::default();
    for round in 0..3 {
        let people = operator.open_microphones().await;
        let mut stream = operator.stream(seen.sequence).await;
        let before = rig.requested();
        let mut asking = Vec::new();
        for (turn, person) in people.iter().take(4).enumerate() {
            let action = format!("participants/{person}/mute");
            let body = json!({"clientContext": format!("burst-{round}-{turn}")});
            let request = operator.command(&action, &body);
            asking.push(tokio::spawn(async move { request.send().await }));
        }
        let wanted = before + i64::try_from(asking.len()).unwrap().min(1 + round);
        eventually("some are written down", || async { (rig.requested() >= wanted).then_some(()) })
            .await;
        process.kill().await;
        for one in asking {
            // Answered or cut, whichever came first.
            drop(one.await.unwrap());
        }
        // What the browser got before the cut is folded; it goes on from there.
        while let Some(event) = stream.next().await {
            if let crate::stage::Sent::Fact(fact) = event {
                seen = fold(seen, &[fact]);
            }
        }
        (process, operator) = rig.again(&process).await;
        let state = operator.snapshot().await;
        let missed = operator.missed(&seen, &state).await;
        seen = fold(seen, &missed);
        assert_eq!(seen.roster, state.roster);
    }
    let state = operator.snapshot().await;
    let mut sent = BTreeMap::<String, usize>::new();
    for request in rig.glass.requests("POST", "/mute").await {
        let context = request["body"]["clientContext"].as_str().unwrap().to_owned();
        *sent.entry(context).or_default() += 1;
    }
    assert!(sent.values().all(|count| *count == 1), "{sent:?}");
    let written: Vec<_> = operator
        .replay()
        .await
        .into_iter()
        .filter_map(|fact| match fact.event {
            Event::OperationRequested(request) => request.client_context,
            _ => None,
        })
        .collect();
    // Nothing left without being written down, and nothing was written down twice.
    assert!(sent.keys().all(|context| written.contains(context)), "{sent:?} {written:?}");
    let once: std::collections::BTreeSet<_> = written.iter().collect();
    assert_eq!(once.len(), written.len());
    assert!(state.operations.iter().all(|operation| !operation.is_open()));
}

#[tokio::test]
async fn a_used_link_is_followed_by_a_fresh_one_and_sigterm_ends_well() {
    let rig = Rig::new().await;
    let (mut process, operator) = rig.first().await;
    let fresh = process.lines.next_line().await.unwrap().unwrap();
    let fresh = fresh.strip_prefix("sign-in: ").unwrap();
    assert_ne!(fresh, process.link);
    let other = Operator::sign_in(&process.address, fresh, &rig.glass.call).await;
    let mut stream = other.stream(Sequence(0)).await;
    let person = operator.open_microphones().await.remove(0);
    rig.glass.fault("/mute", json!({"latency_ms": 300})).await;
    let asking = {
        let operator = operator.clone();
        tokio::spawn(async move { operator.mute(&person, "draining").await.status() })
    };
    eventually("the service has it", || async { (rig.mutes().await == 1).then_some(()) }).await;
    process.signal("TERM").await;
    assert_eq!(asking.await.unwrap(), 200, "what is under way is answered");
    while stream.next().await.is_some() {}
    let status = process.ended().await;
    assert!(status.success(), "{status}");
    let mut log = String::new();
    let mut errors = process.child.stderr.take().unwrap();
    tokio::io::AsyncReadExt::read_to_string(&mut errors, &mut log).await.unwrap();
    let secret = std::fs::read_to_string(rig.folder.path("secret")).unwrap();
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "not a JSON line: {line}");
        assert!(!line.contains(&secret) && !line.contains("sign-in?code"), "{line}");
    }
}

#[tokio::test]
async fn a_link_can_be_used_when_nobody_reads_the_lines_any_more() {
    let rig = Rig::new().await;
    let (mut process, _operator) = rig.first().await;
    let fresh = process.lines.next_line().await.unwrap().unwrap();
    drop(process.lines);
    let link = fresh.strip_prefix("sign-in: ").unwrap();
    let operator = Operator::sign_in(&process.address, link, &rig.glass.call).await;
    assert_eq!(operator.get("/foldback/v1/session").await.status(), 200);
    // It says so in its log, and goes on until it is told to end.
    let mut log = BufReader::new(process.child.stderr.take().unwrap()).lines();
    loop {
        let told = log.next_line().await.unwrap().expect("it has ended");
        if told.contains("link cannot be printed") {
            break;
        }
    }
    let id = process.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert!(process.child.wait().await.unwrap().success());
}

#[tokio::test]
async fn counters_are_on_the_admin_address_only() {
    let rig = Rig::new().await;
    let (process, operator) = rig.first().await;
    let person = operator.open_microphones().await.remove(0);
    assert_eq!(operator.mute(&person, "counted").await.status(), 200);
    let text = operator.http.get(&process.metrics).send().await.unwrap().text().await.unwrap();
    for line in ["foldback_commands_total{kind=\"accepted\"} 1", "foldback_facts_total", "# EOF"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains(person.as_str()) && !text.contains(&operator.call), "{text}");
    let other = process.metrics.replace("/metrics", "/foldback/v1/calls");
    assert_eq!(operator.http.get(other).send().await.unwrap().status(), 404);
    assert_eq!(operator.get("/metrics").await.status(), 404);
}

#[tokio::test]
async fn check_tells_what_serve_would_not_take() {
    let rig = Rig::new().await;
    let check = async |path: &Path| {
        let run = Command::new(env!("CARGO_BIN_EXE_foldback"));
        let mut run = run;
        let output = run.args(["check", "--config"]).arg(path).output().await.unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(check(&rig.config).await.0, Some(0));
    let bad = rig.folder.path("bad.toml");
    std::fs::write(&bad, "listen = \"0.0.0.0:80\"\n[grpah]\n").unwrap();
    let (code, text) = check(&bad).await;
    assert_eq!(code, Some(1));
    for part in ["listen: 0.0.0.0:80", "grpah", "graph.tenant", "bad.toml"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    std::fs::write(&bad, "[graph]\ncredential = \"hunter2\n").unwrap();
    let (code, text) = check(&bad).await;
    assert_eq!(code, Some(1));
    assert!(text.contains("is not TOML: line 2: ") && !text.contains("hunter2"), "{text}");
    let (code, text) = check(&rig.folder.path("missing.toml")).await;
    assert_eq!(code, Some(1), "{text}");
}

#[tokio::test]
async fn the_lines_that_programs_read() {
    let service = [
        "graph-call-id",
        "acs-connection-id",
        "client-id",
        "client-secret",
        "acs-access-key",
        "tenant",
        "acs-resource-id",
    ];
    for (command, first) in
        [("demo", &["address", "sign-in", "call-service"][..]), ("callservice", &["address"][..])]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_foldback"))
            .args([command, "--addr", "127.0.0.1:0", "--participants", "5", "--speed", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = String::new();
        for name in first.iter().chain(&service) {
            let line = lines.next_line().await.unwrap().unwrap();
            let (found, value) = line.split_once(": ").unwrap();
            assert_eq!(found, *name, "{line}");
            if found == "address" {
                address = value.to_owned();
            }
        }
        // Connections are taken by now. One that never sends anything does not hold up the end.
        let silent = tokio::net::TcpStream::connect(address.strip_prefix("http://").unwrap());
        let _silent = silent.await.unwrap();
        let id = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
        assert!(child.wait().await.unwrap().success(), "{command}");
        assert!(lines.next_line().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn only_this_machine_is_listened_to() {
    let rig = Rig::new().await;
    let mut run = Command::new(env!("CARGO_BIN_EXE_foldback"));
    run.args(["serve", "--addr", "0.0.0.0:0", "--config"]).arg(&rig.config);
    let output = run.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("not a loopback address"), "{log}");
}
