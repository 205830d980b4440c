//! Further bodies of Graph: the 2018 forms, invitations, muteAll, joins, pages of collections.

use foldback_wire::{
    graph::{
        AudioRoutingGroup, AudioRoutingGroupsPage, Call, CallState, CommsNotifications,
        CommsOperation, ConfigureMixer, Envelope, InviteRequest, JoinRequest, MuteAllRequest,
        OperationStatus, OperationsPage, ParticipantsPage, RoutingMode, Topic,
    },
    ids::ParticipantId,
};
use serde_json::{Value, json};

use super::{CALL, golden, text};

#[test]
fn configure_mixer_reply_of_2018() {
    let reply = golden("configure_mixer_2018.reply", CommsOperation::read);
    assert_eq!(reply.status, Some(OperationStatus::Running));
    assert_eq!(reply.id.as_deref(), Some("id-value"));
    assert_eq!(reply.created_date_time(), Some("2018-03-19T09:46:02Z"));
    assert_eq!(reply.last_action_date_time(), Some("2018-03-19T09:46:02Z"));
    assert!(reply.odata_type.is_none() && !reply.is_final());
    let today = golden("configure_mixer.reply", CommsOperation::read);
    let written = json!(today.with_null_result());
    assert_eq!(written, serde_json::from_str::<Value>(text("configure_mixer.reply")).unwrap());
}

#[test]
fn configure_mixer_with_numbers_in_text() {
    let request = golden("configure_mixer_text.request", ConfigureMixer::read);
    let [listener] = request.participant_mixer_levels.as_slice() else { panic!("{request:?}") };
    assert_eq!((listener.exclusive, listener.exclusive_mode), (None, Some(false)));
    assert!(!listener.is_exclusive());
    let ducking = listener.ducking.as_ref().unwrap();
    assert_eq!((ducking.ramp_active, ducking.ramp_inactive), (1000, 1000));
    assert_eq!((ducking.lower_level, ducking.upper_level), (20, 100));
    assert_eq!(listener.source_levels[0].level, Some(35));
    let id = ParticipantId::parse(&listener.participant).unwrap();
    assert_eq!(id.as_str(), "550fae72-d251-43ec-868c-373732c2704f");
}

#[test]
fn the_oldest_notification() {
    let batch = golden("oldest.notification", CommsNotifications::read);
    let [item] = batch.value.as_slice() else { panic!("{batch:?}") };
    assert_eq!(item.call_id().unwrap().as_str(), CALL);
    assert_eq!(item.extra["subscriptionId"], "1f4a0f0e-2a53-4c0b-8f35-0a3b5d1c7e44");
    let Ok(Topic::Call { call, deleted: false }) = item.topic() else { panic!("{item:?}") };
    assert_eq!(call.call_state(), Some(CallState::Established));
    assert_eq!(call.id.as_deref(), Some(CALL));
}

#[test]
fn invitations() {
    let request = golden("invite.request", InviteRequest::read);
    let kinds: Vec<_> = request.participants.iter().map(|p| p.who().unwrap().0).collect();
    assert_eq!(kinds, ["user", "phone"]);
    let reply = golden("invite.reply", CommsOperation::read);
    assert_eq!(reply.status, Some(OperationStatus::Running));
    let invited = reply.invited().unwrap();
    let (kind, who) = invited[0].who().unwrap();
    let id = "7c54a1b6-0c6e-4bd9-a5b1-6a2d3b8a0e01";
    assert_eq!((kind, who.id.as_deref()), ("user", Some(id)));

    let batch = golden("invite.notification", CommsNotifications::read);
    let Ok(Topic::Operation(done)) = batch.value[0].topic() else { panic!("{batch:?}") };
    assert!(done.is_final() && done.client_context.as_deref() == Some("c-invite"));
    assert_eq!(done.invited().unwrap().len(), 1);
    let Ok(Topic::Roster(people)) = batch.value[1].topic() else { panic!("{batch:?}") };
    assert!(people[0].is_in_lobby && !people[0].is_server_muted());
    // Both members of the address are written as they were read.
    let again = batch.value[1].clone().in_form(Envelope::Both);
    assert_eq!(again, batch.value[1]);
}

#[test]
fn mute_all() {
    let request = golden("mute_all.request", MuteAllRequest::read);
    assert_eq!(request.named(), Ok(None));
    let reply = golden("mute_all.reply", CommsOperation::read);
    let muted = reply.muted().unwrap();
    assert_eq!(muted[1].as_str(), "8:acs:desk_one");
    assert!(reply.is_final());
}

#[test]
fn join() {
    let request = golden("join.request", JoinRequest::read);
    assert_eq!(request.callback_uri, "https://desk.example/notifications/graph/k");
    assert!(request.wants_delta_roster() && !request.is_peer_to_peer());
    assert_eq!(request.requested_modalities.as_deref(), Some(&["audio".to_owned()][..]));
    assert_eq!(request.meeting().as_deref(), Some("chat 19:meeting_Rm9sZGJhY2s@thread.v2 0"));
    let media = request.media_config.unwrap();
    assert_eq!(media["@odata.type"], "#microsoft.graph.serviceHostedMediaConfig");
    assert_eq!(request.tenant_id.as_deref(), Some("9f4c1f0e-2a53-4c0b-8f35-0a3b5d1c7e44"));
    assert_eq!(request.call_options.unwrap().extra["hideBotAfterEscalation"], false);
}

#[test]
fn pages_of_operations_and_groups() {
    let page = golden("operations.reply", OperationsPage::read);
    let [first, second] = page.value.as_slice() else { panic!("{page:?}") };
    assert_eq!(first.status, Some(OperationStatus::NotStarted));
    let why = second.outcome().unwrap().unwrap();
    assert_eq!((why.code, why.subcode), (Some(400), Some(8523)));
    assert!(page.odata_next_link.is_some());

    let page = golden("audio_routing_groups.reply", AudioRoutingGroupsPage::read);
    let modes: Vec<_> = page.value.iter().map(|group| group.routing_mode.clone()).collect();
    assert_eq!(modes, [Some(RoutingMode::OneToOne), Some(RoutingMode::Multicast)]);
    assert!(page.value.iter().all(|group| group.check_new().is_ok()));
    // The page's own change of a group breaks the rule for a new one.
    let group = golden("audio_routing_group.request", AudioRoutingGroup::read);
    assert_eq!(group.check_new().unwrap_err().path(), "$.receivers");
}

#[test]
fn every_kind_of_identity() {
    let page = golden("identities.reply", ParticipantsPage::read);
    let text: Value = serde_json::from_str(text("identities.reply")).unwrap();
    for (i, person) in page.value.iter().enumerate() {
        let info = person.info.as_ref().unwrap();
        let (kind, who) = info.who().unwrap();
        assert!(text["value"][i]["info"]["identity"][kind].is_object(), "{kind}");
        assert_eq!(who.display_name, Some(format!("Name {i}")), "{kind}");
        assert_eq!(info.country_code(), Some("DE"));
    }
    assert_eq!(page.value.len(), 16);
}

#[test]
fn a_call_full_of_nulls() {
    let call = golden("call_nulls.reply", Call::read);
    assert_eq!(call.call_state(), Some(CallState::Hold));
    assert_eq!((&call.subject, &call.result_info), (&None, &None));
    assert!(call.extra["answeredBy"].is_null());
    let written = json!(call.with_nulls());
    assert_eq!(written, serde_json::from_str::<Value>(text("call_nulls.reply")).unwrap());
}
