//! The published examples, read, compared and written back; `golden/properties.rs` shakes them.
//!
//! The other bodies of Graph are in `golden/more.rs`, those of ACS in `golden/acs.rs`.
//!
//! The files under `golden/` hold the bodies of the services' pages (comments taken out, the 2018
//! ones without the comma that made them no JSON), or are built from the published types where no
//! page has an example.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "golden/acs.rs"]
mod acs;
#[path = "golden/more.rs"]
mod more;
#[path = "golden/properties.rs"]
mod properties;
#[path = "shapes/shapes.rs"]
mod shapes;

use std::fmt::Debug;

use foldback_wire::{
    Error,
    graph::{
        Call, CommsNotifications, CommsOperation, ConfigureMixer, DeltaParticipants, GraphError,
        MuteRequest, OperationStatus, Participant, ParticipantsPage, Topic,
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use shapes::{GOLDENS, oracle::says_the_same};

const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";
const MIXER_OPERATION: &str = "0fe0623f-d628-42ed-b4bd-8ac290072cc5";
const CONTEXT: &str = "d45324c1-fcb5-430a-902c-f20af696537c";

/// The text of a golden file.
fn text(name: &str) -> &'static str {
    GOLDENS.iter().find(|(n, _)| *n == name).unwrap().1
}

/// Reads a golden file and makes sure that it is written back as the same JSON.
fn golden<T: Serialize + Debug + PartialEq>(
    name: &str,
    read: impl Fn(&[u8]) -> Result<T, Error>,
) -> T {
    let found = read(text(name).as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let written = serde_json::to_string(&found).unwrap();
    let expected: Value = serde_json::from_str(text(name)).unwrap();
    let again: Value = serde_json::from_str(&written).unwrap();
    says_the_same(&expected, &again).unwrap_or_else(|what| panic!("{name}: {what}"));
    assert_eq!(read(written.as_bytes()).unwrap(), found, "{name}");
    found
}

#[test]
fn configure_mixer_request() {
    for name in ["configure_mixer.request", "configure_mixer_2018.request"] {
        let request = golden(name, ConfigureMixer::read);
        assert_eq!(request.client_context.as_deref(), Some(CONTEXT));
        let [listener] = request.participant_mixer_levels.as_slice() else { panic!("{request:?}") };
        assert_eq!(listener.participant, "550fae72-d251-43ec-868c-373732c2704f");
        assert_eq!((listener.exclusive, listener.is_exclusive()), (Some(true), true));
        let ducking = listener.ducking.as_ref().unwrap();
        assert_eq!((ducking.ramp_active, ducking.ramp_inactive), (50, 50));
        assert_eq!((ducking.lower_level, ducking.upper_level), (10, 50));
        let [source] = listener.source_levels.as_slice() else { panic!("{listener:?}") };
        assert_eq!(source.participant, "632899f8-2ea1-4604-8413-27bd2892079f");
        assert_eq!((source.level, source.duck_others), (Some(50), Some(false)));
        assert!(request.extra.is_empty() && listener.extra.is_empty() && source.extra.is_empty());
    }
}

#[test]
fn configure_mixer_reply() {
    let reply = golden("configure_mixer.reply", CommsOperation::read);
    assert_eq!(reply.odata_type.as_deref(), Some("#microsoft.graph.commsOperation"));
    assert_eq!(reply.id.as_deref(), Some(MIXER_OPERATION));
    assert_eq!(reply.client_context.as_deref(), Some("clientContext-value"));
    assert_eq!(reply.status, Some(OperationStatus::Running));
    assert_eq!(reply.result_info, None);
    assert!(!reply.is_final() && reply.extra.is_empty());
}

#[test]
fn configure_mixer_notification_in_both_forms() {
    for name in ["configure_mixer.notification", "configure_mixer_2018.notification"] {
        let batch = golden(name, CommsNotifications::read);
        let [notification] = batch.value.as_slice() else { panic!("{batch:?}") };
        assert_eq!(notification.call_id().unwrap().as_str(), CALL, "{name}");
        assert!(notification.is_deleted());
        let Ok(Topic::Operation(operation)) = notification.topic() else { panic!("{name}") };
        assert_eq!(operation.id.as_deref(), Some(MIXER_OPERATION), "{name}");
        assert_eq!(operation.client_context.as_deref(), Some(CONTEXT));
        assert!(operation.is_final());
        assert_eq!(operation.extra["@odata.etag"], "W/\"1\"");
    }
    let old = golden("configure_mixer_2018.notification", CommsNotifications::read);
    assert!(old.odata_type.is_none() && old.value[0].resource_url.is_none());
    assert!(old.value[0].url().unwrap().starts_with("/app/calls/57DAB8B1894C409AB240"));
}

#[test]
fn mute_and_unmute() {
    for (name, context, kind) in [
        ("participant_mute", CONTEXT, "muteParticipantOperation"),
        ("call_unmute", "clientContext-value", "unmuteParticipantOperation"),
    ] {
        let request = golden(&format!("{name}.request"), MuteRequest::read);
        assert_eq!(request.client_context.as_deref(), Some(context));

        let reply = golden(&format!("{name}.reply"), CommsOperation::read);
        assert_eq!(reply.odata_type, Some(format!("#microsoft.graph.{kind}")));
        let metadata = format!("https://graph.microsoft.com/v1.0/$metadata#{kind}");
        assert_eq!(reply.odata_context, Some(metadata));
        assert_eq!(reply.id.as_deref(), Some("17e3b46c-f61d-4f4d-9635-c626ef18e6ad"));
        assert_eq!(reply.client_context.as_deref(), Some(context));
        assert!(reply.is_final() && reply.status == Some(OperationStatus::Completed));

        let batch = golden(&format!("{name}.notification"), CommsNotifications::read);
        assert_eq!(batch.value[0].call_id().unwrap().as_str(), CALL);
        assert_eq!(batch.value[0].change_type, "updated");
        let Ok(Topic::Roster(people)) = batch.value[0].topic() else { panic!("{name}") };
        let [bob] = people.as_slice() else { panic!("{people:?}") };
        assert_eq!(bob.id, "2765eb15-01f8-47c6-b12b-c32111a4a86f");
        assert_eq!((bob.is_muted, bob.is_in_lobby), (name == "participant_mute", false));
        assert!(!bob.is_server_muted() && bob.removed_state.is_none());
        let info = bob.info.as_ref().unwrap();
        assert_eq!(
            (&info.extra["region"], &info.extra["languageId"]),
            (&json!("westus"), &json!("en-US"))
        );
        let (kind, who) = info.who().unwrap();
        assert_eq!((kind, who.display_name.as_deref()), ("user", Some("Bob")));
        assert_eq!(who.id.as_deref(), Some("5810cede-f3cc-42eb-b2c1-e9bd5d53ec96"));
        let [sound] = bob.media_streams.as_deref().unwrap() else { panic!("{bob:?}") };
        assert_eq!(sound.media_type.as_deref(), Some("audio"));
        assert_eq!(sound.label.as_deref(), Some("main-audio"));
        assert_eq!(sound.source_id.as_deref(), Some("1"));
        assert_eq!(sound.direction.as_deref(), Some("sendReceive"));
    }
}

#[test]
fn get_call() {
    let call = golden("get_call.reply", Call::read);
    assert_eq!(call.id.as_deref(), Some(CALL));
    assert_eq!(call.state.as_deref(), Some("established"));
    assert_eq!(call.subject.as_deref(), Some("Morning rehearsal"));
    assert_eq!(call.my_participant_id.as_deref(), Some("05491616-385f-44a8-9974-18cc5f9933c1"));
    assert_eq!(call.tenant_id.as_deref(), Some("9f4c1f0e-2a53-4c0b-8f35-0a3b5d1c7e44"));
    assert_eq!(call.callback_uri.as_deref(), Some("https://desk.example/notifications/graph/k"));
    assert_eq!(call.extra["callOptions"]["isDeltaRosterEnabled"], true);

    // The service also writes what it does not know as null.
    let nulls =
        Call::read(br#"{"id":null,"state":null,"subject":null,"resultInfo":null}"#).unwrap();
    assert_eq!(nulls, Call::default());
}

#[test]
fn list_participants() {
    let page = golden("list_participants.reply", ParticipantsPage::read);
    assert!(page.odata_context.unwrap().ends_with("/participants"));
    assert!(page.odata_next_link.unwrap().ends_with("?$skiptoken=2"));
    let [ada, phone] = page.value.as_slice() else { panic!() };
    let info = ada.info.as_ref().unwrap();
    let (kind, who) = info.who().unwrap();
    assert_eq!((kind, who.display_name.as_deref()), ("user", Some("Ada")));
    assert_eq!(who.tenant_id.as_deref(), Some("9f4c1f0e-2a53-4c0b-8f35-0a3b5d1c7e44"));
    assert_eq!(
        (info.endpoint_type.as_deref(), &info.extra["id"]),
        (Some("default"), &json!("inner-id"))
    );
    assert!(ada.is_muted && ada.is_server_muted());
    assert_eq!(
        (ada.roster_sequence_number, ada.metadata.as_deref()),
        (Some(7), Some("by the door"))
    );
    assert_eq!(phone.info.as_ref().unwrap().who().unwrap().0, "phone");
    assert!(phone.is_in_lobby && phone.media_streams.is_none());

    let one = serde_json::to_vec(ada).unwrap();
    assert_eq!(Participant::read(&one).as_ref(), Ok(ada));
}

#[test]
fn delta_roster() {
    let batch = golden("delta_roster.notification", CommsNotifications::read);
    let Ok(Topic::Delta(delta)) = batch.value[0].topic() else { panic!("{batch:?}") };
    let DeltaParticipants { sequence_number, participants, .. } = &delta;
    assert_eq!((*sequence_number, participants.len()), (Some(42), 2));
    assert_eq!(participants[0].roster_sequence_number, Some(42));
    assert_eq!(participants[1].removed_state.as_ref().unwrap().reason.as_deref(), Some("Removed"));
    assert_eq!(serde_json::to_value(&delta).unwrap(), batch.value[0].resource_data);
}

#[test]
fn call_ended() {
    let batch = golden("call_ended.notification", CommsNotifications::read);
    let Ok(Topic::Call { call, deleted: true }) = batch.value[0].topic() else {
        panic!("{batch:?}")
    };
    assert_eq!((call.id.as_deref(), call.state.as_deref()), (Some(CALL), Some("terminated")));
    let info = call.result_info.unwrap();
    assert_eq!((info.code, info.subcode), (Some(200), Some(5001)));
}

#[test]
fn graph_error() {
    let error = golden("error", GraphError::read).error;
    assert_eq!((error.code.as_str(), error.message.as_str()), ("8522", "Call not found."));
    assert_eq!(error.inner_error.unwrap()["date"], "2026-03-01T10:00:00");
}

#[test]
fn what_the_constructors_write() {
    let data = json!([{"id": "p"}]);
    let batch = CommsNotifications::one("updated", "/communications/calls/c/participants", data);
    assert_eq!(
        serde_json::to_value(&batch).unwrap(),
        json!({
            "@odata.type": "#microsoft.graph.commsNotifications",
            "value": [{
                "@odata.type": "#microsoft.graph.commsNotification",
                "changeType": "updated",
                "resourceUrl": "/communications/calls/c/participants",
                "resourceData": [{"id": "p"}],
            }],
        })
    );
}
