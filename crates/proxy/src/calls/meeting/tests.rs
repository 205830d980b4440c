//! Meetings as people name them.

use proptest::prelude::*;

use super::*;

const TENANT: &str = "5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c11";
const ORGANIZER: &str = "8d1e6f6e-9a5a-4f0b-8f0e-3a6d5d1f2b33";
const THREAD: &str = "19:meeting_Yjg0ODVl-Zg@thread.v2";
const LINK: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Yjg0ODVl-Zg%40thread.v2/0?context=%7b%22Tid%22%3a%225b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c11%22%2c%22Oid%22%3a%228d1e6f6e-9a5a-4f0b-8f0e-3a6d5d1f2b33%22%7d";

fn link(text: &str) -> Result<Coordinates, Wrong> {
    Coordinates::read(&json!({"link": text}))
}

fn by_organizer() -> Coordinates {
    Coordinates::Organizer {
        thread: THREAD.to_owned(),
        message: "0".to_owned(),
        reply: None,
        organizer: ORGANIZER.parse().unwrap(),
        tenant: Some(TENANT.parse().unwrap()),
    }
}

fn by_id(passcode: Option<&str>) -> Coordinates {
    Coordinates::Id { id: "123456789".to_owned(), passcode: passcode.map(str::to_owned) }
}

#[test]
fn what_people_paste_is_understood() {
    let open = format!(
        "https://teams.microsoft.com/l/meetup-join/{THREAD}/0?context={{\"Tid\":\"{TENANT}\",\"Oid\":\"{ORGANIZER}\"}}"
    );
    for (text, expected) in [
        (LINK.to_owned(), by_organizer()),
        (open, by_organizer()),
        (format!("  {LINK}\n"), by_organizer()),
        (format!("{LINK}&anon=true#top"), by_organizer()),
        (LINK.replace("/0?", "/0/?"), by_organizer()),
        (LINK.replace("teams.microsoft.com", "TEAMS.cloud.microsoft:443"), by_organizer()),
        (LINK.replace("teams.microsoft.com", "gov.teams.microsoft.us"), by_organizer()),
        (LINK.replace("teams.microsoft.com", "dod.teams.microsoft.us"), by_organizer()),
        (LINK.replace("Tid", "tid").replace("Oid", "oid"), by_organizer()),
        ("https://teams.microsoft.com/meet/123456789?p=aB3-x".to_owned(), by_id(Some("aB3-x"))),
        ("https://teams.microsoft.com/meet/123456789".to_owned(), by_id(None)),
        ("https://teams.microsoft.com/meet/123456789/?p=".to_owned(), by_id(None)),
    ] {
        assert_eq!(link(&text), Ok(expected), "{text}");
    }
    let channel =
        LINK.replace("/0?", "/1700000000000?").replace("%7d", "%2c%22MessageId%22%3a%2217%22%7d");
    let Ok(Coordinates::Organizer { message, reply, .. }) = link(&channel) else {
        panic!("{channel}")
    };
    assert_eq!((message.as_str(), reply.as_deref()), ("1700000000000", Some("17")));
    for (body, expected) in [
        (json!({"id": "123 456\u{a0}789", "passcode": "x"}), by_id(Some("x"))),
        (json!({"id": "123456789", "passcode": null}), by_id(None)),
        (
            json!({"thread": THREAD, "organizer": ORGANIZER, "tenant": TENANT, "message": "0"}),
            by_organizer(),
        ),
        (
            json!({"thread": THREAD, "organizer": ORGANIZER.to_uppercase(), "tenant": TENANT}),
            by_organizer(),
        ),
    ] {
        assert_eq!(Coordinates::read(&body), Ok(expected), "{body}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_a_way_out() {
    let at = |from: &str, to: &str| LINK.replace(from, to);
    for (text, words) in [
        ("teams".to_owned(), "no address"),
        (at("https", "http"), "https://"),
        (at("teams.microsoft.com", "teams.microsoft.com.evil.example"), "no host of Teams"),
        (at("teams.microsoft.com", "evil.example/teams.microsoft.com"), "no host of Teams"),
        (at("teams.microsoft.com", "teams.live.com"), "no host of Teams"),
        (at("teams.microsoft.com", "teams.microsoft.com."), "no host of Teams"),
        (at("teams.microsoft.com", "teams.microsoft.com:8443"), "a port or a user"),
        (at("teams.microsoft.com", "ada@teams.microsoft.com"), "a port or a user"),
        (at("meetup-join", "team"), "not that of a meeting"),
        (at("/0?", "/0/1?"), "not that of a meeting"),
        (at("/0?", "/x?"), "is no message"),
        (at("19%3a", "20%3a"), "is no thread"),
        (at("19%3a", "19%253a"), "is no thread"),
        (at("%40thread.v2", "%2f..%2f%40thread.v2"), "is no thread"),
        (at("19%3a", "%ff%3a"), "thread cannot be read"),
        (at("19%3a", "19%3"), "thread cannot be read"),
        (at("context", "ctx"), "context is missing"),
        (at("%22Tid%22", "%22Xid%22"), "no JSON with Tid"),
        (at(TENANT, "contoso.example"), "Tid is no object id"),
        (at(ORGANIZER, "ada"), "Oid is no object id"),
        (at("/l/", "\\l\\"), "backslashes"),
        (at("/l/", "/l /"), "spaces"),
        (format!("{LINK}{}", "x".repeat(2_048)), "longer than 2048"),
        ("https://teams.microsoft.com/meet/12".to_owned(), "6 to 20 digits"),
        ("https://teams.microsoft.com/meet/123456789?p=a%20b".to_owned(), "a passcode is"),
    ] {
        let wrong = link(&text).unwrap_err();
        assert_eq!(wrong.place, "$.meeting.link");
        assert!(wrong.words.contains(words), "{text}: {wrong}");
        assert!(wrong.words.contains("a link looks like"), "{wrong}");
    }
    for (body, place) in [
        (json!("x"), "$.meeting"),
        (json!({}), "$.meeting"),
        (json!({"link": LINK, "id": "123456789"}), "$.meeting"),
        (json!({"link": 7}), "$.meeting.link"),
        (json!({"link": " "}), "$.meeting.link"),
        (json!({"id": "12a456789"}), "$.meeting.id"),
        (json!({"id": 123_456_789}), "$.meeting.id"),
        (json!({"id": "123456789", "passcode": "a b"}), "$.meeting.passcode"),
        (json!({"thread": THREAD}), "$.meeting"),
        (json!({"thread": "x", "organizer": ORGANIZER}), "$.meeting.thread"),
        (json!({"thread": THREAD, "organizer": "ada"}), "$.meeting.organizer"),
        (json!({"thread": THREAD, "organizer": ORGANIZER, "tenant": "c"}), "$.meeting.tenant"),
        (json!({"thread": THREAD, "organizer": ORGANIZER, "message": "-1"}), "$.meeting.message"),
        (
            json!({"thread": THREAD, "organizer": ORGANIZER, "replyMessage": "x"}),
            "$.meeting.replyMessage",
        ),
    ] {
        assert_eq!(Coordinates::read(&body).unwrap_err().place, place, "{body}");
    }
}

#[test]
fn a_body_names_the_meeting_as_graph_wants_it() {
    let members = by_organizer().members(TENANT).unwrap();
    assert_eq!(
        Value::Object(members),
        json!({
            "tenantId": TENANT,
            "chatInfo": {"@odata.type": "#microsoft.graph.chatInfo", "threadId": THREAD, "messageId": "0"},
            "meetingInfo": {
                "@odata.type": "#microsoft.graph.organizerMeetingInfo",
                "organizer": {
                    "@odata.type": "#microsoft.graph.identitySet",
                    "user": {"@odata.type": "#microsoft.graph.identity", "id": ORGANIZER, "tenantId": TENANT},
                },
            },
        })
    );
    let members = by_id(Some("x")).members(TENANT).unwrap();
    let info = &members["meetingInfo"];
    assert_eq!(info["@odata.type"], "#microsoft.graph.joinMeetingIdMeetingInfo");
    assert_eq!((&info["joinMeetingId"], &info["passcode"]), (&json!("123456789"), &json!("x")));
    assert_eq!(by_id(None).members(TENANT).unwrap()["meetingInfo"]["passcode"], json!(null));
    let foreign = by_organizer().members(ORGANIZER).unwrap_err();
    assert!(foreign.words.contains(TENANT) && foreign.words.contains("set up for that tenant"));
    assert!(!format!("{:?}", by_id(Some("hunter2"))).contains("hunter2"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_what_is_taken_is_clean(text in "\\PC{0,80}", at in 0_usize..400) {
        let cut = LINK.char_indices().nth(at % LINK.len()).map_or(0, |(at, _)| at);
        let (before, after) = LINK.split_at(cut);
        for text in [text.clone(), format!("{before}{text}{after}"), format!("{before}{text}")] {
            if let Ok(Coordinates::Organizer { thread, message, .. }) = link(&text) {
                prop_assert!(thread.starts_with("19:") && thread.is_ascii());
                prop_assert!(!thread.contains(['/', '%', ' ']));
                prop_assert!(message.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }

    #[test]
    fn every_meeting_is_read_back_from_its_link(
        name in "[A-Za-z0-9_-]{1,80}", message in "[0-9]{1,20}", tenant in any::<u128>(),
        organizer in any::<u128>(), encoded in any::<bool>(),
    ) {
        let (tenant, organizer) = (Uuid::from_u128(tenant), Uuid::from_u128(organizer));
        let thread = format!("19:meeting_{name}@thread.v2");
        let context = format!("{{\"Tid\":\"{tenant}\",\"Oid\":\"{organizer}\"}}");
        let (shown, context) = if encoded {
            (
                thread.replace(':', "%3A").replace('@', "%40"),
                context.replace('{', "%7B").replace('"', "%22").replace(':', "%3A").replace('}', "%7D"),
            )
        } else {
            (thread.clone(), context)
        };
        let text = format!("https://teams.microsoft.com/l/meetup-join/{shown}/{message}?context={context}");
        let found = link(&text);
        prop_assert_eq!(found, Ok(Coordinates::Organizer {
            thread, message, reply: None, organizer, tenant: Some(tenant),
        }));
    }
}
