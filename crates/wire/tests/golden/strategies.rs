//! Bodies and people as proptest makes them.

use foldback_wire::{
    acs::Identifier,
    graph::{
        AudioDuckingConfiguration, AudioSourceLevel, ConfigureMixer, Extra, ParticipantMixerLevel,
    },
};
use proptest::{collection::vec, option, prelude::*};
use serde_json::Value;

/// Any JSON value, a few levels deep.
pub fn any_json() -> impl Strategy<Value = Value> {
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
pub fn extra() -> impl Strategy<Value = Extra> {
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
    pub fn request()(
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

/// Anybody.
pub fn identifier() -> impl Strategy<Value = Identifier> {
    let id = || "[a-c]{1,2}";
    let cloud = || proptest::sample::select(vec!["public", "dod", "gcch"]).prop_map(str::to_owned);
    prop_oneof![
        id().prop_map(|id| Identifier::User(format!("8:acs:r_{id}"))),
        "[0-9]{1,2}".prop_map(|number| Identifier::Phone(format!("+{number}"))),
        (id(), any::<bool>(), cloud()).prop_map(|(user_id, is_anonymous, cloud)| {
            // The raw id of a visitor names no cloud.
            let cloud = if is_anonymous { "public".to_owned() } else { cloud };
            Identifier::TeamsUser { user_id, is_anonymous, cloud }
        }),
        (id(), cloud()).prop_map(|(app_id, cloud)| Identifier::TeamsApp { app_id, cloud }),
        id().prop_map(|id| Identifier::Unknown(format!("9:{id}"))),
    ]
}
