//! Where receivers look the keys up, and the lever that rotates them.

use axum::http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::{KeyError, openid_configuration};
use crate::{
    engine::Face,
    http::{answer::Answer, faults::only, shared::Shared},
};

/// What is published at a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::http) enum Published {
    Configuration(Face),
    KeySet(Face),
}

/// What is published at the path with these segments, in any case.
pub(in crate::http) fn published(path: &[&str]) -> Option<Published> {
    let path: Vec<String> = path.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["v1", ".well-known", "openidconfiguration"] => Some(Published::Configuration(Face::Graph)),
        ["v1", "keys"] => Some(Published::KeySet(Face::Graph)),
        ["calling", ".well-known", "acsopenidconfiguration"] => {
            Some(Published::Configuration(Face::Acs))
        }
        ["calling", "keys"] => Some(Published::KeySet(Face::Acs)),
        _ => None,
    }
}

/// Answers a request for it; no sign-in is asked for.
pub(in crate::http) async fn answer(shared: &Shared, method: &str, what: Published) -> Answer {
    if method != "GET" {
        return Answer::not_allowed(method, "GET");
    }
    let body = match what {
        Published::Configuration(face) => Ok(openid_configuration(face, &shared.base_url)),
        Published::KeySet(face) => shared.keys.key_set(face).await,
    };
    match body {
        // A key just rotated has to be found at once.
        Ok(body) => Answer::json(StatusCode::OK, &body).with(header::CACHE_CONTROL, "no-cache"),
        Err(error) => no_key(error),
    }
}

fn no_key(error: KeyError) -> Answer {
    Answer::error(StatusCode::SERVICE_UNAVAILABLE, "serviceNotAvailable", error.to_string())
}

/// `POST /rehearsal/v1/keys`: a new key signs from now on.
pub(in crate::http) async fn rotate(
    shared: &Shared,
    order: &Map<String, Value>,
) -> Result<Value, String> {
    only(order, &["rotate"])?;
    let (face, name) = match order.get("rotate").and_then(Value::as_str) {
        Some("graph") => (Face::Graph, "graph"),
        Some("acs") => (Face::Acs, "acs"),
        _ => return Err("rotate must be \"graph\" or \"acs\"".to_owned()),
    };
    let kid = shared.keys.rotate(face).await.map_err(|error| error.to_string())?;
    Ok(json!({"rotated": name, "kid": kid}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, what) in [
            ("v1/.well-known/OpenIdConfiguration", Some(Published::Configuration(Face::Graph))),
            ("v1/keys", Some(Published::KeySet(Face::Graph))),
            (
                "calling/.well-known/acsopenidconfiguration",
                Some(Published::Configuration(Face::Acs)),
            ),
            ("calling/KEYS", Some(Published::KeySet(Face::Acs))),
            ("v1.0/keys", None),
            ("v1/keys/x", None),
            ("", None),
        ] {
            assert_eq!(published(&path.split('/').collect::<Vec<_>>()), what, "{path}");
        }
    }
}
