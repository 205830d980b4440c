//! Who somebody is, and what mutes them.

use serde_json::json;

use super::*;

fn who(identity: &serde_json::Value) -> Option<(String, Option<String>)> {
    let info: ParticipantInfo = serde_json::from_value(json!({ "identity": identity })).unwrap();
    info.who().map(|(kind, identity)| (kind.to_owned(), identity.display_name))
}

#[test]
fn the_identity_that_says_most() {
    for (identity, expected) in [
        (
            json!({"device": {"displayName": "Desk"}, "user": {"displayName": "Ada"}}),
            Some(("user", "Ada")),
        ),
        (
            json!({"device": {"displayName": "Desk"}, "acsUser": {"displayName": "Cy"}}),
            Some(("acsUser", "Cy")),
        ),
        (json!({"user": null, "phone": {"displayName": "+1"}}), Some(("phone", "+1"))),
        (json!({"@odata.type": "#x", "spaceship": {"displayName": "Z"}}), Some(("spaceship", "Z"))),
        (json!({"user": 7, "guest": {"displayName": "Bo"}}), Some(("guest", "Bo"))),
        (json!({"user": null}), None),
        (json!({}), None),
        (json!(null), None),
    ] {
        let found = who(&identity);
        let expected = expected.map(|(k, n)| (k.to_owned(), Some(n.to_owned())));
        assert_eq!(found, expected, "{identity}");
    }
}

#[test]
fn server_mute_is_about_sound() {
    for (streams, expected) in [
        (json!([{"mediaType": "audio", "serverMuted": true}]), true),
        (json!([{"mediaType": "Audio", "serverMuted": true}]), true),
        (json!([{"mediaType": "audio"}, {"mediaType": "audio", "serverMuted": true}]), true),
        (json!([{"mediaType": "audio", "serverMuted": false}]), false),
        (json!([{"mediaType": "audio", "serverMuted": null}]), false),
        (json!([{"mediaType": "video", "serverMuted": true}]), false),
        (json!([{"serverMuted": true}]), false),
        (json!([]), false),
        (json!(null), false),
    ] {
        let text = json!({"id": "p", "isMuted": null, "mediaStreams": streams}).to_string();
        let person = Participant::read(text.as_bytes()).unwrap();
        assert_eq!(person.is_server_muted(), expected, "{text}");
    }
}

#[test]
fn a_page_has_a_limit() {
    let page = |n: usize| format!("{{\"value\":[{}]}}", vec!["{\"id\":\"p\"}"; n].join(","));
    assert!(ParticipantsPage::read(page(limits::ITEMS_MAX).as_bytes()).is_ok());
    let error = ParticipantsPage::read(page(limits::ITEMS_MAX + 1).as_bytes()).unwrap_err();
    assert_eq!(error.path(), "$.value");
    let error = ParticipantsPage::read(b"{\"value\":[{\"id\":\"p\"},{\"id\":7}]}").unwrap_err();
    assert_eq!(error.path(), "$.value[1].id");
}
