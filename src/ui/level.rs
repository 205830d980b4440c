//! Levels as people read and type them: percent first, decibel beside it.

use foldback_mix::gain;

/// The decibels of a level as `-6.0`, silence as `-∞`.
pub fn db(percent: i32) -> String {
    if percent <= 0 {
        "-∞".to_owned()
    } else {
        format!("{:.1}", gain::percent_to_db(percent.into()))
    }
}

/// As [`db`], with the sign that lines up with figures; for the eye.
pub fn db_shown(percent: i32) -> String {
    db(percent).replace('-', "\u{2212}")
}

/// A level for a screen reader.
pub fn in_words(percent: i32) -> String {
    if percent <= 0 {
        return "0 percent, silent".to_owned();
    }
    // Screen readers pass over the sign.
    format!("{percent} percent, {} dB", db(percent).replace('-', "minus "))
}

/// Reads `50`, `50 %`, `-6 dB` or `-6`: a level in percent, rounded and kept within 0 to 100. A
/// negative number can only be decibels.
pub fn read(typed: &str) -> Option<i32> {
    let text = typed.trim().replace(['\u{2212}', '\u{2013}'], "-").replace(',', ".");
    let lower = text.to_lowercase();
    let (number, is_db) = match (lower.strip_suffix("db"), lower.strip_suffix('%')) {
        (Some(number), _) => (number, true),
        (None, Some(number)) => (number, false),
        (None, None) => (lower.as_str(), lower.starts_with('-')),
    };
    let number = number.trim();
    if is_db && matches!(number, "-inf" | "-∞") {
        return Some(0);
    }
    let value: f64 = number.parse().ok().filter(|value: &f64| value.is_finite())?;
    let percent = if is_db { gain::db_to_percent(value) } else { value };
    (percent >= 0.0).then(|| super::drag::whole(percent, (0, 100)))
}

/// Reads a whole number; a unit behind it is passed over.
pub fn read_number(typed: &str) -> Option<i32> {
    let text = typed.trim().to_lowercase();
    let text = text.strip_suffix("ms").or(text.strip_suffix('%')).unwrap_or(&text).trim();
    let value: f64 = text.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite())?;
    Some(super::drag::whole(value, (i32::MIN, i32::MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn levels_in_words() {
        assert_eq!(in_words(45), "45 percent, minus 6.9 dB");
        assert_eq!(in_words(100), "100 percent, 0.0 dB");
        assert_eq!(in_words(10), "10 percent, minus 20.0 dB");
        assert_eq!(in_words(0), "0 percent, silent");
        assert_eq!(db_shown(50), "\u{2212}6.0");
    }

    #[test]
    fn what_people_type() {
        for (typed, level) in [
            ("50", Some(50)),
            (" 50 % ", Some(50)),
            ("-6dB", Some(50)),
            ("\u{2212}6 dB", Some(50)),
            ("-6", Some(50)),
            ("0dB", Some(100)),
            ("3 db", Some(100)),
            ("-inf dB", Some(0)),
            ("49,6", Some(50)),
            ("250", Some(100)),
            ("-5%", None),
            ("", None),
            ("%", None),
            ("loud", None),
            ("NaN", None),
            ("inf", None),
        ] {
            assert_eq!(read(typed), level, "{typed:?}");
        }
        assert_eq!(read_number("1230"), Some(1230));
        assert_eq!(read_number("280 ms"), Some(280));
        assert_eq!(read_number("x"), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(percent in 1..=100_i32) {
            prop_assert_eq!(read(&percent.to_string()), Some(percent));
            let heard = read(&format!("{} dB", db_shown(percent))).unwrap();
            prop_assert!((heard - percent).abs() <= 1);
        }
    }
}
