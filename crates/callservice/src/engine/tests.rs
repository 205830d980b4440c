//! The engine as a whole, with time handed in.

use std::collections::{BTreeMap, BTreeSet};

use foldback_wire::{
    graph::{ConfigureMixer, OperationStatus, Topic},
    ids::UpstreamOperationId,
};
use proptest::prelude::*;
use serde_json::json;

use super::*;

mod alive;

fn rehearsal(participants: usize, seed: u64, pace: f64) -> Rehearsal {
    Rehearsal::new(Options { participants, seed, speed: pace, ..Options::default() }).unwrap()
}

fn frozen() -> Rehearsal {
    rehearsal(43, 7, 0.0)
}

fn person(id: &str) -> ParticipantId {
    ParticipantId::parse(id).unwrap()
}

fn open(rehearsal: &Rehearsal) -> Vec<ParticipantId> {
    let people = rehearsal.people.values();
    people.filter(|p| p.can_talk() && !p.is_app()).map(|p| p.id.clone()).collect()
}

fn mixer(listener: &ParticipantId, source: &ParticipantId, level: i64) -> ConfigureMixer {
    let body = json!({"clientContext": "c", "participantMixerLevels": [
        {"participant": listener, "sourceLevels": [{"participant": source, "level": level}]}]});
    ConfigureMixer::read(body.to_string().as_bytes()).unwrap()
}

#[test]
fn the_default_call() {
    let rehearsal = frozen();
    let people = rehearsal.participants().unwrap();
    assert_eq!(people.len(), 43);
    assert_eq!(people.iter().filter(|p| p.is_in_lobby).count(), 2);
    assert_eq!(open(&rehearsal).len(), 5);
    let kind = |kind| rehearsal.people.values().filter(|p| p.identity.kind == kind).count();
    assert_eq!((kind(Kind::Application), kind(Kind::Phone), kind(Kind::Guest)), (1, 3, 4));
    let phone = people.iter().find_map(|p| p.info.as_ref()?.identity.as_ref()?.get("phone"));
    assert!(phone.unwrap()["id"].as_str().unwrap().starts_with('+'));
    let numbers: BTreeSet<_> = people.iter().map(|p| p.roster_sequence_number.unwrap()).collect();
    assert_eq!(numbers, (1..=43).collect());
    assert_eq!(rehearsal.next_at(), None, "a frozen call has nothing to do");
}

#[test]
fn calls_of_every_size() {
    for participants in [1, 2, 5, 6, 12, 43, 44, 1_000] {
        let rehearsal = rehearsal(participants, 1, 1.0);
        assert_eq!(rehearsal.participants().unwrap().len(), participants);
        let lobby = rehearsal.people.values().filter(|p| p.in_lobby).count();
        assert_eq!(lobby, if participants >= 6 { 2 } else { 0 }, "{participants}");
        assert_eq!(rehearsal.people.values().filter(|p| p.is_app()).count(), 1);
    }
    for (participants, speed) in [(0, 1.0), (10_001, 1.0), (43, -1.0), (43, 101.0), (43, f64::NAN)]
    {
        let options = Options { participants, seed: 1, speed, ..Options::default() };
        assert!(
            matches!(Rehearsal::new(options), Err(Error::Option { .. })),
            "{participants} {speed}"
        );
    }
}

#[test]
fn nothing_is_notified_before_somebody_joins() {
    let mut rehearsal = frozen();
    let id = open(&rehearsal)[0].clone();
    rehearsal.mute(&id, None).unwrap();
    rehearsal.configure_mixer(&mixer(&open(&rehearsal)[0], &id, 5)).unwrap();
    rehearsal.advance(10_000);
    assert!(rehearsal.take_notifications().is_empty());
    assert_eq!(rehearsal.operations().unwrap()[1].status, Some(OperationStatus::Completed));
}

#[test]
fn a_mix_is_replaced_as_a_whole_when_it_is_completed() {
    let mut rehearsal = frozen();
    let people = open(&rehearsal);
    let (a, b, c) = (&people[0], &people[1], &people[2]);
    let running = rehearsal.configure_mixer(&mixer(a, b, 10)).unwrap();
    assert_eq!(running.status, Some(OperationStatus::Running));
    assert_eq!(rehearsal.mix(a), None);
    assert_eq!(rehearsal.next_at(), Some(OPERATION_MS));
    rehearsal.advance(OPERATION_MS);
    assert_eq!(rehearsal.mix(a).unwrap().source_levels[0].level, Some(10));
    rehearsal.configure_mixer(&mixer(a, c, 20)).unwrap();
    rehearsal.configure_mixer(&mixer(b, c, 30)).unwrap();
    rehearsal.advance(1_000);
    let mix = rehearsal.mix(a).unwrap();
    assert_eq!((mix.source_levels.len(), mix.source_levels[0].level), (1, Some(20)));
    assert!(rehearsal.mix(b).is_some());
    rehearsal.person_leaves(a).unwrap();
    assert_eq!(rehearsal.mix(a), None);
}

#[test]
fn unknown_people_leave_every_mix_as_it_was() {
    let mut rehearsal = frozen();
    let a = open(&rehearsal)[0].clone();
    let nobody = person("00000000-0000-4000-8000-000000000000");
    for request in [mixer(&a, &nobody, 5), mixer(&nobody, &a, 5)] {
        let error = rehearsal.configure_mixer(&request).unwrap_err();
        assert!(matches!(error, Error::UnknownParticipant(_)), "{error}");
    }
    let mut broken = mixer(&a, &open(&rehearsal)[1], 5);
    broken.participant_mixer_levels[0].source_levels[0].level = Some(101);
    assert!(matches!(rehearsal.configure_mixer(&broken), Err(Error::NotPossible(_))));
    rehearsal.advance(1_000);
    assert!(rehearsal.mixes.is_empty() && rehearsal.operations().unwrap().is_empty());
}

#[test]
fn only_people_themselves_lift_a_server_mute() {
    let mut rehearsal = frozen();
    let id = open(&rehearsal)[0].clone();
    let flags = |rehearsal: &Rehearsal| {
        let record = rehearsal.participant(&id).unwrap();
        (record.is_muted, record.is_server_muted())
    };
    rehearsal.mute(&id, None).unwrap();
    assert_eq!(flags(&rehearsal), (true, true));
    rehearsal.person_mutes(&id).unwrap();
    rehearsal.unmute_app(None).unwrap();
    assert_eq!(flags(&rehearsal), (true, true));
    rehearsal.person_unmutes(&id).unwrap();
    assert_eq!(flags(&rehearsal), (false, false));
}

#[test]
fn old_operations_are_forgotten() {
    let mut rehearsal = frozen();
    let first = rehearsal.mute_app(None).unwrap().id.unwrap();
    for _ in 0..OPERATIONS_KEPT {
        rehearsal.mute_app(None).unwrap();
    }
    assert_eq!(rehearsal.operations().unwrap().len(), OPERATIONS_KEPT);
    let first = UpstreamOperationId::parse(&first).unwrap();
    assert!(matches!(rehearsal.operation_by_id(&first), Err(Error::UnknownOperation(_))));
}

#[test]
fn operations_that_run_are_not_forgotten_for_newer_ones() {
    let mut rehearsal = frozen();
    rehearsal.join(Form::Full).unwrap();
    rehearsal.advance(ESTABLISH_MS);
    let request = ConfigureMixer::default();
    let running = rehearsal.configure_mixer(&request).unwrap().id.unwrap();
    for _ in 0..=OPERATIONS_KEPT {
        rehearsal.mute_app(None).unwrap();
    }
    assert_eq!(rehearsal.operations().unwrap().len(), OPERATIONS_KEPT);
    rehearsal.take_notifications();
    rehearsal.advance(rehearsal.next_at().unwrap());
    let told = rehearsal.take_notifications();
    let url = format!("/communications/calls/{}/operations/{running}", rehearsal.call_id());
    assert_eq!(told[0].graph().unwrap().url(), Some(url.as_str()));
}

#[test]
fn operations_that_name_many_people_are_forgotten_sooner() {
    let mut rehearsal = rehearsal(2_000, 7, 0.0);
    for _ in 0..200 {
        rehearsal.mute_all(&[], None).unwrap();
    }
    let kept = rehearsal.operations().unwrap();
    let bytes: usize = kept.iter().map(|it| serde_json::to_vec(it).unwrap().len()).sum();
    assert!((7 << 20..=8 << 20).contains(&bytes), "{bytes} bytes of {} operations", kept.len());
    assert!(rehearsal.mute_app(None).is_ok());
}

#[test]
fn an_ended_call_lets_everything_go() {
    let mut rehearsal = rehearsal(43, 7, 1.0);
    rehearsal.join(Form::Full).unwrap();
    rehearsal.advance(5_000);
    rehearsal.end().unwrap();
    assert_eq!((rehearsal.people.len(), rehearsal.keys.len(), rehearsal.next_at()), (0, 0, None));
    rehearsal.take_notifications();
    rehearsal.advance(3_600_000);
    assert!(rehearsal.take_notifications().is_empty());
}

#[test]
fn talk_is_reported_at_most_ten_times_a_second_and_only_when_it_changed() {
    let mut rehearsal = rehearsal(43, 3, 1.0);
    let mut last: BTreeMap<ParticipantId, Talk> = BTreeMap::new();
    let mut reported_at = None;
    let mut reports = 0;
    for now in (0..120_000).step_by(10) {
        rehearsal.advance(now);
        let talk = rehearsal.take_talk();
        if talk.is_empty() {
            continue;
        }
        assert!(reported_at.is_none_or(|at| now >= at + 100), "{now}");
        reported_at = Some(now);
        reports += 1;
        for person in talk {
            assert!(person.level <= 100 && person.active == (person.level > 0), "{person:?}");
            let before = last.insert(person.id.clone(), person.clone());
            assert_ne!(before.as_ref(), Some(&person), "told though nothing changed");
        }
    }
    assert!(reports > 500, "{reports}");
    assert!(last.len() >= 4, "{} people talked", last.len());
}

#[test]
fn half_an_hour_of_the_default_call() {
    let mut rehearsal = rehearsal(43, 7, 1.0);
    rehearsal.join(Form::Delta).unwrap();
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut admitted = false;
    let lobby: Vec<_> =
        rehearsal.people.values().filter(|p| p.in_lobby).map(|p| p.id.clone()).collect();
    let (mut open_sum, mut silent, mut seconds) = (0, 0, 0);
    for now in (0..1_800_000).step_by(1_000) {
        rehearsal.advance(now);
        open_sum += open(&rehearsal).len();
        silent +=
            usize::from(!rehearsal.people.keys().any(|key| rehearsal.voices.is_talking(*key)));
        seconds += 1;
        for person in rehearsal.people.values() {
            ids.entry(person.identity.id.clone()).or_default().insert(person.id.to_string());
        }
        admitted |= lobby.iter().any(|id| rehearsal.find(id).is_ok_and(|(_, p)| !p.in_lobby));
    }
    let average = open_sum / seconds;
    assert!((3..=9).contains(&average), "{average} open microphones on average");
    assert!(silent * 2 < seconds, "silent for {silent} of {seconds} s");
    assert!(admitted, "nobody was let in");
    assert!(ids.values().any(|legs| legs.len() > 1), "nobody came back under a new id");
    assert!(ids.len() > 43, "nobody new came");
    let left = |n: &&Notice| n.graph().unwrap().resource_data.to_string().contains("removedState");
    assert!(rehearsal.notifications.iter().filter(left).count() > 10);
}

#[test]
fn a_moderator_may_be_overruled_by_life() {
    let mut rehearsal = rehearsal(43, 7, 1.0);
    let ids = open(&rehearsal);
    for id in &ids {
        rehearsal.mute(id, None).unwrap();
    }
    rehearsal.advance(300_000);
    let free = |id: &&ParticipantId| rehearsal.participant(id).is_ok_and(|p| !p.is_server_muted());
    let lifted = ids.iter().filter(free).count();
    assert!((1..ids.len()).contains(&lifted), "{lifted} lifted it");
}

/// What one life looks like from outside: everybody at the end, and every delta on the way.
fn lived(seed: u64, steps: &[u64]) -> (Vec<Participant>, Vec<Notice>) {
    let mut rehearsal = rehearsal(43, seed, 5.0);
    rehearsal.join(Form::Delta).unwrap();
    let mut now = 0;
    let mut notifications = Vec::new();
    for step in steps {
        now += step;
        rehearsal.advance(now);
        notifications.extend(rehearsal.take_notifications());
    }
    (rehearsal.participants().unwrap(), notifications)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_life_depends_on_the_seed_and_not_on_the_ticks(seed: u64, ticks in 1..400u64) {
        let total = 120_000;
        let even = vec![total / ticks; usize::try_from(ticks).unwrap()];
        let rest = total - even.iter().sum::<u64>();
        let stepped = lived(seed, &[even.as_slice(), &[rest]].concat());
        prop_assert_eq!(&stepped, &lived(seed, &[total]));
        prop_assert!(stepped.1.len() > 10);
        prop_assert_ne!(stepped.0, lived(seed.wrapping_add(1), &[total]).0);
    }

    #[test]
    fn deltas_fold_into_the_roster_without_a_gap(seed: u64, size in 1..80usize, seconds in 1..600u64) {
        let mut rehearsal = rehearsal(size, seed, 3.0);
        rehearsal.join(Form::Delta).unwrap();
        rehearsal.advance(seconds * 1_000);
        let mut roster = BTreeMap::new();
        let mut last = None;
        for notification in rehearsal.take_notifications() {
            let Topic::Delta(delta) = notification.graph().unwrap().topic().unwrap() else { continue };
            let number = delta.sequence_number.unwrap();
            prop_assert!(last.is_none_or(|last| number == last + 1));
            last = Some(number);
            for person in delta.participants {
                if person.removed_state.is_some() {
                    prop_assert!(roster.remove(&person.id).is_some());
                } else {
                    roster.insert(person.id.clone(), (person.is_muted, person.is_in_lobby));
                }
            }
        }
        let now: BTreeMap<_, _> = rehearsal
            .participants()
            .unwrap()
            .into_iter()
            .map(|p| (p.id, (p.is_muted, p.is_in_lobby)))
            .collect();
        prop_assert_eq!(roster, now);
        prop_assert!(rehearsal.people.len() <= size);
    }

    #[test]
    fn who_is_muted_or_away_is_silent(seed: u64, steps in prop::collection::vec(1..3_000u64, 1..200)) {
        let mut rehearsal = rehearsal(20, seed, 8.0);
        let mut now = 0;
        let mut talking = BTreeSet::new();
        for (i, step) in steps.into_iter().enumerate() {
            now += step.max(100);
            rehearsal.advance(now);
            if i % 7 == 0 && let Some(id) = open(&rehearsal).first() {
                rehearsal.mute(&id.clone(), None).unwrap();
                now += 100;
                rehearsal.advance(now);
            }
            for talk in rehearsal.take_talk() {
                if talk.active { talking.insert(talk.id); } else { talking.remove(&talk.id); }
            }
            for id in &talking {
                let record = rehearsal.participant(id).unwrap();
                prop_assert!(!record.is_muted && !record.is_in_lobby);
            }
        }
    }

    #[test]
    fn the_full_form_always_shows_the_present(seed: u64, steps in prop::collection::vec(1..5_000u64, 1..60)) {
        let mut rehearsal = rehearsal(20, seed, 8.0);
        rehearsal.join(Form::Full).unwrap();
        let mut now = 0;
        for step in steps {
            now += step;
            rehearsal.advance(now);
            let last = rehearsal.take_notifications().pop();
            if let Some(Topic::Roster(people)) = last.map(|n| n.graph().unwrap().topic().unwrap()) {
                let told: Vec<_> = people.iter().map(|p| (&p.id, p.is_muted)).collect();
                let real = rehearsal.participants().unwrap();
                let real: Vec<_> = real.iter().map(|p| (&p.id, p.is_muted)).collect();
                prop_assert_eq!(told, real);
            }
        }
    }
}

#[test]
fn a_sibling_is_another_call_of_the_same_app_that_begins_when_told() {
    let standing = rehearsal(43, 7, 1.0);
    let mut sibling = standing.sibling(1).unwrap();
    assert_eq!((sibling.app_id(), sibling.tenant()), (standing.app_id(), standing.tenant()));
    assert_ne!(sibling.call_id(), standing.call_id());
    assert_ne!(sibling.call_id(), standing.sibling(2).unwrap().call_id());
    assert_eq!(sibling.call_id(), standing.sibling(1).unwrap().call_id());
    let first = sibling.next_at().unwrap();
    sibling.begin_at(60_000);
    assert_eq!(sibling.next_at(), Some(60_000 + first));
    sibling.join(Form::Changed).unwrap();
    sibling.take_notifications();
    sibling.advance(60_000 + ESTABLISH_MS);
    assert_eq!(sibling.call().unwrap().state.as_deref(), Some("established"));
    sibling.take_notifications();
    let id = open(&sibling)[0].clone();
    sibling.mute(&id, None).unwrap();
    let told = sibling.take_notifications();
    let Topic::Roster(people) = told[0].graph().unwrap().topic().unwrap() else {
        panic!("{told:?}")
    };
    assert_eq!((told.len(), people.len(), people[0].id.as_str()), (1, 1, id.as_str()));
}
