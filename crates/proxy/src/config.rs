//! `foldback.toml`: read whole, so that every problem is told at once.

mod section;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use foldback_wire::graph::ExclusiveMember;
use toml::{Table, Value};

use section::{Problems, Section};

use crate::{
    app::Limits,
    graph::{Cloud, Target},
    secret::Secret,
};

/// What `foldback serve` needs to know.
#[derive(Debug)]
pub struct Config {
    /// Loopback address to listen on.
    pub listen: SocketAddr,
    /// Loopback address of the metrics.
    pub admin_listen: Option<SocketAddr>,
    /// Where the service reaches us.
    pub public_url: Option<String>,
    /// The service.
    pub target: Target,
    /// The journal's file.
    pub sqlite: PathBuf,
    /// Sizes.
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

        let mut rehearsal = top.section("rehearsal", &mut problems);
        let enabled = rehearsal.take_bool("enabled", &mut problems).unwrap_or(false);
        let call_service = rehearsal.take_text("call_service", &mut problems);
        rehearsal.finish(&mut problems);
        let public_url = public_url(&mut top, enabled, &mut problems);

        let mut graph = top.section("graph", &mut problems);
        let tenant =
            graph.need_text("tenant", "the directory (tenant) id of the app", &mut problems);
        if let Some(tenant) = &tenant
            && uuid::Uuid::try_parse(tenant).is_err()
        {
            let message = format!(
                "{tenant:?} is no tenant id; give the directory's id, a GUID, because notifications name \
                 it and never the domain"
            );
            problems.add("graph.tenant", &message);
        }
        let client_id =
            graph.need_text("client_id", "the application id of the app", &mut problems);
        let secret = credential(&mut graph, &base, &environment, &mut problems);
        let cloud = cloud(&mut graph, &mut problems);
        let exclusive_member = exclusive_member(&mut graph, &mut problems);
        graph.finish(&mut problems);

        let mut journal = top.section("journal", &mut problems);
        let sqlite = journal
            .take_text("sqlite", &mut problems)
            .map_or_else(|| base.join("foldback.sqlite"), |path| base.join(path));
        if journal.table.remove("nats").is_some() {
            problems
                .add("journal.nats", "this version keeps its journal in SQLite only; take it out");
        }
        journal.finish(&mut problems);

        let mut sizes = top.section("limits", &mut problems);
        let standard = Limits::default();
        let limits = Limits {
            command_bytes: size(&mut sizes, "command_bytes", standard.command_bytes, &mut problems),
            webhook_bytes: size(&mut sizes, "webhook_bytes", standard.webhook_bytes, &mut problems),
        };
        let timeout = sizes.take_number("upstream_timeout_ms", 100..=60_000, &mut problems);
        sizes.finish(&mut problems);

        for (key, what) in [("acs", "Azure Communication Services"), ("sign_in", "OpenID Connect")]
        {
            if top.table.remove(key).is_some() {
                problems.add(
                    key,
                    &format!("this version does not have {what} yet; take the section out"),
                );
            }
        }
        top.finish(&mut problems);

        let target = target(tenant, client_id, secret, cloud, enabled, call_service, &mut problems);
        match target {
            Some(mut target) if problems.found.is_empty() => {
                target.exclusive_member = exclusive_member;
                if let Some(ms) = timeout.and_then(|ms| u64::try_from(ms).ok()) {
                    target.timeout = Duration::from_millis(ms);
                }
                Ok(Self {
                    listen,
                    admin_listen,
                    public_url,
                    target,
                    sqlite,
                    limits,
                    rehearsal: enabled,
                })
            }
            _ => Err(problems.found),
        }
    }
}

fn address(top: &mut Section, key: &str, problems: &mut Problems) -> Option<SocketAddr> {
    let text = top.take_text(key, problems)?;
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Some(address),
        Ok(address) => {
            let message = format!(
                "{address} is not a loopback address; this version listens on 127.0.0.1 or ::1 only"
            );
            problems.add(key, &message);
            None
        }
        Err(_) => {
            let message = format!("{text:?} is no address; write one like \"127.0.0.1:8080\"");
            problems.add(key, &message);
            None
        }
    }
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
            && url.path() == "/"
    });
    if parsed.is_none() {
        let message =
            format!("{text:?} cannot be used; write one like \"https://foldback.example\"");
        problems.add("public_url", &message);
    }
    parsed.map(|url| url.as_str().trim_end_matches('/').to_owned())
}

fn credential(
    graph: &mut Section,
    base: &Path,
    environment: &impl Fn(&str) -> Option<String>,
    problems: &mut Problems,
) -> Option<Secret> {
    const HOW: &str = "write { secret_file = \"path\" } or { secret_env = \"NAME\" }";
    let key = "graph.credential";
    // Whatever stands here may be the secret itself: it is not repeated.
    let mut table = match graph.table.remove("credential") {
        Some(Value::Table(table)) => table,
        Some(_) => {
            problems.add(key, &format!("secrets do not stand in this file; {HOW}"));
            return None;
        }
        None => {
            problems.add(key, &format!("is missing; {HOW}"));
            return None;
        }
    };
    let from_file = table.remove("secret_file");
    let from_environment = table.remove("secret_env");
    for other in table.keys() {
        problems.add(&format!("{key}.{other}"), &format!("is not a key Foldback knows; {HOW}"));
    }
    let text = match (from_file, from_environment) {
        (Some(Value::String(file)), None) => {
            let path = base.join(file);
            std::fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))
        }
        (None, Some(Value::String(name))) => environment(&name)
            .ok_or_else(|| format!("the environment has no variable {name}; set it")),
        _ => Err(HOW.to_owned()),
    };
    match text {
        Ok(text) if !text.trim().is_empty() => Some(Secret::new(text.trim())),
        Ok(_) => {
            problems.add(key, "the secret is empty");
            None
        }
        Err(message) => {
            problems.add(key, &message);
            None
        }
    }
}

fn cloud(graph: &mut Section, problems: &mut Problems) -> Cloud {
    let Some(text) = graph.take_text("cloud", problems) else { return Cloud::Global };
    let found = Cloud::NAMES.into_iter().find(|(name, _)| *name == text);
    if let Some((_, cloud)) = found {
        return cloud;
    }
    let names: Vec<_> = Cloud::NAMES.iter().map(|(name, _)| format!("{name:?}")).collect();
    let message = format!("{text:?} is no cloud Foldback knows; one of {}", names.join(", "));
    problems.add("graph.cloud", &message);
    Cloud::Global
}

/// Which of the two published names an exclusive mix is written with.
fn exclusive_member(graph: &mut Section, problems: &mut Problems) -> ExclusiveMember {
    match graph.take_text("exclusive_member", problems).as_deref() {
        None | Some("exclusive") => ExclusiveMember::Exclusive,
        Some("exclusiveMode") => ExclusiveMember::ExclusiveMode,
        Some(other) => {
            let message = format!("{other:?} is not its name; \"exclusive\" or \"exclusiveMode\"");
            problems.add("graph.exclusive_member", &message);
            ExclusiveMember::Exclusive
        }
    }
}

fn size(section: &mut Section, key: &str, standard: usize, problems: &mut Problems) -> usize {
    let taken = section.take_number(key, 1_024..=64 * 1024 * 1024, problems);
    taken.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(standard)
}

fn target(
    tenant: Option<String>,
    client_id: Option<String>,
    secret: Option<Secret>,
    cloud: Cloud,
    rehearsal: bool,
    call_service: Option<String>,
    problems: &mut Problems,
) -> Option<Target> {
    let key = "rehearsal.call_service";
    let loopback = match (rehearsal, call_service) {
        (false, None) => None,
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
        (true, Some(text)) => {
            let host =
                reqwest::Url::parse(&text).ok().filter(|url| url.scheme() == "http").and_then(
                    |url| url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()),
                );
            let loopback = host.is_some_and(|host| {
                host == "localhost"
                    || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
            });
            if !loopback {
                let message = format!(
                    "{text:?} is not on this machine; write one like \"http://127.0.0.1:9090\""
                );
                problems.add(key, &message);
                return None;
            }
            Some(text)
        }
    };
    let (tenant, client_id, secret) = (tenant?, client_id?, secret?);
    Some(match loopback {
        Some(base) => Target::embedded(&base, &tenant, client_id, secret),
        None => cloud.target(&tenant, client_id, secret),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_configurations_are_read() {
        let page = include_str!("../../../docs/serve.md");
        let examples: Vec<_> = page.split("```toml\n").skip(1).collect();
        assert_eq!(examples.len(), 2);
        for example in examples {
            let (text, _) = example.split_once("```").unwrap();
            let environment =
                |name: &str| (name == "FOLDBACK_GRAPH_SECRET").then(|| "secret".to_owned());
            let read = Config::read(Path::new("foldback.toml"), text.parse().unwrap(), environment);
            assert!(read.is_ok(), "{read:?} in\n{text}");
        }
    }

    const GOOD: &str = r#"
        listen = "127.0.0.1:0"
        public_url = "https://foldback.example"
        [graph]
        tenant = "5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c11"
        client_id = "app"
        credential = { secret_env = "THE_SECRET" }
    "#;

    fn read(text: &str) -> Result<Config, Vec<Problem>> {
        let environment = |name: &str| (name == "THE_SECRET").then(|| "hunter2".to_owned());
        Config::read(Path::new("foldback.toml"), text.parse().unwrap(), environment)
    }

    #[test]
    fn a_good_file() {
        let config = read(GOOD).unwrap();
        assert_eq!(config.target.base, "https://graph.microsoft.com");
        assert!(config.target.grant.url.starts_with("https://login.microsoftonline.com/5b1c6f1e-"));
        assert_eq!(config.target.grant.client_secret.reveal(), "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn every_problem_is_told_with_its_key() {
        let problems = read(
            r#"
            listen = "0.0.0.0:80"
            admin_listen = 7
            colour = "red"
            [graph]
            tenat = "x"
            client_id = ""
            credential = "hunter2"
            cloud = "moon"
            exclusive_member = "Exclusive"
            [acs]
            [limits]
            command_bytes = 5
            "#,
        )
        .unwrap_err();
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        for key in [
            "listen",
            "admin_listen",
            "public_url",
            "colour",
            "graph.tenat",
            "graph.tenant",
            "graph.client_id",
            "graph.credential",
            "graph.cloud",
            "graph.exclusive_member",
            "acs",
            "limits.command_bytes",
        ] {
            assert!(keys.contains(&key), "{key} is not among {keys:?}");
        }
        let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(
            "
",
        );
        assert!(text.contains("foldback.toml: listen: 0.0.0.0:80 is not a loopback"), "{text}");
        assert!(!text.contains("hunter2"));
    }

    #[test]
    fn no_problem_hides_another() {
        let problems = read("[graph]\ntenant = \"a/b\"").unwrap_err();
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["public_url", "graph.tenant", "graph.client_id", "graph.credential"]);
    }

    #[test]
    fn rehearsals_stay_on_this_machine() {
        let with = |extra: &str| read(&format!("{GOOD}\n{extra}"));
        let config = with("[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1:9090\"");
        assert_eq!(config.unwrap().target.base, "http://127.0.0.1:9090");
        for extra in [
            "[rehearsal]\nenabled = true",
            "[rehearsal]\nenabled = true\ncall_service = \"http://evil.example\"",
            "[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1.evil.example\"",
            "[rehearsal]\ncall_service = \"http://127.0.0.1:9090\"",
        ] {
            assert_eq!(with(extra).unwrap_err()[0].key, "rehearsal.call_service", "{extra}");
        }
    }
}
