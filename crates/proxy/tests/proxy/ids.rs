//! Ids that would leave their place in a path.

use axum::http::Method;
use foldback_proxy::{problem::Fault, routes};
use proptest::prelude::*;
use reqwest::Url;

/// What others have tried.
const CORPUS: &[&str] = &[
    "..",
    ".",
    "...",
    "%2e%2e",
    "%2E%2E",
    "%252e%252e",
    "..%2f",
    "a/../b",
    "a%2fb",
    "a%5cb",
    "a\\b",
    "a%00",
    "%00",
    "a%0a",
    "a%0d%0ab",
    "a?b=c",
    "a#b",
    "a%3fb",
    "a%23b",
    "a;b",
    "a%20b",
    " ",
    "",
    "%",
    "%2",
    "%zz",
    "%c0%ae%c0%ae",
    "%e0%80%ae",
    "\u{ff0e}\u{ff0e}",
    "%ef%bc%8e%ef%bc%8e",
    "a@b",
    "user:pass@host",
    "//host",
    "http://host",
    "http:%2f%2fhost",
    "a..b",
    "a.",
    ".a",
    "a%2e%2e",
    "{id}",
    "$batch",
    "a'b",
    "a\"b",
    "a<b",
    "a|b",
    "a^b",
    "a`b",
    "a,b",
    "a&b",
    "a*b",
    "a(b)",
    "~",
    "\u{202e}a",
    "%e2%80%ae",
    "é",
    "a+b",
    "a=b",
    "a:b",
    "8:acs:1_2",
    "28:app",
    "4:+123",
    "a_b-c",
];

/// The address a request would be passed on to, made as it is for the service.
fn address(path: &str) -> Result<Option<(Url, usize)>, Fault> {
    let route = routes::find(&Method::GET, path)?;
    let Some(call) = &route.call else { return Ok(None) };
    let call = call.to_string();
    let call = call.split_once('.').map_or(call.as_str(), |(_, id)| id);
    let mut text = format!("https://service.example/v1.0/communications/calls/{call}");
    let mut segments = 4;
    if let Some(person) = &route.person {
        text += "/participants/";
        text += person.as_str();
        segments += 2;
    }
    if let Some(operation) = &route.operation {
        text += "/operations/";
        text += operation.as_str();
        segments += 2;
    }
    Ok(Some((Url::parse(&text).expect("an address"), segments)))
}

/// Whether what was let through is one segment of the path and nothing else.
fn stays(id: &str) -> Result<(), String> {
    for path in [
        format!("/v1.0/communications/calls/{id}"),
        format!("/beta/app/calls/{id}/participants"),
        format!("/v1.0/communications/calls/c/participants/{id}"),
        format!("/v1.0/communications/calls/c/operations/{id}"),
        format!("/foldback/v1/calls/graph.{id}"),
        format!("/foldback/v1/calls/acs.{id}/events"),
        format!("/beta/applications/{id}/calls/c"),
    ] {
        let Ok(Some((url, segments))) = address(&path) else { continue };
        let found = url.path_segments().map_or(0, Iterator::count);
        let same = url.host_str() == Some("service.example")
            && url.path().starts_with("/v1.0/communications/calls/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        if found != segments || !same {
            return Err(format!("{path} leads to {url}"));
        }
    }
    Ok(())
}

#[test]
fn never_leave_segment() {
    for id in CORPUS {
        stays(id).unwrap();
        let encoded = id.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
        stays(&encoded).unwrap();
    }
    for id in ["a+b", "a=b", "8:acs:1_2", "a_b-c", "4:%2b123"] {
        let path = format!("/v1.0/communications/calls/c/participants/{id}");
        assert!(address(&path).is_ok_and(|it| it.is_some()), "{id} is a good one");
    }
    proptest!(|(id in "\\PC{0,12}", hostile in "[./%25eE2fF\\\\@:a?#;]{0,16}")| {
        for id in [id, hostile] {
            if let Err(words) = stays(&id) {
                return Err(TestCaseError::fail(words));
            }
        }
    });
}
