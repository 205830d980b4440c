//! Numbers in every spelling, and errors that say where.

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
struct Probe {
    #[serde(deserialize_with = "int64")]
    n: i64,
    #[serde(default, deserialize_with = "optional_int64")]
    o: Option<i64>,
    #[serde(flatten)]
    extra: crate::graph::Extra,
}

#[test]
fn whole_numbers_in_every_spelling() {
    for (text, expected) in [
        ("50", Ok(50)),
        ("50.0", Ok(50)),
        ("5e1", Ok(50)),
        ("1e2", Ok(100)),
        ("-1", Ok(-1)),
        ("-0", Ok(0)),
        ("\"50\"", Ok(50)),
        ("\"-7\"", Ok(-7)),
        ("9223372036854775807", Ok(i64::MAX)),
        ("-9223372036854775808", Ok(i64::MIN)),
        ("\"9223372036854775807\"", Ok(i64::MAX)),
        ("9223372036854775808", Err("does not fit a whole number of 64 bits")),
        ("99999999999999999999999", Err("does not fit a whole number of 64 bits")),
        ("\"99999999999999999999999\"", Err("does not fit a whole number of 64 bits")),
        ("50.5", Err("floating point `50.5`")),
        ("\"50.0\"", Err("string \"50.0\"")),
        ("\"+5\"", Err("string \"+5\"")),
        ("\"\"", Err("string \"\"")),
        ("\"-\"", Err("string \"-\"")),
        ("\" 5\"", Err("string \" 5\"")),
        ("true", Err("boolean `true`")),
        ("null", Err("null")),
        ("[]", Err("sequence")),
        ("{}", Err("map")),
    ] {
        for member in ["n", "o"] {
            let body = match member {
                "n" => format!("{{\"n\":{text}}}"),
                _ => format!("{{\"n\":1,\"o\":{text}}}"),
            };
            let found = json::<Probe>(body.as_bytes());
            match expected {
                _ if member == "o" && text == "null" => assert_eq!(found.unwrap().o, None),
                Ok(number) => {
                    let probe = found.unwrap();
                    let read = if member == "n" { Some(probe.n) } else { probe.o };
                    assert_eq!(read, Some(number), "{body}");
                }
                Err(words) => {
                    let error = found.unwrap_err();
                    assert_eq!(error.path(), format!("$.{member}"), "{body}: {error}");
                    assert!(error.to_string().contains(words), "{body}: {error}");
                }
            }
        }
    }
    let huge = json::<Probe>(b"{\"n\":1e999}").unwrap_err();
    assert!(matches!(huge, Error::NotJson { .. }), "{huge}");
}

#[test]
fn unknown_whole_numbers_are_exact() {
    let body = br#"{"n":1,"least":-9223372036854775808,"most":18446744073709551615,"f":0.1}"#;
    let probe: Probe = json(body).unwrap();
    assert_eq!(probe.extra["least"].as_i64(), Some(i64::MIN));
    assert_eq!(probe.extra["most"].as_u64(), Some(u64::MAX));
    assert_eq!(probe.extra["f"].to_string(), "0.1");
}

#[test]
fn what_is_not_json_says_where() {
    for (text, line, column) in [
        ("", 1, 0),
        ("{\n", 2, 0),
        ("{\"n\":1}x", 1, 8),
        ("{\"n\":1,}", 1, 8),
        ("\u{feff}{}", 1, 1),
    ] {
        match json::<Probe>(text.as_bytes()).unwrap_err() {
            Error::NotJson { message, line: l, column: c } => {
                assert_eq!((l, c), (line, column), "{text:?}: {message}");
                assert!(!message.contains(" at line "), "{message}");
            }
            other => panic!("{text:?} gave {other}"),
        }
    }
}

#[test]
fn a_long_value_does_not_fill_the_message() {
    let body = format!("{{\"n\":[],\"o\":1,\"x\":\"{}\"}}", "a".repeat(9_000));
    assert_eq!(json::<Probe>(body.as_bytes()).unwrap_err().path(), "$.n");
    let error = json::<Vec<bool>>(format!("[\"{}\"]", "é".repeat(9_000)).as_bytes()).unwrap_err();
    assert_eq!(error.path(), "$[0]");
    assert!(error.to_string().chars().count() < 250, "{error}");
    assert!(error.to_string().ends_with("expected a boolean"), "{error}");
}

#[test]
fn odd_names_are_quoted_in_paths() {
    let map = serde_json::json!({"@odata.type": {"": [true, "no"]}});
    let error = value::<
        std::collections::BTreeMap<String, std::collections::BTreeMap<String, Vec<bool>>>,
    >("$.resourceData", &map)
    .unwrap_err();
    assert_eq!(error.path(), "$.resourceData['@odata.type'][''][1]");
}
