//! States of the call: two people, the lobby, silence, ends.

use foldback_wire::graph::Topic;
use serde_json::{Value, json};

use super::{joined, object, open, told, topics, user};
use crate::{
    engine::{ESTABLISH_MS, Ending, Form, Join, Options, Rehearsal},
    error::Error,
};

/// The codes of the final notification, which must be the last.
fn ending(rehearsal: &mut Rehearsal) -> (i64, i64) {
    match topics(rehearsal).pop() {
        Some(Topic::Call { call, deleted: true }) => {
            assert_eq!(call.state.as_deref(), Some("terminated"));
            let info = call.result_info.unwrap();
            assert!(info.message.is_some());
            (info.code.unwrap(), info.subcode.unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_of_two_has_no_roster_and_no_mutes() {
    let mut rehearsal =
        Rehearsal::new(Options { participants: 1, speed: 0.0, ..Options::default() }).unwrap();
    let target = json!([{"identity": {"user": {"id": "u-1"}}}]);
    let members =
        object(&json!({"targets": target, "callOptions": {"hideBotAfterEscalation": true}}));
    let join = Join { peer: true, members, ..Join::default() };
    let call = rehearsal.join_as(join).unwrap();
    assert_eq!(call.extra["targets"], target);
    assert_eq!(call.extra["callOptions"]["hideBotAfterEscalation"], true);
    assert_eq!(call.extra["meetingInfo"], Value::Null);
    rehearsal.advance(1_000);
    let states: Vec<_> = topics(&mut rehearsal)
        .into_iter()
        .map(|topic| match topic {
            Topic::Call { call, .. } => call.state.unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(states, ["establishing", "established"]);
    assert!(rehearsal.participants().unwrap().is_empty());
    assert!(matches!(rehearsal.mute_app(None), Err(Error::NotAGroupCall)));
    assert!(matches!(rehearsal.mute_all(&[], None), Err(Error::NotAGroupCall)));
    assert!(matches!(rehearsal.invite(&[user("a")], None), Err(Error::NotAGroupCall)));
    rehearsal.end().unwrap();
    assert_eq!(ending(&mut rehearsal), (200, 5001));
}

#[test]
fn the_app_waits_in_the_lobby_until_it_is_let_in() {
    let mut rehearsal = joined(Form::Delta);
    rehearsal.await_in_lobby(Some(60_000));
    rehearsal.join(Form::Delta).unwrap();
    rehearsal.advance(30_000);
    assert_eq!(rehearsal.call().unwrap().state.as_deref(), Some("establishing"));
    let open = open(&rehearsal);
    assert!(matches!(rehearsal.mute(&open[0], None), Err(Error::NotEstablished)));
    assert_eq!(told(&mut rehearsal).len(), 1, "nothing but that it is being established");
    rehearsal.admit_app().unwrap();
    let told = topics(&mut rehearsal);
    assert!(
        matches!(&told[0], Topic::Call { call, .. } if call.state.as_deref() == Some("established"))
    );
    assert!(matches!(&told[1], Topic::Delta(whole) if whole.participants.len() == 43));
    assert!(rehearsal.mute(&open[0], None).is_ok());
    rehearsal.advance(200_000);
    assert!(rehearsal.call().is_ok(), "the wait is over");
    assert!(matches!(rehearsal.admit_app(), Err(Error::NotPossible(_))));
}

#[test]
fn a_long_wait_in_the_lobby_ends_the_call() {
    let mut rehearsal = joined(Form::Delta);
    rehearsal.await_in_lobby(Some(60_000));
    rehearsal.join(Form::Delta).unwrap();
    rehearsal.advance(ESTABLISH_MS + 59_999);
    assert!(rehearsal.call().is_ok());
    rehearsal.advance(ESTABLISH_MS + 60_000);
    assert_eq!(ending(&mut rehearsal), (200, 5855));
    assert!(matches!(rehearsal.call(), Err(Error::UnknownCall)));
}

#[test]
fn silence_ends_the_call_and_keep_alive_prevents_it() {
    const LIMIT: u64 = 45 * 60_000;
    let mut rehearsal = joined(Form::Delta);
    rehearsal.join_as(Join { keep_alive_ms: Some(LIMIT), ..Join::default() }).unwrap();
    let start = ESTABLISH_MS;
    for n in 1..=3 {
        rehearsal.advance(start + n * (LIMIT - 1));
        rehearsal.keep_alive().unwrap();
    }
    rehearsal.advance(start + 3 * (LIMIT - 1) + LIMIT - 1);
    assert!(rehearsal.call().is_ok());
    rehearsal.advance(start + 3 * (LIMIT - 1) + LIMIT);
    assert_eq!(ending(&mut rehearsal), (408, 8537));
    assert!(matches!(rehearsal.keep_alive(), Err(Error::UnknownCall)));

    let mut unattended = joined(Form::Delta);
    unattended.advance(10 * LIMIT);
    assert!(unattended.call().is_ok(), "nobody joined who could keep it alive");
}

#[test]
fn a_call_ends_with_any_codes_and_in_the_middle_of_an_operation() {
    let mut rehearsal = joined(Form::Delta);
    rehearsal.end_with(&Ending::new(480, 10037)).unwrap();
    assert_eq!(ending(&mut rehearsal), (480, 10037));
    assert!(matches!(rehearsal.end_with(&Ending::new(1, 1)), Err(Error::UnknownCall)));
    assert!(matches!(rehearsal.join(Form::Full), Err(Error::UnknownCall)), "no call comes back");

    let mut rehearsal = joined(Form::Delta);
    rehearsal.end_mid_operation().unwrap();
    let running = rehearsal.invite(&[user("a")], None).unwrap();
    assert!(!running.is_final());
    rehearsal.advance(10_000);
    let notices = told(&mut rehearsal);
    assert_eq!(notices.len(), 1, "the operation never ends: {notices:?}");
    assert!(matches!(notices[0].topic().unwrap(), Topic::Call { deleted: true, .. }));
}
