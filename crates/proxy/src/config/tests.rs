//! What is told of configurations, good and bad.

use super::*;
use crate::upstream::token::Proof;

#[test]
fn the_documented_configurations_are_read() {
    let page = include_str!("../../../../docs/serve.md");
    let examples: Vec<_> = page.split("```toml\n").skip(1).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let (text, _) = example.split_once("```").unwrap();
        let environment = |name: &str| match name {
            "FOLDBACK_GRAPH_SECRET" | "FOLDBACK_SIGN_IN_SECRET" => Some("secret".to_owned()),
            "FOLDBACK_ACS_KEY" => Some("a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=".to_owned()),
            _ => None,
        };
        let read = Config::read(Path::new("foldback.toml"), text.parse().unwrap(), environment);
        assert!(read.is_ok(), "{read:?} in\n{text}");
    }
}

const GOOD: &str = r#"
        listen = "127.0.0.1:0"
        public_url = "https://foldback.example"
        [graph]
        tenant = "5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c11"
        client_id = "8d1e6f6e-9a5a-4f0b-8f0e-3a6d5d1f2b33"
        credential = { secret_env = "THE_SECRET" }
    "#;

fn read(text: &str) -> Result<Config, Vec<Problem>> {
    let environment = |name: &str| (name == "THE_SECRET").then(|| "hunter2".to_owned());
    Config::read(Path::new("foldback.toml"), text.parse().unwrap(), environment)
}

#[test]
fn a_good_file() {
    let config = read(GOOD).unwrap();
    assert_eq!(config.graph.as_ref().unwrap().base, "https://graph.microsoft.com");
    assert!(
        config
            .graph
            .as_ref()
            .unwrap()
            .grant
            .url
            .starts_with("https://login.microsoftonline.com/5b1c6f1e-")
    );
    let Proof::Secret(secret) = &config.graph.as_ref().unwrap().grant.proof else { panic!() };
    assert_eq!(secret.reveal(), "hunter2");
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
        "acs.endpoint",
        "acs.credential",
        "acs.resource_id",
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
    assert_eq!(config.unwrap().graph.unwrap().base, "http://127.0.0.1:9090");
    for extra in [
        "[rehearsal]\nenabled = true",
        "[rehearsal]\nenabled = true\ncall_service = \"http://evil.example\"",
        "[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1.evil.example\"",
        "[rehearsal]\ncall_service = \"http://127.0.0.1:9090\"",
    ] {
        assert_eq!(with(extra).unwrap_err()[0].key, "rehearsal.call_service", "{extra}");
    }
}

const ACS: &str = r#"
        [acs]
        endpoint = "https://contoso.communication.azure.com/"
        credential = { access_key_env = "THE_KEY" }
        resource_id = "5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c22"
    "#;

fn read_acs(text: &str) -> Result<Config, Vec<Problem>> {
    let environment = |name: &str| match name {
        "THE_SECRET" => Some("hunter2".to_owned()),
        "THE_KEY" => Some("a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=\n".to_owned()),
        "SHORT" => Some("a2tr".to_owned()),
        "WHOLE" => Some("endpoint=https://x/;accesskey=a2tra2tra2tra2tra2tra2s=".to_owned()),
        _ => None,
    };
    Config::read(Path::new("foldback.toml"), text.parse().unwrap(), environment)
}

#[test]
fn acs_beside_graph_or_alone() {
    let both = read_acs(&format!("{GOOD}{ACS}")).unwrap();
    let acs = both.acs.unwrap();
    assert_eq!(acs.endpoint, "https://contoso.communication.azure.com");
    assert_eq!(acs.family.audience, "5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c22");
    assert!(acs.family.configuration.starts_with("https://acscallautomation.communication.azure"));
    assert!(both.graph.is_some());
    let alone = read_acs(&format!("public_url = \"https://foldback.example\"\n{ACS}")).unwrap();
    assert!(alone.graph.is_none() && alone.acs.is_some());
    let entra = ACS.replace("access_key_env = \"THE_KEY\"", "entra = \"graph\"");
    let entra = read_acs(&format!("{GOOD}{entra}")).unwrap();
    let crate::acs::Credential::Entra(grant) = entra.acs.unwrap().credential else { panic!() };
    assert_eq!(grant.scope, "https://communication.azure.com//.default");
    assert!(matches!(&grant.proof, Proof::Secret(secret) if secret.reveal() == "hunter2"));
    let embedded = ACS.replace("endpoint = \"https://contoso.communication.azure.com/\"", "");
    let rehearsal = "[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1:9090\"\n";
    let rehearsed = read_acs(&format!("{GOOD}{embedded}{rehearsal}")).unwrap().acs.unwrap();
    assert_eq!(rehearsed.endpoint, "http://127.0.0.1:9090");
    assert!(rehearsed.family.configuration.starts_with("http://127.0.0.1:9090/calling/"));
}

#[test]
fn every_mistake_of_acs_is_told() {
    for (from, to, key, words) in [
        ("https://contoso.communication.azure.com/", "http://x", "acs.endpoint", "cannot be used"),
        ("https://contoso.communication.azure.com/", "https://x/y", "acs.endpoint", "cannot be"),
        (
            "https://contoso.communication.azure.com/",
            "endpoint=https://x/;accesskey=a2tr",
            "acs.endpoint",
            "connection string",
        ),
        ("endpoint =", "endpiont =", "acs.endpiont", "not a key"),
        ("access_key_env = \"THE_KEY\"", "", "acs.credential", "access_key_file"),
        ("THE_KEY", "SHORT", "acs.credential", "base64 of at least 16"),
        ("THE_KEY", "WHOLE", "acs.credential", "not the whole connection string"),
        ("THE_KEY", "NOWHERE", "acs.credential", "no variable NOWHERE"),
        ("{ access_key_env = \"THE_KEY\" }", "\"a2tra2tra2tr\"", "acs.credential", "do not stand"),
        ("access_key_env = \"THE_KEY\"", "secret_env = \"THE_SECRET\"", "acs.credential", "entra"),
        ("access_key_env = \"THE_KEY\"", "entra = \"acs\"", "acs.credential", "entra"),
        ("5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c22", "contoso", "acs.resource_id", "the GUID"),
    ] {
        let text = format!("{GOOD}{}", ACS.replace(from, to));
        let problems = read_acs(&text).unwrap_err();
        let told = problems.iter().find(|problem| problem.key == key);
        let told = told.unwrap_or_else(|| panic!("{key} is not among {problems:?}"));
        assert!(told.message.contains(words), "{to}: {told}");
        assert!(!told.message.contains("a2tr"), "{told}");
    }
    let alone = ACS.replace("access_key_env = \"THE_KEY\"", "entra = \"graph\"");
    let problems =
        read_acs(&format!("public_url = \"https://foldback.example\"\n{alone}")).unwrap_err();
    assert!(problems[0].message.contains("missing or wrong"), "{problems:?}");
    let rehearsal = "[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1:9090\"\n";
    let problems = read_acs(&format!("{GOOD}{ACS}{rehearsal}")).unwrap_err();
    assert_eq!(problems[0].key, "acs.endpoint");
}

#[test]
fn where_keys_are_published_can_be_said() {
    let with = |extra: &str| read_acs(&format!("{GOOD}{ACS}{extra}"));
    let keys = "openid_configuration = \"https://keys.example/x\"\nissuers = [\"https://i\"]";
    let family = with(keys).unwrap().acs.unwrap().family;
    assert_eq!(family.configuration, "https://keys.example/x");
    assert_eq!(family.issuers, ["https://i"]);
    for (extra, key) in [
        ("openid_configuration = \"http://keys.example/x\"", "acs.openid_configuration"),
        ("openid_configuration = \"https://u:p@keys.example/x\"", "acs.openid_configuration"),
        ("issuers = \"https://i\"", "acs.issuers"),
        ("issuers = []", "acs.issuers"),
        ("issuers = [\"\"]", "acs.issuers"),
        ("issuers = [7]", "acs.issuers"),
    ] {
        assert_eq!(with(extra).unwrap_err()[0].key, key, "{extra}");
    }
    let rehearsal = "[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1:9090\"\n";
    let problems = read(&format!("{GOOD}\n{keys}\n{rehearsal}")).unwrap_err();
    let found: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(found, ["graph.openid_configuration", "graph.issuers"]);
}

#[test]
fn an_app_proves_who_it_is_in_one_of_several_ways() {
    let folder = std::env::temp_dir().join(format!("foldback-test-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/upstream/token/testdata");
    for name in ["certificate.pem", "key.pem", "other-key.pem"] {
        std::fs::copy(data.join(name), folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("token"), "eyJ").unwrap();
    std::fs::write(folder.join("empty"), " \n").unwrap();
    let with = |credential: &str, more: &str| {
        let text = GOOD.replace("{ secret_env = \"THE_SECRET\" }", credential);
        let table = format!("{text}\n{more}").parse().unwrap();
        Config::read(&folder.join("foldback.toml"), table, |name| match name {
            "THE_SECRET" => Some("hunter2".to_owned()),
            _ => None,
        })
    };
    let proof = |credential: &str| with(credential, "").unwrap().graph.unwrap().grant.proof;
    let certificate = "{ certificate_file = \"certificate.pem\", key_file = \"key.pem\" }";
    assert!(matches!(proof(certificate), Proof::Certificate(_)));
    assert!(matches!(proof("{ federated_token_file = \"token\" }"), Proof::Federated(_)));
    assert!(matches!(proof("{ managed_identity = \"user\" }"), Proof::Managed(it) if it.assigned));
    assert!(
        matches!(proof("{ managed_identity = \"system\" }"), Proof::Managed(it) if !it.assigned)
    );
    for (credential, key, words) in [
        ("{}", "graph.credential", "certificate_file"),
        (
            "{ secret_env = \"THE_SECRET\", managed_identity = \"user\" }",
            "graph.credential",
            "two ways",
        ),
        ("{ certificate_file = \"certificate.pem\" }", "graph.credential", "BEGIN PRIVATE KEY"),
        ("{ certificate_file = \"key.pem\" }", "graph.credential", "key.pem holds no certificate"),
        (
            "{ certificate_file = \"certificate.pem\", key_file = \"other-key.pem\" }",
            "graph.credential",
            "other-key.pem holds the key of another",
        ),
        (
            "{ certificate_file = \"none.pem\" }",
            "graph.credential.certificate_file",
            "cannot be read",
        ),
        (
            "{ certificate_file = \"certificate.pem\", key_file = 7 }",
            "graph.credential.key_file",
            "is no path",
        ),
        (
            "{ certificate_file = \"certificate.pem\", pass = \"x\" }",
            "graph.credential.pass",
            "beside",
        ),
        (
            "{ federated_token_file = \"empty\" }",
            "graph.credential.federated_token_file",
            "is empty",
        ),
        ("{ managed_identity = true }", "graph.credential.managed_identity", "\"system\""),
    ] {
        let problems = with(credential, "").unwrap_err();
        let told = problems.iter().find(|problem| problem.key == key);
        let told = told.unwrap_or_else(|| panic!("{credential}: {problems:?}"));
        assert!(told.message.contains(words), "{credential}: {told}");
    }
    let rehearsal = "[rehearsal]\nenabled = true\ncall_service = \"http://127.0.0.1:9090\"\n";
    let problems = with("{ managed_identity = \"user\" }", rehearsal).unwrap_err();
    assert!(problems[0].message.contains("knows secrets only"), "{problems:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_said_of_new_calls_leaves_the_rest_as_it_is() {
    use crate::role::Role;
    let calls = |said: &str| {
        let section = format!(
            "{GOOD}\n[sign_in]\nissuer = \"https://login.example\"\nclient_id = \"x\"\n\
             default_role = \"viewer\"\n{said}"
        );
        read(&section).unwrap().sign_in.unwrap().calls
    };
    for (said, open_to, groups, organizer) in [
        ("", Some(Role::Viewer), 0, true),
        ("calls = {}", Some(Role::Viewer), 0, true),
        ("calls = { organizer = false }", Some(Role::Viewer), 0, false),
        ("calls = { open_to = \"producer\" }", Some(Role::Producer), 0, true),
        // Those groups and nobody else, unless that is said as well.
        ("calls = { groups = [\"a\"] }", None, 1, true),
        ("calls = { groups = [\"a\"], open_to = \"moderator\" }", Some(Role::Moderator), 1, true),
    ] {
        let calls = calls(said);
        let found = (calls.access.open_to, calls.access.groups.len(), calls.organizer);
        assert_eq!(found, (open_to, groups, organizer), "{said}");
    }
}
