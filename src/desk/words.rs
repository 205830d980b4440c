//! The desk in words. Pure.

use foldback_model::Layer;

/// The name of the layer under all others.
pub const EVERYONE: &str = "Everyone";

/// Whose ears a change is for. `n_own` listeners have settings of their own.
pub fn scope(layer: &Layer, listener: &str, n_listeners: usize, n_own: usize) -> String {
    match layer {
        Layer::Listener(_) => format!("In {} ears only", possessive(listener)),
        Layer::Everyone => {
            let all = match n_listeners {
                1 => "For the one listener".to_owned(),
                n => format!("For all {n} listeners"),
            };
            match n_own {
                0 => all,
                1 => format!("{all}; one has settings of their own"),
                n => format!("{all}; {n} have settings of their own"),
            }
        }
    }
}

/// `Ana’s`, `Agnes’`.
pub fn possessive(name: &str) -> String {
    if name.ends_with(['s', 'S']) { format!("{name}’") } else { format!("{name}’s") }
}

/// One strip as it is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent properties, not a state")]
pub struct Strip {
    /// Display name.
    pub name: String,
    /// Wanted level in percent.
    pub level: u8,
    /// Confirmed level in percent.
    pub confirmed: u8,
    /// Lowers the others.
    pub ducks: bool,
    /// The listener's mix names the source.
    pub is_listed: bool,
    /// Sources that are not named are silent.
    pub is_exclusive: bool,
    /// The listener's own layer sets the level.
    pub is_own: bool,
    /// The layer is a listener's.
    pub is_for_one: bool,
    /// How many listeners have a level of their own, in the layer for everyone.
    pub n_differ: usize,
    /// The roster says muted.
    pub is_muted: bool,
    /// Not in the call any more.
    pub has_left: bool,
}

impl Strip {
    /// Where the level comes from, or why there is none.
    pub fn origin(&self) -> String {
        if self.has_left {
            return "left the call".to_owned();
        }
        if self.is_exclusive && !self.is_listed {
            return "out: exclusive".to_owned();
        }
        match (self.is_for_one, self.is_own, self.n_differ) {
            (true, true, _) => "own level".to_owned(),
            (true, false, _) => "from Everyone".to_owned(),
            (false, _, 0) => String::new(),
            (false, _, 1) => "1 differs".to_owned(),
            (false, _, n) => format!("{n} differ"),
        }
    }

    /// What the ducking key does now; none while it is not pressed.
    pub fn ducking(&self, is_talking: bool) -> Option<&'static str> {
        if !self.ducks {
            None
        } else if self.is_muted {
            Some("muted: ducks nobody")
        } else if self.level == 0 {
            Some("silent: ducks nobody")
        } else if is_talking {
            Some("ducking now")
        } else {
            Some("ducks when talking")
        }
    }

    /// What a screen reader hears after the level.
    pub fn note(&self) -> String {
        let mut words = Vec::new();
        if self.is_muted {
            words.push("muted".to_owned());
        }
        if self.ducks {
            words.push("ducking others".to_owned());
        }
        if self.has_left || self.is_for_one || (self.is_exclusive && !self.is_listed) {
            words.push(self.origin());
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::ParticipantId;

    use super::*;

    #[test]
    fn scopes_say_whose_ears() {
        let ana = Layer::Listener(ParticipantId::parse("ana").unwrap());
        assert_eq!(scope(&ana, "Ana", 41, 3), "In Ana’s ears only");
        assert_eq!(scope(&ana, "Agnes", 41, 3), "In Agnes’ ears only");
        assert_eq!(scope(&Layer::Everyone, EVERYONE, 41, 0), "For all 41 listeners");
        assert_eq!(
            scope(&Layer::Everyone, EVERYONE, 41, 1),
            "For all 41 listeners; one has settings of their own"
        );
        assert_eq!(scope(&Layer::Everyone, EVERYONE, 1, 0), "For the one listener");
    }

    #[test]
    fn strips_say_why() {
        let strip = Strip { level: 80, ducks: true, ..Strip::default() };
        assert_eq!(strip.ducking(false), Some("ducks when talking"));
        assert_eq!(strip.ducking(true), Some("ducking now"));
        let muted = Strip { is_muted: true, ..strip.clone() };
        assert_eq!(muted.ducking(true), Some("muted: ducks nobody"));
        assert_eq!(muted.note(), "muted, ducking others");
        assert_eq!(Strip { level: 0, ..strip.clone() }.ducking(true), Some("silent: ducks nobody"));
        let out = Strip { is_exclusive: true, ..Strip::default() };
        assert_eq!(
            (out.origin().as_str(), out.note().as_str()),
            ("out: exclusive", "out: exclusive")
        );
        let own = Strip { is_for_one: true, is_own: true, ..strip };
        assert_eq!(own.origin(), "own level");
        assert_eq!(Strip { n_differ: 2, ..Strip::default() }.origin(), "2 differ");
    }
}
