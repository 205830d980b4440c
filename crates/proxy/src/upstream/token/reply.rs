//! What token endpoints answer. The machine's own writes numbers in quotes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::secret::Secret;

#[derive(Deserialize)]
struct Reply {
    access_token: String,
    #[serde(default)]
    expires_in: Option<Number>,
    #[serde(default)]
    expires_on: Option<Number>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u64),
    Quoted(String),
}

impl Number {
    fn get(&self) -> Option<u64> {
        match self {
            Self::Plain(number) => Some(*number),
            Self::Quoted(text) => text.trim().parse().ok(),
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Longest life believed: a number out of reach must not make a moment that cannot be.
const LIFE_MAX: u64 = 7 * 24 * 60 * 60;

/// The token and how long it is good from `now` on.
pub(super) fn token(body: &[u8], now: SystemTime) -> Option<(Secret, Duration)> {
    let reply: Reply = serde_json::from_slice(body).ok()?;
    let from_now = reply.expires_in.and_then(|number| number.get());
    let seconds = from_now.or_else(|| {
        let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
        Some(reply.expires_on?.get()?.saturating_sub(now))
    })?;
    Some((Secret::new(reply.access_token), Duration::from_secs(seconds.min(LIFE_MAX))))
}

/// The endpoint's own word for its refusal.
pub(super) fn refusal(body: &[u8]) -> String {
    serde_json::from_slice::<Refusal>(body).map_or_else(
        |_| "no reason given".to_owned(),
        |refusal| foldback_model::name::clean(&refusal.error),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_in_several_ways() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        for (members, seconds) in [
            ("\"expires_in\": 3599", Some(3_599)),
            ("\"expires_in\": \"86399\"", Some(86_399)),
            ("\"expires_on\": \"1060\"", Some(60)),
            ("\"expires_on\": 1060", Some(60)),
            ("\"expires_on\": 7", Some(0)),
            ("\"expires_in\": 18446744073709551615", Some(LIFE_MAX)),
            ("\"expires_in\": \"soon\"", None),
            ("\"x\": 1", None),
        ] {
            let body = format!("{{\"access_token\": \"t\", {members}}}");
            let found = token(body.as_bytes(), now).map(|(_, lasts)| lasts.as_secs());
            assert_eq!(found, seconds, "{members}");
        }
        assert!(token(b"{\"expires_in\": 1}", now).is_none());
        assert_eq!(refusal(b"{\"error\": \"invalid_client\\n\"}"), "invalid_client");
        assert_eq!(refusal(b"<html>"), "no reason given");
    }
}
