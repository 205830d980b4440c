//! The roster as it stands in replies, each person written once a change: a reading of thousands of
//! people then costs little more than copying.

use std::collections::HashMap;

use foldback_wire::ids::ParticipantId;
use serde_json::Value;

use super::shape;
use crate::engine::Record;

/// Texts of people, by id, with the roster number they show.
#[derive(Debug, Default)]
pub(in crate::http) struct Written {
    people: HashMap<ParticipantId, (u64, Box<str>)>,
}

impl Written {
    /// The body of a reading of everybody: `{"@odata.context": …, "value": […]}`.
    pub(super) fn list<'a>(
        &mut self,
        context: &str,
        records: impl Iterator<Item = Record<'a>>,
    ) -> Vec<u8> {
        let mut body = format!("{{\"@odata.context\":{},\"value\":[", Value::from(context));
        let mut count = 0;
        for record in records {
            if count > 0 {
                body.push(',');
            }
            count += 1;
            match self.people.get(record.id()) {
                Some((changed, text)) if *changed == record.changed() => body.push_str(text),
                _ => {
                    let text = shape::participant(&record.participant()).to_string();
                    body.push_str(&text);
                    self.people.insert(record.id().clone(), (record.changed(), text.into()));
                }
            }
        }
        body.push_str("]}");
        // Who left is forgotten once there are more of them than of those who stayed.
        if self.people.len() > count * 2 + 16 {
            self.people.clear();
        }
        body.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::engine::{Form, Options, Rehearsal};

    fn fresh(engine: &Rehearsal) -> Value {
        let people = engine.participants().unwrap();
        let people: Vec<Value> = people.iter().map(shape::participant).collect();
        json!({"@odata.context": "a \"context\"", "value": people})
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn what_is_kept_says_what_would_be_written_now(seed: u64, steps in prop::collection::vec((0..4_u8, 1..9_000_u64), 1..40)) {
            let options = Options { participants: 30, seed, speed: 9.0, ..Options::default() };
            let mut engine = Rehearsal::new(options).unwrap();
            let mut written = Written::default();
            let mut now = 0;
            for (what, wait) in steps {
                now += wait;
                engine.advance(now);
                let people = engine.participants().unwrap();
                let nth = usize::try_from(wait).unwrap() % people.len();
                let id = ParticipantId::parse(&people[nth].id).unwrap();
                match what {
                    0 => drop(engine.join(Form::Delta)),
                    1 => drop(engine.mute(&id, None)),
                    2 => drop(engine.person_raises_hand(&id, true)),
                    _ => drop(engine.person_leaves(&id)),
                }
                let body = written.list("a \"context\"", engine.records().unwrap());
                let body: Value = serde_json::from_slice(&body).unwrap();
                prop_assert_eq!(body, fresh(&engine));
                prop_assert!(written.people.len() <= engine.participants().unwrap().len() * 2 + 16);
            }
        }
    }
}
