//! What strikes when, and what is said about orders that make no sense.

use proptest::prelude::*;

use super::*;

fn faults(orders: &[Value]) -> Faults {
    let mut faults = Faults::new(7);
    for order in orders {
        assert_eq!(faults.add(order).unwrap(), None, "{order}");
    }
    faults
}

fn call(name: &str) -> CallId {
    CallId::parse(name).unwrap()
}

#[test]
fn orders_strike_where_and_as_often_as_told() {
    let mut faults = faults(&[
        json!({"path_contains": "mute", "times": 2, "fault": {"status": 429, "retry_after": 2}}),
        json!({"fault": "hang"}),
        json!({"fault": "half_body"}),
        json!({"fault": {"status": 503, "retry_after_date": 9}}),
    ]);
    let status = |status, after| Some(Fault::Status { status, retry_after: Some(after) });
    assert_eq!(faults.strike("/x/oauth2/v2.0/token", true), None);
    assert_eq!(faults.strike("/calls/c/mute", false), status(429, RetryAfter::Seconds(2)));
    assert_eq!(faults.strike("/calls/c", false), Some(Fault::Hang));
    assert_eq!(faults.strike("/calls/c", false), Some(Fault::HalfBody));
    assert_eq!(faults.strike("/calls/c", false), status(503, RetryAfter::Date(9)));
    assert_eq!(faults.strike("/calls/c", false), None);
    assert_eq!(faults.strike("/calls/c/mute", false), status(429, RetryAfter::Seconds(2)));
    assert_eq!(faults.strike("/calls/c/mute", false), None);
}

#[test]
fn a_percentage_strikes_by_the_seed_until_it_is_cleared() {
    let run = |seed| {
        let mut faults = Faults::new(seed);
        faults.add(&json!({"fault": "reset", "percent": 30})).unwrap();
        let jitter =
            json!({"fault": {"latency_ms": 10, "jitter_ms": 5}, "percent": 50, "times": 99});
        faults.add(&jitter).unwrap();
        let mut strikes = || (0..1_000).map(|_| faults.strike("/c", false)).collect::<Vec<_>>();
        let first = strikes();
        faults.clear();
        (first, faults.strike("/c", false))
    };
    let (first, after) = run(7);
    assert_eq!((&first, after), (&run(7).0, None));
    assert_ne!(first, run(8).0);
    let resets = first.iter().filter(|fault| **fault == Some(Fault::Reset)).count();
    assert!((250..350).contains(&resets), "{resets}");
    let mut delays: Vec<u64> = first
        .iter()
        .filter_map(|fault| match fault {
            Some(Fault::Latency { ms, jitter_ms: 0 }) => Some(*ms),
            _ => None,
        })
        .collect();
    assert_eq!(delays.len(), 99);
    delays.sort_unstable();
    delays.dedup();
    assert_eq!(delays, [10, 11, 12, 13, 14, 15]);
}

#[test]
fn notifications_and_their_tokens_are_struck_by_call() {
    let mut faults = faults(&[
        json!({"notifications": {"late_ms": 40}, "on": "A"}),
        json!({"notifications": "lose"}),
        json!({"notification_tokens": "foreign_key", "on": "a", "times": 2}),
    ]);
    let (a, b) = (call("a"), call("b"));
    assert_eq!(faults.disturb(&b), Some(Disturbance::Lose));
    assert_eq!(faults.disturb(&b), None);
    assert_eq!(faults.disturb(&call("A")), Some(Disturbance::Late { ms: 40 }));
    assert_eq!(faults.spoil(&b), None);
    assert_eq!(
        (faults.spoil(&a), faults.spoil(&a), faults.spoil(&a)),
        (Some(Flaw::ForeignKey), Some(Flaw::ForeignKey), None)
    );
}

#[test]
fn deeds_are_done_at_once() {
    let mut faults = Faults::new(7);
    for (order, deed) in [
        (json!({"roster": "lies", "for_ms": 5}), Deed::ToCall(None, ToCall::Lie { for_ms: 5 })),
        (
            json!({"call": "ends_mid_operation", "on": "c"}),
            Deed::ToCall(Some(call("c")), ToCall::EndMidOperation),
        ),
        (
            json!({"call": "ends", "subcode": 5001}),
            Deed::ToCall(None, ToCall::End { code: 200, subcode: 5001 }),
        ),
        (json!({"access_tokens": "expired"}), Deed::Access(AccessFlaw::Expired)),
        (json!({"access_tokens": "foreign"}), Deed::Access(AccessFlaw::Foreign)),
    ] {
        assert_eq!(faults.add(&order).unwrap(), Some(deed));
    }
    let by_chance = json!({"call": "ends", "percent": 50});
    let done = (0..1_000).filter(|_| faults.add(&by_chance).unwrap().is_some()).count();
    assert!((400..600).contains(&done), "{done}");
    assert_eq!(faults.entries.len(), 0);
}

#[test]
fn what_makes_no_sense_is_said() {
    for (order, words) in [
        (json!([]), "a JSON object"),
        (json!({}), "exactly one of"),
        (json!({"fault": "hang", "call": "ends"}), "exactly one of"),
        (json!({"fault": "explode"}), "\"half_body\""),
        (json!({"fault": 7}), "fault must be"),
        (json!({"fault": {}}), "needs latency_ms or status"),
        (json!({"fault": {"status": 200}}), "status must be a whole number from 400"),
        (json!({"fault": {"status": 429, "retry_after": -1}}), "retry_after must be"),
        (json!({"fault": {"status": 429, "retry_after_date": 3601}}), "from 0 to 3600"),
        (json!({"fault": {"status": 429, "retry_after": 1, "retry_after_date": 1}}), "not both"),
        (json!({"fault": {"latency_ms": 5, "status": 503}}), "\"status\" is unknown here"),
        (json!({"fault": {"latency_ms": 5, "jitter_ms": 60_001}}), "jitter_ms must be"),
        (json!({"fault": {"jitter_ms": 5}}), "\"jitter_ms\" is unknown here"),
        (json!({"fault": "hang", "times": 0}), "times must be"),
        (json!({"fault": "hang", "percent": 0}), "percent must be a whole number from 1 to 100"),
        (json!({"fault": "hang", "percent": 101}), "percent must be"),
        (json!({"fault": "hang", "path": "x"}), "\"path\" is unknown here"),
        (json!({"fault": "hang", "path_contains": 7}), "path_contains must be text"),
        (json!({"notifications": "eat"}), "{\"late_ms\": n}"),
        (json!({"notifications": {"late_ms": 0}}), "late_ms must be"),
        (json!({"notifications": {}}), "notifications must be"),
        (json!({"notifications": "lose", "for_ms": 7}), "\"for_ms\" is unknown here"),
        (json!({"notifications": "lose", "on": "a/b"}), "an id has"),
        (json!({"notification_tokens": "old"}), "\"wrong_audience\""),
        (json!({"access_tokens": "lost"}), "\"expired\" or \"foreign\""),
        (json!({"access_tokens": "expired", "times": 2}), "\"times\" is unknown here"),
        (json!({"roster": "lies"}), "for_ms is missing"),
        (json!({"roster": "lies", "for_ms": 0}), "for_ms must be"),
        (json!({"roster": "sleeps", "for_ms": 1}), "roster must be \"lies\""),
        (json!({"call": "rings"}), "call must be"),
        (json!({"call": "ends", "code": "x"}), "code must be"),
        (json!({"call": "ends", "times": 2}), "\"times\" is unknown here"),
        (json!({"call": "ends_mid_operation", "code": 1}), "\"code\" is unknown here"),
        (json!({"call": "ends", "on": 7}), "on must be the id"),
    ] {
        let error = Faults::new(7).add(&order).unwrap_err();
        assert!(error.contains(words), "{order}: {error}");
    }
}

proptest! {
    #[test]
    fn any_order_is_taken_or_refused_with_a_sentence(
        kind in "(fault|notifications|notification_tokens|access_tokens|roster|call|times|percent)",
        value in "[a-z_0-9{}\":,\\[\\] -]{0,40}",
        times in any::<i64>(),
    ) {
        let value = serde_json::from_str(&value).unwrap_or(Value::from(value));
        let order = json!({kind: value, "times": times});
        match Faults::new(7).add(&order) {
            Ok(_) => prop_assert!((1..=10_000).contains(&times)),
            Err(sentence) => prop_assert!(!sentence.is_empty()),
        }
    }
}
