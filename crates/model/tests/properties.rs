//! Properties of the reducers: whatever the order, the repeats and the gaps, the fold ends right.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use foldback_model::{
    Applied, By, CallState, Cell, CellChange, Desk, Ducking, DuckingChoice, Event, Fact, GestureId,
    Heard, Layer, MixChange, Participant, ParticipantId, PersonKey, PersonKind, Roster, Sequence,
    Setting, Timestamp, plan,
};
use foldback_wire::graph::ConfigureMixer;
use proptest::{collection::vec, prelude::*, sample::subsequence};

fn id(n: u8) -> ParticipantId {
    ParticipantId::parse(&format!("p{n}")).unwrap()
}

fn person(n: u8, muted: bool, roster_sequence: Option<u64>) -> Participant {
    Participant {
        id: id(n),
        person: PersonKey { tenant: String::new(), kind: "user".to_owned(), id: format!("u{n}") },
        name: format!("Person {n}"),
        kind: PersonKind::User,
        muted,
        server_muted: false,
        in_lobby: false,
        roster_sequence,
    }
}

fn people(roster: &Roster) -> BTreeMap<ParticipantId, Participant> {
    roster.iter().map(|person| (person.id.clone(), person.clone())).collect()
}

/// One numbered delta: at `number`, person `n` is (un)muted or leaves.
#[derive(Debug, Clone)]
struct Delta {
    number: u64,
    n: u8,
    muted: bool,
    leaves: bool,
}

/// A history: numbers rise, a person who left sends nothing more.
fn history() -> impl Strategy<Value = Vec<Delta>> {
    vec((0_u8..8, any::<bool>(), proptest::bool::weighted(0.2)), 0..40).prop_map(|steps| {
        let mut gone = BTreeSet::new();
        let mut deltas = Vec::new();
        for (number, (n, muted, leaves)) in (1..).zip(steps) {
            if gone.contains(&n) {
                continue;
            }
            if leaves {
                gone.insert(n);
            }
            deltas.push(Delta { number, n, muted, leaves });
        }
        deltas
    })
}

fn apply(roster: &mut Roster, delta: &Delta) -> bool {
    if delta.leaves {
        roster.remove(&[id(delta.n)])
    } else {
        roster.upsert(&[person(delta.n, delta.muted, Some(delta.number))], Some(delta.number))
    }
}

proptest! {
    #[test]
    fn deltas_in_any_order_converge((ordered, shuffled) in history()
        .prop_flat_map(|deltas| (Just(deltas.clone()), Just(deltas).prop_shuffle())))
    {
        let mut expected = Roster::default();
        for delta in &ordered {
            apply(&mut expected, delta);
        }
        let mut found = Roster::default();
        for delta in &shuffled {
            apply(&mut found, delta);
        }
        prop_assert_eq!(people(&found), people(&expected));
        for n in 0..8 {
            prop_assert_eq!(found.has_left(&id(n)), expected.has_left(&id(n)));
        }
    }

    #[test]
    fn repeats_and_stale_updates_change_nothing(deltas in history()) {
        let mut roster = Roster::default();
        for delta in &deltas {
            apply(&mut roster, delta);
        }
        let before = roster.clone();
        for delta in &deltas {
            prop_assert!(!apply(&mut roster, delta), "{:?} was news twice", delta);
        }
        prop_assert_eq!(roster, before);
    }

    #[test]
    fn leavers_stay_gone(deltas in history(), late in vec((0_u8..8, any::<bool>(), proptest::option::of(0_u64..200)), 0..20)) {
        let mut roster = Roster::default();
        for delta in &deltas {
            apply(&mut roster, delta);
        }
        let gone: Vec<_> = deltas.iter().filter(|delta| delta.leaves).map(|delta| id(delta.n)).collect();
        for (n, muted, number) in late {
            roster.upsert(&[person(n, muted, number)], None);
        }
        for id in gone {
            prop_assert!(!roster.contains(&id));
        }
    }

    #[test]
    fn an_unnumbered_list_removes_nobody(deltas in history(), listed in subsequence((0_u8..8).collect::<Vec<_>>(), 0..8)) {
        let mut roster = Roster::default();
        for delta in &deltas {
            apply(&mut roster, delta);
        }
        let before: BTreeSet<_> = people(&roster).into_keys().collect();
        let list: Vec<_> = listed.iter().map(|n| person(*n, true, None)).collect();
        roster.upsert(&list, None);
        let after: BTreeSet<_> = people(&roster).into_keys().collect();
        prop_assert!(before.is_subset(&after));
    }

    #[test]
    fn a_reading_of_the_whole_roster_is_the_roster(deltas in history(), listed in subsequence((0_u8..8).collect::<Vec<_>>(), 0..8)) {
        let mut roster = Roster::default();
        for delta in &deltas {
            apply(&mut roster, delta);
        }
        let left: BTreeSet<_> = deltas.iter().filter(|delta| delta.leaves).map(|delta| delta.n).collect();
        let list: Vec<_> = listed.iter().map(|n| person(*n, true, Some(1_000))).collect();
        roster.replace(&list, None);
        let expected: BTreeSet<_> = listed.iter().filter(|n| !left.contains(n)).map(|n| id(*n)).collect();
        prop_assert_eq!(people(&roster).into_keys().collect::<BTreeSet<_>>(), expected);
    }
}

fn cell() -> impl Strategy<Value = Cell> {
    (proptest::option::of(0_u8..=100), proptest::option::of(any::<bool>()))
        .prop_map(|(level, ducks_others)| Cell { level, ducks_others })
}

fn ducking() -> impl Strategy<Value = Ducking> {
    (0_u16..=5000, 0_u16..=5000, 0_u8..=100, 0_u8..=100).prop_map(
        |(ramp_active, ramp_inactive, lower_level, upper_level)| Ducking {
            ramp_active,
            ramp_inactive,
            lower_level,
            upper_level,
        },
    )
}

fn setting<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<Setting<T>>> {
    proptest::option::of(prop_oneof![Just(Setting::Unset), value.prop_map(Setting::Set)])
}

const PEOPLE: u8 = 6;

fn layer() -> impl Strategy<Value = Layer> {
    prop_oneof![2 => Just(Layer::Everyone), 3 => (0..PEOPLE).prop_map(|n| Layer::Listener(id(n)))]
}

fn change() -> impl Strategy<Value = MixChange> {
    let choice = prop_oneof![Just(DuckingChoice::Off), ducking().prop_map(DuckingChoice::On)];
    (
        layer(),
        proptest::collection::btree_map(0..PEOPLE, cell(), 0..4),
        setting(choice),
        setting(any::<bool>()),
        proptest::option::of(0_u8..3),
    )
        .prop_map(|(layer, cells, ducking, exclusive, gesture)| MixChange {
            layer,
            cells: cells.into_iter().map(|(n, cell)| CellChange { source: id(n), cell }).collect(),
            ducking,
            exclusive,
            gesture: gesture.and_then(|n| GestureId::new(format!("g{n}"))),
        })
}

fn desk() -> impl Strategy<Value = Desk> {
    vec(change(), 0..8).prop_map(|changes| {
        let mut desk = Desk::default();
        for change in &changes {
            desk.apply(change);
        }
        desk
    })
}

fn full_roster() -> Roster {
    let mut roster = Roster::default();
    let everybody: Vec<_> = (0..PEOPLE).map(|n| person(n, false, None)).collect();
    roster.upsert(&everybody, None);
    roster
}

fn everybody() -> Vec<ParticipantId> {
    (0..PEOPLE).map(id).collect()
}

fn one_request(desk: &Desk, listeners: &[ParticipantId]) -> ConfigureMixer {
    let mut requests = plan::requests(desk, &full_roster(), listeners, || "c".to_owned());
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// What matters to the ear: settings, and of every possible source level and ducking.
fn audible(heard: &Heard) -> (bool, Option<Ducking>, Vec<(u8, bool)>) {
    let sources = everybody()
        .iter()
        .map(|source| (heard.level(source), heard.ducks_others(source)))
        .collect();
    (heard.exclusive, heard.ducking, sources)
}

proptest! {
    #[test]
    fn desk_to_requests_to_desk_is_the_identity(desk in desk(), everyone in any::<bool>()) {
        let request = one_request(&desk, &everybody());
        let again = desk.changes(everyone, &request, &plan::present(&full_roster())).unwrap();
        prop_assert_eq!(again, vec![], "a request that says what the desk says changed it");
    }

    #[test]
    fn a_fresh_desk_learns_every_mix_from_the_requests(desk in desk(), everyone in any::<bool>()) {
        let request = one_request(&desk, &everybody());
        let mut learned = Desk::default();
        for change in learned.clone().changes(everyone, &request, &plan::present(&full_roster())).unwrap() {
            prop_assert!(learned.apply(&change));
        }
        for listener in everybody() {
            let (mut found, mut expected) = (audible(&learned.heard(&listener)), audible(&desk.heard(&listener)));
            // Nobody is their own source.
            let own = usize::from(listener.as_str().as_bytes()[1] - b'0');
            found.2.remove(own);
            expected.2.remove(own);
            prop_assert_eq!(found, expected, "for {}", listener);
        }
    }

    #[test]
    fn after_any_request_each_named_listener_hears_what_it_says(
        before in desk(), wanted in desk(), everyone in any::<bool>(), named in subsequence(everybody(), 1..=usize::from(PEOPLE)),
    ) {
        let request = one_request(&wanted, &named);
        let mut after = before.clone();
        for change in before.changes(everyone, &request, &plan::present(&full_roster())).unwrap() {
            prop_assert!(after.apply(&change));
        }
        for entry in &request.participant_mixer_levels {
            let (listener, want) = Heard::from_graph(entry).unwrap();
            let heard = after.heard(&listener);
            prop_assert_eq!(heard.exclusive, want.exclusive);
            prop_assert_eq!(heard.ducking, want.ducking);
            for source in everybody().iter().filter(|source| **source != listener) {
                prop_assert_eq!(heard.level(source), want.level(source));
                prop_assert_eq!(heard.ducks_others(source), want.ducks_others(source));
            }
        }
        if !everyone {
            for listener in everybody().iter().filter(|listener| !named.contains(listener)) {
                prop_assert_eq!(after.heard(listener), before.heard(listener));
            }
        }
    }

    #[test]
    fn a_fader_moved_for_everyone_moves_only_the_base(desk in desk(), source in 0..PEOPLE, level in 0_u8..=100) {
        let cell = Cell { level: Some(level), ..desk.base.cell(&id(source)) };
        let mut moved = desk.clone();
        let mut change = MixChange::new(Layer::Everyone);
        change.cells.push(CellChange { source: id(source), cell });
        moved.apply(&change);
        let follows = everybody().iter().any(|listener| *listener != id(source)
            && desk.layer(&Layer::Listener(listener.clone())).cell(&id(source)).level.is_none());
        prop_assume!(follows);
        let mut learned = desk.clone();
        for change in desk.changes(true, &one_request(&moved, &everybody()), &plan::present(&full_roster())).unwrap() {
            prop_assert_eq!(&change.layer, &Layer::Everyone);
            learned.apply(&change);
        }
        for listener in everybody() {
            prop_assert_eq!(learned.heard(&listener), moved.heard(&listener));
        }
    }

    #[test]
    fn requests_of_any_desk_pass_the_wire_check(desk in desk()) {
        let request = one_request(&desk, &everybody());
        let text = serde_json::to_vec(&request).unwrap();
        prop_assert_eq!(ConfigureMixer::read(&text).unwrap(), request);
    }

    #[test]
    fn a_pruned_gesture_folds_to_the_same_desk(changes in vec(change(), 0..12)) {
        let mut full = Desk::default();
        let mut journal: Vec<MixChange> = Vec::new();
        for change in &changes {
            full.apply(change);
            journal = journal.iter().filter_map(|old| old.superseded_by(change)).collect();
            journal.push(change.clone());
        }
        let mut pruned = Desk::default();
        for change in &journal {
            pruned.apply(change);
        }
        prop_assert_eq!(pruned, full);
    }

    #[test]
    fn states_survive_json(desk in desk(), deltas in history()) {
        let mut state = CallState { desk, ..CallState::default() };
        for delta in &deltas {
            apply(&mut state.roster, delta);
        }
        let text = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<CallState>(&text).unwrap(), state);
    }

    #[test]
    fn facts_survive_json(change in change()) {
        let fact = Fact {
            sequence: Sequence(7), prev: Sequence(3), at: Timestamp(1), by: By::Foldback,
            event: Event::MixChanged(change),
        };
        let text = serde_json::to_string(&fact).unwrap();
        prop_assert_eq!(serde_json::from_str::<Fact>(&text).unwrap(), fact);
    }
}

fn fact(sequence: u64, prev: u64, event: Event) -> Fact {
    Fact {
        sequence: Sequence(sequence),
        prev: Sequence(prev),
        at: Timestamp(sequence),
        by: By::Service,
        event,
    }
}

fn joined(n: u8) -> Event {
    Event::ParticipantsChanged { participants: vec![person(n, false, None)], roster_sequence: None }
}

#[test]
fn a_repeated_fact_is_passed_over_and_a_gap_is_refused() {
    let mut state = CallState::default();
    assert_eq!(state.apply(&fact(3, 0, joined(1))), Applied::Changed);
    assert_eq!(state.apply(&fact(3, 0, joined(1))), Applied::Repeat);
    assert_eq!(state.apply(&fact(9, 5, joined(2))), Applied::Gap);
    assert_eq!((state.sequence, state.roster.len()), (Sequence(3), 1));
    // A gesture was pruned: the fact before is older than what was folded. That is no gap.
    assert_eq!(state.apply(&fact(9, 2, joined(2))), Applied::Changed);
    assert_eq!(state.apply(&fact(10, 9, joined(2))), Applied::Unchanged);
}

#[test]
fn only_news_is_news() {
    let mut state = CallState::default();
    state.apply(&fact(1, 0, joined(1)));
    assert_eq!(state.news(joined(1)), None);
    let both = Event::ParticipantsChanged {
        participants: vec![person(1, false, None), person(2, true, Some(4))],
        roster_sequence: None,
    };
    let only_new = Event::ParticipantsChanged {
        participants: vec![person(2, true, Some(4))],
        roster_sequence: None,
    };
    assert_eq!(state.news(both), Some(only_new));
}

#[test]
fn an_update_without_identity_unnames_nobody() {
    let mut state = CallState::default();
    state.apply(&fact(1, 0, joined(1)));
    let mut bare = person(1, true, None);
    bare.person = PersonKey { tenant: String::new(), kind: String::new(), id: "p1".to_owned() };
    bare.name = "Unnamed".to_owned();
    bare.kind = PersonKind::Other;
    let update = Event::ParticipantsChanged { participants: vec![bare], roster_sequence: None };
    let news = state.news(update).unwrap();
    state.apply(&fact(2, 1, news));
    assert_eq!(state.roster.get(&id(1)), Some(&person(1, true, None)));
}

#[test]
fn what_is_told_without_a_number_changes_who_has_one() {
    let mut state = CallState::default();
    for (number, muted) in [(Some(5), false), (None, true), (None, true), (None, false)] {
        let told = Event::ParticipantsChanged {
            participants: vec![person(0, muted, number)],
            roster_sequence: None,
        };
        if let Some(event) = state.news(told) {
            let (sequence, prev) = (Sequence(state.sequence.0 + 1), state.sequence);
            state.apply(&Fact { sequence, prev, at: Timestamp(0), by: By::Service, event });
        }
        let known = state.roster.iter().next().unwrap();
        assert_eq!((known.muted, known.roster_sequence), (muted, Some(5)));
    }
    assert_eq!(state.sequence, Sequence(3), "a repetition is no news");
}
