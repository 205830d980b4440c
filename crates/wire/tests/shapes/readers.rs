//! Every reader of the crate behind one shape: text in, what was understood out as JSON again.

use std::fmt::Debug;

use foldback_wire::{
    Error,
    acs::{
        AcsError, AnswerCall, CallConnectionProperties, CallParticipant, CallParticipantsPage,
        CloudEvent, CommunicationIdentifierModel, ConnectCall, CreateCall, MuteParticipants,
        OperationReply, RemoveParticipant,
    },
    graph::{
        AudioRoutingGroup, AudioRoutingGroupsPage, Call, CommsNotification, CommsNotifications,
        CommsOperation, ConfigureMixer, GraphError, InviteRequest, JoinRequest, MuteAllRequest,
        MuteRequest, OperationsPage, Participant, ParticipantsPage, Topic,
    },
    limits::Limits,
};
use serde::Serialize;
use serde_json::Value;

use super::oracle::says_the_same;

/// What was understood, written again; or why it was refused. The text in the outer `Err` tells a fault
/// of the reader.
pub type Outcome = Result<Result<Value, Error>, String>;

/// One reader with the golden files it is for.
#[derive(Debug)]
pub struct Reader {
    pub name: &'static str,
    pub goldens: &'static [&'static str],
    pub read: fn(&[u8]) -> Outcome,
}

/// What else is asked of a value: nothing, where nothing is given.
macro_rules! also {
    () => {
        |_| Ok(())
    };
    ($also:expr) => {
        $also
    };
}

macro_rules! readers {
    ($($name:literal => $read:expr, $(also $also:expr,)? [$($golden:literal),* $(,)?];)+) => {
        /// Every reader.
        pub const READERS: &[Reader] = &[$(Reader {
            name: $name,
            goldens: &[$($golden),*],
            read: |text| there_and_back(text, $read, also!($($also)?)),
        }),+];
    };
}

readers! {
    "Call" => Call::read, ["get_call.reply", "call_nulls.reply"];
    "CommsOperation" => CommsOperation::read, also |read: &CommsOperation| {
        for error in [read.outcome().err(), read.muted().err(), read.invited().err()] {
            error.iter().try_for_each(fits)?;
        }
        Ok(())
    }, [
        "configure_mixer.reply", "configure_mixer_2018.reply", "participant_mute.reply",
        "call_unmute.reply", "invite.reply", "mute_all.reply",
    ];
    "ConfigureMixer" => ConfigureMixer::read,
        ["configure_mixer.request", "configure_mixer_2018.request", "configure_mixer_text.request"];
    "ConfigureMixer, raised" =>
        |text: &[u8]| ConfigureMixer::read_with(text, Limits::with_levels_above_100()),
        ["configure_mixer.request", "configure_mixer_text.request"];
    "GraphError" => GraphError::read, ["error"];
    "MuteRequest" => MuteRequest::read, ["participant_mute.request", "call_unmute.request"];
    "MuteAllRequest" => MuteAllRequest::read, ["mute_all.request"];
    "InviteRequest" => InviteRequest::read, ["invite.request"];
    "JoinRequest" => JoinRequest::read, also |read: &JoinRequest| {
        let coordinates = read.meeting_info.is_some()
            || read.chat_info.as_ref().is_some_and(|chat| chat.thread_id.is_some());
        (read.meeting().is_some() == coordinates).then_some(()).ok_or_else(|| "meeting".to_owned())
    }, ["join.request"];
    "Participant" => Participant::read, [];
    "ParticipantsPage" => ParticipantsPage::read, ["list_participants.reply", "identities.reply"];
    "OperationsPage" => OperationsPage::read, ["operations.reply"];
    "AudioRoutingGroup" => AudioRoutingGroup::read, also |read: &AudioRoutingGroup| {
        read.check_new().err().iter().try_for_each(fits)
    }, ["audio_routing_group.request"];
    "AudioRoutingGroupsPage" => AudioRoutingGroupsPage::read, ["audio_routing_groups.reply"];
    "CommsNotifications" => CommsNotifications::read, also |read: &CommsNotifications| {
        read.value.iter().try_for_each(topic)
    }, [
        "configure_mixer.notification", "configure_mixer_2018.notification",
        "participant_mute.notification", "call_unmute.notification", "delta_roster.notification",
        "call_ended.notification", "invite.notification", "oldest.notification",
    ];
    "AcsError" => AcsError::read, ["acs_error"];
    "MuteParticipants" => MuteParticipants::read, also |read: &MuteParticipants| {
        read.one_user().err().iter().try_for_each(fits)?;
        read.target_participants.iter().try_for_each(identity)
    }, ["acs_mute.request", "acs_mute_client.request"];
    "RemoveParticipant" => RemoveParticipant::read, also |read: &RemoveParticipant| {
        identity(&read.participant_to_remove)
    }, ["acs_remove.request"];
    "OperationReply" => OperationReply::read, ["acs_mute.reply"];
    "ConnectCall" => ConnectCall::read, ["acs_connect.request"];
    "CreateCall" => CreateCall::read, ["acs_create.request"];
    "AnswerCall" => AnswerCall::read, ["acs_answer.request"];
    "CallConnectionProperties" => CallConnectionProperties::read,
        also |read: &CallConnectionProperties| {
            let errors = [
                read.id().err(), read.answered_by().err(), read.source_caller_id_number().err(),
            ];
            errors.iter().flatten().try_for_each(fits)?;
            read.targets.iter().try_for_each(identity)
        }, ["acs_connection.reply"];
    "CallParticipant" => CallParticipant::read, [];
    "CallParticipantsPage" => CallParticipantsPage::read, also |read: &CallParticipantsPage| {
        read.value.iter().try_for_each(|person| identity(&person.identifier))
    }, ["acs_participants.reply"];
    "CloudEvent" => CloudEvent::read_all, also |events: &Vec<CloudEvent>| {
        for event in events {
            event.topic().err().iter().try_for_each(fits)?;
            event.call_connection_id().err().iter().try_for_each(fits)?;
        }
        Ok(())
    }, ["acs_roster.events", "acs_ended.events", "acs_life.events"];
}

/// Reads, writes, reads again; then whatever else can be asked of the value.
fn there_and_back<T: Serialize + Debug + PartialEq>(
    text: &[u8],
    read: impl Fn(&[u8]) -> Result<T, Error>,
    also: impl Fn(&T) -> Result<(), String>,
) -> Outcome {
    let found = match read(text) {
        Ok(found) => found,
        Err(error) => return fits(&error).map(|()| Err(error)),
    };
    let written = serde_json::to_vec(&found).map_err(|error| error.to_string())?;
    match read(&written) {
        Ok(again) if again == found => {}
        other => return Err(format!("{found:?} was written and read as {other:?}")),
    }
    also(&found)?;
    serde_json::from_slice(&written).map(Ok).map_err(|error| error.to_string())
}

/// Every error has words, not too many, and a path from the root.
fn fits(error: &Error) -> Result<(), String> {
    let length = error.to_string().chars().count();
    if error.path().starts_with('$') && (1..2_000).contains(&length) {
        return Ok(());
    }
    Err(format!("an error unfit to be shown: {error:?}"))
}

/// What a notification is said to be about says the same as its data.
fn topic(notification: &CommsNotification) -> Result<(), String> {
    notification.call_id().err().iter().try_for_each(fits)?;
    let data = &notification.resource_data;
    let understood = match notification.topic() {
        Err(error) => return fits(&error),
        Ok(Topic::Other) => return Ok(()),
        Ok(Topic::Call { call, .. }) => serde_json::to_value(call),
        Ok(Topic::Delta(delta)) => serde_json::to_value(delta),
        Ok(Topic::Operation(operation)) => serde_json::to_value(operation),
        Ok(Topic::Roster(people)) if data.is_array() => serde_json::to_value(people),
        Ok(Topic::Roster(people)) => serde_json::to_value(people.first()),
    };
    let understood = understood.map_err(|error| error.to_string())?;
    // Ids come from the address, and the deleted are marked as removed: the one is added before the
    // comparison, the other taken away.
    let mut data = if data.is_null() { serde_json::json!({}) } else { data.clone() };
    fill(&mut data, &understood, notification.is_deleted());
    says_the_same(&data, &understood)
}

fn fill(data: &mut Value, understood: &Value, deleted: bool) {
    match (data, understood) {
        (Value::Array(data), Value::Array(understood)) => {
            for (data, understood) in data.iter_mut().zip(understood) {
                fill(data, understood, deleted);
            }
        }
        (Value::Object(data), Value::Object(understood)) => {
            let unnamed = match data.get("id") {
                None | Some(Value::Null) => true,
                Some(id) => id == "",
            };
            for (name, wanted) in [("id", unnamed), ("removedState", deleted)] {
                if let Some(found) = understood.get(name)
                    && wanted
                    && (name == "id" || data.get(name).is_none_or(Value::is_null))
                {
                    data.insert(name.to_owned(), found.clone());
                }
            }
        }
        _ => {}
    }
}

/// A model that names somebody means the same completed, and as written by its meaning.
fn identity(model: &CommunicationIdentifierModel) -> Result<(), String> {
    let who = match model.identify("$") {
        Ok(who) => who,
        Err(error) => return fits(&error),
    };
    let full = model.clone().completed("$");
    let again = full.as_ref().map(|full| full.identify("$"));
    if again != Ok(Ok(who.clone())) {
        return Err(format!("{model:?} is {who:?}, completed {full:?}"));
    }
    let raw = model.raw_id.as_deref().filter(|raw| !raw.is_empty());
    let own = who.model().identify("$");
    if own.as_ref() != Ok(&who) {
        return Err(format!("{who:?} is written as {own:?} (raw id {raw:?})"));
    }
    Ok(())
}
