//! Int64s as text, the other way in which `OData` may write them.

use serde_json::Value;

/// Every member of Foldback's Graph bodies that is an Int64.
pub const INT64_MEMBERS: [&str; 7] = [
    "level",
    "rampActive",
    "rampInactive",
    "lowerLevel",
    "upperLevel",
    "sequenceNumber",
    "rosterSequenceNumber",
];

/// Turns every whole number under a name of [`INT64_MEMBERS`], at any depth, into its digits as text.
/// Reading takes both.
pub fn int64_as_text(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(int64_as_text),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Number(number)
                        if (number.is_i64() || number.is_u64())
                            && INT64_MEMBERS.contains(&name.as_str()) =>
                    {
                        *value = Value::String(number.to_string());
                    }
                    other => int64_as_text(other),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::{ConfigureMixer, DeltaParticipants};

    #[test]
    fn what_is_written_as_text_reads_the_same() {
        let mut mixer = json!({"participantMixerLevels": [{
            "participant": "a",
            "ducking": {"rampActive": 1, "rampInactive": 2, "lowerLevel": 3, "upperLevel": 4},
            "sourceLevels": [{"participant": "b", "level": 5}, {"participant": "c"}],
        }]});
        let before = ConfigureMixer::read(mixer.to_string().as_bytes()).unwrap();
        int64_as_text(&mut mixer);
        let entry = &mixer["participantMixerLevels"][0];
        assert_eq!(
            entry["ducking"],
            json!({"rampActive": "1", "rampInactive": "2", "lowerLevel": "3", "upperLevel": "4"})
        );
        assert_eq!(entry["sourceLevels"][0]["level"], "5");
        assert_eq!(ConfigureMixer::read(mixer.to_string().as_bytes()), Ok(before));

        let mut delta = json!({"sequenceNumber": 42, "other": 7,
            "participants": [{"id": "p", "rosterSequenceNumber": i64::MAX}]});
        let before: DeltaParticipants = serde_json::from_value(delta.clone()).unwrap();
        int64_as_text(&mut delta);
        assert_eq!((&delta["sequenceNumber"], &delta["other"]), (&json!("42"), &json!(7)));
        let number = &delta["participants"][0]["rosterSequenceNumber"];
        assert_eq!(number, "9223372036854775807");
        assert_eq!(serde_json::from_value::<DeltaParticipants>(delta).unwrap(), before);
    }
}
