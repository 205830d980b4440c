//! Every mistake a configuration can have, each told with its key and how to mend it.

use std::{fs, path::PathBuf};

use super::*;

const GOOD: &str = r#"listen = "127.0.0.1:8080"
admin_listen = "127.0.0.1:9100"
public_url = "https://foldback.example"

[graph]
tenant = "5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c11"
client_id = "8d1e6f6e-9a5a-4f0b-8f0e-3a6d5d1f2b33"
credential = { secret_file = "secret" }
cloud = "global"

[acs]
endpoint = "https://contoso.communication.azure.com"
credential = { access_key_file = "key" }
resource_id = "5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c22"

[sign_in]
issuer = "https://login.example/v2.0"
client_id = "api"
client_secret_file = "secret"
roles_claim = "roles"
roles = { "Foldback.Produce" = "producer" }
calls = { open_to = "moderator" }
idle_minutes = 30
origins = ["https://panel.example"]

[journal]
sqlite = "foldback.sqlite"
keep_days = 30

[limits]
command_bytes = 1048576
upstream_timeout_ms = 10000
streams = 4999
streams_end_within_ms = 10000
session_requests_per_second = 99
trusted_proxies = ["10.0.0.0/8"]
"#;

/// What is written instead of what, the key that is told, and words of the way out.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    // The file as a whole.
    ("listen = ", "listen ", "", "is not TOML: line 1"),
    ("[graph]", "[graph", "", "is not TOML: line 5"),
    ("[graph]", "[grpah]", "grpah", "correct its spelling"),
    ("[graph]", "[graph]\ncolor = 1", "graph.color", "take it out"),
    ("[journal]", "graph = 1\n[journal]", "sign_in.graph", "take it out"),
    // Addresses.
    ("127.0.0.1:8080", "localhost:8080", "listen", "127.0.0.1:8080"),
    ("\"127.0.0.1:8080\"", "8080", "listen", "put it in quotes"),
    ("127.0.0.1:9100", "10.0.0.7:9100", "admin_listen", "not a loopback address"),
    ("127.0.0.1:9100", "127.0.0.1:8080", "admin_listen", "a port of their own"),
    ("public_url", "# public_url", "public_url", "is missing"),
    (
        "https://foldback.example",
        "http://foldback.example",
        "public_url",
        "https://foldback.example",
    ),
    ("https://foldback.example", "foldback.example", "public_url", "cannot be used"),
    ("https://foldback.example", "https://foldback.example/x", "public_url", "cannot be used"),
    ("https://foldback.example", "https://a:b@foldback.example", "public_url", "cannot be used"),
    ("https://foldback.example", "https://:hunter2@foldback.example", "public_url", "a password"),
    ("https://foldback.example", "https://foldback.example:0", "public_url", "other than 0"),
    ("\"https://foldback.example\"", "true", "public_url", "put it in quotes"),
    // Graph.
    (
        "tenant = \"5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c11\"",
        "",
        "graph.tenant",
        "directory (tenant) id",
    ),
    ("5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c11", "contoso.example", "graph.tenant", "a GUID"),
    (
        "8d1e6f6e-9a5a-4f0b-8f0e-3a6d5d1f2b33",
        "Foldback",
        "graph.client_id",
        "Application (client) ID",
    ),
    ("client_id", "clientId", "graph.clientId", "correct its spelling"),
    ("\"global\"", "\"azure\"", "graph.cloud", "us-gov-l4"),
    ("\"global\"", "7", "graph.cloud", "put it in quotes"),
    (
        "secret_file = \"secret\"",
        "secret_file = \"lost\"",
        "graph.credential",
        "lost cannot be read",
    ),
    ("secret_file = \"secret\"", "secret_file = \".\"", "graph.credential", "cannot be read"),
    ("secret_file = \"secret\"", "secret_file = \"empty\"", "graph.credential", "is empty"),
    ("secret_file = \"secret\"", "secret_file = 7", "graph.credential", "secret_env"),
    (
        "secret_file = \"secret\"",
        "secret_env = \"NO_SUCH_NAME_HERE\"",
        "graph.credential",
        "set it",
    ),
    (
        "secret_file = \"secret\"",
        "password = \"hunter2\"",
        "graph.credential.password",
        "secret_file",
    ),
    (
        "{ secret_file = \"secret\" }",
        "\"hunter2\"",
        "graph.credential",
        "do not stand in this file",
    ),
    ("credential = { secret_file", "x = { secret_file", "graph.credential", "is missing"),
    (
        "secret_file = \"secret\"",
        "certificate_file = \"secret\"",
        "graph.credential",
        "BEGIN CERTIFICATE",
    ),
    (
        "secret_file = \"secret\"",
        "federated_token_file = \"lost\"",
        "graph.credential.federated_token_file",
        "cannot be read",
    ),
    (
        "secret_file = \"secret\"",
        "managed_identity = \"both\"",
        "graph.credential.managed_identity",
        "\"system\"",
    ),
    // ACS.
    ("endpoint = ", "endpiont = ", "acs.endpiont", "correct its spelling"),
    (
        "https://contoso.communication",
        "http://contoso.communication",
        "acs.endpoint",
        "https://name",
    ),
    ("azure.com\"", "azure.com/calling\"", "acs.endpoint", "cannot be used"),
    (
        "https://contoso.communication.azure.com",
        "endpoint=https://c.example/;accesskey=aHVudGVyMg==",
        "acs.endpoint",
        "a connection string cannot be used",
    ),
    ("access_key_file = \"key\"", "access_key_file = \"lost\"", "acs.credential", "cannot be read"),
    (
        "access_key_file = \"key\"",
        "access_key_file = \"secret\"",
        "acs.credential",
        "is no access key",
    ),
    ("access_key_file = \"key\"", "entra = \"acs\"", "acs.credential", "entra = \"graph\""),
    ("5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c22", "contoso", "acs.resource_id", "the GUID"),
    // The rest.
    ("foldback.sqlite", "nowhere/foldback.sqlite", "journal.sqlite", "make it or name another"),
    ("foldback.sqlite", ".", "journal.sqlite", "name a file in it"),
    ("sqlite = \"foldback.sqlite\"", "nats = \"nats://x\"", "journal.nats", "take it out"),
    ("keep_days = 30", "keep_days = 0", "journal.keep_days", "from 1 to 3650"),
    ("1048576", "10", "limits.command_bytes", "from 1024 to"),
    ("1048576", "\"1 MiB\"", "limits.command_bytes", "a whole number"),
    ("10000", "10", "limits.upstream_timeout_ms", "from 100 to 60000"),
    ("streams = 4999", "streams = 0", "limits.streams", "from 1 to 1000000"),
    ("streams = 4999", "streams = 10000", "limits.streams", "each stream needs one"),
    ("_within_ms = 10000", "_within_ms = 12001", "limits.streams_end_within_ms", "from 0 to 12000"),
    ("= 99", "= -1", "limits.session_requests_per_second", "a whole number"),
    ("10.0.0.0/8", "10.0.0.0/33", "limits.trusted_proxies", "a network like"),
    ("10.0.0.0/8", "proxy.example", "limits.trusted_proxies", "like \"127.0.0.1\""),
    ("issuer = ", "isuer = ", "sign_in.issuer", "like \"https://"),
    ("https://login.example", "http://login.example", "sign_in.issuer", "the https address"),
    ("https://login.example", "http://127.0.0.1:1", "sign_in.issuer", "letter by letter"),
    ("login.example/v2.0", "login.example/v2.0?x=1", "sign_in.issuer", "cannot be used"),
    ("client_id = \"api\"", "", "sign_in.client_id", "tokens name as aud"),
    ("https://panel.example", "https://panel.example/", "sign_in.origins", "without a slash"),
    ("https://panel.example", "http://panel.example", "sign_in.origins", "no origin of a page"),
    ("[\"https://panel.example\"]", "\"*\"", "sign_in.origins", "no list of texts"),
    ("\"https://panel.example\"", "\"*\"", "sign_in.origins", "no origin of a page"),
    (
        "= \"producer\"",
        "= \"king\"",
        "sign_in.roles",
        "viewer, moderator, producer and administrator",
    ),
    ("= \"producer\"", "= 7", "sign_in.roles", "is given 7"),
    ("{ \"Foldback.Produce\" = \"producer\" }", "\"producer\"", "sign_in.roles", "no table"),
    ("roles = {", "# roles = {", "sign_in.roles", "nobody could do anything"),
    ("roles = {", "default_role = \"Viewer\"\nroles = {", "sign_in.default_role", "is no role"),
    (
        "client_secret_file = \"secret\"",
        "client_secret_file = \"lost\"",
        "sign_in.client_secret_file",
        "cannot be read",
    ),
    (
        "client_secret_file = \"secret\"",
        "client_secret_env = \"NO_SUCH_NAME_HERE\"",
        "sign_in.client_secret_env",
        "set it",
    ),
    (
        "client_secret_file = \"secret\"",
        "client_secret_file = \"secret\"\nclient_secret_env = \"X\"",
        "sign_in.client_secret_env",
        "not both",
    ),
    (
        "client_secret_file = \"secret\"",
        "client_secret = \"hunter2\"",
        "sign_in.client_secret",
        "do not stand in this file",
    ),
    ("idle_minutes = 30", "idle_minutes = 0", "sign_in.idle_minutes", "from 1 to 1440"),
    ("idle_minutes = 30", "session_hours = 1000", "sign_in.session_hours", "from 1 to 168"),
    ("idle_minutes = 30", "scopes = \"openid\"", "sign_in.scopes", "no list of texts"),
    ("open_to = \"moderator\"", "open_to = \"all\"", "sign_in.calls.open_to", "is no role"),
    (
        "open_to = \"moderator\"",
        "opento = \"viewer\"",
        "sign_in.calls.opento",
        "correct its spelling",
    ),
    ("open_to = \"moderator\"", "groups = \"x\"", "sign_in.calls.groups", "no list of texts"),
    ("calls = { open_to = \"moderator\" }", "calls = \"all\"", "sign_in.calls", "no table"),
    ("client_id = \"api\"", "client_id = \"api\"\nx = 1", "sign_in.x", "correct its spelling"),
    (
        "[journal]",
        "[upstream]\nca_file = \"lost\"\n[journal]",
        "upstream.ca_file",
        "cannot be read",
    ),
    // What a file or a network must not be.
    ("\"foldback.sqlite\"", "\"secret\"", "journal.sqlite", "no journal; name another file"),
    ("10.0.0.0/8", "0.0.0.0/0", "limits.trusted_proxies", "more than any organization has"),
    ("10.0.0.0/8", "::/00", "limits.trusted_proxies", "your web servers alone"),
    ("10.0.0.0/8", "128.0.0.0/1", "limits.trusted_proxies", "more than any organization has"),
    ("10.0.0.0/8", "8000::/1", "limits.trusted_proxies", "more than any organization has"),
    // What nobody could sign in with.
    ("{ \"Foldback.Produce\" = \"producer\" }", "{}", "sign_in.roles", "default_role = "),
    ("login.example/v2.0", "login.example/v2.0 ", "sign_in.issuer", "without spaces"),
    ("[journal]", "[upstream]\nca_file = \"key\"\n[journal]", "upstream.ca_file", "no certificate"),
    (
        "[journal]",
        "[upstream]\nca_file = \"broken.pem\"\n[journal]",
        "upstream.ca_file",
        "cannot be used",
    ),
    ("[journal]", "[upstream]\nca = \"x\"\n[journal]", "upstream.ca", "correct its spelling"),
    (
        "[journal]",
        "[rehearsal]\ncall_service = \"http://127.0.0.1:9090\"\n[journal]",
        "rehearsal.call_service",
        "rehearsal.enabled = true",
    ),
    (
        "[journal]",
        "[rehearsal]\nenabled = \"yes\"\n[journal]",
        "rehearsal.enabled",
        "neither true nor false",
    ),
];

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("foldback-test-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("secret"), "hunter2").unwrap();
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        fs::write(folder.join("broken.pem"), broken).unwrap();
        fs::write(folder.join("empty"), "\n").unwrap();
        fs::write(folder.join("key"), "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=").unwrap();
        Self(folder)
    }

    fn check(&self, text: impl AsRef<[u8]>) -> Vec<Problem> {
        let path = self.0.join("foldback.toml");
        fs::write(&path, text).unwrap();
        examine(&path).0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn table() {
    let folder = Folder::new();
    assert_eq!(folder.check(GOOD), []);
    for (from, to, key, words) in MISTAKES {
        assert!(GOOD.contains(from), "{from}");
        let found = folder.check(GOOD.replacen(from, to, 1));
        let told = found.iter().find(|it| it.key == *key && it.message.contains(words));
        assert!(told.is_some(), "{from} -> {to}: {found:#?}");
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        let file = folder.0.join("foldback.toml").display().to_string();
        assert!(found.iter().all(|it| it.to_string().starts_with(&file)), "{found:?}");
    }
}

#[test]
fn who_may_read_the_journal_is_a_remark() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let (config, journal) = (folder.0.join("foldback.toml"), folder.0.join("foldback.sqlite"));
    fs::write(&config, GOOD).unwrap();
    assert_eq!(examine(&config), (Vec::new(), Vec::new()), "one that is not there yet");
    fs::write(&journal, "").unwrap();
    for (mode, said) in [(0o600, false), (0o640, true), (0o644, true), (0o700, false)] {
        fs::set_permissions(&journal, fs::Permissions::from_mode(mode)).unwrap();
        let (problems, remarks) = examine(&config);
        assert_eq!(
            (problems.len(), remarks.len()),
            (0, usize::from(said)),
            "{mode:o}: {remarks:?}"
        );
        for remark in remarks {
            let words = format!("journal.sqlite: {}", journal.display());
            assert!(remark.to_string().contains(&words), "{remark}");
            assert!(remark.message.contains(&format!("(mode {mode:o})")), "{remark}");
            assert!(remark.message.contains("chmod 600"), "{remark}");
        }
    }
}

#[test]
fn beyond_loopback_people_sign_in() {
    let folder = Folder::new();
    let everywhere = GOOD.replacen("127.0.0.1:8080", "0.0.0.0:8080", 1);
    assert_eq!(folder.check(&everywhere), []);
    let secret = "client_secret_file = \"secret\"\n";
    let rehearsal =
        "[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1:9090\"\n[journal]";
    let (from, to) = (everywhere.find("[sign_in]").unwrap(), everywhere.find("[journal]").unwrap());
    let section = everywhere.get(from..to).unwrap();
    for (text, words) in [
        (everywhere.replacen(secret, "", 1), "client_secret_file, or listen on 127.0.0.1"),
        (everywhere.replacen(section, "", 1), "client_secret_file, or listen on 127.0.0.1"),
        (everywhere.replacen("[journal]", rehearsal, 1), "a rehearsal listens on 127.0.0.1"),
    ] {
        let found = folder.check(&text);
        assert!(
            found.iter().any(|it| it.key == "listen" && it.message.contains(words)),
            "{found:#?}"
        );
    }
    // Nobody speaks to operators without TLS.
    let plain = everywhere.replacen("https://foldback", "http://foldback", 1);
    assert!(folder.check(&plain).iter().any(|it| it.key == "public_url"));
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = Folder::new();
    for (path, words) in [("lost.toml", "cannot be read"), (".", "cannot be read")] {
        let found = examine(&folder.0.join(path)).0;
        assert!(found.len() == 1 && found[0].message.contains(words), "{found:?}");
    }
    let found = folder.check([0xff, 0xfe, b'x']);
    assert!(found[0].message.contains("cannot be read"), "{found:?}");
    // All mistakes are told at once.
    let all =
        MISTAKES.iter().filter(|it| ["graph.cloud", "listen", "acs.resource_id"].contains(&it.2));
    let text = all.fold(GOOD.to_owned(), |text, (from, to, ..)| text.replacen(from, to, 1));
    let keys: Vec<_> = folder.check(text).into_iter().map(|it| it.key).collect();
    assert_eq!(keys, ["listen", "graph.cloud", "acs.resource_id"]);
}
