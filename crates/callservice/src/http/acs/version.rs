//! `api-version`: required, one of the stable versions of Call Automation.

use super::fault;
use crate::http::answer::Answer;

/// The stable versions, oldest first, so that they compare as texts.
pub(super) const KNOWN: [&str; 7] = [
    "2023-03-06",
    "2023-10-15",
    "2024-04-15",
    "2024-09-15",
    "2025-05-15",
    "2025-06-15",
    "2026-03-12",
];

/// The first version with mute.
pub(super) const MUTE_SINCE: &str = "2023-10-15";

/// The version asked for. Clients that follow a link may add the same version again.
///
/// # Errors
/// 400 with the list of versions.
pub(super) fn check(query: &[(String, String)]) -> Result<&'static str, Answer> {
    let mut found: Option<&str> = None;
    for (name, value) in query {
        if !name.eq_ignore_ascii_case("api-version") {
            continue;
        }
        if found.is_some_and(|found| found != value) {
            return Err(fault::bad("api-version stands twice with different values; send one"));
        }
        found = Some(value);
    }
    let known = KNOWN.join(", ");
    let Some(found) = found else {
        return Err(fault::bad(format!("api-version is missing; add one of {known} to the query")));
    };
    KNOWN.into_iter().find(|version| *version == found).ok_or_else(|| {
        let found: String = found.chars().take(64).collect();
        fault::bad(format!("api-version {found:?} is not known; use one of {known}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let check = |values: &[&str]| {
            let pairs: Vec<_> =
                values.iter().map(|v| ("Api-Version".to_owned(), (*v).to_owned())).collect();
            check(&pairs).ok()
        };
        for version in KNOWN {
            assert_eq!(check(&[version]), Some(version));
        }
        assert_eq!(check(&["2024-09-15", "2024-09-15"]), Some("2024-09-15"));
        assert_eq!(check(&["2024-09-15", "2023-10-15"]), None);
        for wrong in ["", "2024-09-16", "2023-10-03-preview", "latest"] {
            assert_eq!(check(&[wrong]), None, "{wrong}");
        }
        assert_eq!(check(&[]), None);
        assert!(KNOWN.is_sorted());
    }
}
