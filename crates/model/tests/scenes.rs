//! A desk saved under a name is that desk again, of whoever is there.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use foldback_model::{
    By, CallState, Cell, CellChange, Desk, Ducking, DuckingChoice, Event, Fact, Layer, MixChange,
    Participant, ParticipantId, PersonKey, PersonKind, Roster, Scene, SceneId, Sequence, Setting,
    Timestamp,
};
use proptest::{collection::vec, option, prelude::*};

const PEOPLE: u8 = 5;

/// Ids change with every leg, persons stay.
fn person(n: u8, leg: u8) -> Participant {
    Participant {
        id: ParticipantId::parse(&format!("p{n}-{leg}")).unwrap(),
        person: PersonKey { tenant: "t".into(), kind: "user".into(), id: format!("u{n}") },
        name: format!("Person {n}"),
        kind: PersonKind::User,
        muted: false,
        server_muted: false,
        in_lobby: false,
        roster_sequence: None,
    }
}

fn roster(who: impl IntoIterator<Item = Participant>) -> Roster {
    let mut roster = Roster::default();
    roster.upsert(&who.into_iter().collect::<Vec<_>>(), None);
    roster
}

fn everybody(leg: u8) -> Roster {
    roster((0..PEOPLE).map(|n| person(n, leg)))
}

fn change(leg: u8) -> impl Strategy<Value = MixChange> {
    let id = move |n: u8| person(n, leg).id;
    let layer = prop_oneof![
        Just(Layer::Everyone),
        (0..PEOPLE).prop_map(move |n| Layer::Listener(person(n, leg).id))
    ];
    let ducking = (0..=5000_u16, 0..=5000_u16, 0..=100_u8, 0..=100_u8).prop_map(|(a, b, c, d)| {
        let (ramp_active, ramp_inactive) = (a, b);
        DuckingChoice::On(Ducking { ramp_active, ramp_inactive, lower_level: c, upper_level: d })
    });
    let ducking = prop_oneof![Just(DuckingChoice::Off), ducking];
    (
        layer,
        vec((0..PEOPLE, option::of(0..=100_u8), any::<Option<bool>>()), 0..4),
        option::of(option::of(ducking).prop_map(Setting::from)),
        option::of(any::<Option<bool>>().prop_map(Setting::from)),
    )
        .prop_map(move |(layer, cells, ducking, exclusive)| {
            let cell = |(n, level, ducks_others)| CellChange {
                source: id(n),
                cell: Cell { level, ducks_others },
            };
            let cells = cells.into_iter().map(cell).collect();
            MixChange { layer, cells, ducking, exclusive, gesture: None }
        })
}

fn desk(leg: u8) -> impl Strategy<Value = Desk> {
    vec(change(leg), 0..8).prop_map(|changes| {
        let mut desk = Desk::default();
        for change in &changes {
            desk.apply(change);
        }
        desk
    })
}

fn scene(desk: &Desk, roster: &Roster) -> Scene {
    Scene::of(SceneId::new("s").unwrap(), "Q&A".into(), desk, roster)
}

proptest! {
    #[test]
    fn what_is_saved_comes_back(desk in desk(0)) {
        prop_assert_eq!(scene(&desk, &everybody(0)).on(&everybody(0)), desk);
    }

    #[test]
    fn whoever_came_back_under_another_id_is_known(desk in desk(0)) {
        let saved = scene(&desk, &everybody(0));
        let later = saved.on(&everybody(1));
        prop_assert_eq!(scene(&later, &everybody(1)), saved);
        for listener in later.listeners.keys() {
            prop_assert!(everybody(1).contains(listener));
        }
    }

    #[test]
    fn the_difference_leads_from_one_desk_to_the_other(from in desk(0), to in desk(0)) {
        let changes = from.difference(&to);
        let mut desk = from.clone();
        for change in &changes {
            prop_assert!(desk.apply(change), "a change that changes nothing: {:?}", change);
        }
        prop_assert_eq!(&desk, &to);
        prop_assert_eq!(desk.difference(&to), vec![]);
    }
}

#[test]
fn who_is_gone_is_left_out_and_who_is_there_twice_gets_it_twice() {
    let mut desk = Desk::default();
    let mut change = MixChange::new(Layer::Everyone);
    for n in [0, 1] {
        let cell = Cell { level: Some(10 + n), ducks_others: None };
        change.cells.push(CellChange { source: person(n, 0).id, cell });
    }
    desk.apply(&change);
    let saved = scene(&desk, &everybody(0));
    let now = saved.on(&roster([person(1, 0), person(1, 1), person(2, 0)]));
    let levels: Vec<_> =
        now.base.cells.iter().map(|(id, cell)| (id.as_str(), cell.level)).collect();
    assert_eq!(levels, [("p1-0", Some(11)), ("p1-1", Some(11))]);
}

#[test]
fn a_call_keeps_who_saved_what_and_when() {
    let id = SceneId::new("s").unwrap();
    let mut state = CallState::default();
    let mut tell = |sequence, event| {
        let prev = state.sequence;
        let at = Timestamp(sequence * 10);
        state.apply(&Fact { sequence: Sequence(sequence), prev, at, by: By::Foldback, event });
        state.clone()
    };
    let scene = scene(&Desk::default(), &everybody(0));
    let saved = tell(4, Event::SceneSaved(scene.clone()));
    assert_eq!(saved.scenes.get(&id).map(|it| (it.revision.0, it.at.0)), Some((4, 40)));
    let again = tell(9, Event::SceneSaved(Scene { name: "Music".into(), ..scene }));
    assert_eq!(again.scenes.len(), 1);
    assert_eq!(again.scenes.get(&id).map(|it| it.revision.0), Some(9));
    assert!(again.news(Event::SceneDeleted { scene: SceneId::new("t").unwrap() }).is_none());
    let gone = tell(12, Event::SceneDeleted { scene: id });
    assert!(gone.scenes.is_empty());
}
