//! Bodies of ACS Call Automation.

use foldback_wire::acs::{
    AcsError, AnswerCall, CallConnectionProperties, CallConnectionState, CallParticipantsPage,
    CloudEvent, ConnectCall, CreateCall, EventTopic, Identifier, IdentifierKind, Locator,
    MuteParticipants, OperationReply, RemoveParticipant,
};
use serde_json::json;

use super::{golden, text};

const USER: &str =
    "8:acs:b9614373-fd0b-480c-8fd2-cb58b70eab9f_da7be3a9-8788-42a6-85c6-56b2cf784fce";

#[test]
fn mute() {
    let request = golden("acs_mute.request", MuteParticipants::read);
    assert_eq!(request.one_user().as_deref(), Ok(USER));
    assert_eq!(request.operation_context.as_deref(), Some("mute participant"));
    let full = request.target_participants[0].clone().completed("$").unwrap();
    assert_eq!(
        json!(full),
        json!({"kind": "communicationUser", "rawId": USER, "communicationUser": {"id": USER}})
    );
    let reply = golden("acs_mute.reply", OperationReply::read);
    assert_eq!(reply.operation_context.as_deref(), Some("mute participant"));
}

#[test]
fn what_a_real_client_sends() {
    let request = golden("acs_mute_client.request", MuteParticipants::read);
    let [first, second] = <[_; 2]>::try_from(request.targets().unwrap()).unwrap();
    assert_eq!(first, Identifier::User("8:acs:r_one".to_owned()));
    let Identifier::TeamsUser { user_id, is_anonymous: false, cloud } = second else {
        panic!("{second:?}")
    };
    assert_eq!((user_id.as_str(), cloud.as_str()), ("u-2", "public"));
    let full = request.target_participants[1].clone().completed("$").unwrap();
    assert_eq!(full.microsoft_teams_user.unwrap().cloud.as_deref(), Some("public"));
    assert_eq!(request.one_user().unwrap_err().path(), "$.targetParticipants");
}

#[test]
fn remove() {
    let request = golden("acs_remove.request", RemoveParticipant::read);
    assert_eq!(request.who(), Ok(Identifier::Phone("+15550100".to_owned())));
    let callback = request.operation_callback_uri.as_deref();
    assert_eq!(callback, Some("https://desk.example/notifications/acs/k"));
}

#[test]
fn participants() {
    let page = golden("acs_participants.reply", CallParticipantsPage::read);
    let who: Vec<_> = page.value.iter().map(|p| p.identifier.identify("$").unwrap()).collect();
    let kinds: Vec<_> = who.iter().map(Identifier::kind).collect();
    assert_eq!(
        kinds,
        [
            IdentifierKind::CommunicationUser,
            IdentifierKind::PhoneNumber,
            IdentifierKind::MicrosoftTeamsUser,
            IdentifierKind::MicrosoftTeamsApp,
            IdentifierKind::TeamsExtensionUser,
            IdentifierKind::Unknown,
        ]
    );
    for (who, person) in who.iter().zip(&page.value) {
        assert_eq!(Some(who.raw_id()), person.identifier.raw_id);
        assert_eq!(person.identifier.clone().completed("$").as_ref(), Ok(&person.identifier));
    }
    assert!(page.value[0].is_muted && page.value[0].is_on_hold == Some(false));
    assert_eq!(page.value[5].extra["isRaised"], true);
    assert!(page.next().unwrap().ends_with("?skip=6"));
}

#[test]
fn connections() {
    let record = golden("acs_connection.reply", CallConnectionProperties::read);
    assert_eq!(record.id().unwrap().as_str(), "18dea47f-b081-4107-9a5c-4300819d2c6c");
    assert_eq!(record.state(), Some(CallConnectionState::Connected));
    assert_eq!(record.source_display_name(), Some("Desk"));
    assert_eq!(record.answered_by().unwrap().as_ref(), record.targets.first());

    let connect = golden("acs_connect.request", ConnectCall::read);
    let group = Locator::GroupCall("0a1b2c3d-0000-4000-8000-000000000001".to_owned());
    assert_eq!(connect.call_locator.locate("$"), Ok(group));
    assert!(connect.extra.contains_key("callIntelligenceOptions"));
    let create = golden("acs_create.request", CreateCall::read);
    assert_eq!(create.source.unwrap().raw_id.as_deref(), Some("8:acs:r_app"));
    let answer = golden("acs_answer.request", AnswerCall::read);
    assert_eq!(answer.incoming_call_context, "opaque-context");
}

#[test]
fn events() {
    let roster = golden("acs_roster.events", CloudEvent::read_all);
    let Ok(EventTopic::Participants { people, sequence_number: Some(4) }) = roster[0].topic()
    else {
        panic!("{roster:?}")
    };
    let [(who, person)] = people.as_slice() else { panic!("{people:?}") };
    assert_eq!((who, person.is_muted), (&Identifier::User("8:acs:R_U".to_owned()), true));
    assert_eq!(roster[0].call_connection_id().unwrap().as_str(), "CC");

    let ended = golden("acs_ended.events", CloudEvent::read_all);
    let Ok(EventTopic::Disconnected(Some(why))) = ended[0].topic() else { panic!("{ended:?}") };
    assert_eq!((why.code, why.sub_code), (Some(200), Some(0)));
    assert_eq!(ended[0].data.operation_context.as_deref(), Some("ctx"));

    let life = golden("acs_life.events", CloudEvent::read_all);
    let [connected, failed, gone, stayed, new] = life.as_slice() else { panic!("{life:?}") };
    assert_eq!(connected.topic(), Ok(EventTopic::Connected));
    let Ok(EventTopic::ConnectFailed(Some(why))) = failed.topic() else { panic!("{failed:?}") };
    assert_eq!(why.sub_code, Some(8522));
    let Ok(EventTopic::Removal { who: Some(who), succeeded: true, .. }) = gone.topic() else {
        panic!("{gone:?}")
    };
    assert_eq!(who, Identifier::Phone("+15550100".to_owned()));
    assert!(matches!(stayed.topic(), Ok(EventTopic::Removal { succeeded: false, .. })));
    assert_eq!(new.topic(), Ok(EventTopic::Other));
    assert_eq!(new.extra["data"], json!(["of", "another", "shape"]));
}

#[test]
fn error() {
    let error = golden("acs_error", AcsError::read).error;
    assert_eq!((error.number(), error.target.as_deref()), (Some(8523), Some("targetParticipants")));
    assert_eq!(error.details[0].message, "A detail.");
    assert!(text("acs_error").contains("innererror") && error.extra["innererror"].is_object());
}
