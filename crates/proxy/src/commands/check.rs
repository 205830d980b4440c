//! What is checked of a command before anything is written or sent.

use axum::http::StatusCode;
use bytes::Bytes;
use foldback_model::{CallKind, CallState, OperationKind, ParticipantId, call::CallPhase};
use foldback_wire::{
    acs::MuteParticipants,
    graph::{ConfigureMixer, MuteRequest},
};

use super::Command;
use crate::problem::Fault;

/// A command after its check: what leaves, and whom it is about.
pub(super) struct Checked {
    pub(super) body: Bytes,
    pub(super) targets: Vec<ParticipantId>,
    pub(super) client_context: Option<String>,
    pub(super) mix: Option<ConfigureMixer>,
}

/// What the body says, before anything is known of the call.
pub(super) enum Read {
    Mute(MuteRequest),
    AcsMute(ParticipantId, Option<String>),
    Mix(ConfigureMixer),
}

/// Reads a body in the form of the call's service.
pub(super) fn read(service: CallKind, command: &Command) -> Result<Read, Fault> {
    if service == CallKind::Acs {
        let mute = MuteParticipants::read(&command.body)?;
        let person = ParticipantId::parse(&mute.one_user()?)?;
        return Ok(Read::AcsMute(person, mute.operation_context));
    }
    Ok(match command.kind {
        OperationKind::ConfigureMixer => Read::Mix(ConfigureMixer::read(&command.body)?),
        _ => Read::Mute(MuteRequest::read(&command.body)?),
    })
}

pub(super) fn check(state: &CallState, command: &Command, read: Read) -> Result<Checked, Fault> {
    if state.call.as_ref().is_some_and(|info| info.state == CallPhase::Ended) {
        return Err(Fault::new(StatusCode::NOT_FOUND, "8522", "this call is over"));
    }
    match read {
        Read::AcsMute(person, _) if !state.roster.contains(&person) => Err(nobody(state, &person)),
        Read::AcsMute(person, client_context) => Ok(Checked {
            body: command.body.clone(),
            targets: vec![person],
            client_context,
            mix: None,
        }),
        Read::Mix(_) if state.call.as_ref().is_some_and(|info| !info.can.mix) => {
            Err(Fault::no_mixer())
        }
        Read::Mix(mix) => check_mix(state, command.body.clone(), mix),
        Read::Mute(mute) => {
            let targets = match &command.person {
                Some(person) if state.roster.contains(person) => vec![person.clone()],
                Some(person) => return Err(nobody(state, person)),
                None => state.call.iter().filter_map(|info| info.own_participant.clone()).collect(),
            };
            Ok(Checked {
                body: command.body.clone(),
                targets,
                client_context: mute.client_context,
                mix: None,
            })
        }
    }
}

/// Everybody named must be in the call. People who have just left are taken out, since they cannot
/// hear or be heard any more; people never seen are an error.
pub(super) fn check_mix(
    state: &CallState,
    body: Bytes,
    mut mix: ConfigureMixer,
) -> Result<Checked, Fault> {
    let mut taken_out = false;
    let mut here = |id: &str| -> Result<bool, Fault> {
        let id = ParticipantId::parse(id)?;
        if state.roster.contains(&id) {
            return Ok(true);
        }
        if state.roster.has_left(&id) {
            taken_out = true;
            return Ok(false);
        }
        Err(nobody(state, &id))
    };
    let mut levels = Vec::with_capacity(mix.participant_mixer_levels.len());
    for mut entry in std::mem::take(&mut mix.participant_mixer_levels) {
        let mut sources = Vec::with_capacity(entry.source_levels.len());
        for source in std::mem::take(&mut entry.source_levels) {
            if here(&source.participant)? {
                sources.push(source);
            }
        }
        entry.source_levels = sources;
        if here(&entry.participant)? {
            levels.push(entry);
        }
    }
    mix.participant_mixer_levels = levels;
    let targets = mix
        .participant_mixer_levels
        .iter()
        .map(|entry| ParticipantId::parse(&entry.participant))
        .collect::<Result<Vec<_>, _>>()?;
    let body = if taken_out {
        if targets.is_empty() {
            return Err(gone("everybody this mix is for has left the call"));
        }
        serde_json::to_vec(&mix).map(Bytes::from).map_err(|_| Fault::internal())?
    } else {
        body
    };
    Ok(Checked { body, targets, client_context: mix.client_context.clone(), mix: Some(mix) })
}

fn nobody(state: &CallState, person: &ParticipantId) -> Fault {
    if state.roster.has_left(person) {
        return gone(&format!("{person} has left the call"));
    }
    gone(&format!("nobody in this call has the id {person}; read the roster again"))
}

fn gone(message: &str) -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "8522", message)
}
