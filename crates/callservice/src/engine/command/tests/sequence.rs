//! Any commands in any order: nothing breaks, and what is told adds up to what is.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::{joined, topics, user};
use crate::engine::{Ending, Form, Join, Rehearsal};
use foldback_wire::{
    graph::{ConfigureMixer, Participant, Topic},
    ids::ParticipantId,
};

/// A command, and whom it is about: a place in the roster.
#[derive(Debug, Clone)]
enum Step {
    Mute(usize),
    MuteAll(usize),
    MuteApp(bool),
    Remove(usize),
    Invite(u8),
    Mix(usize, usize),
    Lift(usize),
    Rejoin,
    KeepAlive,
    Wait(u64),
    BreakOff,
    End(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..60_usize).prop_map(Step::Mute),
        1 => (0..3_usize).prop_map(Step::MuteAll),
        1 => any::<bool>().prop_map(Step::MuteApp),
        3 => (0..60_usize).prop_map(Step::Remove),
        3 => any::<u8>().prop_map(Step::Invite),
        3 => (0..60_usize, 0..60_usize).prop_map(|(a, b)| Step::Mix(a, b)),
        3 => (0..60_usize).prop_map(Step::Lift),
        1 => Just(Step::Rejoin),
        1 => Just(Step::KeepAlive),
        6 => (0..400_u64).prop_map(Step::Wait),
        1 => Just(Step::BreakOff),
        1 => any::<bool>().prop_map(Step::End),
    ]
}

/// Carries out one step; whether it was done.
fn carry_out(call: &mut Rehearsal, now: &mut u64, step: &Step) -> bool {
    let ids: Vec<ParticipantId> = call
        .participants()
        .unwrap_or_default()
        .iter()
        .map(|person| ParticipantId::parse(&person.id).unwrap())
        .collect();
    let nobody = ParticipantId::parse("nobody").unwrap();
    let at = |place: usize| ids.get(place).unwrap_or(&nobody);
    match step {
        Step::Mute(place) => call.mute(at(*place), None).is_ok(),
        Step::MuteAll(count) => call.mute_all(ids.get(..*count).unwrap_or_default(), None).is_ok(),
        Step::MuteApp(true) => call.mute_app(None).is_ok(),
        Step::MuteApp(false) => call.unmute_app(None).is_ok(),
        Step::Remove(place) => call.remove_participant(at(*place)).is_ok(),
        Step::Invite(who) => call.invite(&[user(&format!("u-{who}"))], None).is_ok(),
        Step::Mix(a, b) => {
            let body = json!({"participantMixerLevels": [{"participant": at(*a),
                "sourceLevels": [{"participant": at(*b), "level": 7}]}]});
            let request = ConfigureMixer::read(body.to_string().as_bytes());
            request.is_ok_and(|request| call.configure_mixer(&request).is_ok())
        }
        Step::Lift(place) => call.person_unmutes(at(*place)).is_ok(),
        Step::Rejoin => {
            let join = Join { form: Form::Delta, keep_alive_ms: Some(900), ..Join::default() };
            call.join_as(join).is_ok()
        }
        Step::KeepAlive => call.keep_alive().is_ok(),
        Step::Wait(ms) => {
            *now += ms;
            call.advance(*now);
            true
        }
        Step::BreakOff => call.end_mid_operation().is_ok(),
        Step::End(true) => call.end().is_ok(),
        Step::End(false) => call.end_with(&Ending::new(500, 1)).is_ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_told_adds_up(steps in prop::collection::vec(step(), 1..60)) {
        let mut call = joined(Form::Delta);
        let mut now = 120;
        let flags = |person: &Participant| (person.is_muted, person.is_server_muted());
        let everybody = call.participants().unwrap();
        let mut told: BTreeMap<String, (bool, bool)> =
            everybody.iter().map(|person| (person.id.clone(), flags(person))).collect();
        let mut last = i64::try_from(call.roster_number).unwrap();
        let mut whole = false;
        let mut ended = false;
        for step in steps.iter().chain(&[Step::Wait(10_000)]) {
            let done = carry_out(&mut call, &mut now, step);
            prop_assert!(!ended || !done || matches!(step, Step::Wait(_)), "{step:?} after the end");
            for topic in topics(&mut call) {
                match topic {
                    Topic::Delta(delta) => {
                        let number = delta.sequence_number.unwrap();
                        if std::mem::take(&mut whole) {
                            prop_assert!(number >= last);
                            told.clear();
                        } else {
                            prop_assert_eq!(number, last + 1);
                        }
                        last = number;
                        for person in delta.participants {
                            if person.removed_state.is_some() {
                                told.remove(&person.id);
                            } else {
                                told.insert(person.id.clone(), flags(&person));
                            }
                        }
                    }
                    Topic::Call { deleted: true, .. } => ended = true,
                    // The first roster after joining again is the whole one.
                    Topic::Call { call, .. } => {
                        whole = call.state.as_deref() == Some("established");
                    }
                    Topic::Operation(_) => {}
                    other => prop_assert!(false, "{other:?}"),
                }
                prop_assert!(!ended || call.has_ended());
            }
            if ended {
                prop_assert!(call.participants().is_err());
            }
        }
        if !ended {
            let people = call.participants().unwrap();
            let now: BTreeMap<String, (bool, bool)> =
                people.iter().map(|person| (person.id.clone(), flags(person))).collect();
            prop_assert_eq!(told, now);
        }
    }
}
