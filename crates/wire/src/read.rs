//! Shared ways of reading: JSON with a path in every error, Int64 as number or text, null as absent.
//!
//! Whole numbers keep their value exactly from the least `i64` to the greatest `u64`, in named and
//! in unknown members; any other number becomes a double and may change in its last digit.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Visitor},
};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::error::{Error, cut};

/// Parses JSON text into `T`, naming the JSON path of the first mismatch.
///
/// # Errors
/// [`Error::NotJson`] for text that is not JSON, [`Error::WrongShape`] for a wrong or missing member.
pub fn json<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = path_text("$", error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            Error::WrongShape { path, message: message(&inner) }
        } else {
            not_json(&inner)
        }
    })?;
    deserializer.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// Turns a JSON value found at the path `at` (for example `$.resourceData`) into `T`.
///
/// # Errors
/// [`Error::WrongShape`] for a wrong or missing member; its path begins with `at`.
pub fn value<T: DeserializeOwned>(at: &str, value: &Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|error| Error::WrongShape {
        path: path_text(at, error.path()),
        message: message(error.inner()),
    })
}

/// `$.levels[0]['@odata.type']`: plain names after a dot, all others quoted in brackets.
fn path_text(root: &str, path: &Path) -> String {
    let mut text = root.to_owned();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
            Segment::Map { key } | Segment::Enum { variant: key } => {
                let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && key.starts_with(|c: char| !c.is_ascii_digit());
                if plain {
                    text.push('.');
                    text.push_str(&cut(key, 64));
                } else {
                    text.push_str("['");
                    text.extend(cut(key, 64).escape_default());
                    text.push_str("']");
                }
            }
            Segment::Unknown => text.push_str(".?"),
        }
    }
    text
}

fn not_json(error: &serde_json::Error) -> Error {
    Error::NotJson { message: message(error), line: error.line(), column: error.column() }
}

/// The words of a parser error without the position (it stands in fields of its own) and without the
/// bulk of a long value, whose end says what was expected.
fn message(error: &serde_json::Error) -> String {
    const HEAD: usize = 96;
    const TAIL: usize = 96;
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&position).unwrap_or(&text);
    let length = text.chars().count();
    if length <= HEAD + TAIL {
        return text.to_owned();
    }
    let tail = text.chars().skip(length - TAIL);
    text.chars().take(HEAD).chain(['…']).chain(tail).collect()
}

/// Reads an Int64 that `OData` may write as a number or as text.
///
/// `50`, `"50"`, `50.0` and `5e1` are fifty: JSON has one kind of number. Fractions, doubles beyond
/// 2⁵³ (they may stand for a neighbor) and text other than an optional minus and digits are refused.
///
/// # Errors
/// The deserializer's error, naming what was found.
pub fn int64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(Int64)
}

/// As [`int64`], for a member that may be absent or null.
///
/// # Errors
/// The deserializer's error when it is neither null nor a whole number.
pub fn optional_int64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_option(OptionalInt64)
}

/// Reads null as the default: the service writes many absent members as explicit nulls.
///
/// # Errors
/// The deserializer's error when the value is neither null nor a `T`.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

struct Int64;

impl Visitor<'_> for Int64 {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number (a number, or its digits in text)")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(|_| too_large(number))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the number is whole and within 2^53, where every double is one i64"
    )]
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<i64, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.abs() > EXACT {
            Err(too_large(number))
        } else if number.fract() == 0.0 {
            Ok(number as i64)
        } else {
            Err(E::invalid_value(serde::de::Unexpected::Float(number), &self))
        }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<i64, E> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let text = cut(text, 64);
            return Err(E::invalid_value(serde::de::Unexpected::Str(&text), &self));
        }
        text.parse().map_err(|_| too_large(cut(text, 64)))
    }
}

fn too_large<E: serde::de::Error>(number: impl fmt::Display) -> E {
    E::custom(format_args!(
        "{number} does not fit a whole number of 64 bits, from {} to {}",
        i64::MIN,
        i64::MAX
    ))
}

struct OptionalInt64;

impl<'de> Visitor<'de> for OptionalInt64 {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number or null")
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        int64(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests;
