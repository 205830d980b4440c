//! Who signed in and out, and whose sessions were ended: written down and told to administrators.

use foldback_model::{By, OperatorId, Outcome, Timestamp};
use foldback_proxy::{
    audit::{Book as _, Deed, Kind, Order, Trace},
    journal::{Journal as _, sqlite::Sqlite},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    house::{Browser, House, person},
    kill::Folder,
    stage::PATIENCE,
};

const AUDIT: &str = "/foldback/v1/audit";

async fn entries(house: &House, query: &str) -> Vec<Value> {
    let path = format!("{AUDIT}{query}");
    let reply = house.ask(&person("Run"), Method::GET, &path).send().await.unwrap();
    assert_eq!(reply.status(), 200, "{query}");
    reply.json::<Value>().await.unwrap()["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn who_came_and_went_is_written_down() {
    let house = House::start().await;
    let mixer = house.signed_in(&person("Mix")).await;
    let leaver = house.signed_in(&person("Look")).await;
    let reply = leaver.ask(Method::DELETE, "/foldback/v1/session").send().await.unwrap();
    assert!(reply.status().is_success());
    *house.provider.person.lock().unwrap() = person("Nobody");
    for _ in 0..3 {
        assert_eq!(house.browser().sign_in("").await.status(), 403);
    }
    let body = json!({"operator": "Mix-1"}).to_string();
    let revoke = house.ask(&person("Run"), Method::POST, "/foldback/v1/revocations").body(body);
    assert_eq!(revoke.send().await.unwrap().status(), 200);
    assert_eq!(mixer.get("/foldback/v1/session").await.status(), 401);

    let all = entries(&house, "").await;
    let told: Vec<_> = all
        .iter()
        .map(|it| {
            let text = |at: &str| it.pointer(at).and_then(Value::as_str).unwrap_or_default();
            (text("/operator/id"), text("/kind"), text("/outcome"), text("/detail/role"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Mix-1", "signIn", "completed", "producer"),
            ("Look-1", "signIn", "completed", "viewer"),
            ("Look-1", "signOut", "completed", ""),
            ("Nobody-1", "signIn", "failed", ""),
            ("Run-1", "revoke", "completed", ""),
        ]
    );
    assert!(all.iter().all(|it| it["from"] == "127.0.0.1"), "{all:?}");
    assert_eq!((&all[3]["code"], &all[3]["status"]), (&json!("noRole"), &json!(403)));
    assert_eq!(all[4]["detail"], json!({"operator": "Mix-1", "name": "Mix"}));

    // Found by filters, in pages and as a table, as what happens on a call.
    assert_eq!(entries(&house, "?kind=signIn&outcome=failed").await, all[3..4]);
    assert_eq!(entries(&house, "?operator=Look-1").await, all[1..3]);
    let mut query = "?limit=2".to_owned();
    let mut paged = Vec::new();
    loop {
        let path = format!("{AUDIT}{query}");
        let reply = house.ask(&person("Run"), Method::GET, &path).send().await.unwrap();
        let page: Value = reply.json().await.unwrap();
        paged.extend(page["entries"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(paged, all);
    let newest: Vec<_> = all.iter().rev().cloned().collect();
    assert_eq!(entries(&house, "?order=newest").await, newest);
    let reply = house.ask(&person("Run"), Method::GET, &format!("{AUDIT}?order=newest&limit=3"));
    let page: Value = reply.send().await.unwrap().json().await.unwrap();
    let next = page["next"].as_str().unwrap();
    assert_eq!(entries(&house, &format!("?order=newest&cursor={next}")).await, newest[3..]);
    let path = format!("{AUDIT}?format=csv");
    let reply = house.ask(&person("Run"), Method::GET, &path).send().await.unwrap();
    let table = reply.text().await.unwrap();
    assert_eq!(table.matches("\r\n").count(), 6, "{table}");

    // It outlives the process, and is of no call.
    let house = house.again().await;
    assert_eq!(entries(&house, "").await, all);
    for claim in ["Look", "Mute"] {
        let reply = house.ask(&person(claim), Method::GET, AUDIT).send().await.unwrap();
        assert_eq!(reply.status(), 403, "{claim}");
    }
}

fn deed(at: u64) -> Deed {
    let by = By::Operator { id: OperatorId::new("ada").unwrap(), name: "Ada".to_owned() };
    Deed {
        call: None,
        at: Timestamp(at),
        by,
        trace: Trace::default(),
        kind: Kind::SignIn,
        outcome: Some(Outcome::Completed),
        detail: Value::Null,
    }
}

#[tokio::test]
async fn it_is_forgotten_in_time() {
    let book = Sqlite::in_memory().unwrap();
    for at in [1_000, 2_000, 3_000] {
        book.note(deed(at)).await.unwrap();
    }
    book.forget_house(Timestamp(2_000)).await.unwrap();
    let left = book.house(Order::Oldest, Order::Oldest.start(), 10).await.unwrap();
    assert_eq!(left.iter().map(|it| it.at.0).collect::<Vec<_>>(), [2_000, 3_000]);
    assert!(book.calls().await.unwrap().is_empty());
    // A number never comes again: whoever reads on from an old place would miss what has it.
    let last = left.last().unwrap().cursor;
    book.forget_house(Timestamp(9_000)).await.unwrap();
    assert!(book.note(deed(9_000)).await.unwrap() > last.part);
    assert_eq!(book.house(Order::Oldest, last, 10).await.unwrap().len(), 1);
}

/// Reads what comes on a socket to its end, after what was read before.
async fn read_on(socket: &mut TcpStream, mut read: Vec<u8>) -> String {
    // A connection that is broken off may end with an error.
    drop(timeout(PATIENCE, socket.read_to_end(&mut read)).await.expect("it goes on without end"));
    String::from_utf8_lossy(&read).into_owned()
}

#[tokio::test]
async fn whoever_is_sent_away_gets_no_more_of_an_export() {
    let house = House::start().await;
    let book = house.server.app.journal.book().unwrap();
    // More than a slow reader's buffers and ours hold.
    let padding = json!({"padding": "x".repeat(4_000)});
    let at = foldback_proxy::call::now().0;
    let many = (0..1_500).map(|_| book.note(Deed { detail: padding.clone(), ..deed(at) }));
    assert!(futures_util::future::join_all(many).await.iter().all(Result::is_ok));
    let host = house.base.strip_prefix("http://").unwrap();
    let export = async |browser: &Browser| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut socket = socket.connect(host.parse().unwrap()).await.unwrap();
        let cookie = browser.header(false);
        let ask = format!(
            "GET {AUDIT}?format=jsonl HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        socket.write_all(ask.as_bytes()).await.unwrap();
        let mut begun = vec![0; 17];
        socket.read_exact(&mut begun).await.unwrap();
        assert_eq!(begun, b"HTTP/1.1 200 OK\r\n");
        (socket, begun)
    };
    let lines = |file: &str| file.matches("\"padding\"").count();
    let stays = house.signed_in(&person("Run")).await;
    let (mut socket, begun) = export(&stays).await;
    let whole = read_on(&mut socket, begun).await;
    assert!(whole.ends_with("\r\n0\r\n\r\n"));
    assert_eq!(lines(&whole), 1_500);

    let goes = house.signed_in(&person("Run")).await;
    let (mut socket, begun) = export(&goes).await;
    let reply = goes.ask(Method::DELETE, "/foldback/v1/session").send().await.unwrap();
    assert!(reply.status().is_success());
    let cut = read_on(&mut socket, begun).await;
    assert!(lines(&cut) <= 1_000, "{} lines came", lines(&cut));
    assert!(!cut.ends_with("\r\n0\r\n\r\n"), "it passes for the whole");
}

#[tokio::test]
async fn a_journal_of_before_goes_on() {
    for (version, more) in [(3, ""), (4, ", outcome TEXT")] {
        let folder = Folder::new();
        let path = folder.path("journal.sqlite");
        drop(Sqlite::open(&path).unwrap());
        let file = rusqlite::Connection::open(&path).unwrap();
        let old = format!(
            "DROP TABLE deeds;
             CREATE TABLE deeds (number INTEGER PRIMARY KEY, call TEXT NOT NULL,
                 after INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, trace TEXT NOT NULL,
                 kind TEXT NOT NULL, detail TEXT NOT NULL{more}) STRICT;
             CREATE INDEX deeds_call ON deeds (call, after, number);
             PRAGMA user_version = {version}"
        );
        file.execute_batch(&old).unwrap();
        let by = json!({"operator": {"id": "ada", "name": "Ada"}}).to_string();
        let old = "INSERT INTO deeds (number, call, after, at, by, trace, kind, detail)
                   VALUES (7, 'graph.c', 0, 1, ?1, '{}', '\"openCall\"', 'null')";
        file.execute(old, [by]).unwrap();
        drop(file);
        let journal = Sqlite::open(&path).unwrap();
        let call = foldback_model::CallKey::parse("graph.c").unwrap();
        let start = Order::Oldest.start();
        let (found, _) = journal.entries(call, Order::Oldest, start, 9).await.unwrap();
        assert_eq!((found[0].kind, found[0].end.name()), (Kind::OpenCall, "completed"));
        assert_eq!(found[0].cursor.part, 7);
        assert_eq!(journal.note(deed(5)).await.unwrap(), 8);
        assert_eq!(journal.house(Order::Oldest, start, 10).await.unwrap().len(), 1);
        journal.forget_house(Timestamp(9)).await.unwrap();
        assert_eq!(journal.note(deed(9)).await.unwrap(), 9);
        drop(Sqlite::open(&path).unwrap());
    }
}
