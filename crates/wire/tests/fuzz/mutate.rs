//! How bodies are bent: as JSON (members gone, doubled, renamed, exchanged, given odd values) and as
//! text (bytes changed, cut out, repeated).

use serde_json::{Map, Value, json};

use super::shapes::GOLDENS;

/// A small generator of numbers: `SplitMix64`.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end` - 1; 0 for an empty range.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap().max(1);
        usize::try_from(self.roll() % end).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// The golden bodies, and all that they are made of.
pub struct Corpus {
    bodies: Vec<(&'static str, &'static str, Value)>,
    names: Vec<String>,
    values: Vec<Value>,
}

impl Corpus {
    pub fn new() -> Self {
        let bodies: Vec<_> = GOLDENS
            .iter()
            .map(|(name, text)| (*name, *text, serde_json::from_str(text).unwrap()))
            .collect();
        let mut names = Vec::new();
        for (_, _, body) in &bodies {
            collect_names(body, &mut names);
        }
        names.sort();
        names.dedup();
        Self { bodies, names, values: odd_values() }
    }

    /// A body for a reader: mostly one of its own, bent once or more, sometimes not at all.
    pub fn body(&self, own: &[&str], dice: &mut Dice) -> Vec<u8> {
        let name = if own.is_empty() || dice.one_in(8) {
            self.bodies[dice.below(self.bodies.len())].0
        } else {
            own[dice.below(own.len())]
        };
        let (_, text, body) = self.bodies.iter().find(|(n, _, _)| *n == name).unwrap();
        if dice.one_in(4) {
            return bend_text(text.as_bytes(), dice);
        }
        let mut body = body.clone();
        for _ in 0..dice.below(4) {
            self.bend(&mut body, dice);
        }
        serde_json::to_vec(&body).unwrap()
    }

    /// Walks down from the root and bends what it comes to.
    fn bend(&self, value: &mut Value, dice: &mut Dice) {
        let children = match value {
            Value::Array(items) => items.len(),
            Value::Object(members) => members.len(),
            _ => 0,
        };
        let stay = if children == 0 { 1 } else { 6 };
        if dice.one_in(stay) {
            *value = self.value(value, dice);
            return;
        }
        match value {
            Value::Array(items) => self.bend_items(items, dice),
            Value::Object(members) => self.bend_members(members, dice),
            _ => {}
        }
    }

    fn bend_items(&self, items: &mut Vec<Value>, dice: &mut Dice) {
        let at = dice.below(items.len());
        match dice.below(8) {
            0 => {
                items.remove(at);
            }
            1 => {
                let again = items[at].clone();
                items.push(again);
            }
            2 => {
                let other = dice.below(items.len());
                items.swap(at, other);
            }
            _ => self.bend(&mut items[at], dice),
        }
    }

    fn bend_members(&self, members: &mut Map<String, Value>, dice: &mut Dice) {
        let at = dice.below(members.len());
        let name = members.keys().nth(at).cloned().unwrap();
        match dice.below(12) {
            0 => {
                members.remove(&name);
            }
            1 => {
                let other = self.names[dice.below(self.names.len())].clone();
                let value = members.remove(&name).unwrap();
                members.insert(other, value);
            }
            2 => {
                let other = self.names[dice.below(self.names.len())].clone();
                let value = self.values[dice.below(self.values.len())].clone();
                members.insert(other, value);
            }
            3 => {
                let value = members.remove(&name).unwrap();
                let upper = dice.one_in(2);
                let name = if upper { name.to_uppercase() } else { name.to_lowercase() };
                members.insert(name, value);
            }
            4 => {
                let other = members.keys().nth(dice.below(members.len())).cloned().unwrap();
                let value = members[&other].clone();
                members.insert(name, value);
            }
            _ => self.bend(&mut members[&name], dice),
        }
    }

    /// Something else in the place of `old`: near it, or anything at all.
    fn value(&self, old: &Value, dice: &mut Dice) -> Value {
        match (old, dice.below(3)) {
            (Value::String(text), 0) => {
                let mut text: Vec<char> = text.chars().collect();
                let at = dice.below(text.len() + 1);
                match dice.below(4) {
                    0 => text.insert(at, ['/', '.', 'é', '\0', '"', 'A', '_', ' '][dice.below(8)]),
                    1 => text.truncate(at),
                    2 => return Value::from(text.iter().collect::<String>().to_uppercase()),
                    _ => text.reverse(),
                }
                Value::from(text.into_iter().collect::<String>())
            }
            (Value::Number(number), 0) => match dice.below(3) {
                0 => Value::from(number.to_string()),
                1 => json!(number.as_f64().unwrap_or_default() + 0.5),
                _ => json!(number.as_f64()),
            },
            (Value::Bool(old), 0) => Value::from(!old),
            (_, 1) => {
                let (_, _, body) = &self.bodies[dice.below(self.bodies.len())];
                part(body, dice).clone()
            }
            _ => self.values[dice.below(self.values.len())].clone(),
        }
    }
}

/// Any value inside another.
fn part<'a>(value: &'a Value, dice: &mut Dice) -> &'a Value {
    let mut value = value;
    while !dice.one_in(3) {
        let below = match value {
            Value::Array(items) => items.get(dice.below(items.len())),
            Value::Object(members) => members.values().nth(dice.below(members.len())),
            _ => None,
        };
        match below {
            Some(below) => value = below,
            None => break,
        }
    }
    value
}

fn collect_names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, into)),
        Value::Object(members) => {
            into.extend(members.keys().cloned());
            members.values().for_each(|item| collect_names(item, into));
        }
        _ => {}
    }
}

fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(50),
        json!(100),
        json!(101),
        json!(5_000),
        json!(5_001),
        json!(0.5),
        json!(1e15),
        json!(9_007_199_254_740_993_i64),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(""),
        json!("7"),
        json!("-7"),
        json!("+7"),
        json!("007"),
        json!("50.0"),
        json!("9223372036854775808"),
        json!(".."),
        json!("../up"),
        json!("a/b"),
        json!("unknown"),
        json!("Completed"),
        json!("DELETED"),
        json!("PUBLIC"),
        json!("moon"),
        json!("phoneNumber"),
        json!("8:acs:r_one"),
        json!("8:orgid:u-2"),
        json!("4:+15550100"),
        json!("28:dod:a-1"),
        json!("57DAB8B1894C409AB240BD8BEAE78896"),
        json!("/app/calls/57DAB8B1894C409AB240BD8BEAE78896/participants"),
        json!("/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896"),
        json!("/applications/x/calls/c/participants/p"),
        json!("é\u{202e}\u{0}"),
        json!("x".repeat(256)),
        json!("ü".repeat(257)),
        json!([]),
        json!([null]),
        json!(["a"]),
        json!({}),
        json!({"id": null}),
        json!({"@odata.type": "#microsoft.graph.deltaParticipants", "participants": []}),
        json!({"a": {"b": {"c": [[]]}}}),
    ]
}

/// Changes bytes of a text; the result need not be JSON, nor even UTF-8.
fn bend_text(text: &[u8], dice: &mut Dice) -> Vec<u8> {
    const PIECES: [&[u8]; 12] =
        [b"null", b"{", b"}", b"[", b"]", b",", b":", b"\"", b"\\u0000", b"\xff", b"1e400", b"-"];
    let mut text = text.to_vec();
    for _ in 0..=dice.below(2) {
        let at = dice.below(text.len() + 1);
        let end = text.len().min(at + dice.below(12));
        match dice.below(5) {
            0 => text.truncate(at),
            1 => {
                text.drain(at..end);
            }
            2 => {
                let again = text[at..end].to_vec();
                text.splice(at..at, again);
            }
            3 => {
                let piece = PIECES[dice.below(PIECES.len())];
                text.splice(at..at, piece.iter().copied());
            }
            _ => {
                if let Some(byte) = text.get_mut(at) {
                    *byte = u8::try_from(dice.below(256)).unwrap();
                }
            }
        }
    }
    text
}
