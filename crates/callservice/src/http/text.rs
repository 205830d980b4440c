//! Small texts of HTTP: percent decoding, forms, dates, callback addresses.

use std::{collections::BTreeMap, time::SystemTime};

use reqwest::Url;

/// Decodes `%xx`; with `plus`, also `+` as a space. None for a broken escape or what is not UTF-8.
pub(super) fn decode(text: &str, plus: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if plus => b' ',
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

/// Reads `a=1&b=2`. None for a broken escape or a name given twice.
pub(super) fn form(text: &str) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if fields.insert(decode(name, true)?, decode(value, true)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// Reads `a=1&b=2` where a name may stand several times. None for a broken escape.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// Compares secrets in a time that does not tell where they differ.
pub(super) fn same_secret(a: &str, b: &str) -> bool {
    let difference = a.bytes().zip(b.bytes()).fold(0, |sum, (x, y)| sum | (x ^ y));
    a.len() == b.len() && difference == 0
}

/// Checks an address for notifications.
pub(super) fn callback(address: &str) -> Result<String, &'static str> {
    let url = Url::parse(address).map_err(|_| "it is not an absolute address")?;
    let loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url.into()),
        "http" if loopback => Ok(url.into()),
        "http" => Err("http is accepted on loopback addresses only; use https"),
        _ => Err("it must begin with https:// or, on a loopback address, http://"),
    }
}

/// Now, as `2026-11-22T03:08:20`.
pub(super) fn date() -> String {
    date_at(SystemTime::now())
}

/// A time, as `2026-11-22T03:08:20`.
pub(super) fn date_at(time: SystemTime) -> String {
    date_of(time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// Seconds since 1970 as a date and time of UTC.
fn date_of(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // The year begins in March here, so that the leap day comes last and months are regular.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) =
        if month < 10 { (era * 400 + year, month + 3) } else { (era * 400 + year + 1, month - 9) };
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (text, plus, expected) in [
            ("a%2Bb+c", false, Some("a+b+c")),
            ("a%2Bb+c", true, Some("a+b c")),
            ("%C3%A9", false, Some("é")),
            ("%", false, None),
            ("%4", false, None),
            ("%zz", false, None),
            ("%ff", false, None),
            ("", false, Some("")),
        ] {
            assert_eq!(decode(text, plus).as_deref(), expected, "{text}");
        }
        let fields = form("a=1&b=x%26y&c&&d=").unwrap();
        assert_eq!((fields["a"].as_str(), fields["b"].as_str()), ("1", "x&y"));
        assert_eq!((fields["c"].as_str(), fields.len()), ("", 4));
        assert_eq!(form("a=1&a=2"), None);
        assert_eq!(form("a=%"), None);
        let twice = pairs("a=1&a=%32").unwrap();
        assert_eq!(twice, [("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())]);
        assert_eq!(pairs("a=%"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_was_escaped_is_decoded(text: String) {
            let escaped: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let escaped = escaped.concat();
            proptest::prop_assert_eq!(decode(&escaped, false), Some(text.clone()));
            proptest::prop_assert_eq!(&form(&format!("a={escaped}")).unwrap()["a"], &text);
            // Whatever it is, it is decoded or refused.
            let _ = (decode(&text, true), form(&text));
        }
    }

    #[test]
    fn dates() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (951_868_800, "2000-03-01T00:00:00"),
            (1_795_316_900, "2026-11-22T03:08:20"),
            (4_107_542_400, "2100-03-01T00:00:00"),
        ] {
            assert_eq!(date_of(seconds), expected);
        }
    }

    #[test]
    fn callbacks() {
        for (address, fits) in [
            ("https://bot.example/notifications", true),
            ("http://127.0.0.1:8080/n", true),
            ("http://[::1]:8080/n", true),
            ("http://localhost/n", true),
            ("http://bot.example/n", false),
            ("http://127.0.0.1.example/n", false),
            ("ftp://127.0.0.1/", false),
            ("/n", false),
            ("", false),
        ] {
            assert_eq!(callback(address).is_ok(), fits, "{address}");
        }
    }

    #[test]
    fn secrets() {
        assert!(same_secret("abc", "abc"));
        for other in ["", "ab", "abd", "abcd"] {
            assert!(!same_secret("abc", other));
        }
    }
}
