//! The flags of `foldback demo` and `foldback callservice` that order the service.

use std::process::Stdio;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use crate::stage::client;

const TOKEN_FAULT: &str = r#"{"path_contains": "oauth2", "fault": {"status": 503}}"#;

fn foldback(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_foldback"));
    command.args(arguments).kill_on_drop(true);
    command
}

#[tokio::test]
async fn switches_and_faults_hold_from_the_start() {
    let mut command = foldback(&["callservice", "--addr", "127.0.0.1:0", "--speed", "0"]);
    command.args(["--inspect", "--switch", "mixer_status=200", "--switch", "int64=text"]);
    command.args(["--fault", TOKEN_FAULT]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let base = line.strip_prefix("address: ").unwrap();
    let switches = client().get(format!("{base}/rehearsal/v1/switches")).send().await.unwrap();
    let switches: Value = switches.json().await.unwrap();
    assert_eq!((&switches["mixer_status"], &switches["int64"]), (&200.into(), &"text".into()));
    let token = || client().post(format!("{base}/t/oauth2/v2.0/token")).form(&[("a", "b")]).send();
    assert_eq!(token().await.unwrap().status(), 503);
    // The fault was ordered once.
    assert_eq!(token().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_the_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for name in ["demo", "callservice"] {
        let run = foldback(&[name, "--addr", &address]).output().await.unwrap();
        assert_eq!(run.status.code(), Some(1));
        let log = String::from_utf8(run.stderr).unwrap();
        let record: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        let said = record["message"].as_str().unwrap();
        assert!(said.contains(&address) && said.contains("port 0"), "{name}: {said}");
    }
}

#[tokio::test]
async fn an_order_that_makes_no_sense_ends_the_command_with_the_reason() {
    for (arguments, words) in [
        (["--switch", "volume=1"], "there is no switch \"volume\"; there are "),
        (["--switch", "mixer_status=1"], "mixer_status: 1 is not allowed; it is 200 or 202"),
        (["--fault", "{"], "fault"),
        (["--fault", "{\"fault\": \"melt\"}"], "fault must be "),
    ] {
        for name in ["demo", "callservice"] {
            let run = foldback(&[name, "--addr", "127.0.0.1:0"]).args(arguments).output().await;
            let run = run.unwrap();
            let log = String::from_utf8(run.stderr).unwrap();
            assert_eq!(run.status.code(), Some(1), "{name} {arguments:?}: {log}");
            // One record a line.
            let record: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
            let said = record["message"].as_str().unwrap();
            assert!(said.contains(words), "{name} {arguments:?}: {said}");
        }
    }
}
