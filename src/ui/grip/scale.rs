//! The ways a control moves and the whole numbers it goes through.

/// Which way the value grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Upward.
    Vertical,
    /// To the right.
    Horizontal,
}

impl Axis {
    /// The word for `aria-orientation`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Vertical => "vertical",
            Self::Horizontal => "horizontal",
        }
    }
}

/// The whole numbers a control goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Lowest value.
    pub min: i32,
    /// Highest value.
    pub max: i32,
    /// What an arrow key moves.
    pub step: i32,
    /// What a page key moves.
    pub page: i32,
}

impl Scale {
    /// Levels: 0 to 100 percent by 1 and 10.
    pub const PERCENT: Self = Self { min: 0, max: 100, step: 1, page: 10 };
    /// Ramps: 0 to 5,000 milliseconds by 10 and 100.
    pub const RAMP_MS: Self = Self { min: 0, max: 5000, step: 10, page: 100 };

    /// Where a key leads from `value`, or none for a key that moves nothing.
    pub fn by_key(self, key: &str, value: i32) -> Option<i32> {
        Some(match key {
            "ArrowUp" | "ArrowRight" => value.saturating_add(self.step),
            "ArrowDown" | "ArrowLeft" => value.saturating_sub(self.step),
            "PageUp" => value.saturating_add(self.page),
            "PageDown" => value.saturating_sub(self.page),
            "Home" => self.min,
            "End" => self.max,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_where_the_slider_pattern_says() {
        for (key, value) in [
            ("ArrowUp", 41),
            ("ArrowRight", 41),
            ("ArrowDown", 39),
            ("ArrowLeft", 39),
            ("PageUp", 50),
            ("PageDown", 30),
            ("Home", 0),
            ("End", 100),
        ] {
            assert_eq!(Scale::PERCENT.by_key(key, 40), Some(value), "{key}");
        }
        assert_eq!(Scale::PERCENT.by_key("a", 40), None);
        assert_eq!(Scale::RAMP_MS.by_key("PageDown", 280), Some(180));
    }
}
