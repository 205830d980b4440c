//! `foldback.toml`: read whole, so that every problem is told at once.

mod acs;
mod credential;
mod graph;
mod limits;
mod section;
mod sign_in;
mod surroundings;

use std::{
    fmt,
    io::Read as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use toml::Table;

use section::{Problems, Section};
use surroundings::Found;

use crate::{app::Limits, sign_in::SignIn, upstream::Trust};

/// Days that calls are remembered after their end, where nobody says how many.
const KEEP_DAYS: u64 = 365;

/// What `foldback serve` needs to know.
#[derive(Debug)]
pub struct Config {
    /// Address to listen on; beyond loopback only with a sign-in and an https public address.
    pub listen: SocketAddr,
    /// Loopback address of the metrics.
    pub admin_listen: Option<SocketAddr>,
    /// Where the service reaches us.
    pub public_url: Option<String>,
    /// The Graph app, if there is one.
    pub graph: Option<crate::graph::Target>,
    /// The ACS resource, if there is one. There is at least one of both.
    pub acs: Option<crate::acs::Target>,
    /// With whose accounts operators sign in, or whose tokens they may bring, if anybody's.
    pub sign_in: Option<SignIn>,
    /// The journal's file.
    pub sqlite: PathBuf,
    /// How long calls that are over are remembered.
    pub keep: Option<Duration>,
    /// Sizes, counts and times.
    pub limits: Limits,
    /// Calls run inside an embedded service.
    pub rehearsal: bool,
}

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The key, such as `graph.tenant`; empty for the file as a whole.
    pub key: String,
    /// What is wrong, with the value found, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl Config {
    /// Reads a file and the secrets it points to.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn load(path: &Path) -> Result<Self, Vec<Problem>> {
        let whole =
            |message: String| vec![Problem { file: path.to_owned(), key: String::new(), message }];
        let text = std::fs::read_to_string(path)
            .map_err(|error| whole(format!("cannot be read: {error}")))?;
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            // Its own display repeats the line, which may hold a secret.
            let at = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            whole(format!("is not TOML: line {line}: {}", error.message()))
        })?;
        Self::read(path, table, |name| std::env::var(name).ok())
    }

    fn read(
        path: &Path,
        table: Table,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems { file: path.to_owned(), found: Vec::new() };
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut top = Section { name: "", table };

        let listen = address(&mut top, "listen", &mut problems)
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let admin_listen = address(&mut top, "admin_listen", &mut problems);
        if let Some(admin) = admin_listen.filter(|admin| !admin.ip().is_loopback()) {
            let message =
                format!("{admin} is not a loopback address; metrics are for this machine");
            problems.add("admin_listen", &message);
        }
        if admin_listen.is_some_and(|admin| admin == listen && admin.port() != 0) {
            problems.add(
                "admin_listen",
                "is where the panel listens; give the metrics a port of their own",
            );
        }

        let mut rehearsal = top.section("rehearsal", &mut problems);
        let enabled = rehearsal.take_bool("enabled", &mut problems).unwrap_or(false);
        let call_service = rehearsal.take_text("call_service", &mut problems);
        let embedded = embedded(enabled, call_service, &mut problems);
        rehearsal.finish(&mut problems);
        let public_url = public_url(&mut top, enabled, &mut problems);
        if let Some(message) = beyond_loopback(listen, enabled, &top) {
            problems.add("listen", &message);
        }

        let found = Found { base: &base, environment: &environment, embedded };
        // One service is enough. What is said of neither is told of Graph, which most people mean.
        let has_acs = top.table.contains_key("acs");
        let mut graph = (top.table.contains_key("graph") || !has_acs)
            .then(|| graph::read(&mut top, &found, &mut problems));
        let mut acs = has_acs.then(|| {
            let app = graph.as_ref().and_then(Option::as_ref);
            acs::read(&mut top, &found, app, &mut problems)
        });

        let mut journal = top.section("journal", &mut problems);
        let sqlite = journal
            .take_text("sqlite", &mut problems)
            .map_or_else(|| base.join("foldback.sqlite"), |path| base.join(path));
        if let Some(message) = no_place_for(&sqlite) {
            problems.add("journal.sqlite", &message);
        }
        let days = journal.take_number("keep_days", 1..=3_650, &mut problems);
        let days = days.and_then(|days| u64::try_from(days).ok()).unwrap_or(KEEP_DAYS);
        if journal.table.remove("nats").is_some() {
            problems
                .add("journal.nats", "this version keeps its journal in SQLite only; take it out");
        }
        journal.finish(&mut problems);

        let (limits, timeout) = limits::read(&mut top, &mut problems);
        let sign_in = top
            .table
            .contains_key("sign_in")
            .then(|| sign_in::read(&mut top, &found, &mut problems));
        let trust = trust(&mut top, &base, &mut problems);
        top.finish(&mut problems);
        for graph in graph.iter_mut().flatten() {
            graph.trust = trust.clone();
            graph.family.trust = trust.clone();
        }
        for acs in acs.iter_mut().flatten() {
            acs.trust = trust.clone();
            acs.family.trust = trust.clone();
        }
        let sign_in = sign_in.flatten().map(|sign_in| SignIn { trust, ..sign_in });
        if let Some(timeout) = timeout {
            graph.iter_mut().flatten().for_each(|graph| graph.timeout = timeout);
            acs.iter_mut().flatten().for_each(|acs| acs.timeout = timeout);
        }
        if !problems.found.is_empty() {
            return Err(problems.found);
        }
        Ok(Self {
            listen,
            admin_listen,
            public_url,
            graph: graph.flatten(),
            acs: acs.flatten(),
            sign_in,
            sqlite,
            keep: Some(Duration::from_hours(24 * days)),
            limits,
            rehearsal: enabled,
        })
    }
}

/// The authorities that `[upstream]` names.
fn trust(top: &mut Section, base: &Path, problems: &mut Problems) -> Trust {
    let mut upstream = top.section("upstream", problems);
    let file = upstream.take_text("ca_file", problems).map(|file| base.join(file));
    upstream.finish(problems);
    let Some(file) = file else { return Trust::default() };
    let read = std::fs::read(&file).map_err(|error| format!("cannot be read: {error}"));
    read.and_then(|pem| Trust::read(&pem)).unwrap_or_else(|words| {
        problems.add("upstream.ca_file", &format!("{} {words}", file.display()));
        Trust::default()
    })
}

/// What every SQLite database begins with.
const DATABASE: &[u8; 16] = b"SQLite format 3\0";

/// Why no journal can be made or found there, if that can be seen without touching it.
fn no_place_for(sqlite: &Path) -> Option<String> {
    if sqlite.is_dir() {
        return Some(format!("{} is a folder; name a file in it", sqlite.display()));
    }
    if sqlite.exists() {
        if !sqlite.is_file() {
            return Some(format!("{} is no file; name one, or none yet", sqlite.display()));
        }
        return no_database(sqlite);
    }
    if sqlite.is_symlink() {
        return Some(format!(
            "{} leads to a file that is not there; make that file empty, or name it itself",
            sqlite.display()
        ));
    }
    let folder = sqlite.parent().filter(|folder| !folder.as_os_str().is_empty());
    let missing = folder.filter(|folder| !folder.is_dir())?;
    Some(format!("the folder {} is not there; make it or name another", missing.display()))
}

/// An address as it may be told: one with a name or a password belongs into no log.
fn shown(address: &str) -> String {
    if address.contains('@') {
        "an address with a name or a password".to_owned()
    } else {
        format!("{address:?}")
    }
}

/// Why a file that is there is no journal. One that is empty becomes one.
fn no_database(sqlite: &Path) -> Option<String> {
    let mut head = Vec::new();
    let read = std::fs::File::open(sqlite)
        .and_then(|file| file.take(DATABASE.len() as u64).read_to_end(&mut head));
    match read {
        Err(error) => Some(format!(
            "{} cannot be read: {error}; let the user that Foldback runs as read and write it",
            sqlite.display()
        )),
        Ok(_) if head.is_empty() || head == DATABASE => None,
        Ok(_) => Some(format!(
            "{} is a file of another kind and no journal; name another file, or one that is not there yet",
            sqlite.display()
        )),
    }
}

fn address(top: &mut Section, key: &str, problems: &mut Problems) -> Option<SocketAddr> {
    let text = top.take_text(key, problems)?;
    let address = text.parse::<SocketAddr>().ok();
    if address.is_none() {
        let message = format!("{text:?} is no address; write one like \"127.0.0.1:8080\"");
        problems.add(key, &message);
    }
    address
}

/// Why this address may not be listened on, if it is not one of this machine alone.
fn beyond_loopback(listen: SocketAddr, rehearsal: bool, top: &Section) -> Option<String> {
    if listen.ip().is_loopback() {
        return None;
    }
    if rehearsal {
        return Some(format!(
            "{listen} is not a loopback address; a rehearsal listens on 127.0.0.1 or [::1] only"
        ));
    }
    (!sign_in::lets_browsers_in(top)).then(|| {
        format!(
            "{listen} is not a loopback address, and nobody would be asked who they are: set up [sign_in] \
             with client_secret_file, or listen on 127.0.0.1 or [::1]"
        )
    })
}

fn public_url(top: &mut Section, rehearsal: bool, problems: &mut Problems) -> Option<String> {
    let Some(text) = top.take_text("public_url", problems) else {
        if !rehearsal {
            problems.add(
                "public_url",
                "is missing; it is the https address under which the service reaches this proxy",
            );
        }
        return None;
    };
    let parsed = reqwest::Url::parse(&text).ok().filter(|url| {
        url.host_str().is_some()
            && (url.scheme() == "https" || (rehearsal && url.scheme() == "http"))
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.port() != Some(0)
            && url.path() == "/"
    });
    if parsed.is_none() {
        let message = format!(
            "{} cannot be used; write scheme and host, and a port other than 0 where there is one, \
             like \"https://foldback.example\"",
            shown(&text)
        );
        problems.add("public_url", &message);
    }
    parsed.map(|url| url.as_str().trim_end_matches('/').to_owned())
}

/// The address of the embedded service of a rehearsal.
fn embedded(
    rehearsal: bool,
    call_service: Option<String>,
    problems: &mut Problems,
) -> Option<String> {
    let key = "rehearsal.call_service";
    let text = match (rehearsal, call_service) {
        (false, None) => return None,
        (false, Some(_)) => {
            problems.add(
                key,
                "is used in rehearsals only; set rehearsal.enabled = true or take it out",
            );
            return None;
        }
        (true, None) => {
            problems.add(key, "is missing; it is what `foldback callservice` prints as address");
            return None;
        }
        (true, Some(text)) => text,
    };
    let host = reqwest::Url::parse(&text).ok().filter(|url| url.scheme() == "http");
    let host = host.and_then(|url| Some(url.host_str()?.trim_matches(['[', ']']).to_owned()));
    let loopback = host.is_some_and(|host| {
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    });
    if !loopback {
        let message =
            format!("{text:?} is not on this machine; write one like \"http://127.0.0.1:9090\"");
        problems.add(key, &message);
    }
    loopback.then_some(text)
}

#[cfg(test)]
mod tests;
