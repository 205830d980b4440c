//! The four settings, presets, and what they mean in words. Pure.

use foldback_model::Ducking;

use crate::ui::{Axis, Scale, level, number_box::Reader};

/// From here on the first words of a speaker drown, in milliseconds.
const SLOW_ACTIVE_MS: u16 = 500;

/// Below this the others come back in the pauses between words, in milliseconds.
const QUICK_INACTIVE_MS: u16 = 300;

/// Settings to begin with. The last is the sample of the service's own page.
pub const PRESETS: [(&str, Ducking); 3] = [
    ("Voice-over", Ducking::VOICE_OVER),
    (
        "Gentle",
        Ducking { ramp_active: 1000, ramp_inactive: 1000, lower_level: 20, upper_level: 100 },
    ),
    (
        "Docs sample",
        Ducking { ramp_active: 50, ramp_inactive: 50, lower_level: 10, upper_level: 50 },
    ),
];

/// One of the four settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knob {
    /// How long the fall takes.
    RampActive,
    /// How long the return takes.
    RampInactive,
    /// Where the others are while somebody speaks.
    LowerLevel,
    /// Where they are otherwise.
    UpperLevel,
}

impl Knob {
    /// In the order of the screen.
    pub const ALL: [Self; 4] =
        [Self::UpperLevel, Self::RampActive, Self::LowerLevel, Self::RampInactive];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RampActive => "Ramp active",
            Self::RampInactive => "Ramp inactive",
            Self::LowerLevel => "Lower level",
            Self::UpperLevel => "Upper level",
        }
    }

    /// It is a time, else it is a level.
    pub fn is_ramp(self) -> bool {
        matches!(self, Self::RampActive | Self::RampInactive)
    }

    /// Its unit as a sign.
    pub fn unit(self) -> &'static str {
        if self.is_ramp() { "ms" } else { "%" }
    }

    /// Its unit as a word.
    pub fn unit_words(self) -> &'static str {
        if self.is_ramp() { "milliseconds" } else { "percent" }
    }

    /// How its handle moves.
    pub fn axis(self) -> Axis {
        if self.is_ramp() { Axis::Horizontal } else { Axis::Vertical }
    }

    /// Its values and steps.
    pub fn scale(self) -> Scale {
        if self.is_ramp() { Scale::RAMP_MS } else { Scale::PERCENT }
    }

    /// How what is typed for it is read.
    pub fn reader(self) -> Reader {
        if self.is_ramp() {
            Reader { read: level::read_number, hint: "0 to 5000 milliseconds" }
        } else {
            Reader { read: level::read, hint: "0 to 100, a percent sign or dB behind it" }
        }
    }

    /// Its value.
    pub fn get(self, settings: Ducking) -> i32 {
        match self {
            Self::RampActive => settings.ramp_active.into(),
            Self::RampInactive => settings.ramp_inactive.into(),
            Self::LowerLevel => settings.lower_level.into(),
            Self::UpperLevel => settings.upper_level.into(),
        }
    }

    /// The settings with another value of it, kept within its limits.
    pub fn put(self, mut settings: Ducking, value: i32) -> Ducking {
        let (min, max) = self.limits(settings);
        let value = value.clamp(min, max.max(min));
        let ms = u16::try_from(value).unwrap_or_default();
        let percent = u8::try_from(value).unwrap_or_default();
        match self {
            Self::RampActive => settings.ramp_active = ms,
            Self::RampInactive => settings.ramp_inactive = ms,
            Self::LowerLevel => settings.lower_level = percent,
            Self::UpperLevel => settings.upper_level = percent,
        }
        settings
    }

    /// What it may be now: lower never passes upper.
    pub fn limits(self, settings: Ducking) -> (i32, i32) {
        let Scale { min, max, .. } = self.scale();
        match self {
            Self::RampActive | Self::RampInactive => (min, max),
            Self::LowerLevel => (min, settings.upper_level.into()),
            Self::UpperLevel => (settings.lower_level.into(), max),
        }
    }

    /// A value with its unit.
    pub fn words(self, value: i32) -> String {
        if self.is_ramp() { format!("{value} ms") } else { level::in_words(value) }
    }
}

/// The settings as a sentence.
pub fn summary(settings: Ducking) -> String {
    let Ducking { ramp_active, ramp_inactive, lower_level, upper_level } = settings;
    if lower_level == upper_level {
        return format!("The others stay at {upper_level}\u{202F}%, whoever speaks.");
    }
    let within = |ms: u16| match ms {
        0 => "at once".to_owned(),
        ms => format!("within {ms} ms"),
    };
    format!(
        "When speech starts, the others go from {upper_level}\u{202F}% to {lower_level}\u{202F}% \
         {}; when it ends, they return {}.",
        within(ramp_active),
        within(ramp_inactive)
    )
}

/// What may be unwanted; a matter of taste, nothing is refused.
pub fn warnings(settings: Ducking) -> Vec<&'static str> {
    let mut found = Vec::new();
    if settings.lower_level > settings.upper_level {
        found.push("Upside down: the others get louder while somebody speaks.");
    }
    if settings.lower_level == settings.upper_level {
        return found;
    }
    if settings.ramp_active > SLOW_ACTIVE_MS {
        found.push("A ramp active above 500 ms: the first words lie under the others.");
    }
    if settings.ramp_inactive < QUICK_INACTIVE_MS {
        found.push("A ramp inactive below 300 ms: the others pump in the pauses between words.");
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn presets_in_words() {
        for ((name, preset), (text, n_warnings)) in
            PRESETS.iter().zip([("within 280 ms", 0), ("within 1000 ms", 1), ("within 50 ms", 1)])
        {
            assert!(summary(*preset).contains(text), "{name}: {}", summary(*preset));
            assert_eq!(warnings(*preset).len(), n_warnings, "{name}");
        }
        let flat = Ducking { ramp_active: 0, ramp_inactive: 0, lower_level: 50, upper_level: 50 };
        assert_eq!(summary(flat), "The others stay at 50\u{202F}%, whoever speaks.");
        assert_eq!(warnings(flat), [""; 0], "ramps between equal levels do nothing");
        let step = Ducking { lower_level: 0, ..flat };
        assert!(summary(step).contains("at once"));
        let inverted = Ducking { lower_level: 60, ..flat };
        assert!(warnings(inverted)[0].starts_with("Upside down"));
    }

    proptest! {
        #[test]
        fn whatever_is_put_lower_stays_at_or_below_upper(
            puts in prop::collection::vec((0..4_usize, -100..6000_i32), 0..40),
        ) {
            let mut settings = Ducking::VOICE_OVER;
            for (knob, value) in puts {
                settings = Knob::ALL[knob].put(settings, value);
                prop_assert!(settings.lower_level <= settings.upper_level);
                prop_assert!(settings.upper_level <= 100);
                prop_assert!(settings.ramp_active <= 5000 && settings.ramp_inactive <= 5000);
            }
        }
    }
}
