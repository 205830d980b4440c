//! Nothing that arrives may cause a panic, and nothing read may change on its way back out.

use foldback_wire::graph::{
    AudioDuckingConfiguration, AudioSourceLevel, Call, CommsNotifications, CommsOperation,
    ConfigureMixer, Extra, GraphError, MuteRequest, Participant, ParticipantMixerLevel,
    ParticipantsPage,
};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

use super::GOLDENS;

/// Reads the bytes as everything there is. Every error must have words and a path from the root.
fn read_as_everything(bytes: &[u8]) {
    let errors = [
        Call::read(bytes).err(),
        CommsOperation::read(bytes).err(),
        ConfigureMixer::read(bytes).err(),
        GraphError::read(bytes).err(),
        MuteRequest::read(bytes).err(),
        Participant::read(bytes).err(),
        ParticipantsPage::read(bytes).err(),
        CommsNotifications::read(bytes).err(),
    ];
    let mut errors: Vec<_> = errors.into_iter().flatten().collect();
    if let Ok(batch) = CommsNotifications::read(bytes) {
        for notification in &batch.value {
            errors.extend(notification.call_id().err());
            errors.extend(notification.topic().err());
        }
    }
    for error in errors {
        assert!(error.path().starts_with('$'), "{error:?}");
        let length = error.to_string().chars().count();
        assert!((1..2_000).contains(&length), "{error}");
    }
}

/// Any JSON value, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1_000..1_000_i32).prop_map(|n| Value::from(f64::from(n) / 8.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Names the types know, and others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "@odata.type",
            "id",
            "value",
            "participant",
            "level",
            "resourceData",
            "error",
            "code",
            "participants",
            "status",
            "resultInfo",
            "info",
            "identity",
            "user",
            "ducking",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// Unknown members that no named one can take.
fn extra() -> impl Strategy<Value = Extra> {
    vec(("x-[a-z]{1,4}", any_json()), 0..3).prop_map(|members| members.into_iter().collect())
}

prop_compose! {
    fn ducking()(
        ramp_active in 0..=5000_i64,
        ramp_inactive in 0..=5000_i64,
        lower_level in 0..=100_i64,
        upper_level in 0..=100_i64,
        extra in extra(),
    ) -> AudioDuckingConfiguration {
        AudioDuckingConfiguration { ramp_active, ramp_inactive, lower_level, upper_level, extra }
    }
}

prop_compose! {
    fn source()(
        level in option::of(0..=100_i64),
        key in option::of(any::<bool>()),
        extra in extra(),
    ) -> AudioSourceLevel {
        let duck_others = key.map(|key| key && level.is_some());
        AudioSourceLevel { participant: String::new(), level, duck_others, extra }
    }
}

prop_compose! {
    fn listener()(
        exclusive in option::of(any::<bool>()),
        second in any::<bool>(),
        ducking in option::of(ducking()),
        sources in vec(source(), 0..5),
        extra in extra(),
    ) -> ParticipantMixerLevel {
        let source_levels = sources
            .into_iter()
            .enumerate()
            .map(|(i, source)| AudioSourceLevel {
                participant: format!("8:acs:s{i}"),
                duck_others: source.duck_others.map(|key| key && ducking.is_some()),
                ..source
            })
            .collect();
        ParticipantMixerLevel {
            participant: String::new(),
            exclusive,
            exclusive_mode: exclusive.filter(|_| second),
            ducking,
            source_levels,
            extra,
        }
    }
}

prop_compose! {
    fn request()(
        client_context in option::of(".{0,256}"),
        listeners in vec(listener(), 0..5),
        extra in extra(),
    ) -> ConfigureMixer {
        let participant_mixer_levels = listeners
            .into_iter()
            .enumerate()
            .map(|(i, listener)| ParticipantMixerLevel { participant: format!("l{i}"), ..listener })
            .collect();
        ConfigureMixer { client_context, participant_mixer_levels, extra }
    }
}

/// Every place in a JSON value, the root first.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{i}"), into);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(item, &format!("{at}/{name}"), into);
            }
        }
        _ => {}
    }
}

/// Takes away what stands at `pointer`; false at the root.
fn remove(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    match value.pointer_mut(parent) {
        Some(Value::Array(items)) => {
            items.remove(name.parse().unwrap());
        }
        Some(Value::Object(members)) => {
            let name = name.replace("~1", "/").replace("~0", "~");
            assert!(members.remove(&name).is_some(), "{pointer}");
        }
        other => panic!("{pointer} is below {other:?}"),
    }
    true
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..256)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        read_as_everything(value.to_string().as_bytes());
    }

    #[test]
    fn cut_and_bent_goldens_are_read_or_refused(
        which in 0..GOLDENS.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let bytes = GOLDENS[which].1.as_bytes();
        let at = at.index(bytes.len());
        read_as_everything(&bytes[..at]);
        let mut bent = bytes.to_vec();
        bent[at] = byte;
        read_as_everything(&bent);
    }

    #[test]
    fn mutated_goldens_are_read_or_refused(
        which in 0..GOLDENS.len(), at in any::<prop::sample::Index>(), other in option::of(any_json()),
    ) {
        let mut value: Value = serde_json::from_str(GOLDENS[which].1).unwrap();
        let mut places = Vec::new();
        pointers(&value, "", &mut places);
        let pointer = &places[at.index(places.len())];
        match other {
            Some(other) => *value.pointer_mut(pointer).unwrap() = other,
            None => {
                remove(&mut value, pointer);
            }
        }
        read_as_everything(value.to_string().as_bytes());
    }

    #[test]
    fn a_mix_survives_writing_and_reading(request in request()) {
        let text = serde_json::to_vec(&request).unwrap();
        let again = ConfigureMixer::read(&text);
        prop_assert_eq!(again.as_ref(), Ok(&request));
        prop_assert_eq!(serde_json::to_vec(&again.unwrap()).unwrap(), text);
    }

    #[test]
    fn a_level_out_of_range_is_refused_at_its_place(
        request in request(), at in any::<prop::sample::Index>(), level in prop_oneof![i64::MIN..0, 101..=i64::MAX],
    ) {
        let mut request = request;
        let places: Vec<(usize, usize)> = request
            .participant_mixer_levels
            .iter()
            .enumerate()
            .flat_map(|(i, l)| (0..l.source_levels.len()).map(move |j| (i, j)))
            .collect();
        if places.is_empty() {
            return Ok(());
        }
        let (i, j) = places[at.index(places.len())];
        request.participant_mixer_levels[i].source_levels[j].level = Some(level);
        let error = ConfigureMixer::read(&serde_json::to_vec(&request).unwrap()).unwrap_err();
        let path = format!("$.participantMixerLevels[{i}].sourceLevels[{j}].level");
        prop_assert_eq!(error.path(), path);
        prop_assert!(error.to_string().contains(&level.to_string()));
    }

    #[test]
    fn unknown_members_survive(which in 0..GOLDENS.len(), extra in extra()) {
        let (name, text) = GOLDENS[which];
        let mut value: Value = serde_json::from_str(text).unwrap();
        value.as_object_mut().unwrap().extend(extra.clone());
        let text = value.to_string();
        let bytes = text.as_bytes();
        let kind = name.rsplit('.').next().unwrap();
        let written = match (name, kind) {
            ("get_call.reply", _) => json!(Call::read(bytes).unwrap()),
            ("list_participants.reply", _) => json!(ParticipantsPage::read(bytes).unwrap()),
            (_, "reply") => json!(CommsOperation::read(bytes).unwrap()),
            (_, "notification") => json!(CommsNotifications::read(bytes).unwrap()),
            (_, "request") if name.starts_with("configure") => json!(ConfigureMixer::read(bytes).unwrap()),
            (_, "request") => json!(MuteRequest::read(bytes).unwrap()),
            _ => json!(GraphError::read(bytes).unwrap()),
        };
        for (member, value) in &extra {
            prop_assert_eq!(written.get(member), Some(value), "{} {}", name, member);
        }
    }
}
