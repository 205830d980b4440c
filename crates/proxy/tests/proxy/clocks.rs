//! Services whose clock is not ours.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    house::{Browser, person},
    relay::Date,
    stage::eventually,
    witness::Witness,
};

/// One open call of each service: the service's name, and a reading of its own.
async fn calls(witness: &Witness, browser: &Browser) -> [(&'static str, String); 2] {
    let open = async |meeting: Value| {
        let ask = browser.ask(Method::POST, "/foldback/v1/calls").body(meeting.to_string());
        let (status, body) = witness.ask(ask).await;
        assert_eq!(status, 201, "{body}");
        let id = serde_json::from_str::<Value>(&body).unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/foldback/v1/calls/{id}");
        eventually("it is established, and its roster is read", || async {
            let call: Value = browser.get(&path).await.json().await.unwrap();
            (call["call"]["state"] == "established").then_some(())
        })
        .await;
        id.split_once('.').unwrap().1.to_owned()
    };
    let graph = open(json!({"graph": {}})).await;
    let acs = open(json!({"acs": {"groupCallId": uuid::Uuid::new_v4()}})).await;
    [
        ("graph", format!("/v1.0/communications/calls/{graph}")),
        ("acs", format!("/calling/callConnections/{acs}")),
    ]
}

#[tokio::test]
async fn a_service_with_another_time_is_told_once_and_shown() {
    let witness = Witness::start().await;
    let browser = witness.signed_in(&person("Run")).await;
    let calls = calls(&witness, &browser).await;
    // What is on its way when the date changes may come late; so each step is asked until it shows.
    let shows = async |date: Date, from: f64, to: f64| {
        witness.relay.date(date);
        for (service, path) in &calls {
            eventually("the metrics show it", || async {
                assert_eq!(browser.get(path).await.status(), 200, "{path}");
                let shown = witness.metrics().await;
                let name = format!("foldback_clock_skew_seconds{{service=\"{service}\"}} ");
                let (_, shown) = shown.split_once(&name)?;
                let seconds: f64 = shown.lines().next().unwrap().parse().unwrap();
                (from..=to).contains(&seconds).then_some(())
            })
            .await;
        }
    };
    // Records of one service: whether it says that clocks differ, or that they agree again.
    let said = |service: &str| -> Vec<bool> {
        let log = std::fs::read_to_string(witness.file("stderr")).unwrap();
        let records = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let of_clocks = records.filter(|record| {
            let message = record["message"].as_str().unwrap_or_default();
            record["service"] == service && message.starts_with("this machine's clock")
        });
        of_clocks
            .map(|record| {
                assert_eq!(record["level"], "WARN", "{record}");
                record["message"].as_str().unwrap().contains(" differ")
            })
            .collect()
    };
    for off in [29, -29, 0] {
        let near = -f64::from(off);
        shows(Date::Off(off.into()), near - 1.5, near + 1.5).await;
    }
    for (service, _) in &calls {
        assert_eq!(said(service), [false; 0], "{service}");
    }
    let mut expected = Vec::new();
    for off in [33, -33] {
        let near = -f64::from(off);
        shows(Date::Off(off.into()), near - 2.5, near + 2.5).await;
        for _ in 0..3 {
            for (_, path) in &calls {
                assert_eq!(browser.get(path).await.status(), 200);
            }
        }
        // What is no date changes nothing.
        shows(Date::Unreadable, near - 2.5, near + 2.5).await;
        expected.push(true);
        for (service, _) in &calls {
            assert_eq!(said(service), expected, "{service}, {off} s");
        }
        shows(Date::Off(0), -1.0, 1.0).await;
        expected.push(false);
        for (service, _) in &calls {
            assert_eq!(said(service), expected, "{service}, after {off} s");
        }
    }
}
