//! Notifications as bytes: bodies in the form the switches say, and the headers around them.

use foldback_wire::{
    graph::{CommsNotifications, Envelope, int64_as_text},
    ids::CallId,
};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::{
    engine::{Face, Notice, chance::blend},
    http::{
        switches::{self, Int64, Switches},
        text,
    },
};

/// What the posts of the Graph family call themselves.
const GRAPH_AGENT: &str = "Microsoft-Skype/3.0 (Foldback rehearsal)";

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const SCENARIO_ID: HeaderName = HeaderName::from_static("scenario-id");
const MESSAGE_ID: HeaderName = HeaderName::from_static("x-microsoft-skype-message-id");
const CHAIN_ID: HeaderName = HeaderName::from_static("x-microsoft-skype-chain-id");

/// Resource of a Graph notification, type of a `CloudEvent`.
pub(super) fn about(notice: &Notice) -> &str {
    match notice {
        Notice::Graph(notification) => notification.url().unwrap_or_default(),
        Notice::Acs(event) => &event.event_type,
    }
}

/// The body of a post: a batch of one.
pub(super) fn body(notice: Notice, switches: &Switches) -> Result<Vec<u8>, serde_json::Error> {
    match notice {
        Notice::Graph(item) => {
            let form = match switches.envelope {
                switches::Envelope::Current => Envelope::Current,
                switches::Envelope::Both => Envelope::Both,
                switches::Envelope::Old => Envelope::Old,
            };
            // What the engine wrote in the old form already belongs to an old request.
            let form = if item.resource_url.is_none() { Envelope::Old } else { form };
            let batch = CommsNotifications::in_form(vec![item], form);
            if switches.int64 == Int64::Number {
                return serde_json::to_vec(&batch);
            }
            let mut value = serde_json::to_value(&batch)?;
            int64_as_text(&mut value);
            serde_json::to_vec(&value)
        }
        Notice::Acs(mut event) => {
            event.time.get_or_insert_with(|| format!("{}.0000000+00:00", text::date()));
            serde_json::to_vec(&[event])
        }
    }
}

/// The headers of a post. `message` is the number of the notification in its call; repetitions have
/// the same.
pub(super) fn headers(face: Face, call: &CallId, message: u64, token: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut add = |name: HeaderName, value: &str| {
        // Tokens and UUIDs are plain text.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    match face {
        Face::Graph => {
            add(header::CONTENT_TYPE, "application/json");
            add(header::USER_AGENT, GRAPH_AGENT);
            let chain = digest(call.as_str());
            add(CLIENT_REQUEST_ID, &uuid(chain, message, 1));
            add(SCENARIO_ID, &uuid(chain, 0, 2));
            add(MESSAGE_ID, &uuid(chain, message, 3));
            add(CHAIN_ID, &chain_id(call));
        }
        Face::Acs => add(header::CONTENT_TYPE, "application/json; charset=utf-8"),
    }
    if let Some(token) = token {
        add(header::AUTHORIZATION, &format!("Bearer {token}"));
    }
    headers
}

/// The chain a Graph call is the only leg of: the header of its notifications and its `callChainId`.
pub(in crate::http) fn chain_id(call: &CallId) -> String {
    uuid(digest(call.as_str()), 0, 4)
}

/// Text in the form of a UUID, the same for the same numbers.
fn uuid(a: u64, b: u64, c: u64) -> String {
    let (high, low) = (blend(a, b, c), blend(a, b, c + 64));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

/// FNV-1a: the number of a text.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use foldback_wire::graph::CommsNotification;
    use serde_json::{Value, json};

    use super::*;

    fn written(changes: &Value) -> Value {
        let mut switches = Switches::default();
        switches.change(changes.as_object().unwrap().clone()).unwrap();
        let call = "57dab8b1-894c-409a-b240-bd8beae78896";
        let url = format!("/communications/calls/{call}/participants");
        let data = json!({"@odata.type": "#microsoft.graph.deltaParticipants", "sequenceNumber": 3,
            "participants": [{"id": "p", "rosterSequenceNumber": 2}]});
        let notice = CommsNotification::new("updated", url, data).into();
        serde_json::from_slice(&body(notice, &switches).unwrap()).unwrap()
    }

    #[test]
    fn the_switches_shape_the_body() {
        let current = written(&json!({}));
        assert_eq!(current["@odata.type"], "#microsoft.graph.commsNotifications");
        let item = &current["value"][0];
        assert_eq!(
            (item.get("resource"), item["resourceData"]["sequenceNumber"].as_u64()),
            (None, Some(3))
        );
        let old = written(&json!({"envelope": "old", "int64": "text"}));
        let item = &old["value"][0];
        assert_eq!((old.get("@odata.type"), item.get("resourceUrl")), (None, None));
        assert_eq!(item["resource"], "/app/calls/57DAB8B1894C409AB240BD8BEAE78896/participants");
        assert_eq!(item["resourceData"]["sequenceNumber"], "3");
        assert_eq!(item["resourceData"]["participants"][0]["rosterSequenceNumber"], "2");
        let both = written(&json!({"envelope": "both"}));
        let item = &both["value"][0];
        assert!(item["resource"].is_string() && item["resourceUrl"].is_string(), "{item}");
    }

    #[test]
    fn headers_tell_messages_and_calls_apart() {
        let [a, b] = ["a", "b"].map(|id| CallId::parse(id).unwrap());
        let of = |call, message| headers(Face::Graph, call, message, Some("t"));
        assert_eq!(of(&a, 1), of(&a, 1));
        assert_eq!(of(&a, 1)[CHAIN_ID], of(&a, 2)[CHAIN_ID]);
        assert_ne!(of(&a, 1)[CHAIN_ID], of(&b, 1)[CHAIN_ID]);
        assert_ne!(of(&a, 1)[MESSAGE_ID], of(&a, 2)[MESSAGE_ID]);
        assert_eq!(of(&a, 1)[header::AUTHORIZATION], "Bearer t");
        let acs = headers(Face::Acs, &a, 1, None);
        assert_eq!((acs.len(), acs.contains_key(header::AUTHORIZATION)), (1, false));
    }
}
