//! The audit from its end back: what happened last is what people look for.

use foldback_model::{By, CallKey, Event, OperatorId, Outcome, SceneId, Sequence, Timestamp};
use foldback_proxy::{
    audit::{Book as _, Deed, Kind, Order, Trace},
    journal::{Append, Journal as _, sqlite::Sqlite},
};
use reqwest::Method;
use serde_json::Value;

use crate::{
    audit::{audit, busy, column, fact},
    house::{House, person},
    stage::eventually,
};

#[tokio::test]
async fn newest_first() {
    let house = House::start().await;
    let call = busy(&house).await;
    let whole = eventually("the mix has an end", || async {
        let page = audit(&house, &call, "").await;
        (page["entries"][3]["outcome"] == "completed").then_some(page)
    })
    .await;
    let mut expected = column(&whole, "cursor");
    expected.reverse();
    let newest = audit(&house, &call, "?order=newest").await;
    assert_eq!(column(&newest, "cursor"), expected);
    assert_eq!(newest["next"], Value::Null);
    assert_eq!(audit(&house, &call, "?order=oldest").await, whole);
    let mut cursors = Vec::new();
    let mut query = "?order=newest&limit=2".to_owned();
    loop {
        let page = audit(&house, &call, &query).await;
        cursors.extend(column(&page, "cursor").into_iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(page["entries"].as_array().unwrap().len(), 2);
        query = format!("?order=newest&limit=2&cursor={next}");
    }
    assert_eq!(cursors.iter().collect::<Vec<_>>(), expected);
    let page = audit(&house, &call, "?kind=mute&order=newest").await;
    assert_eq!(column(&page, "outcome"), ["failed", "completed"]);
    let path = format!("/foldback/v1/calls/{call}/audit?order=newest&format=");
    let lines = house.ask(&person("Run"), Method::GET, &format!("{path}jsonl"));
    let lines = lines.send().await.unwrap().text().await.unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|it| &it["cursor"]).collect::<Vec<_>>(), expected);
    let table = house.ask(&person("Run"), Method::GET, &format!("{path}csv"));
    let table = table.send().await.unwrap().text().await.unwrap();
    let first = table.split("\r\n").nth(1).unwrap();
    assert!(first.contains("\"setCallAccess\""), "{table}");
}

#[tokio::test]
async fn both_orders_tell_the_same_in_pieces_of_any_size() {
    let journal = Sqlite::in_memory().unwrap();
    let call = CallKey::parse("graph.c").unwrap();
    let by = By::Operator { id: OperatorId::new("ada").unwrap(), name: "Ada".into() };
    let deed = |at| Deed {
        call: Some(call.clone()),
        at: Timestamp(at),
        by: by.clone(),
        trace: Trace::default(),
        kind: Kind::OpenCall,
        outcome: Some(Outcome::Completed),
        detail: Value::Null,
    };
    // Before the first fact, between facts, twice in a place, and after the last one.
    for number in 0..7_u64 {
        for _ in 0..number % 3 {
            journal.note(deed(number)).await.unwrap();
        }
        let id = SceneId::new(format!("s-{number}")).unwrap();
        let facts = vec![fact(number, by.clone(), Event::SceneDeleted { scene: id })];
        let dedup = number.to_string();
        let append = Append { call: call.clone(), expected: Sequence(number), dedup, facts };
        journal.append(append).await.unwrap();
    }
    journal.note(deed(7)).await.unwrap();
    let told = async |order: Order, most: u64| {
        let (mut told, mut beyond) = (Vec::new(), order.start());
        loop {
            let piece = journal.entries(call.clone(), order, beyond, most).await.unwrap();
            told.extend(piece.0.into_iter().map(|entry| entry.cursor));
            let Some(next) = piece.1 else { return told };
            beyond = next;
        }
    };
    let whole = told(Order::Oldest, 100).await;
    assert_eq!(whole.len(), 14);
    let back: Vec<_> = whole.iter().rev().copied().collect();
    for most in 1..9 {
        assert_eq!(told(Order::Oldest, most).await, whole, "{most}");
        assert_eq!(told(Order::Newest, most).await, back, "{most}");
    }
    // From any entry on.
    for (number, beyond) in back.iter().enumerate() {
        let piece = journal.entries(call.clone(), Order::Newest, *beyond, 100).await.unwrap();
        let rest: Vec<_> = piece.0.iter().map(|entry| entry.cursor).collect();
        assert_eq!(rest, back[number + 1..]);
    }
}
