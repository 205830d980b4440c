//! What `serde_json` writes and reads is the measure.

use std::{collections::BTreeMap, fmt};

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::{parse, read};

/// Whatever stands there, as `serde_json` has it.
#[derive(Debug, PartialEq)]
struct Anything(Value);

impl Read for Anything {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        let of = |node: &Node<'_>| Self::read(node).map(|it| it.0);
        Ok(Self(match node {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::from(*value),
            Node::Number(text) => text.parse().map(Value::Number).unwrap(),
            Node::Text(text) => Value::from(&**text),
            Node::List(items) => Value::Array(items.iter().map(of).collect::<Result<_, _>>()?),
            Node::Members(members) => {
                let member = |(name, node): &(Cow<'_, str>, Node<'_>)| {
                    Ok((name.clone().into_owned(), of(node)?))
                };
                Value::Object(members.iter().map(member).collect::<Result<Map<_, _>, _>>()?)
            }
        }))
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
    fn every_tree_is_read_as_it_is(it in value(), pretty: bool) {
        let text =
            if pretty { serde_json::to_string_pretty(&it) } else { serde_json::to_string(&it) };
        prop_assert_eq!(read::<Anything>(&text.unwrap()), Ok(Anything(it)));
    }

    #[test]
    fn what_was_written_is_read(
        words in any::<Option<String>>(),
        numbers in any::<(u8, u16, u64)>(),
        by_name in any::<BTreeMap<String, Option<bool>>>(),
    ) {
        let text = serde_json::to_string(&(&words, numbers, &by_name)).unwrap();
        let Node::List(parts) = parse(&text).unwrap() else { panic!("a list") };
        let [first, second, third] = parts.as_slice() else { panic!("three parts") };
        prop_assert_eq!(Read::read(first), Ok(words));
        let Node::List(found) = second else { panic!("numbers") };
        prop_assert_eq!(u8::read(&found[0]), Ok(numbers.0));
        prop_assert_eq!(u16::read(&found[1]), Ok(numbers.1));
        prop_assert_eq!(u64::read(&found[2]), Ok(numbers.2));
        let map: LiteMap<String, Option<bool>> = Read::read(third).unwrap();
        prop_assert_eq!(map.into_tuple_vec(), by_name.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_no_json_is_no_json_here(
        text in r#"[\[\]{},:"\\/ \n-]{0,3}(0|1|-|\.|e|E|true|null|fals|"\\u00e|"\\ud83d"|a|é){0,4}[\[\]{},:" ]{0,3}"#,
    ) {
        let theirs = serde_json::from_str::<Value>(&text);
        let ours = parse(&text);
        // A number too large for theirs stays text here until somebody reads it.
        let large = theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        prop_assert!(large || ours.is_ok() == theirs.is_ok(), "{:?}: {:?}", text, ours);
    }
}

#[track_caller]
fn refused<T: Read + fmt::Debug>(text: &str, why: &str) {
    assert_eq!(read::<T>(text).unwrap_err().to_string(), why, "{text}");
}

#[test]
fn a_flaw_is_told_with_its_place() {
    refused::<Anything>("[1,]", "no value at byte 3");
    refused::<Anything>("{\"a\" 1}", "unexpected text at byte 5");
    refused::<Anything>("1 2", "text behind the value at byte 2");
    refused::<Anything>("01", "a number begins with 0 at byte 2");
    refused::<Anything>("\"a\nb\"", "a string does not end at byte 2");
    refused::<Anything>(r#""\ud83d\u0041""#, "half a character at byte 13");
    refused::<Anything>(&"[".repeat(100), "nested too deep at byte 64");
    refused::<Anything>("", "no value at byte 0");
}

#[derive(Debug, PartialEq)]
struct Somebody {
    name: String,
    level: Option<u8>,
    tags: Vec<bool>,
    moods: LiteMap<String, Mood>,
}

#[derive(Debug, PartialEq)]
enum Mood {
    Calm,
    Loud(u8),
}

impl Read for Somebody {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        Ok(Self {
            name: node.field("name")?,
            level: node.field("level")?,
            tags: node.field_or_default("tags")?,
            moods: node.field_or_default("moods")?,
        })
    }
}

impl Read for Mood {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        let (at, content) = node.choice(&["calm", "loud"])?;
        Ok(if at == 0 { Self::Calm } else { Self::Loud(Read::read(content)?) })
    }
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    refused::<u8>("300", "not a whole number in its range");
    refused::<u8>("1.0", "not a whole number in its range");
    refused::<u64>("-1", "not a whole number in its range");
    refused::<bool>("1", "neither true nor false");
    refused::<String>("null", "not a text");
    refused::<Somebody>("[]", "name: is missing");
    refused::<Somebody>("{\"name\":null}", "name: not a text");
    refused::<Somebody>("{\"name\":\"A\",\"tags\":[true,1]}", "tags: neither true nor false");
    let later = "{\"name\":\"A\",\"moods\":{\"now\":\"later\"}}";
    refused::<Somebody>(later, "moods: now: later: is not known here");
    refused::<Mood>("{\"calm\":null,\"loud\":1}", "not one member alone");
    refused::<Mood>("7", "not a name");
    refused::<LiteMap<String, u8>>("[1]", "not an object");
}

#[test]
fn what_may_be_missing_may_be_missing() {
    let found = read::<Somebody>(r#"{"later":{"a":1.5e-3},"name":"A","level":null}"#).unwrap();
    let alone = Somebody { name: "A".to_owned(), level: None, tags: vec![], moods: LiteMap::new() };
    assert_eq!(found, alone);
    let text = r#"{"name":"A","moods":{"b":{"loud":3},"a":"calm"},"tags":[false]}"#;
    let found = read::<Somebody>(text).unwrap();
    assert_eq!(found.tags, [false]);
    assert_eq!(found.moods.get("b"), Some(&Mood::Loud(3)));
    assert_eq!(found.moods.get("a"), Some(&Mood::Calm));
}

#[test]
fn escapes_are_resolved() {
    assert_eq!(read::<String>(r#""\u00e9\n\"\ud83d\ude00\/""#).unwrap(), "é\n\"😀/");
}

#[test]
fn any_order_gives_the_same_map() {
    let read = |text| read::<LiteMap<String, u8>>(text).unwrap();
    let ordered = read(r#"{"a":1,"b":2,"c":3}"#);
    assert_eq!(read(r#"{"c":3,"a":7,"b":2,"a":1}"#), ordered);
    assert!(read("[]").is_empty());
}
