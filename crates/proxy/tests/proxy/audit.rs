//! Who did what: told to administrators, in pages and as files, and forgotten in time.

use foldback_model::{By, CallState, Event, OperationId, Outcome, Sequence, Timestamp};
use foldback_proxy::{
    audit::{Book as _, Kind, Order},
    journal::{Append, Journal as _, NewFact, StoredCall, sqlite::Sqlite},
    secret::Secret,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    house::{House, graph, person},
    kill::Folder,
    stage::{eventually, level},
};

async fn send(house: &House, who: &Value, method: Method, path: &str, body: &Value) -> Response {
    house.ask(who, method, path).body(body.to_string()).send().await.unwrap()
}

/// A call on which much was done, by whom a file would think ill of.
pub async fn busy(house: &House) -> String {
    let call = house.open(graph("ours"), "ours").await;
    let snapshot = format!("/foldback/v1/calls/{call}");
    let state: CallState = house
        .ask(&person("Run"), Method::GET, &snapshot)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let people = foldback_model::plan::mute_all_targets(&state.roster, state.call.as_ref(), None);
    let id = call.strip_prefix("graph.").unwrap();
    let at = |action: &str| format!("/beta/communications/calls/{id}/{action}");
    let mut muter = person("Mute");
    muter["name"] = "=cmd|' /C calc'!A0".into();
    let mute = |whom: usize| at(&format!("participants/{}/mute", people[whom]));
    let context = json!({"clientContext": "c"});
    assert_eq!(send(house, &muter, Method::POST, &mute(0), &context).await.status(), 200);
    house.glass.fault("/mute", json!({"status": 403})).await;
    assert_eq!(send(house, &muter, Method::POST, &mute(1), &context).await.status(), 403);
    let mix = level(&people[0], &people[1], 40, "mix");
    let path = at("participants/configureMixer");
    assert!(send(house, &person("Mix"), Method::POST, &path, &mix).await.status().is_success());
    let scene = format!("/foldback/v1/calls/{call}/scenes/one");
    let save = house.ask(&person("Mix"), Method::PUT, &scene).header("if-none-match", "*");
    let saved = save.body(json!({"name": "Keynote"}).to_string()).send().await.unwrap();
    assert_eq!(saved.status(), 201);
    let tag = saved.headers()["etag"].clone();
    let delete = house.ask(&person("Mix"), Method::DELETE, &scene).header("if-match", tag);
    assert_eq!(delete.send().await.unwrap().status(), 204);
    let access = format!("/foldback/v1/calls/{call}/access");
    let body = json!({"groups": ["ours"], "people": ["somebody"]});
    assert_eq!(send(house, &person("Run"), Method::PUT, &access, &body).await.status(), 200);
    call
}

pub async fn audit(house: &House, call: &str, query: &str) -> Value {
    let path = format!("/foldback/v1/calls/{call}/audit{query}");
    let reply = house.ask(&person("Run"), Method::GET, &path).send().await.unwrap();
    assert_eq!(reply.status(), 200, "{query}");
    reply.json().await.unwrap()
}

pub fn column<'a>(page: &'a Value, name: &str) -> Vec<&'a Value> {
    page["entries"].as_array().unwrap().iter().map(|entry| &entry[name]).collect()
}

#[tokio::test]
async fn who_did_what_to_whom_from_where_and_how_it_ended() {
    let house = House::start().await;
    let call = busy(&house).await;
    let page = eventually("the mix has an end", || async {
        let page = audit(&house, &call, "").await;
        (page["entries"][3]["outcome"] == "completed").then_some(page)
    })
    .await;
    let kinds =
        ["openCall", "mute", "mute", "configureMixer", "saveScene", "deleteScene", "setCallAccess"];
    assert_eq!(column(&page, "kind"), kinds);
    assert_eq!(page["next"], Value::Null);
    let ids = ["Run-1", "Mute-1", "Mute-1", "Mix-1", "Mix-1", "Mix-1", "Run-1"];
    let entries = page["entries"].as_array().unwrap();
    for (entry, id) in entries.iter().zip(ids) {
        assert_eq!(entry["operator"]["id"], id, "{entry}");
        assert_eq!(entry["from"], "127.0.0.1", "{entry}");
        assert!(entry["at"].as_u64() <= entry["endedAt"].as_u64(), "{entry}");
    }
    assert_eq!(entries[1]["outcome"], "completed");
    assert_eq!(
        (entries[1]["targets"].as_array().unwrap().len(), &entries[1]["code"]),
        (1, &Value::Null)
    );
    let state =
        house.server.app.calls.get(&foldback_model::CallKey::parse(&call).unwrap()).unwrap();
    let muted = entries[1]["targets"][0].as_str().unwrap();
    let name =
        state.read().state.roster.iter().find(|it| it.id.as_str() == muted).unwrap().name.clone();
    assert_eq!(entries[1]["names"], json!([name]));
    assert_eq!((&entries[2]["outcome"], &entries[2]["status"]), (&json!("failed"), &json!(403)));
    assert!(entries[2]["message"].is_string());
    for scene in &entries[4..6] {
        assert_eq!(scene["detail"], json!({"scene": "one", "name": "Keynote"}));
    }
    assert_eq!(entries[6]["detail"]["access"]["people"], json!(["somebody"]));
    // Where somebody sat is told here and nowhere else.
    for path in [format!("/foldback/v1/calls/{call}"), format!("/foldback/v1/calls/{call}/events")]
    {
        let mut reply = house.ask(&person("Look"), Method::GET, &path).send().await.unwrap();
        let mut told = String::new();
        while let Ok(Ok(Some(chunk))) =
            tokio::time::timeout(std::time::Duration::from_millis(300), reply.chunk()).await
        {
            told.push_str(&String::from_utf8_lossy(&chunk));
        }
        assert!(told.contains("Mute-1") && !told.contains("127.0.0.1\""), "{path}: {told}");
    }
}

#[tokio::test]
async fn pages_and_filters() {
    let house = House::start().await;
    let call = busy(&house).await;
    let whole = audit(&house, &call, "").await;
    let mut cursors = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = audit(&house, &call, &query).await;
        cursors.extend(column(&page, "cursor").into_iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(page["entries"].as_array().unwrap().len(), 2);
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(cursors.iter().collect::<Vec<_>>(), column(&whole, "cursor"));
    let count = async |query: &str| {
        let page = audit(&house, &call, query).await;
        page["entries"].as_array().unwrap().len()
    };
    assert_eq!(count("?operator=Mute-1").await, 2);
    assert_eq!(count("?kind=mute&outcome=failed").await, 1);
    assert_eq!(count("?kind=mute&outcome=pending").await, 0);
    assert_eq!(count("?operator=nobody").await, 0);
    let second = whole["entries"][1]["at"].as_u64().unwrap();
    assert_eq!(count(&format!("?until={second}")).await, 1);
    assert_eq!(count(&format!("?from={second}")).await, 6);
    let path = format!("/foldback/v1/calls/{call}/audit?kind=x");
    let reply = house.ask(&person("Run"), Method::GET, &path).send().await.unwrap();
    assert_eq!(reply.status(), 400);
    assert!(reply.text().await.unwrap().contains("configureMixer"));
    for (who, expected) in [("Mix", 403), ("Mute", 403), ("Look", 403)] {
        let path = format!("/foldback/v1/calls/{call}/audit");
        let reply = house.ask(&person(who), Method::GET, &path).send().await.unwrap();
        assert_eq!(reply.status(), expected, "{who}");
    }
}

#[tokio::test]
async fn exports() {
    let house = House::start().await;
    let call = busy(&house).await;
    let path = format!("/foldback/v1/calls/{call}/audit");
    let ask = async |query: &str, accept: &str| {
        let request = house.ask(&person("Run"), Method::GET, &format!("{path}{query}"));
        let reply = request.header("accept", accept).send().await.unwrap();
        let kind = reply.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, reply.text().await.unwrap())
    };
    let whole = audit(&house, &call, "").await;
    let (kind, lines) = ask("?format=jsonl", "*/*").await;
    assert_eq!(kind, "application/jsonl");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|it| &it["cursor"]).collect::<Vec<_>>(), column(&whole, "cursor"));
    // So many as are wanted, and no more.
    let (_, some) = ask("?format=jsonl&limit=2", "*/*").await;
    let some: Vec<Value> = some.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(some, lines[..2]);
    let (_, some) = ask("?format=csv&limit=1", "*/*").await;
    assert_eq!(some.matches("\r\n").count(), 2, "{some}");
    let (kind, _) = ask("", "text/csv;q=0, application/json").await;
    assert_eq!(kind, "application/json");
    let (_, twice) = ask("?limit=1&limit=2", "*/*").await;
    assert!(twice.contains("limit is there twice; say it once"), "{twice}");
    let (kind, table) = ask("?kind=mute", "text/csv").await;
    assert!(kind.starts_with("text/csv"), "{kind}");
    let rows: Vec<_> = table.split("\r\n").filter(|row| !row.is_empty()).collect();
    assert_eq!(rows.len(), 3, "{table}");
    assert!(rows[0].starts_with("\u{feff}time,operator,name,from,what,to,names,outcome"));
    for row in &rows[1..] {
        assert!(
            row.contains("\"Mute-1\",\"'=cmd|' /C calc'!A0\",\"127.0.0.1\",\"mute\","),
            "{row}"
        );
    }
    assert!(rows[2].contains("\"failed\",\"403\","), "{table}");
}

#[tokio::test]
async fn it_outlives_its_call() {
    let house = House::start().await;
    let call = busy(&house).await;
    let path = format!("/foldback/v1/calls/{call}");
    let reply = house.ask(&person("Mix"), Method::DELETE, &path).send().await.unwrap();
    assert_eq!(reply.status(), 204);
    let before = eventually("the end is written down", || async {
        let page = audit(&house, &call, "").await;
        let last = page["entries"].as_array().unwrap().last().unwrap().clone();
        (last["kind"] == "leaveCall").then_some(page)
    })
    .await;
    let last = before["entries"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["operator"]["id"], &last["from"]), (&json!("Mix-1"), &json!("127.0.0.1")));
    eventually("the call is remembered as over", || async {
        let calls = house.server.app.journal.calls().await.unwrap();
        calls.iter().any(|stored| stored.ended).then_some(())
    })
    .await;
    let house = house.again().await;
    let reply = house.ask(&person("Run"), Method::GET, &path).send().await.unwrap();
    assert_eq!(reply.status(), 404, "it is not opened again");
    assert_eq!(audit(&house, &call, "").await, before);
}

pub fn fact(at: u64, by: By, event: Event) -> NewFact {
    NewFact { at: Timestamp(at), by, event, trace: None }
}

#[tokio::test]
async fn calls_that_are_over_are_forgotten_in_time_and_no_others() {
    let journal = Sqlite::in_memory().unwrap();
    let keys = ["graph.old", "graph.young", "graph.open"]
        .map(|key| foldback_model::CallKey::parse(key).unwrap());
    for (key, at, ended) in
        [(&keys[0], 1_000, true), (&keys[1], 5_000, true), (&keys[2], 1_000, false)]
    {
        let secret = Secret::new(key.to_string()).digest();
        let call = key.clone();
        let stored = StoredCall { key: call.clone(), secret, subject: None, ended, access: None };
        journal.store_call(stored).await.unwrap();
        let event = |number: u64| Event::OperationAccepted {
            operation: OperationId::new(format!("o-{number}")).unwrap(),
            upstream_id: None,
        };
        let facts = (0..2_500).map(|number| fact(at, By::Service, event(number))).collect();
        let append = Append { call, expected: Sequence(0), dedup: "a".to_owned(), facts };
        journal.append(append).await.unwrap();
    }
    let old = journal.old(Timestamp(2_000)).await.unwrap();
    assert_eq!(old.iter().map(|call| &call.key).collect::<Vec<_>>(), [&keys[0]]);
    let mut turns = 0;
    for key in &keys[..1] {
        while journal.forget_some(key.clone()).await.unwrap() {
            turns += 1;
        }
    }
    assert_eq!(turns, 3, "a piece at a time");
    // A call that is open is not touched, whoever asks.
    assert!(!journal.forget_some(keys[2].clone()).await.unwrap());
    let held = async |key: &foldback_model::CallKey| {
        journal.read(key.clone(), Sequence(0), Sequence(u64::MAX), 9_999).await.unwrap().len()
    };
    assert_eq!(
        [held(&keys[0]).await, held(&keys[1]).await, held(&keys[2]).await],
        [0, 2_500, 2_500]
    );
    assert_eq!(journal.calls().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_journal_of_before_knows_how_things_ended() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    {
        let file = rusqlite::Connection::open(&path).unwrap();
        let old = "CREATE TABLE calls (key TEXT PRIMARY KEY, secret TEXT NOT NULL, subject TEXT, ended INTEGER NOT NULL, access TEXT) WITHOUT ROWID, STRICT;
             CREATE TABLE facts (call TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, event TEXT NOT NULL, gesture TEXT, dedup TEXT NOT NULL, PRIMARY KEY (call, sequence)) WITHOUT ROWID, STRICT;
             PRAGMA user_version = 2;";
        file.execute_batch(old).unwrap();
        let by = By::Operator {
            id: foldback_model::OperatorId::new("ada").unwrap(),
            name: "Ada".to_owned(),
        };
        let operation = OperationId::new("o-1").unwrap();
        let request = foldback_model::OperationRequest {
            operation: operation.clone(),
            gesture: None,
            kind: foldback_model::OperationKind::Mute,
            targets: Vec::new(),
            client_context: None,
        };
        let finished = Event::OperationFinished { operation, outcome: Outcome::Completed };
        for (number, by, event) in
            [(1, by, Event::OperationRequested(request)), (2, By::Service, finished)]
        {
            let [by, event] = [json!(by), json!(event)].map(|it| it.to_string());
            let insert = "INSERT INTO facts VALUES ('graph.c', ?1, ?1, ?2, ?3, NULL, 'a')";
            file.execute(insert, rusqlite::params![number, by, event]).unwrap();
        }
    }
    let journal = Sqlite::open(&path).unwrap();
    let call = foldback_model::CallKey::parse("graph.c").unwrap();
    let start = Order::Oldest.start();
    let (entries, next) = journal.entries(call, Order::Oldest, start, 10).await.unwrap();
    assert_eq!((entries.len(), next), (1, None));
    assert_eq!((entries[0].kind, entries[0].end.name()), (Kind::Mute, "completed"));
    assert_eq!(entries[0].trace, foldback_proxy::audit::Trace::default());
}
