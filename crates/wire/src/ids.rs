//! Ids as types with a checked alphabet, so that none can leave its path segment.
//!
//! Graph ids are GUIDs, on old pages upper-case and without dashes; ACS ids carry `:`, `+` and `_`.
//! Everything else (slashes, percent signs, dots in a row, spaces, controls) is refused.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{error::Error, limits::ID_MAX};

/// Checks the alphabet and brings a GUID to lower case with dashes.
///
/// # Errors
/// [`Error::OutOfLimit`] when the id is empty, longer than [`ID_MAX`], holds a character outside
/// `A-Z a-z 0-9 - _ . : + @ =`, or is or holds two dots in a row.
pub(crate) fn check(path: &str, id: &str) -> Result<String, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+@=".contains(&byte);
    if id.is_empty()
        || id.len() > ID_MAX
        || !id.bytes().all(allowed)
        || id == "."
        || id.contains("..")
    {
        return Err(Error::out_of_limit(
            path,
            format_args!("\"{}\"", id.escape_default()),
            format!(
                "an id has 1 to {ID_MAX} characters from A-Z a-z 0-9 - _ . : + @ = and no two dots in a row"
            ),
        ));
    }
    Ok(normalise(id))
}

/// A GUID in any spelling becomes lower case with dashes; anything else stays as it is.
pub(crate) fn normalise(id: &str) -> String {
    let dashed = id.len() == 36
        && id.bytes().enumerate().all(|(i, byte)| (byte == b'-') == matches!(i, 8 | 13 | 18 | 23));
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    if dashed && id.bytes().all(|byte| byte == b'-' || hex(byte)) {
        return id.to_ascii_lowercase();
    }
    if id.len() != 32 || !id.bytes().all(hex) {
        return id.to_owned();
    }
    let mut out = String::with_capacity(36);
    for (i, c) in id.chars().enumerate() {
        if matches!(i, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The spelling of the 2018 pages: a GUID becomes 32 upper-case hexadecimal digits without dashes;
/// anything else stays as it is. Reading brings it back to lower case with dashes.
pub fn old_spelling(id: &str) -> String {
    let normal = normalise(id);
    let guid = normal.len() == 36
        && normal.char_indices().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        });
    if !guid {
        return id.to_owned();
    }
    normal.chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks and normalises an id.
            ///
            /// # Errors
            /// [`Error::OutOfLimit`] when the id leaves the alphabet or length of this module.
            pub fn parse(id: &str) -> Result<Self, Error> {
                check("$", id).map(Self)
            }

            /// The normalised id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl foldback_json::Read for $name {
            fn read(node: &foldback_json::Node<'_>) -> Result<Self, foldback_json::Error> {
                Self::parse(node.text()?).map_err(|_| foldback_json::Error::new("not an id"))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(|error| match error {
                    // The deserializer knows the path; ours would be wrong here.
                    Error::OutOfLimit { value, limit, .. } => serde::de::Error::custom(
                        format_args!("{value} is not allowed; {limit}"),
                    ),
                    other => serde::de::Error::custom(other),
                })
            }
        }
    };
}

id!(
    /// A Graph call, or an ACS call connection.
    CallId
);
id!(
    /// One person's leg in one call. It changes when the person leaves and returns.
    ParticipantId
);
id!(
    /// An operation as the service names it.
    UpstreamOperationId
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn guids_have_one_spelling() {
        for (id, normal) in [
            ("57DAB8B1894C409AB240BD8BEAE78896", "57dab8b1-894c-409a-b240-bd8beae78896"),
            ("57DAB8B1-894C-409A-B240-BD8BEAE78896", "57dab8b1-894c-409a-b240-bd8beae78896"),
            ("57dab8b1-894c-409a-b240-bd8beae78896", "57dab8b1-894c-409a-b240-bd8beae78896"),
            ("57DAB8B1894C409AB240BD8BEAE7889", "57DAB8B1894C409AB240BD8BEAE7889"),
            ("57DA-B8B1-894C-409A-B240BD8BEAE78896", "57DA-B8B1-894C-409A-B240BD8BEAE78896"),
            ("8:acs:B961_dA", "8:acs:B961_dA"),
            ("4:+15550100", "4:+15550100"),
            ("a.b", "a.b"),
        ] {
            assert_eq!(ParticipantId::parse(id).unwrap().as_str(), normal);
            assert_eq!(ParticipantId::parse(&old_spelling(id)).unwrap().as_str(), normal);
        }
        let old = old_spelling("57dab8b1-894c-409a-b240-bd8beae78896");
        assert_eq!(old, "57DAB8B1894C409AB240BD8BEAE78896");
        assert_eq!(old_spelling("8:acs:a-b"), "8:acs:a-b");
    }

    #[test]
    fn what_could_leave_its_segment_is_refused() {
        for id in [
            "",
            ".",
            "..",
            "a..b",
            "a/b",
            "a\\b",
            "a%2fb",
            "a b",
            "a?b",
            "a#b",
            "a\0",
            "é",
            "a\u{202e}",
            &"x".repeat(ID_MAX + 1),
        ] {
            let error = CallId::parse(id).unwrap_err();
            assert!(matches!(error, Error::OutOfLimit { .. }), "{error}");
            assert!(error.to_string().chars().count() < 250, "{error}");
        }
        assert!(CallId::parse(&"x".repeat(ID_MAX)).is_ok());
    }

    #[test]
    fn reading_names_the_value_and_the_rule_once() {
        let error = crate::read::json::<Vec<CallId>>(br#"["ok","../up"]"#).unwrap_err();
        assert_eq!(error.path(), "$[1]");
        let text = error.to_string();
        assert!(text.starts_with("$[1]: \"../up\" is not allowed; an id has"), "{text}");
    }

    proptest! {
        #[test]
        fn parsing_is_stable_and_stays_in_one_segment(id in any::<String>()) {
            if let Ok(parsed) = CallId::parse(&id) {
                prop_assert_eq!(CallId::parse(parsed.as_str()), Ok(parsed.clone()));
                prop_assert!(!parsed.as_str().contains(['/', '\\', '%', '?', '#']));
                prop_assert!(!parsed.as_str().contains(".."));
            }
        }
    }
}
