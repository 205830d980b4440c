//! What `serde_json` writes and reads is the measure.

use std::collections::BTreeMap;

use foldback_model::{CallState, Fact, Live};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Everything {
    flag: bool,
    small: u8,
    large: u64,
    below: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maybe: Option<u16>,
    words: String,
    list: Vec<Choice>,
    by_name: BTreeMap<String, Option<bool>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Choice {
    Nothing,
    One(u16),
    Several { of: String, more: Vec<u8> },
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        Just(Choice::Nothing),
        any::<u16>().prop_map(Choice::One),
        (any::<String>(), any::<Vec<u8>>()).prop_map(|(of, more)| Choice::Several { of, more }),
    ]
}

prop_compose! {
    fn everything()(
        (flag, small, large, below) in any::<(bool, u8, u64, i64)>(),
        (maybe, words) in any::<(Option<u16>, String)>(),
        list in prop::collection::vec(choice(), 0..4),
        by_name in any::<BTreeMap<String, Option<bool>>>(),
    ) -> Everything {
        Everything { flag, small, large, below, maybe, words, list, by_name }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(it in everything(), pretty: bool) {
        let text =
            if pretty { serde_json::to_string_pretty(&it) } else { serde_json::to_string(&it) };
        prop_assert_eq!(read::<Everything>(&text.unwrap()), Ok(it));
    }

    #[test]
    fn every_tree_is_read_as_it_is(it in value()) {
        prop_assert_eq!(read::<Value>(&it.to_string()), Ok(it));
    }

    #[test]
    fn what_is_no_json_is_no_json_here(
        text in r#"[\[\]{},:"\\/ \n-]{0,3}(0|1|-|\.|e|E|true|null|fals|"\\u00e|"\\ud83d"|a|é){0,4}[\[\]{},:" ]{0,3}"#,
    ) {
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text);
        let ours = read::<serde::de::IgnoredAny>(&text);
        // They pass over what they ignore without looking at its characters.
        let half = text.contains("\\ud83d");
        prop_assert!(half || ours.is_ok() == theirs.is_ok(), "{:?}: {:?}", text, ours);
    }
}

#[track_caller]
fn refused<T: DeserializeOwned + fmt::Debug>(text: &str, why: &str) {
    assert_eq!(read::<T>(text).unwrap_err().to_string(), why, "{text}");
}

#[test]
fn a_flaw_is_told_with_its_place() {
    refused::<Value>("[1,]", "no value at byte 3");
    refused::<Value>("{\"a\" 1}", "unexpected text at byte 5");
    refused::<Value>("1 2", "text behind the value at byte 2");
    refused::<Value>("01", "a number begins with 0 at byte 2");
    refused::<Value>("\"a\nb\"", "a string does not end at byte 2");
    refused::<Value>(r#""\ud83d\u0041""#, "half a character at byte 13");
    refused::<Value>(&"[".repeat(100), "nested too deep at byte 64");
    refused::<Value>("", "no value at byte 0");
}

#[test]
fn what_does_not_fit_is_told() {
    refused::<u8>("300", "not u8");
    refused::<u8>("1.0", "not u8");
    refused::<bool>("1", "not a boolean");
    refused::<Everything>("[]", "not struct Everything");
    refused::<Everything>("{}", "missing field `flag`");
    refused::<Choice>(
        "\"later\"",
        "unknown variant `later`, expected one of `nothing`, `one`, `several`",
    );
    refused::<Choice>("{\"nothing\":1}", "a value where a name alone is expected");
    refused::<Choice>("{\"nothing\":null,\"one\":1}", "not enum Choice");
}

/// Whatever stands there.
#[derive(Debug, Deserialize)]
#[serde(from = "serde::de::IgnoredAny")]
struct Skipped(#[expect(dead_code, reason = "only its place counts")] u8);

impl From<serde::de::IgnoredAny> for Skipped {
    fn from(_: serde::de::IgnoredAny) -> Self {
        Self(0)
    }
}

#[test]
fn escapes_and_unknown_members_are_read_over() {
    let text = r#" { "words" : "\u00e9\n\"\ud83d\ude00\/" , "later" : [1.5e-3, {"a": null}] } "#;
    assert_eq!(read::<BTreeMap<String, Skipped>>(text).unwrap().len(), 2);
    assert_eq!(read::<String>(r#""\u00e9\n\"\ud83d\ude00\/""#).unwrap(), "é\n\"😀/");
}

#[test]
fn the_proxys_own_messages_are_read() {
    let state = r#"{"sequence":7,"call":null,"roster":{"people":{},"sequence":3},"desk":{"base":
        {"cells":{"ada":{"level":40}},"ducking":"off"}},"operations":[]}"#;
    let fact = r#"{"sequence":2,"prev":1,"at":5,"by":{"operator":{"id":"o","name":"Ana"}},
        "event":{"participantsLeft":{"ids":["ada"],"reason":null}}}"#;
    assert_eq!(read::<CallState>(state).unwrap(), serde_json::from_str(state).unwrap());
    assert_eq!(read::<Fact>(fact).unwrap(), serde_json::from_str(fact).unwrap());
    // As a state without anybody is written.
    let empty = serde_json::to_string(&CallState::default()).unwrap();
    assert_eq!(read::<CallState>(&empty).unwrap(), CallState::default());
    let live = r#"{"hold":{"operator":"o","fader":{"layer":"everyone","source":"ada"}}}"#;
    assert_eq!(read::<Live>(live).unwrap(), serde_json::from_str(live).unwrap());
}
