//! What serde writes is what [`foldback_json::Read`] reads: of every fact, of everything that passes by
//! and of every state that facts lead to.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Debug;

use foldback_json::Read;
use foldback_model::{
    By, CallInfo, CallKey, CallKind, CallState, Can, Cell, CellChange, Ducking, DuckingChoice,
    Event, Fact, GestureId, Layer, Live, MixChange, OperationId, OperationKind, OperationRequest,
    OperatorId, Outcome, Participant, ParticipantId, PersonKey, PersonKind, Scene, SceneId,
    Sequence, Setting, Timestamp,
    call::CallPhase,
    live::{FaderName, Presence, Talk},
    scene::{SceneCell, SceneLayer},
};
use foldback_wire::ids::{CallId, UpstreamOperationId};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde::{Serialize, de::DeserializeOwned};

fn person_id() -> impl Strategy<Value = ParticipantId> {
    (0_u8..6).prop_map(|n| ParticipantId::parse(&format!("p{n}")).unwrap())
}

fn operation_id() -> impl Strategy<Value = OperationId> {
    (0_u8..6).prop_map(|n| OperationId::new(format!("op{n}")).unwrap())
}

fn gesture() -> impl Strategy<Value = Option<GestureId>> {
    option::of((0_u8..3).prop_map(|n| GestureId::new(format!("g{n}")).unwrap()))
}

prop_compose! {
    fn participant()(
        id in person_id(),
        (tenant, key, name) in any::<(String, String, String)>(),
        kind in select(vec![
            PersonKind::User, PersonKind::Guest, PersonKind::Phone, PersonKind::Application,
            PersonKind::AcsUser, PersonKind::Other,
        ]),
        (muted, server_muted, in_lobby) in any::<(bool, bool, bool)>(),
        roster_sequence in any::<Option<u64>>(),
    ) -> Participant {
        let person = PersonKey { tenant, kind: "user".to_owned(), id: key };
        Participant { id, person, name, kind, muted, server_muted, in_lobby, roster_sequence }
    }
}

prop_compose! {
    fn call()(
        state in select(vec![CallPhase::Establishing, CallPhase::Established, CallPhase::Ended]),
        subject in any::<Option<String>>(),
        own_participant in option::of(person_id()),
        kind in select(vec![CallKind::Graph, CallKind::Acs]),
        (mute, unmute_self, mix, levels, rehearsal) in any::<(bool, bool, bool, bool, bool)>(),
        ended in any::<Option<String>>(),
    ) -> CallInfo {
        let can = Can { mute, unmute_self, mix, levels };
        CallInfo { state, subject, own_participant, kind, can, rehearsal, ended }
    }
}

fn layer() -> impl Strategy<Value = Layer> {
    prop_oneof![Just(Layer::Everyone), person_id().prop_map(Layer::Listener)]
}

fn setting<T: Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Setting<T>> {
    option::of(value).prop_map(Setting::from)
}

fn ducking() -> impl Strategy<Value = DuckingChoice> {
    let settings = any::<(u16, u16, u8, u8)>().prop_map(|(a, b, c, d)| {
        let (ramp_active, ramp_inactive) = (a, b);
        DuckingChoice::On(Ducking { ramp_active, ramp_inactive, lower_level: c, upper_level: d })
    });
    prop_oneof![Just(DuckingChoice::Off), settings]
}

prop_compose! {
    fn mix_change()(
        layer in layer(),
        cells in vec((person_id(), any::<(Option<u8>, Option<bool>)>()), 0..4),
        ducking in option::of(setting(ducking())),
        exclusive in option::of(setting(any::<bool>())),
        gesture in gesture(),
    ) -> MixChange {
        let cell = |(source, (level, ducks_others))| {
            CellChange { source, cell: Cell { level, ducks_others } }
        };
        let cells = cells.into_iter().map(cell).collect();
        MixChange { layer, cells, ducking, exclusive, gesture }
    }
}

fn scene_id() -> impl Strategy<Value = SceneId> {
    (0_u8..4).prop_map(|n| SceneId::new(format!("s{n}")).unwrap())
}

prop_compose! {
    fn person_key()((tenant, id) in any::<(String, String)>()) -> PersonKey {
        PersonKey { tenant, kind: "user".to_owned(), id }
    }
}

prop_compose! {
    fn scene_layer()(
        listener in option::of(person_key()),
        cells in vec((person_key(), any::<(Option<u8>, Option<bool>)>()), 0..3),
        ducking in option::of(ducking()),
        exclusive in any::<Option<bool>>(),
    ) -> SceneLayer {
        let cell = |(source, (level, ducks_others))| SceneCell { source, level, ducks_others };
        SceneLayer { listener, cells: cells.into_iter().map(cell).collect(), ducking, exclusive }
    }
}

prop_compose! {
    fn scene()(id in scene_id(), name: String, layers in vec(scene_layer(), 0..3)) -> Scene {
        Scene { id, name, layers }
    }
}

prop_compose! {
    fn request()(
        operation in operation_id(),
        gesture in gesture(),
        kind in select(vec![
            OperationKind::Mute, OperationKind::MuteSelf, OperationKind::UnmuteSelf,
            OperationKind::ConfigureMixer,
        ]),
        targets in vec(person_id(), 0..3),
        client_context in any::<Option<String>>(),
    ) -> OperationRequest {
        OperationRequest { operation, gesture, kind, targets, client_context }
    }
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let failed =
        any::<(u16, String, String, Option<u64>)>().prop_map(|(status, code, message, retry)| {
            Outcome::Failed { status, code, message, retry }
        });
    prop_oneof![Just(Outcome::Completed), Just(Outcome::Unconfirmed), failed]
}

fn upstream() -> impl Strategy<Value = Option<UpstreamOperationId>> {
    option::of((0_u8..6).prop_map(|n| UpstreamOperationId::parse(&format!("u{n}")).unwrap()))
}

fn event() -> impl Strategy<Value = Event> {
    let people = || (vec(participant(), 0..4), any::<Option<u64>>());
    prop_oneof![
        call().prop_map(Event::CallChanged),
        people().prop_map(|(participants, roster_sequence)| Event::RosterReplaced {
            participants,
            roster_sequence
        }),
        people().prop_map(|(participants, roster_sequence)| Event::ParticipantsChanged {
            participants,
            roster_sequence
        }),
        (vec(person_id(), 0..3), any::<Option<String>>())
            .prop_map(|(ids, reason)| Event::ParticipantsLeft { ids, reason }),
        request().prop_map(Event::OperationRequested),
        (operation_id(), upstream()).prop_map(|(operation, upstream_id)| {
            Event::OperationAccepted { operation, upstream_id }
        }),
        (operation_id(), outcome())
            .prop_map(|(operation, outcome)| Event::OperationFinished { operation, outcome }),
        mix_change().prop_map(Event::MixChanged),
        scene().prop_map(Event::SceneSaved),
        scene_id().prop_map(|scene| Event::SceneDeleted { scene }),
    ]
}

fn by() -> impl Strategy<Value = By> {
    let operator =
        any::<String>().prop_map(|name| By::Operator { id: OperatorId::new("o1").unwrap(), name });
    prop_oneof![Just(By::Service), Just(By::Foldback), operator]
}

fn live() -> impl Strategy<Value = Live> {
    let operator = OperatorId::new("o1").unwrap();
    let present = operator.clone();
    prop_oneof![
        vec((person_id(), any::<(bool, u8)>()), 0..4).prop_map(|people| Live::Talk {
            people: people
                .into_iter()
                .map(|(id, (active, level))| Talk { id, active, level })
                .collect()
        }),
        vec(any::<String>(), 0..3).prop_map(move |names| Live::Presence {
            operators: names
                .into_iter()
                .map(|name| Presence { id: present.clone(), name })
                .collect()
        }),
        any::<bool>().prop_map(|paused| Live::Service { paused }),
        option::of((layer(), person_id())).prop_map(move |held| Live::Hold {
            operator: operator.clone(),
            fader: held.map(|(layer, source)| FaderName { layer, source }),
        }),
    ]
}

#[track_caller]
fn comes_back<T: Read + Serialize + DeserializeOwned + Debug + PartialEq>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(foldback_json::read::<T>(&text).as_ref(), Ok(value), "{text}");
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
}

proptest! {
    #[test]
    fn facts_and_states_come_back(steps in vec((by(), event()), 0..12)) {
        let mut state = CallState::default();
        for (n, (by, event)) in (1..).zip(steps) {
            let prev = state.sequence;
            let fact = Fact { sequence: Sequence(n), prev, at: Timestamp(n * 7), by, event };
            comes_back(&fact);
            state.apply(&fact);
        }
        comes_back(&state);
    }

    #[test]
    fn what_passes_by_comes_back(live in live()) {
        comes_back(&live);
    }
}

#[test]
fn calls_are_named_alike() {
    for key in [CallKey::Graph, CallKey::Acs].map(|kind| kind(CallId::parse("57dab8b1").unwrap())) {
        comes_back(&key);
    }
    assert!(foldback_json::read::<CallKey>("\"teams.x\"").is_err());
    assert!(foldback_json::read::<ParticipantId>("\"a/b\"").is_err());
}
