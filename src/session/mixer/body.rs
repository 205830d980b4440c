//! The body of a configureMixer request: the drawer shows the bytes that leave.

use foldback_json::{Writer, write};
use foldback_wire::graph::{AudioDuckingConfiguration, AudioSourceLevel, ConfigureMixer};

/// JSON in two-space steps. Members that the panel never makes (`extra`) are not written.
pub fn pretty(request: &ConfigureMixer) -> String {
    write(&mut |body| {
        if let Some(context) = &request.client_context {
            body.text("clientContext", context);
        }
        body.list("participantMixerLevels", &mut |list| {
            for entry in &request.participant_mixer_levels {
                list.item(&mut |it| {
                    it.text("participant", &entry.participant);
                    flag(it, "exclusive", entry.exclusive);
                    flag(it, "exclusiveMode", entry.exclusive_mode);
                    if let Some(settings) = &entry.ducking {
                        it.object("ducking", &mut |it| ducking(it, settings));
                    }
                    it.list("sourceLevels", &mut |list| {
                        for source in &entry.source_levels {
                            list.item(&mut |it| source_level(it, source));
                        }
                    });
                });
            }
        });
    })
}

fn flag(it: &mut Writer, name: &str, value: Option<bool>) {
    if let Some(value) = value {
        it.flag(name, value);
    }
}

fn ducking(it: &mut Writer, settings: &AudioDuckingConfiguration) {
    it.number("rampActive", settings.ramp_active);
    it.number("rampInactive", settings.ramp_inactive);
    it.number("lowerLevel", settings.lower_level);
    it.number("upperLevel", settings.upper_level);
}

fn source_level(it: &mut Writer, source: &AudioSourceLevel) {
    it.text("participant", &source.participant);
    if let Some(level) = source.level {
        it.number("level", level);
    }
    flag(it, "duckOthers", source.duck_others);
}

#[cfg(test)]
mod tests {
    use foldback_wire::graph::ParticipantMixerLevel;
    use proptest::{collection::vec, option, prelude::*};

    use super::*;

    prop_compose! {
        fn ducking()((a, b, c, d) in any::<(i64, i64, i64, i64)>()) -> AudioDuckingConfiguration {
            AudioDuckingConfiguration {
                ramp_active: a,
                ramp_inactive: b,
                lower_level: c,
                upper_level: d,
                ..Default::default()
            }
        }
    }

    prop_compose! {
        fn source()(
            participant: String, level: Option<i64>, duck_others: Option<bool>,
        ) -> AudioSourceLevel {
            AudioSourceLevel { participant, level, duck_others, ..Default::default() }
        }
    }

    prop_compose! {
        fn entry()(
            participant: String,
            (exclusive, exclusive_mode) in any::<(Option<bool>, Option<bool>)>(),
            ducking in option::of(ducking()),
            source_levels in vec(source(), 0..3),
        ) -> ParticipantMixerLevel {
            ParticipantMixerLevel {
                participant,
                exclusive,
                exclusive_mode,
                ducking,
                source_levels,
                ..Default::default()
            }
        }
    }

    proptest! {
        #[test]
        fn it_is_word_for_word_what_serde_prints(
            client_context: Option<String>,
            participant_mixer_levels in vec(entry(), 0..3),
        ) {
            let request =
                ConfigureMixer { client_context, participant_mixer_levels, ..Default::default() };
            prop_assert_eq!(pretty(&request), serde_json::to_string_pretty(&request).unwrap());
        }
    }
}
