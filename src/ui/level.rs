//! Levels as people read and type them: percent first, decibel beside it.

use foldback_mix::gain;

use super::decimal::decimal;

/// The decibels of a level as `-6.0`, silence as `-∞`.
pub fn db(percent: i32) -> String {
    if percent <= 0 { "-∞".to_owned() } else { decimal(gain::percent_to_db(percent.into()), 1) }
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
    let lower = text.to_ascii_lowercase();
    let (number, is_db) = match (lower.strip_suffix("db"), lower.strip_suffix('%')) {
        (Some(number), _) => (number, true),
        (None, Some(number)) => (number, false),
        (None, None) => (lower.as_str(), lower.starts_with('-')),
    };
    let number = number.trim();
    if is_db && matches!(number, "-inf" | "-∞") {
        return Some(0);
    }
    let value = self::number(number)?;
    let percent = if is_db { gain::db_to_percent(value) } else { value };
    (percent >= 0.0).then(|| super::drag::whole(percent, (0, 100)))
}

/// Reads a whole number; a unit behind it is passed over.
pub fn read_number(typed: &str) -> Option<i32> {
    let text = typed.trim().to_ascii_lowercase();
    let text = text.strip_suffix("ms").or(text.strip_suffix('%')).unwrap_or(&text).trim();
    let value = number(&text.replace(',', "."))?;
    Some(super::drag::whole(value, (i32::MIN, i32::MAX)))
}

/// Reads digits with a sign and a fraction, as a person writes them. The reader of the standard
/// library is exact to the last bit and knows powers of ten; its tables would weigh 10 KB.
fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = whole.len() + part.len();
    if digits == 0
        || digits > 300
        || !whole.bytes().chain(part.bytes()).all(|it| it.is_ascii_digit())
    {
        return None;
    }
    let digit = |it: u8| f64::from(it - b'0');
    let whole = whole.bytes().fold(0.0, |value, it| value * 10.0 + digit(it));
    let part = part.bytes().rev().fold(0.0, |value, it| (value + digit(it)) / 10.0);
    Some(if text.starts_with('-') { -(whole + part) } else { whole + part })
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
            (".5", Some(1)),
            ("+7.", Some(7)),
            (".", None),
            ("-", None),
            ("+-5", None),
            ("1e2", None),
            ("4.9.1", None),
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
        fn a_number_is_what_the_standard_library_reads(text in "[-+]?[0-9]{0,6}([.][0-9]{0,4})?") {
            let (ours, exact) = (number(&text), text.parse::<f64>().ok());
            prop_assert_eq!(ours.is_some(), exact.is_some());
            let apart = ours.zip(exact).map_or(0.0, |(ours, exact)| (ours - exact).abs());
            prop_assert!(apart < 1e-9, "{} as {:?}", text, ours);
        }

        #[test]
        fn what_is_shown_can_be_typed(percent in 1..=100_i32) {
            prop_assert_eq!(read(&percent.to_string()), Some(percent));
            let heard = read(&format!("{} dB", db_shown(percent))).unwrap();
            prop_assert!((heard - percent).abs() <= 1);
        }
    }
}
