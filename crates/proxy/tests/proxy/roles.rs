//! Roles: what each may do, on every path there is.

use foldback_model::CallKey;
use foldback_proxy::{
    role::Role,
    routes::{Access, Action, Row, TABLE},
};
use serde_json::{Value, json};

use crate::house::{House, ROLES, graph, person};

/// The path of a row for one call.
fn path(row: &Row, call: &str) -> String {
    let id = CallKey::parse(call).unwrap().id().to_string();
    let path = row.path.replacen('*', "beta/communications/calls", 1);
    let path = path.replace("{key}", call).replace("{call}", &id).replace("{connection}", &id);
    format!(
        "/{}",
        path.replace("{scene}", "some-scene")
            .replace("{person}", "somebody")
            .replace("{operation}", "some-operation")
    )
}

/// Calls of the service whose paths these are: one's own, others', and none at all.
struct Calls<'a> {
    own: &'a str,
    other: &'a str,
    unknown: &'a str,
}

fn words(body: &Value) -> String {
    let places = ["/detail", "/error/message"];
    places.iter().find_map(|at| body.pointer(at)?.as_str()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn matrix() {
    let house = House::start().await;
    let graph = [
        house.open(graph("ours"), "ours").await,
        house.open(graph("theirs"), "theirs").await,
        format!("graph.{}", uuid::Uuid::new_v4()),
    ];
    let acs = [
        house.open(json!({"acs": {"groupCallId": uuid::Uuid::new_v4()}}), "ours").await,
        house.open(json!({"acs": {"roomId": "theirs"}}), "theirs").await,
        format!("acs.{}", uuid::Uuid::new_v4()),
    ];
    let of = |row: &Row| {
        let [own, other, unknown] = if row.path.contains("{connection}") { &acs } else { &graph };
        Calls { own, other, unknown }
    };
    let mut rows: Vec<&Row> =
        TABLE.iter().filter(|row| matches!(row.access, Access::Role(_))).collect();
    assert!(rows.len() > 20);
    // What ends a call, or closes it to those who come after, comes last.
    rows.sort_by_key(|row| match row.action {
        Action::LeaveCall => 1,
        Action::SetCallAccess => 2,
        _ => 0,
    });

    let before = house.reached().await;
    let mut good = Vec::new();
    for row in rows {
        let Access::Role(needed) = row.access else { continue };
        let calls = of(row);
        let names_a_call = row.path.contains("{key}")
            || row.path.contains("{call}")
            || row.path.contains("{connection}");
        for (claim, role) in ROLES {
            let role = Role::parse(role).unwrap();
            for call in [calls.own, calls.other, calls.unknown] {
                let path = path(row, call);
                let ask = house.ask(&person(claim), row.method.clone(), &path).body("{}");
                let what = format!("{role}: {} {path}", row.method);
                let enough = role >= needed;
                let admitted = call == calls.own || role == Role::Administrator;
                let expected = match (enough, names_a_call) {
                    (false, _) => 403,
                    (true, true) if call == calls.unknown => 404,
                    (true, true) if !admitted => 403,
                    _ => {
                        good.push((what, ask));
                        continue;
                    }
                };
                let reply = ask.send().await.unwrap();
                assert_eq!(reply.status(), expected, "{what}");
                let body: Value = reply.json().await.unwrap();
                let told = words(&body);
                if !enough {
                    assert!(
                        told.contains(needed.name()) && told.contains(role.name()),
                        "{what}: {body}"
                    );
                    let named = body.get("needs").or(body.pointer("/error/code")).unwrap();
                    assert!(*named == needed.name() || named == "roleNeeded", "{what}: {body}");
                } else if expected == 403 {
                    assert!(told.contains("open to others"), "{what}: {body}");
                }
            }
        }
    }
    assert_eq!(house.reached().await, before, "nothing that was refused reached the service");
    assert!(good.len() > 60);
    for (what, ask) in good {
        let reply = ask.send().await.unwrap();
        assert!(![401, 403].contains(&reply.status().as_u16()), "{what}: {}", reply.status());
    }
    assert!(house.reached().await.len() > before.len());
}

#[tokio::test]
async fn a_session_says_what_it_may_and_what_for_the_rest_is_needed() {
    let house = House::start().await;
    for (claim, role) in ROLES {
        let browser = house.signed_in(&person(claim)).await;
        let who: Value = browser.get("/foldback/v1/session").await.json().await.unwrap();
        let role = Role::parse(role).unwrap();
        assert_eq!(
            (&who["role"], &who["roles"]),
            (&json!(role), &json!(role.held().collect::<Vec<_>>()))
        );
        let may = |action: &str| who["may"].as_array().unwrap().iter().any(|it| it == action);
        for (action, needed) in [
            ("snapshot", Role::Viewer),
            ("muteParticipant", Role::Moderator),
            ("acsMute", Role::Moderator),
            ("configureMixer", Role::Producer),
            ("openCall", Role::Producer),
            ("revoke", Role::Administrator),
        ] {
            assert_eq!(may(action), role >= needed, "{role} {action}");
            let told = who["needs"].get(action);
            assert_eq!(told, (role < needed).then(|| json!(needed)).as_ref(), "{role} {action}");
        }
        let until = who["until"].as_u64().unwrap() / 1_000;
        assert!(until.abs_diff(crate::signer::now() + 8 * 3_600) < 60, "{who}");
    }
    let mut muter = person("Mute");
    muter["oid"] = json!("00000000-0000-0000-0000-00000000000a");
    let who = house.ask(&muter, reqwest::Method::GET, "/foldback/v1/session");
    let who: Value = who.send().await.unwrap().json().await.unwrap();
    assert_eq!(who["directoryId"], muter["oid"]);
    assert_eq!((who["role"].as_str(), &who["idleSeconds"]), (Some("moderator"), &Value::Null));
}
