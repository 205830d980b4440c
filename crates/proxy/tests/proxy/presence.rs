//! Who has a call open: told to everybody, and not more often than it helps.

use std::{sync::Arc, time::Duration};

use foldback_model::{CallKey, Live, OperatorId};
use foldback_proxy::{
    call::{Call, Subscription},
    journal::sqlite::Sqlite,
    session::Operator,
};
use tokio::time::{Instant, timeout};

async fn open() -> Arc<Call> {
    let journal = Arc::new(Sqlite::in_memory().unwrap());
    let key = CallKey::parse("graph.call").unwrap();
    let call = Call::open(key, false, journal, Arc::default()).await.unwrap().0;
    tokio::time::pause();
    call
}

fn operator(name: &str) -> Operator {
    Operator { id: OperatorId::new(name.replace(' ', "-")).unwrap(), name: name.to_owned() }
}

/// The names of the next telling; none when nothing is told for a minute.
async fn told(watching: &mut Subscription) -> Option<Vec<String>> {
    let told = timeout(Duration::from_mins(1), watching.live.recv()).await.ok()?.unwrap();
    let Live::Presence { operators } = &**told else { panic!("{told:?}") };
    Some(operators.iter().map(|it| it.name.clone()).collect())
}

#[tokio::test]
async fn one_more_window_of_somebody_is_no_news() {
    let call = open().await;
    let mut watching = call.subscribe();
    let ada = call.arrive(&operator("Ada"));
    assert_eq!(told(&mut watching).await.unwrap(), ["Ada"]);
    let (again, bo) = (call.arrive(&operator("Ada")), call.arrive(&operator("Bo")));
    assert_eq!(told(&mut watching).await.unwrap(), ["Ada", "Bo"]);
    drop(ada);
    assert_eq!(told(&mut watching).await, None, "she has another window");
    drop(again);
    assert_eq!(told(&mut watching).await.unwrap(), ["Bo"]);
    drop(bo);
    assert!(told(&mut watching).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_who_come_at_once_are_told_together() {
    let call = open().await;
    let mut watching = call.subscribe();
    let names: Vec<_> = (0..1_000).map(|number| format!("Operator {number}")).collect();
    let began = Instant::now();
    let here: Vec<_> = names.iter().map(|name| call.arrive(&operator(name))).collect();
    assert_eq!(told(&mut watching).await.unwrap().len(), 1, "the first one at once");
    assert_eq!(told(&mut watching).await.unwrap(), names, "all the others, in the order they came");
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(call.present().len(), 1_000);
    // Thousands who see thousands are told less often.
    drop(here);
    let left = Instant::now();
    assert!(told(&mut watching).await.unwrap().is_empty());
    let rest = left.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(10)).contains(&rest), "{rest:?}");
    assert_eq!(told(&mut watching).await, None);
}

#[tokio::test]
async fn a_name_that_changed_is_news() {
    let call = open().await;
    let mut watching = call.subscribe();
    let _ada = call.arrive(&operator("Ada"));
    assert_eq!(told(&mut watching).await.unwrap(), ["Ada"]);
    let renamed = Operator { name: "Ada King".to_owned(), ..operator("Ada") };
    let _again = call.arrive(&renamed);
    assert_eq!(told(&mut watching).await.unwrap(), ["Ada King"]);
}
