//! Every limit of a mix, at its edge and beyond.

use serde_json::{Value, json};

use super::*;
use crate::{graph::ExclusiveMember, limits::ITEMS_MAX};

const A: &str = "550fae72-d251-43ec-868c-373732c2704f";
const B: &str = "632899f8-2ea1-4604-8413-27bd2892079f";

/// A fitting body in which `change` may spoil something.
fn body(change: impl FnOnce(&mut Value)) -> Result<ConfigureMixer, Error> {
    let mut body = json!({
        "clientContext": "c",
        "participantMixerLevels": [{
            "participant": A,
            "exclusive": true,
            "ducking": {"rampActive": 0, "rampInactive": 5000, "lowerLevel": 0, "upperLevel": 100},
            "sourceLevels": [
                {"participant": B, "level": 0, "duckOthers": true},
                {"participant": "8:acs:x_y", "level": 100},
                {"participant": "third"},
            ],
        }],
    });
    change(&mut body);
    ConfigureMixer::read(body.to_string().as_bytes())
}

fn at(pointer: &'static str, value: Value) -> impl FnOnce(&mut Value) {
    move |body| *body.pointer_mut(pointer).unwrap() = value
}

#[test]
fn the_edges_of_every_limit_fit() {
    body(|_| ()).unwrap();
    body(at("/participantMixerLevels/0/ducking/lowerLevel", json!(100))).unwrap();
    body(at("/participantMixerLevels/0/ducking/upperLevel", json!(0))).unwrap();
    body(at("/participantMixerLevels", json!([]))).unwrap();
    body(at("/participantMixerLevels/0/sourceLevels", json!(null))).unwrap();
    body(at("/participantMixerLevels/0/sourceLevels/1/level", json!(null))).unwrap();
    body(|body| body["participantMixerLevels"][0]["exclusiveMode"] = json!(true)).unwrap();
    body(at("/clientContext", json!("é".repeat(256)))).unwrap();
}

/// Puts each value at a pointer below the first listener and expects `path: … part …`.
fn refused(cases: &[(&'static str, Value, &str, &str)]) {
    const ENTRY: &str = "/participantMixerLevels/0";
    for (pointer, value, start, part) in cases {
        let found = body(|body| {
            *body.pointer_mut(&format!("{ENTRY}{pointer}")).unwrap() = value.clone();
        });
        let text = found.expect_err(pointer).to_string();
        let start = format!("$.participantMixerLevels[0]{start}");
        assert!(text.starts_with(&start) && text.contains(part), "{pointer} = {value}: {text}");
    }
}

#[test]
fn numbers_out_of_their_limits() {
    let level = "/sourceLevels/1/level";
    let most = i64::MAX.to_string();
    refused(&[
        (level, json!(101), ".sourceLevels[1].level: 101 is", "from 0 to 100"),
        (level, json!(-1), ".sourceLevels[1].level: -1 is", "from 0 to 100"),
        (level, json!("101"), ".sourceLevels[1].level: 101 is", "from 0 to 100"),
        (level, json!(1e3), ".sourceLevels[1].level: 1000 is", "from 0 to 100"),
        (level, json!(i64::MAX), ".sourceLevels[1].level: ", &most),
        (level, json!(u64::MAX), ".sourceLevels[1].level: ", "64 bits"),
        (level, json!(50.5), ".sourceLevels[1].level: ", "a whole number"),
        (level, json!(true), ".sourceLevels[1].level: ", "a whole number"),
        (level, json!("loud"), ".sourceLevels[1].level: ", "a whole number"),
        (level, json!([50]), ".sourceLevels[1].level: ", "a whole number"),
        ("/ducking/rampActive", json!(5001), ".ducking.rampActive: 5001", "from 0 to 5000"),
        ("/ducking/rampInactive", json!(-1), ".ducking.rampInactive: -1", "from 0 to 5000"),
        ("/ducking/lowerLevel", json!(101), ".ducking.lowerLevel: 101", "from 0 to 100"),
        ("/ducking/upperLevel", json!(-5), ".ducking.upperLevel: -5", "from 0 to 100"),
        ("/ducking/upperLevel", json!(null), ".ducking.upperLevel: ", "a whole number"),
    ]);
}

#[test]
fn levels_above_a_hundred_are_a_setting() {
    let text = |level: i64| {
        json!({"participantMixerLevels": [{
            "participant": A,
            "ducking": {"rampActive": 0, "rampInactive": 0, "lowerLevel": 0, "upperLevel": level},
            "sourceLevels": [{"participant": B, "level": level}],
        }]})
        .to_string()
    };
    let raised = Limits::with_levels_above_100();
    for (level, fits, fits_raised) in [
        (100, true, true),
        (101, false, true),
        (limits::LEVEL_MAX_RAISED, false, true),
        (limits::LEVEL_MAX_RAISED + 1, false, false),
        (-1, false, false),
    ] {
        let text = text(level);
        assert_eq!(ConfigureMixer::read(text.as_bytes()).is_ok(), fits, "{level}");
        let found = ConfigureMixer::read_with(text.as_bytes(), raised);
        assert_eq!(found.is_ok(), fits_raised, "{level}");
        if let Err(error) = found {
            assert!(error.to_string().ends_with("from 0 to 1000"), "{error}");
        }
    }
}

#[test]
fn the_written_spelling_of_exclusive_is_chosen() {
    let mixes = |first: &Value, second: &Value| {
        json!({"participantMixerLevels": [
            {"participant": A, "exclusive": first, "sourceLevels": []},
            {"participant": B, "exclusiveMode": second, "sourceLevels": []},
            {"participant": "third", "sourceLevels": []},
        ]})
    };
    let text = mixes(&json!(true), &json!(false)).to_string();
    let request = ConfigureMixer::read(text.as_bytes()).unwrap();
    for (member, name, other) in [
        (ExclusiveMember::Exclusive, "exclusive", "exclusiveMode"),
        (ExclusiveMember::ExclusiveMode, "exclusiveMode", "exclusive"),
    ] {
        let written = serde_json::to_value(request.clone().spelled(member)).unwrap();
        let entries = written["participantMixerLevels"].as_array().unwrap();
        assert_eq!((&entries[0][name], &entries[1][name]), (&json!(true), &json!(false)));
        assert!(entries.iter().all(|entry| entry.get(other).is_none()), "{written}");
        assert!(entries[2].get(name).is_none(), "{written}");
        let again = ConfigureMixer::read(written.to_string().as_bytes()).unwrap();
        assert!(again.participant_mixer_levels[0].is_exclusive());
    }
}

#[test]
fn ids_and_keys() {
    let third = "/sourceLevels/2/participant";
    let doubled = json!(B.replace('-', "").to_uppercase());
    let already = "already at $.participantMixerLevels[0].sourceLevels[0]:";
    refused(&[
        ("/participant", json!("../x"), ".participant: \"../x\"", "an id has 1 to 256"),
        ("/participant", json!(null), ".participant: ", "expected a string"),
        (third, json!("a/b"), ".sourceLevels[2].participant: \"a/b\"", "an id has 1 to 256"),
        (third, doubled, ".sourceLevels[2].participant: \"632899F8", already),
        (third, json!(A.to_uppercase()), ".sourceLevels[2].participant: ", "never hears itself"),
        ("/sourceLevels/0/level", json!(null), ".sourceLevels[0].level: nothing", "a level"),
        ("/ducking", json!(null), ".sourceLevels[0].duckOthers: true", "add `ducking`"),
    ]);
}

#[test]
fn wrong_types_and_missing_members() {
    refused(&[
        ("/ducking", json!({"rampActive": 1}), ".ducking: ", "missing field `rampInactive`"),
        ("/sourceLevels/0/duckOthers", json!("yes"), ".sourceLevels[0].duckOthers: ", "boolean"),
        ("/sourceLevels/0", json!({"level": 5}), ".sourceLevels[0]: ", "field `participant`"),
        ("/sourceLevels", json!({}), ".sourceLevels: ", "expected a sequence"),
        ("/exclusive", json!(1), ".exclusive: ", "expected a boolean"),
        ("", json!(7), ": ", "integer `7`"),
    ]);
    for (pointer, value, path) in [
        ("/participantMixerLevels", json!("x"), "$.participantMixerLevels"),
        ("/clientContext", json!(7), "$.clientContext"),
        ("/clientContext", json!("x".repeat(257)), "$.clientContext"),
        ("", json!(7), "$"),
        ("", json!({}), "$"),
    ] {
        assert_eq!(body(at(pointer, value)).unwrap_err().path(), path, "{pointer}");
    }
}

#[test]
fn a_limit_cannot_be_passed_by_in_capitals() {
    for (parent, name) in [
        ("", "ParticipantMixerLevels"),
        ("/participantMixerLevels/0", "SourceLevels"),
        ("/participantMixerLevels/0/ducking", "RAMPACTIVE"),
        ("/participantMixerLevels/0/sourceLevels/0", "Level"),
    ] {
        let error = body(|body| {
            let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            parent.insert(name.to_owned(), json!(9_999));
        })
        .unwrap_err();
        assert!(error.path().ends_with(&format!(".{name}")), "{error}");
    }
}

#[test]
fn a_member_twice_is_refused() {
    let text = br#"{"participantMixerLevels":[{"participant":"a",
        "sourceLevels":[{"participant":"b","level":1,"level":2}]}]}"#;
    let error = ConfigureMixer::read(text).unwrap_err();
    assert!(error.path().starts_with("$.participantMixerLevels[0].sourceLevels[0]"), "{error}");
    assert!(error.to_string().contains("duplicate field `level`"), "{error}");
}

#[test]
fn both_spellings_of_exclusive_must_agree() {
    let error =
        body(|body| body["participantMixerLevels"][0]["exclusiveMode"] = json!(false)).unwrap_err();
    assert_eq!(error.path(), "$.participantMixerLevels[0].exclusiveMode");
    let alone = body(|body| {
        let entry = body["participantMixerLevels"][0].as_object_mut().unwrap();
        entry.remove("exclusive");
        entry.insert("exclusiveMode".to_owned(), json!(true));
    });
    assert!(alone.unwrap().participant_mixer_levels[0].is_exclusive());
}

#[test]
fn a_listener_appears_once_in_any_spelling() {
    let error = body(|body| {
        let again = json!({"participant": A.replace('-', "").to_uppercase(), "sourceLevels": []});
        body["participantMixerLevels"].as_array_mut().unwrap().push(again);
    })
    .unwrap_err();
    assert_eq!(error.path(), "$.participantMixerLevels[1].participant");
    assert!(error.to_string().contains("already at $.participantMixerLevels[0]:"), "{error}");
}

#[test]
fn collections_have_a_limit() {
    let many = |n: usize| -> Vec<Value> {
        (0..n).map(|i| json!({"participant": format!("p{i}")})).collect()
    };
    for (pointer, path) in [
        ("/participantMixerLevels", "$.participantMixerLevels"),
        ("/participantMixerLevels/0/sourceLevels", "$.participantMixerLevels[0].sourceLevels"),
    ] {
        assert!(body(at(pointer, json!(many(ITEMS_MAX)))).is_ok());
        let error = body(at(pointer, json!(many(ITEMS_MAX + 1)))).unwrap_err();
        assert_eq!(error.path(), path);
        assert!(error.to_string().contains("a list of 10001 items is not allowed"), "{error}");
    }
}
