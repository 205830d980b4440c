//! Sessions that begin and end at the same moment, by themselves.

use std::pin::pin;

use foldback_model::{OperatorId, Timestamp};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use tokio::sync::Semaphore;

use super::{
    cookie::Cookie,
    sessions::{REVOKED, Trouble},
    store::{Kept, Store, Stored},
    tests::{begin, on},
    *,
};
use crate::{journal::JournalError, secret::Fingerprint};

type Done<'a> = BoxFuture<'a, Result<(), JournalError>>;

/// A store that does everything at once, and answers for a new session when it is let.
struct Slow {
    kept: Mutex<Kept>,
    answers: Semaphore,
}

impl Store for Slow {
    fn begin(&self, session: Stored, replaces: Vec<Fingerprint>) -> Done<'_> {
        let mut kept = self.kept.lock().unwrap();
        kept.sessions.retain(|it| !replaces.contains(&it.print));
        kept.sessions.push(session);
        Box::pin(async {
            self.answers.acquire().await.unwrap().forget();
            Ok(())
        })
    }

    fn keep(&self, _: Vec<(Fingerprint, Timestamp)>, over: Vec<Fingerprint>) -> Done<'_> {
        self.kept.lock().unwrap().sessions.retain(|it| !over.contains(&it.print));
        Box::pin(async { Ok(()) })
    }

    fn revoke(&self, operator: OperatorId, at: Timestamp) -> Done<'_> {
        let mut kept = self.kept.lock().unwrap();
        kept.sessions.retain(|it| it.operator.id != operator);
        kept.revoked.push((operator, at));
        Box::pin(async { Ok(()) })
    }

    fn load(&self, since: Timestamp) -> BoxFuture<'_, Result<Kept, JournalError>> {
        let mut kept = self.kept.lock().unwrap();
        kept.revoked.retain(|(_, at)| *at >= since);
        let kept = kept.clone();
        Box::pin(async { Ok(kept) })
    }
}

fn slow(answers: usize) -> (Arc<Slow>, Sessions) {
    let slow = Arc::new(Slow { kept: Mutex::default(), answers: Semaphore::new(answers) });
    let store: Arc<dyn Store> = slow.clone();
    (slow, Sessions::new(Cookie::on_port(1, ""), Lifetimes::default(), Some(store)).unwrap())
}

#[tokio::test]
async fn what_begins_while_an_administrator_ends_it_is_ended_too() {
    let (slow, sessions) = slow(0);
    let ada = OperatorId::new("ada").unwrap();
    let mut coming = pin!(begin(&sessions));
    assert!(coming.as_mut().now_or_never().is_none(), "it is stored and not in memory yet");
    let mut ending = pin!(sessions.revoke(&ada));
    let at_once = ending.as_mut().now_or_never();
    slow.answers.add_permits(1);
    let cookie = coming.await;
    let ended = match at_once {
        Some(ended) => ended,
        None => ending.await,
    };
    assert!(sessions.find(&cookie).is_none() && sessions.signed_in().is_empty());
    assert_eq!(ended.unwrap(), 1);
    assert!(slow.kept.lock().unwrap().sessions.is_empty());
}

#[tokio::test]
async fn sixteen_browsers_are_all_however_many_come_at_once() {
    let (slow, sessions) = slow(0);
    let coming = join_all((0..28).map(|_| begin(&sessions)));
    let mut coming = pin!(coming);
    assert!(coming.as_mut().now_or_never().is_none());
    slow.answers.add_permits(28);
    let cookies = coming.await;
    assert_eq!(cookies.iter().filter(|cookie| sessions.find(cookie).is_some()).count(), 16);
    assert_eq!(slow.kept.lock().unwrap().sessions.len(), 16);
}

#[tokio::test]
async fn ended_sessions_are_remembered_in_bounds() {
    let sessions = on(1);
    let id = |number: usize| OperatorId::new(format!("person-{number}")).unwrap();
    for number in 0..REVOKED {
        sessions.revoke(&id(number)).await.unwrap();
    }
    let more = sessions.revoke(&id(REVOKED)).await;
    assert!(matches!(more, Err(Trouble::TooMany)), "{more:?}");
    assert!(!sessions.is_revoked(&id(REVOKED), None), "nothing has changed");
    sessions.revoke(&id(0)).await.unwrap();
    // What no token is as old as is forgotten.
    let (slow, sessions) = slow(0);
    slow.revoke(id(0), Timestamp(1)).await.unwrap();
    slow.revoke(id(1), now()).await.unwrap();
    sessions.load(|_| None).await.unwrap();
    sessions.remember_revoked(&id(0), Timestamp(1));
    assert!(sessions.is_revoked(&id(0), None));
    sessions.keep().await.unwrap();
    assert!(!sessions.is_revoked(&id(0), None) && sessions.is_revoked(&id(1), None));
}
