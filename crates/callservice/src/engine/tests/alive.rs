//! The rehearsal feels alive, sentence by sentence, and costs no more with ten thousand people.

use super::*;
use crate::engine::{
    floor::{AT_ONCE, SILENCE_MS},
    person::Person,
};

const TEN_MINUTES: u64 = 600_000;

/// Ten minutes of the default cast, looked at every 50 ms.
#[derive(Default)]
struct Heard {
    most_at_once: usize,
    silent: u64,
    /// How long every silence was, in milliseconds.
    pauses: Vec<u64>,
    /// Somebody began while another spoke: how often the first went silent first, and the second.
    first_yields: usize,
    second_yields: usize,
    /// Milliseconds of talk by key.
    spoke: BTreeMap<u64, u64>,
    /// For everybody who began to talk within a second after unmuting: how long it had been silent.
    before_newcomers: Vec<u64>,
}

fn hear(seed: u64) -> Heard {
    const STEP: u64 = 50;
    let mut rehearsal = rehearsal(43, seed, 1.0);
    let mut heard = Heard::default();
    let mut talking: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut muted: BTreeMap<u64, bool> = BTreeMap::new();
    let mut unmuted_at: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    let mut silence = 0;
    for now in (0..TEN_MINUTES).step_by(usize::try_from(STEP).unwrap()) {
        rehearsal.advance(now);
        let people: Vec<(u64, &Person)> =
            rehearsal.people.keys().copied().zip(rehearsal.people.values()).collect();
        for (key, person) in people {
            let is_talking = rehearsal.voices.is_talking(key);
            assert!(!is_talking || person.can_talk(), "seed {seed}: {key} talks and may not");
            if muted.insert(key, person.is_muted()) == Some(true) && !person.is_muted() {
                unmuted_at.insert(key, (now, silence));
            }
            if is_talking {
                *heard.spoke.entry(key).or_default() += STEP;
                if !talking.contains_key(&key) {
                    if let Some((at, silent)) = unmuted_at.remove(&key)
                        && now < at + 1_000
                    {
                        heard.before_newcomers.push(silent);
                    }
                    let others = talking.keys().copied().collect();
                    talking.insert(key, others);
                }
            }
        }
        let stopped: Vec<u64> =
            talking.keys().copied().filter(|key| !rehearsal.voices.is_talking(*key)).collect();
        for key in stopped {
            let over = talking.remove(&key).unwrap_or_default();
            heard.second_yields +=
                usize::from(over.iter().any(|first| talking.contains_key(first)));
            heard.first_yields += talking.values().filter(|over| over.contains(&key)).count();
        }
        heard.most_at_once = heard.most_at_once.max(talking.len());
        if talking.is_empty() {
            heard.silent += STEP;
            silence += STEP;
        } else if silence > 0 {
            heard.pauses.push(silence);
            silence = 0;
        }
    }
    heard
}

#[test]
fn people_take_turns_with_pauses_and_cut_in() {
    for seed in 0..12 {
        let heard = hear(seed);
        assert!(heard.most_at_once <= AT_ONCE, "seed {seed}: {} at once", heard.most_at_once);
        assert!(heard.most_at_once >= 2, "seed {seed}: nobody ever overlaps");
        let silent = heard.silent * 100 / TEN_MINUTES;
        assert!((12..50).contains(&silent), "seed {seed}: silent for {silent} % of the time");
        let breaths = heard.pauses.iter().filter(|pause| **pause < 800).count();
        let rests = heard.pauses.iter().filter(|pause| **pause >= 800).count();
        assert!(breaths > 40 && rests > 20, "seed {seed}: {breaths} breaths, {rests} rests");
        assert!(heard.first_yields > 3, "seed {seed}: {} gave way", heard.first_yields);
        assert!(heard.second_yields > 5, "seed {seed}: {} went on", heard.second_yields);
    }
}

#[test]
fn a_few_people_talk_most() {
    for seed in 0..12 {
        let heard = hear(seed);
        let all: u64 = heard.spoke.values().sum();
        let mut most: Vec<u64> = heard.spoke.values().copied().collect();
        most.sort_unstable_by(|a, b| b.cmp(a));
        assert!(most.len() >= 8, "seed {seed}: only {} people spoke", most.len());
        let few: u64 = most.iter().take(most.len().div_ceil(5)).sum();
        assert!(few * 2 > all, "seed {seed}: a fifth spoke {few} of {all} ms: {most:?}");
        assert!(most[0] * 5 > all, "seed {seed}: nobody leads: {most:?}");
        assert!(most[0] * 10 < all * 8, "seed {seed}: one person holds a speech");
    }
}

#[test]
fn it_is_silent_before_a_newcomer_unmutes() {
    let silences: Vec<u64> = (0..12).flat_map(|seed| hear(seed).before_newcomers).collect();
    assert!(silences.len() > 60, "{} newcomers in two hours", silences.len());
    // Looked at every 50 ms.
    let shortest = silences.iter().min().unwrap() + 50;
    assert!(shortest >= SILENCE_MS, "unmuted after {shortest} ms of silence");
}

/// Everything that was notified in ten minutes, person by person, in order.
fn told(participants: usize, seed: u64) -> (Rehearsal, Vec<Participant>) {
    let mut rehearsal = rehearsal(participants, seed, 1.0);
    rehearsal.join(Form::Delta).unwrap();
    rehearsal.advance(TEN_MINUTES);
    let told = rehearsal.take_notifications().into_iter().filter_map(|n| {
        match n.graph()?.topic().unwrap() {
            Topic::Delta(delta) => Some(delta.participants),
            _ => None,
        }
    });
    let told = told.flatten().collect();
    (rehearsal, told)
}

#[test]
fn hands_go_up_and_down_in_the_metadata() {
    for seed in 0..12 {
        let (_, told) = told(43, seed);
        let mut up: BTreeMap<String, u64> = BTreeMap::new();
        let (mut raised, mut lowered) = (0, 0);
        for person in told.iter().filter(|person| person.removed_state.is_none()) {
            let hand = person.metadata.as_ref().map(|text| {
                let metadata: serde_json::Value = serde_json::from_str(text).unwrap();
                let at = metadata["raisedHand"]["at"].as_u64().unwrap();
                assert_eq!(*text, json!({"raisedHand": {"at": at}}).to_string());
                assert!(at <= TEN_MINUTES && !person.is_in_lobby);
                at
            });
            match hand {
                Some(at) => raised += usize::from(up.insert(person.id.clone(), at) != Some(at)),
                None => lowered += usize::from(up.remove(&person.id).is_some()),
            }
        }
        assert!(raised >= 5 && lowered >= 3, "seed {seed}: {raised} up, {lowered} down");
    }
}

#[test]
fn who_is_called_up_takes_the_hand_down() {
    let mut rehearsal = rehearsal(43, 7, 1.0);
    let mut called = 0;
    let mut hands: BTreeMap<u64, u64> = BTreeMap::new();
    for now in (0..3 * TEN_MINUTES).step_by(50) {
        rehearsal.advance(now);
        for (key, person) in rehearsal.people.keys().zip(rehearsal.people.values()) {
            match person.hand {
                Some(at) => drop(hands.insert(*key, at)),
                None if hands.remove(key).is_some() && rehearsal.voices.is_talking(*key) => {
                    called += 1;
                }
                None => {}
            }
        }
    }
    assert!(called >= 3, "{called} hands were answered in half an hour");
}

#[test]
fn a_hand_is_raised_by_hand() {
    let mut rehearsal = frozen();
    rehearsal.join(Form::Delta).unwrap();
    rehearsal.advance(5_000);
    let id = open(&rehearsal)[0].clone();
    let hand = |rehearsal: &Rehearsal| rehearsal.participant(&id).unwrap().metadata;
    assert_eq!(hand(&rehearsal), None);
    rehearsal.take_notifications();
    rehearsal.person_raises_hand(&id, true).unwrap();
    assert_eq!(hand(&rehearsal).as_deref(), Some(r#"{"raisedHand":{"at":5000}}"#));
    rehearsal.advance(6_000);
    rehearsal.person_raises_hand(&id, true).unwrap();
    assert_eq!(hand(&rehearsal).as_deref(), Some(r#"{"raisedHand":{"at":5000}}"#));
    rehearsal.person_raises_hand(&id, false).unwrap();
    rehearsal.person_raises_hand(&id, false).unwrap();
    assert_eq!(hand(&rehearsal), None);
    assert_eq!(rehearsal.take_notifications().len(), 2, "told of more than changed");
    let people = rehearsal.participants().unwrap();
    let waiting = people.iter().find(|p| p.is_in_lobby).unwrap();
    let app = rehearsal.call().unwrap().my_participant_id.unwrap();
    for id in [&waiting.id, &app] {
        let refused = rehearsal.person_raises_hand(&person(id), true);
        assert!(matches!(refused, Err(Error::NotPossible(_))), "{refused:?}");
    }
}

#[test]
fn nobody_raises_a_hand_where_the_service_cannot_tell() {
    let options = Options { participants: 12, face: Face::Acs, ..Options::default() };
    let mut rehearsal = Rehearsal::new(options).unwrap();
    let id = open(&rehearsal)[0].clone();
    let refused = rehearsal.person_raises_hand(&id, true);
    assert!(matches!(refused, Err(Error::NotPossible(_))), "{refused:?}");
    rehearsal.advance(TEN_MINUTES);
    assert!(rehearsal.people.values().all(|person| person.hand.is_none()));
}

#[test]
fn people_return_as_themselves_under_a_new_id() {
    for seed in 0..12 {
        let (_, told) = told(43, seed);
        let who = |person: &Participant| {
            let set = person.info.as_ref().unwrap().identity.as_ref().unwrap();
            serde_json::to_string(set).unwrap()
        };
        let mut gone: BTreeMap<String, String> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        let (mut left, mut returned) = (0, 0);
        for person in &told {
            if person.removed_state.is_some() {
                gone.insert(who(person), person.id.clone());
                left += 1;
                continue;
            }
            if let Some(before) = gone.remove(&who(person)) {
                assert_ne!(before, person.id);
                assert!(!ids.contains(&person.id), "an id was used twice");
                returned += 1;
            }
            ids.insert(person.id.clone());
        }
        assert!(left >= 5 && returned >= 2, "seed {seed}: {left} left, {returned} returned");
    }
}

#[test]
fn people_come_late_are_let_in_and_call_by_telephone() {
    let (mut late, mut let_in, mut lines) = (0, 0, 0);
    for seed in 0..12 {
        let (rehearsal, told) = told(43, seed);
        let mut waiting = BTreeSet::new();
        let mut known = BTreeSet::new();
        for (at, person) in told.iter().enumerate() {
            late += usize::from(known.insert(person.id.clone()) && at >= 43);
            if person.is_in_lobby {
                assert!(person.media_streams.as_ref().unwrap().is_empty());
                waiting.insert(person.id.clone());
            } else if waiting.remove(&person.id) && person.removed_state.is_none() {
                assert!(person.is_muted, "nobody is heard at once");
                let_in += 1;
            }
        }
        lines += rehearsal.people.values().filter(|p| p.identity.kind == Kind::Phone).count();
    }
    assert!(late > 60 && let_in > 12 && lines >= 24, "{late} late, {let_in} let in, {lines} lines");
}

#[test]
fn a_frozen_call_stands_still() {
    for seed in 0..4 {
        let mut rehearsal = rehearsal(200, seed, 0.0);
        rehearsal.join(Form::Delta).unwrap();
        rehearsal.advance(1_000);
        let before = rehearsal.participants().unwrap();
        rehearsal.take_notifications();
        let id = open(&rehearsal)[0].clone();
        rehearsal.mute(&id, None).unwrap();
        rehearsal.person_unmutes(&id).unwrap();
        assert_eq!(rehearsal.take_notifications().len(), 2);
        rehearsal.advance(24 * 3_600_000);
        assert!(rehearsal.take_notifications().is_empty() && rehearsal.take_talk().is_empty());
        assert_eq!(rehearsal.next_at(), None);
        assert_eq!(rehearsal.participants().unwrap().len(), before.len());
    }
}

/// People touched in one step of the engine, at most and on average, over ten minutes.
fn touched(participants: usize) -> (usize, f64) {
    let mut rehearsal = rehearsal(participants, 7, 1.0);
    rehearsal.join(Form::Delta).unwrap();
    rehearsal.advance(1_000);
    rehearsal.take_notifications();
    rehearsal.people.take_touched();
    let (mut most, mut all, mut steps) = (0, 0, 0_u32);
    let mut now = 1_000;
    while let Some(at) = rehearsal.next_at().filter(|at| *at < TEN_MINUTES) {
        now = at.max(now);
        rehearsal.advance(now);
        rehearsal.take_notifications();
        rehearsal.take_talk();
        let touched = rehearsal.people.take_touched();
        most = most.max(touched);
        all += touched;
        steps += 1;
    }
    (most, f64::from(u32::try_from(all).unwrap()) / f64::from(steps))
}

/// Nothing that happens by itself looks at everybody: a step costs the same in every call.
#[test]
fn work_per_step_does_not_grow_with_the_people() {
    let small = touched(100);
    let large = touched(10_000);
    assert!(small.0 <= 80 && large.0 <= 80, "at most {} and {}", small.0, large.0);
    assert!(large.1 < small.1 * 1.5, "on average {} and {}", small.1, large.1);
}

/// Nor does a command or a lever.
#[test]
fn a_command_touches_whom_it_names() {
    let mut rehearsal = rehearsal(10_000, 7, 0.0);
    rehearsal.join(Form::Delta).unwrap();
    rehearsal.advance(1_000);
    rehearsal.take_notifications();
    let ids = open(&rehearsal);
    let (a, b) = (&ids[0], &ids[1]);
    let mut check = |what: &str, order: &dyn Fn(&mut Rehearsal)| {
        rehearsal.people.take_touched();
        order(&mut rehearsal);
        let later = rehearsal.now + 1_000;
        rehearsal.advance(later);
        let touched = rehearsal.people.take_touched();
        assert!((1..=16).contains(&touched), "{what}: {touched} people");
    };
    check("talk", &|r| r.person_talks(a, true, None).unwrap());
    check("mute", &|r| drop(r.mute(a, None).unwrap()));
    check("mix", &|r| drop(r.configure_mixer(&mixer(a, b, 10)).unwrap()));
    check("read", &|r| drop(r.participant(a).unwrap()));
    check("unmute", &|r| r.person_unmutes(a).unwrap());
    check("hand", &|r| r.person_raises_hand(a, true).unwrap());
    check("leave", &|r| r.person_leaves(a).unwrap());
    check("join", &|r| drop(r.person_joins(None).unwrap()));
    // Nobody is looked at one by one: all are let go.
    rehearsal.end().unwrap();
    assert_eq!(rehearsal.people.take_touched(), 0);
}
