//! Every row of the table, the bounds, and forgetting.

use proptest::prelude::*;

use super::*;

fn mark(n: u64) -> Mark {
    Mark { id: format!("00000000-0000-4000-8000-{n:012x}"), first_sent: sent() }
}

fn sent() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_316_900)
}

fn after(seconds: u64) -> SystemTime {
    sent() + Duration::from_secs(seconds)
}

/// Begins a request which must be carried out.
fn begun<'a>(repeats: &'a Repeats<u16>, mark: &Mark, at: SystemTime) -> Running<'a, u16> {
    match repeats.begin(mark, [0; 32], at) {
        Ok(Verdict::Execute(running)) => running,
        other => panic!("expected it to be carried out, got {other:?}"),
    }
}

/// What begins with other content or at another time comes to.
fn outcome(repeats: &Repeats<u16>, mark: &Mark, what: u8, at: SystemTime) -> Result<u16, Refusal> {
    repeats.begin(mark, [what; 32], at).map(|verdict| match verdict {
        Verdict::Execute(_) => 0,
        Verdict::Replay(answer) => answer,
    })
}

#[test]
fn what_was_answered_is_answered_again() {
    for status in [200, 202, 204, 400, 404, 409] {
        let repeats = Repeats::default();
        begun(&repeats, &mark(1), sent()).answered(status, &status, 1);
        assert_eq!(outcome(&repeats, &mark(1), 0, after(10)), Ok(status));
        assert_eq!(outcome(&repeats, &mark(2), 0, after(10)), Ok(0), "another id is new");
        assert_eq!(outcome(&repeats, &mark(1), 1, after(10)), Err(Refusal::OtherRequest));
    }
}

#[test]
fn what_broke_or_was_throttled_is_carried_out_again() {
    for status in [429, 500, 503] {
        let repeats = Repeats::default();
        begun(&repeats, &mark(1), sent()).answered(status, &status, 1);
        begun(&repeats, &mark(1), after(1)).answered(200, &200, 1);
        assert_eq!(outcome(&repeats, &mark(1), 0, after(2)), Ok(200));
    }
    let repeats = Repeats::default();
    begun(&repeats, &mark(1), sent()).answered(503, &503, 1);
    assert_eq!(outcome(&repeats, &mark(1), 1, after(1)), Err(Refusal::OtherRequest));
}

#[test]
fn what_runs_is_not_begun_twice_and_leaves_nothing_when_dropped() {
    let repeats = Repeats::default();
    let running = begun(&repeats, &mark(1), sent());
    assert_eq!(outcome(&repeats, &mark(1), 0, after(1)), Err(Refusal::Running));
    assert_eq!(outcome(&repeats, &mark(1), 1, after(1)), Err(Refusal::OtherRequest));
    drop(running);
    assert_eq!(outcome(&repeats, &mark(1), 1, after(2)), Ok(0));
}

#[test]
fn five_minutes_on_either_side() {
    let repeats = Repeats::<u16>::default();
    for (at, fits) in [
        (after(300), true),
        (after(301), false),
        (sent() - Duration::from_mins(5), true),
        (sent() - Duration::from_secs(301), false),
    ] {
        let expected = if fits { Ok(0) } else { Err(Refusal::OutsideWindow) };
        assert_eq!(outcome(&repeats, &mark(1), 0, at), expected, "{at:?}");
    }
}

#[test]
fn an_answer_lives_as_long_as_its_window_and_gives_way_when_there_are_many() {
    let repeats = Repeats::default();
    let ahead = Mark { first_sent: after(200), ..mark(1) };
    begun(&repeats, &ahead, sent()).answered(200, &200, 7);
    assert_eq!(outcome(&repeats, &ahead, 0, after(500)), Ok(200));
    let later = Mark { first_sent: after(490), ..mark(2) };
    begun(&repeats, &later, after(501)).answered(200, &200, 7);
    let store = lock(&repeats.0);
    assert_eq!((store.entries.len(), store.bytes), (1, 7));
    drop(store);

    for n in 0..=KEPT as u64 {
        begun(&repeats, &Mark { first_sent: after(490), ..mark(100 + n) }, after(501))
            .answered(200, &200, 1);
    }
    assert_eq!(lock(&repeats.0).entries.len(), KEPT);
    let large = Mark { first_sent: after(700), ..mark(3) };
    begun(&repeats, &large, after(700)).answered(200, &200, BYTES_KEPT);
    let store = lock(&repeats.0);
    assert_eq!((store.entries.len(), store.ends.len(), store.bytes), (1, 1, BYTES_KEPT));
}

#[test]
fn only_running_requests_fill_it_up() {
    let repeats = Repeats::<u16>::default();
    let all: Vec<_> = (0..KEPT as u64).map(|n| begun(&repeats, &mark(n), sent())).collect();
    assert_eq!(outcome(&repeats, &mark(KEPT as u64), 0, sent()), Err(Refusal::Full));
    drop(all);
    assert_eq!(outcome(&repeats, &mark(KEPT as u64), 0, sent()), Ok(0));
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

#[test]
fn headers_come_in_pairs_and_in_one_form() {
    const ID: &str = "9F1C2D3E-0000-4A00-B000-0123456789ab";
    const SENT: &str = "Sun, 22 Nov 2026 03:08:20 GMT";
    let (id, date) = ("repeatability-request-id", "repeatability-first-sent");
    assert_eq!(read(&headers(&[])), Ok(None));
    let mark = read(&headers(&[(id, ID), (date, SENT)])).unwrap().unwrap();
    assert_eq!(mark, Mark { id: ID.to_ascii_lowercase(), first_sent: sent() });
    for (pairs, words) in [
        (vec![(id, ID)], "needs Repeatability-First-Sent"),
        (vec![(date, SENT)], "needs Repeatability-Request-ID"),
        (vec![(id, ID), (id, ID), (date, SENT)], "stands twice"),
        (vec![(id, "abc"), (date, SENT)], "no UUID of version 4"),
        (vec![(id, "9f1c2d3e-0000-1a00-b000-0123456789ab"), (date, SENT)], "no UUID of version 4"),
        (vec![(id, "9f1c2d3e-0000-4a00-c000-0123456789ab"), (date, SENT)], "no UUID of version 4"),
        (vec![(id, "9f1c2d3e00004a00b0000123456789ab"), (date, SENT)], "no UUID of version 4"),
        (vec![(id, ""), (date, SENT)], "no UUID of version 4"),
        (vec![(id, ID), (date, "2026-11-22T03:08:20Z")], "is not of the form"),
        (vec![(id, ID), (date, "Sunday, 22-Nov-26 03:08:20 GMT")], "is not of the form"),
        (vec![(id, ID), (date, "é")], "is not text"),
    ] {
        match read(&headers(&pairs)) {
            Err(Refusal::Syntax(sentence)) => assert!(sentence.contains(words), "{sentence}"),
            other => panic!("{pairs:?}: {other:?}"),
        }
    }
}

#[test]
fn content_is_method_path_and_body() {
    let first = content("POST", "/a", b"b");
    assert_eq!(first, content("POST", "/a", b"b"));
    for other in
        [content("PUT", "/a", b"b"), content("POST", "/ab", b""), content("POST", "/", b"ab")]
    {
        assert_ne!(first, other);
    }
}

proptest! {
    /// A model of one id: whatever comes in whatever order, it is carried out again only after a
    /// failure of the server, a throttled try, a lost client, or when its window is over.
    #[test]
    fn nothing_answered_is_carried_out_twice(
        steps in proptest::collection::vec((0..120_u64, 0..6_usize), 1..40),
    ) {
        let repeats = Repeats::default();
        let mut now = sent();
        let mut answered: Option<(u16, SystemTime)> = None;
        for (wait, how) in steps {
            now += Duration::from_secs(wait);
            let mark = Mark { first_sent: now, ..mark(1) };
            answered = answered.filter(|(_, at)| *at + WINDOW >= now);
            match repeats.begin(&mark, [0; 32], now) {
                Ok(Verdict::Replay(answer)) => {
                    prop_assert_eq!(Some(answer), answered.map(|(status, _)| status));
                }
                Ok(Verdict::Execute(running)) => {
                    prop_assert_eq!(answered, None);
                    match [200, 204, 404, 429, 503].get(how) {
                        Some(status) => {
                            running.answered(*status, status, 1);
                            if ![429, 503].contains(status) {
                                answered = Some((*status, now));
                            }
                        }
                        None => drop(running),
                    }
                }
                Err(refusal) => prop_assert!(false, "{refusal}"),
            }
        }
    }
}
