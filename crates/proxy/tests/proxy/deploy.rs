//! The files of `docs/deploy.md`: checked as far as that goes without a tenant.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use foldback_proxy::{edge::limits::Times, server::END_MAX_S};
use tokio::process::Command;

use crate::kill::Folder;

const PAGE: &str = include_str!("../../../../docs/deploy.md");

/// Where the proxy listens and what it is called, in every file of the page.
const LISTEN: &str = "127.0.0.1:8080";
const HOST: &str = "foldback.example";

/// Every block of the page in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    PAGE.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

fn one(language: &str) -> &'static str {
    let all = blocks(language);
    assert_eq!(all.len(), 1, "{language}");
    all[0]
}

/// A folder that has what the page supposes on the machine.
fn machine() -> Folder {
    let folder = Folder::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/upstream/token/testdata");
    for (from, to) in [("certificate.pem", "app.pem"), ("key.pem", "app.key")] {
        std::fs::copy(data.join(from), folder.path(to)).unwrap();
    }
    for name in ["azure-identity-token", "sign-in-secret"] {
        std::fs::write(folder.path(name), "eyJ").unwrap();
    }
    folder
}

/// What a test can run, if it is there; the page is not checked by it elsewhere.
fn installed(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os("PATH").and_then(|path| {
        let more = ["/usr/sbin".into(), "/usr/local/sbin".into()];
        std::env::split_paths(&path).chain(more).map(|it| it.join(name)).find(|it| it.is_file())
    });
    if found.is_none() {
        let mut told = std::io::stderr();
        let words =
            format!("{name} is not installed: what it would say of docs/deploy.md is left out\n");
        drop(std::io::Write::write_all(&mut told, words.as_bytes()));
    }
    found
}

async fn succeeds(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let words = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&words));
}

#[tokio::test]
async fn configurations_are_good() {
    let examples = blocks("toml");
    assert_eq!(examples.len(), 2);
    for example in examples {
        let folder = machine();
        let here = folder.path("").display().to_string();
        let text = example
            .replace("/var/lib/foldback/", &here)
            .replace("/var/run/secrets/azure/tokens/", &here);
        let config = folder.path("foldback.toml");
        std::fs::write(&config, text).unwrap();
        let mut check = Command::new(env!("CARGO_BIN_EXE_foldback"));
        succeeds(check.args(["check", "--config"]).arg(&config)).await;
        assert!(example.contains(&format!("listen = \"{LISTEN}\"")), "{example}");
        assert!(example.contains(&format!("public_url = \"https://{HOST}\"")), "{example}");
    }
}

#[tokio::test]
async fn nginx_takes_its_file() {
    let site = one("nginx");
    for part in [
        format!("server_name {HOST};"),
        format!("proxy_pass http://{LISTEN};"),
        "location /notifications/ {".to_owned(),
        "proxy_set_header Host $host;".to_owned(),
        "access_log off;".to_owned(),
        "client_max_body_size 8m;".to_owned(),
    ] {
        assert!(site.contains(&part), "{part}");
    }
    let Some(nginx) = installed("nginx") else { return };
    let folder = machine();
    // A port that is free now; the certificate is any.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let live = format!("/etc/letsencrypt/live/{HOST}/");
    let site = site
        .replace("listen [::]:443", "# listen [::]:443")
        .replace("listen 443", &format!("listen 127.0.0.1:{port}"))
        .replace(&format!("{live}fullchain.pem"), &folder.path("app.pem").display().to_string())
        .replace(&format!("{live}privkey.pem"), &folder.path("app.key").display().to_string());
    let here = folder.path("").display().to_string();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|it| format!("{it}_temp_path {here}{it};")).join("\n");
    let whole = format!(
        "pid {here}pid;\nerror_log {here}error.log;\nevents {{}}\nhttp {{\n{temporary}\n{site}\n}}\n"
    );
    let file = folder.path("nginx.conf");
    std::fs::write(&file, whole).unwrap();
    succeeds(Command::new(nginx).arg("-t").arg("-p").arg(&here).arg("-c").arg(&file)).await;
}

#[tokio::test]
async fn caddy_takes_its_file() {
    let site = one("caddyfile");
    for part in [
        format!("{HOST} {{"),
        format!("reverse_proxy {LISTEN}"),
        "path /notifications/*".to_owned(),
        "max_size 8MB".to_owned(),
    ] {
        assert!(site.contains(&part), "{part}");
    }
    assert_eq!(site.matches('{').count(), site.matches('}').count());
    // What it keeps open it closes before we do.
    assert_eq!(site.matches("keepalive 60s").count(), site.matches("reverse_proxy").count());
    assert!(Times::default().idle >= Duration::from_secs(70));
    let Some(caddy) = installed("caddy") else { return };
    let folder = machine();
    let file = folder.path("Caddyfile");
    std::fs::write(&file, site).unwrap();
    let mut adapt = Command::new(caddy);
    succeeds(adapt.args(["adapt", "--adapter", "caddyfile", "--config"]).arg(&file)).await;
}

#[tokio::test]
async fn the_unit_starts_what_the_page_configures() {
    let unit = one("ini");
    let mut sections = BTreeMap::<&str, Vec<(&str, &str)>>::new();
    let mut section = "";
    for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            section = name;
            continue;
        }
        let pair = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
        sections.entry(section).or_default().push(pair);
    }
    assert_eq!(sections.keys().copied().collect::<Vec<_>>(), ["Install", "Service", "Unit"]);
    let service = &sections["Service"];
    let value = |name: &str| service.iter().find(|(key, _)| *key == name).unwrap().1;
    for (key, verb) in [("ExecStartPre", "check"), ("ExecStart", "serve")] {
        let words: Vec<_> = value(key).split(' ').collect();
        let config = "/etc/foldback/foldback.toml";
        assert_eq!(words, ["/usr/local/bin/foldback", verb, "--config", config], "{key}");
        assert!(PAGE.contains(&format!("`{config}`")));
        // The command knows these arguments: it complains of the file alone.
        let mut run = Command::new(env!("CARGO_BIN_EXE_foldback"));
        let output = run.args([verb, "--config", "/nowhere/foldback.toml"]).output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(String::from_utf8_lossy(&said).contains("cannot be read"), "{key}");
    }
    // Where the journal is, it may write.
    assert_eq!(value("StateDirectory"), "foldback");
    for example in blocks("toml") {
        assert!(example.contains("sqlite = \"/var/lib/foldback/"), "{example}");
    }
    // What is under way has its time, and so has what follows it.
    assert!(value("TimeoutStopSec").parse::<u64>().unwrap() > END_MAX_S);
    let Some(verify) = installed("systemd-analyze") else { return };
    let folder = machine();
    let file = folder.path("foldback.service");
    let known = unit
        .replace("/usr/local/bin/foldback", env!("CARGO_BIN_EXE_foldback"))
        .replace("=foldback\nGroup=foldback", "=nobody");
    std::fs::write(&file, known).unwrap();
    succeeds(Command::new(verify).args(["verify", "--man=no"]).arg(&file)).await;
}

#[test]
fn the_container_copies_what_is_there() {
    let file = one("dockerfile");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = ["target/release/foldback"];
    let mut copied = 0;
    for line in file.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        let (from, to) = line.split_once(' ').unwrap();
        assert!(built.contains(&from) || root.join(from).exists(), "{from}");
        assert!(file.contains(&format!("ENTRYPOINT [\"{to}\"]")), "{to}");
        copied += 1;
    }
    assert_eq!(copied, 1);
    let page = include_str!("../../../../README.md");
    assert!(page.contains(&format!("`{}`", built[0])), "what the build makes");
    assert!(file.contains("CMD [\"serve\", \"--config\", \"/etc/foldback/foldback.toml\"]"));
    assert!(file.contains("USER foldback") && file.contains("VOLUME /var/lib/foldback"));
}
