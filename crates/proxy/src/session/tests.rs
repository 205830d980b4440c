//! Sessions by themselves: ids, ends, and what a browser may have been given by others.

use axum::http::{HeaderMap, header};
use futures_util::future::BoxFuture;

use super::{cookie::Cookie, *};
use crate::journal::{Journal as _, JournalError, sqlite::Sqlite};

pub(super) fn on(port: u16) -> Sessions {
    Sessions::new(Cookie::on_port(port, ""), Lifetimes::default(), None).unwrap()
}

fn with_cookie(set_cookie: &str) -> HeaderMap {
    let pair = set_cookie.split(';').next().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, format!("other=1; {pair}").parse().unwrap());
    headers
}

fn ada() -> (Operator, Claimed, Rights) {
    let operator = Operator { id: OperatorId::new("ada").unwrap(), name: "Ada".to_owned() };
    (operator, Claimed::default(), rights(&Claimed::default()).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "what a configuration says, where all may something")]
fn rights(_: &Claimed) -> Option<Rights> {
    Some(Rights { role: Role::Producer, groups: Vec::new(), directory_id: None })
}

pub(super) async fn begin(sessions: &Sessions) -> HeaderMap {
    let (operator, claimed, rights) = ada();
    let begun = sessions.begin(operator, claimed, rights, None, &HeaderMap::new()).await;
    with_cookie(&begun.unwrap())
}

/// The cookie of whoever comes by a link.
fn by_link(sessions: &Sessions, headers: &HeaderMap) -> String {
    let operator = sessions.operator_by_link(headers).unwrap();
    sessions.begin_by_link(operator, headers).unwrap()
}

#[test]
fn a_link_works_once() {
    let sessions = on(8080);
    let code = sessions.links().borrow().reveal().to_owned();
    assert!(!sessions.redeem("").unwrap());
    assert!(!sessions.redeem(&code[1..]).unwrap());
    assert!(sessions.redeem(&code).unwrap());
    assert!(!sessions.redeem(&code).unwrap());
    let next = sessions.links().borrow().reveal().to_owned();
    assert!(sessions.redeem(&next).unwrap());
}

#[test]
fn the_cookie_is_an_opaque_id_for_this_host_and_port() {
    let sessions = on(8080);
    let cookie = by_link(&sessions, &HeaderMap::new());
    let (name, rest) = cookie.split_once('=').unwrap();
    assert_eq!(name, "foldback_8080");
    let attributes: Vec<_> = rest.split("; ").skip(1).collect();
    assert_eq!(attributes, ["HttpOnly", "SameSite=Strict", "Path=/"]);
    let headers = with_cookie(&cookie);
    assert_eq!(sessions.find(&headers).unwrap().operator.name, "Operator 1");
    assert!(on(8081).find(&headers).is_none());
}

#[test]
fn signing_in_again_keeps_the_operator_and_ends_the_old_session() {
    let sessions = on(1);
    let first = with_cookie(&by_link(&sessions, &HeaderMap::new()));
    let old = sessions.find(&first).unwrap();
    let second = with_cookie(&by_link(&sessions, &first));
    assert!(old.over.is_cancelled());
    assert!(sessions.find(&first).is_none());
    assert_eq!(sessions.find(&second).unwrap().operator, old.operator);
    let third = with_cookie(&by_link(&sessions, &HeaderMap::new()));
    assert_eq!(sessions.find(&third).unwrap().operator.name, "Operator 2");
}

#[tokio::test(start_paused = true)]
async fn an_unused_session_is_over() {
    let sessions = on(1);
    let headers = with_cookie(&by_link(&sessions, &HeaderMap::new()));
    tokio::time::advance(IDLE.saturating_sub(Duration::from_secs(1))).await;
    assert!(sessions.find(&headers).is_some(), "and used now");
    tokio::time::advance(IDLE).await;
    assert!(sessions.find(&headers).is_none());
    assert!(sessions.signed_in().is_empty());
}

#[tokio::test(start_paused = true)]
async fn expiry() {
    let sessions = on(1);
    let Lifetimes { idle, whole } = Lifetimes::default();
    let second = Duration::from_secs(1);
    // Unused.
    let headers = begin(&sessions).await;
    tokio::time::advance(idle.checked_sub(second).unwrap()).await;
    assert!(sessions.find(&headers).is_some());
    tokio::time::advance(idle).await;
    assert!(sessions.find(&headers).is_none());
    // Used all the time, and over all the same; whoever waits for the end is told.
    let headers = begin(&sessions).await;
    let session = sessions.find(&headers).unwrap();
    let told = tokio::spawn({
        let session = Arc::clone(&session);
        async move { session.ended().await }
    });
    let began = Instant::now();
    while began.elapsed() + idle < whole {
        tokio::time::advance(idle.checked_sub(second).unwrap()).await;
        assert!(sessions.find(&headers).is_some());
    }
    assert!(!told.is_finished());
    tokio::time::advance(whole.checked_sub(began.elapsed()).unwrap()).await;
    assert!(sessions.find(&headers).is_none());
    told.await.unwrap();
    assert!(sessions.signed_in().is_empty());
    assert!(!sessions.stands(&session) || session.until().is_some());
}

#[test]
fn a_planted_cookie_does_not_hide_ours() {
    let sessions = on(1);
    let ours = by_link(&sessions, &HeaderMap::new());
    let pair = ours.split(';').next().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, format!("foldback_1=planted; {pair}").parse().unwrap());
    assert!(sessions.find(&headers).is_some());
}

#[tokio::test]
async fn one_person_has_sixteen_browsers_at_most() {
    let sessions = on(1);
    let mut cookies = Vec::new();
    for _ in 0..40 {
        cookies.push(begin(&sessions).await);
        assert!(sessions.find(cookies.last().unwrap()).is_some());
    }
    assert_eq!(cookies.iter().filter(|cookie| sessions.find(cookie).is_some()).count(), 16);
    assert_eq!(sessions.signed_in()[0].sessions, 16);
}

#[tokio::test]
async fn stored_sessions_outlive_the_process_and_ended_ones_do_not() {
    let journal = Sqlite::in_memory().unwrap();
    let again = async || {
        let cookie = Cookie::on_port(1, "");
        let sessions = Sessions::new(cookie, Lifetimes::default(), journal.sessions()).unwrap();
        sessions.load(rights).await.unwrap();
        sessions
    };
    let first = again().await;
    let (kept, ended) = (begin(&first).await, begin(&first).await);
    let linked = with_cookie(&by_link(&first, &HeaderMap::new()));
    first.end(&ended).await.unwrap();
    let second = again().await;
    assert_eq!(second.find(&kept).unwrap().operator.name, "Ada");
    assert!(second.find(&ended).is_none());
    assert!(second.find(&linked).is_none(), "a link's session ends with the process");
    // Whoever may do nothing any more has no session any more.
    let third = Sessions::new(Cookie::on_port(1, ""), Lifetimes::default(), journal.sessions());
    let third = third.unwrap();
    third.load(|_| None).await.unwrap();
    assert!(third.find(&kept).is_none());
    assert!(again().await.find(&kept).is_none());
}

#[tokio::test]
async fn a_restart_makes_no_session_longer() {
    let (hour, minute) = (3_600_000, 60_000);
    for (began, unused, stands) in [
        (0, 0, true),
        (8 * hour - minute, 0, true),
        (8 * hour, 0, false),
        (20 * hour, 0, false),
        (hour, 29 * minute, true),
        (hour, 31 * minute, false),
    ] {
        let journal = Sqlite::in_memory().unwrap();
        let store = journal.sessions().unwrap();
        let at = |ago: u64| Timestamp(now().0 - ago);
        let (operator, claimed, _) = ada();
        let print = crate::secret::Fingerprint::of("x");
        let stored = store::Stored { print, operator, claimed, began: at(began), used: at(unused) };
        store.begin(stored, Vec::new()).await.unwrap();
        let cookie = Cookie::on_port(1, "");
        let sessions = Sessions::new(cookie, Lifetimes::default(), Some(store.clone())).unwrap();
        sessions.load(rights).await.unwrap();
        let found = sessions.find(&with_cookie("foldback_1=x"));
        assert_eq!(found.is_some(), stands, "{began} {unused}");
        if let Some(until) = found.and_then(|session| session.until()) {
            assert!(until.0.abs_diff(now().0 + 8 * hour - began) < minute, "{began}");
        }
        let kept = store.load(Timestamp(0)).await.unwrap().sessions.len();
        assert_eq!(kept, usize::from(stands), "what is over is forgotten");
    }
}

/// A store that fails as long as it is told to, and notes what it forgot.
#[derive(Default)]
struct Shaky {
    fails: std::sync::atomic::AtomicBool,
    forgotten: Mutex<Vec<crate::secret::Fingerprint>>,
}

impl store::Store for Shaky {
    fn begin(
        &self,
        _: store::Stored,
        _: Vec<crate::secret::Fingerprint>,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Ok(()) })
    }

    fn keep(
        &self,
        _: Vec<(crate::secret::Fingerprint, Timestamp)>,
        over: Vec<crate::secret::Fingerprint>,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            if self.fails.load(std::sync::atomic::Ordering::SeqCst) {
                return Err(JournalError::Broken("the disk is full".to_owned()));
            }
            self.forgotten.lock().unwrap().extend(over);
            Ok(())
        })
    }

    fn revoke(&self, _: OperatorId, _: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Ok(()) })
    }

    fn load(&self, _: Timestamp) -> BoxFuture<'_, Result<store::Kept, JournalError>> {
        Box::pin(async { Ok(store::Kept::default()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_could_not_be_forgotten_is_forgotten_the_next_time() {
    let shaky = Arc::new(Shaky::default());
    let store: Arc<dyn store::Store> = shaky.clone();
    let sessions =
        Sessions::new(Cookie::on_port(1, ""), Lifetimes::default(), Some(store)).unwrap();
    let print = sessions.print(&begin(&sessions).await).unwrap();
    tokio::time::advance(Lifetimes::default().whole).await;
    let fails = |it| shaky.fails.store(it, std::sync::atomic::Ordering::SeqCst);
    fails(true);
    for _ in 0..2 {
        assert!(sessions.keep().await.is_err());
    }
    fails(false);
    for _ in 0..2 {
        sessions.keep().await.unwrap();
        assert_eq!(*shaky.forgotten.lock().unwrap(), [print], "once");
    }
    // Nor is one forgotten to be forgotten that somebody with a link finds run out.
    let print = sessions.print(&begin(&sessions).await).unwrap();
    tokio::time::advance(Lifetimes::default().whole).await;
    by_link(&sessions, &HeaderMap::new());
    sessions.keep().await.unwrap();
    assert_eq!(shaky.forgotten.lock().unwrap().last(), Some(&print));
}

#[tokio::test]
async fn what_an_administrator_ends_stays_ended() {
    let journal = Sqlite::in_memory().unwrap();
    let new =
        || Sessions::new(Cookie::on_port(1, ""), Lifetimes::default(), journal.sessions()).unwrap();
    let sessions = new();
    let (one, two) = (begin(&sessions).await, begin(&sessions).await);
    let mut changes = sessions.changes();
    let ada = OperatorId::new("ada").unwrap();
    let held = sessions.find(&one).unwrap();
    assert_eq!(sessions.signed_in()[0].sessions, 2);
    assert_eq!(sessions.revoke(&ada).await.unwrap(), 2);
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    assert!(held.over.is_cancelled() && !sessions.stands(&held));
    assert!(sessions.find(&one).is_none() && sessions.find(&two).is_none());
    let again = new();
    again.load(rights).await.unwrap();
    assert!(again.find(&two).is_none());
    let seconds = now().0 / 1_000;
    for (issued, revoked) in [(None, true), (Some(seconds), true), (Some(seconds + 62), false)] {
        assert_eq!(again.is_revoked(&ada, issued), revoked, "{issued:?}");
    }
    assert!(!again.is_revoked(&OperatorId::new("bob").unwrap(), None));
}
