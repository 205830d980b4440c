//! Until when a certificate is good: the one thing of it that is read, as far as DER goes.

/// Tags of DER.
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// Seconds since 1970 at which a certificate ends; none when that cannot be read.
pub(super) fn end(certificate: &[u8]) -> Option<u64> {
    let (_, certificate, _) = take(certificate)?;
    let (_, fields, _) = take(certificate)?;
    let mut rest = fields;
    // A version may stand first; then number, algorithm and issuer stand before the two times.
    if take(rest)?.0 == VERSION {
        rest = take(rest)?.2;
    }
    for _ in 0..3 {
        rest = take(rest)?.2;
    }
    let (tag, times, _) = take(rest)?;
    let (_, _, after) = (tag == SEQUENCE).then(|| take(times))??;
    let (tag, text, _) = take(after)?;
    moment(tag, std::str::from_utf8(text).ok()?)
}

/// The first element: its tag, what is in it, and what follows it.
fn take(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, bytes) = bytes.split_first()?;
    let (first, bytes) = bytes.split_first()?;
    let (length, bytes) = if *first < 0x80 {
        (usize::from(*first), bytes)
    } else {
        let (digits, bytes) = bytes.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 3 {
            return None;
        }
        let length = digits.iter().fold(0, |sum, digit| sum * 256 + usize::from(*digit));
        (length, bytes)
    };
    let (content, rest) = bytes.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`; years of two digits lie from 1950 to 2049.
fn moment(tag: u8, text: &str) -> Option<u64> {
    let digits = text.strip_suffix('Z').filter(|it| it.bytes().all(|b| b.is_ascii_digit()))?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year: u64 = year.parse().ok()?;
            (if year < 50 { 2_000 + year } else { 1_900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = digits.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2)?.parse::<u64>().ok();
    let (month, day) = (two(0)?, two(2)?);
    if !(1..=12).contains(&month) || day == 0 || rest.len() != 10 {
        return None;
    }
    // Days from a March on, since then the day that comes and goes is the last of its year.
    let from_march = (month + 9) % 12;
    let year = year.checked_sub(u64::from(month < 3))?;
    let days =
        year * 365 + year / 4 - year / 100 + year / 400 + (from_march * 306 + 5) / 10 + day - 1;
    let days = days.checked_sub(719_468)?;
    Some(days * 86_400 + two(4)? * 3_600 + two(6)? * 60 + two(8)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_counted_from_1970() {
        for (tag, text, expected) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "000301000000Z", Some(951_868_800)),
            (UTC_TIME, "240229235959Z", Some(1_709_251_199)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, "21261102031200Z", Some(4_949_262_720)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, "690101000000Z", None),
            (UTC_TIME, "7001010000Z", None),
            (UTC_TIME, "701301000000Z", None),
            (UTC_TIME, "70010100000xZ", None),
            (SEQUENCE, "700101000000Z", None),
        ] {
            assert_eq!(moment(tag, text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "\\PC{0,20}") {
            end(&bytes);
            moment(UTC_TIME, &text);
            moment(GENERALIZED_TIME, &text);
        }
    }
}
