//! Rules that bodies of both services share: correlation texts, callback addresses, spellings.

use crate::{
    error::Error,
    graph::Extra,
    limits::{CALLBACK_MAX, CLIENT_CONTEXT_MAX},
};

/// The one rule of every `clientContext` and `operationContext`: at most 256 characters.
///
/// # Errors
/// [`Error::OutOfLimit`] at `path`.
pub(crate) fn context(path: &str, text: Option<&str>) -> Result<(), Error> {
    let text = text.unwrap_or_default();
    let length = text.chars().count();
    if length <= CLIENT_CONTEXT_MAX {
        return Ok(());
    }
    Err(Error::out_of_limit(
        path,
        format_args!("{text:?}"),
        format!(
            "it has {length} characters and at most {CLIENT_CONTEXT_MAX} are allowed; send a shorter one, such as a UUID"
        ),
    ))
}

/// Refuses unknown members that differ from a known one in case alone.
///
/// Security: a service that reads names without regard to case would take such a member, and what
/// it holds would have passed no limit. Shown by `a_limit_cannot_be_passed_by_in_capitals`.
pub(crate) fn spelling(at: &str, extra: &Extra, names: &[&str]) -> Result<(), Error> {
    for found in extra.keys() {
        if let Some(name) = names.iter().find(|name| found.eq_ignore_ascii_case(name)) {
            return Err(Error::out_of_limit(
                format!("{at}.{found}"),
                "this spelling",
                format!("the member is called `{name}`; spell it so, once"),
            ));
        }
    }
    Ok(())
}

/// An address for notifications: `http` or `https`, printable, of a sane length. Whether plain
/// `http` is acceptable is the receiver's decision.
///
/// # Errors
/// [`Error::OutOfLimit`] at `path`.
pub(crate) fn callback(path: &str, address: &str) -> Result<(), Error> {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let host = if lower.starts_with("https://") {
        address.get(8..)
    } else if lower.starts_with("http://") {
        address.get(7..)
    } else {
        None
    };
    let named = host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']));
    let printable = !address.chars().any(|c| c.is_whitespace() || c.is_control());
    if named && printable && address.len() <= CALLBACK_MAX {
        return Ok(());
    }
    Err(Error::out_of_limit(
        path,
        format_args!("{address:?}"),
        format!(
            "events need an absolute http or https address of at most {CALLBACK_MAX} bytes, without spaces"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_an_address() {
        let long = format!("https://h/{}", "a".repeat(CALLBACK_MAX));
        for (address, fits) in [
            ("https://desk.example/notifications", true),
            ("HTTP://127.0.0.1:9/x", true),
            ("https://", false),
            ("https:///x", false),
            ("http://?x", false),
            ("desk.example/x", false),
            ("ftp://desk.example", false),
            ("https://desk.example/a b", false),
            ("https://desk.example/\n", false),
            ("", false),
            ("ä", false),
            (&long, false),
        ] {
            let found = callback("$.callbackUri", address);
            assert_eq!(found.is_ok(), fits, "{address}: {found:?}");
            if let Err(error) = found {
                assert_eq!(error.path(), "$.callbackUri");
            }
        }
    }
}
