//! From a wanted desk to the requests that bring it about.

use std::collections::BTreeSet;

use foldback_wire::{graph, ids::ParticipantId, limits::MIXER_BODY_SPLIT_BYTES};

use crate::{
    call::{CallInfo, CallKind},
    desk::Desk,
    mix::{Heard, Layer},
    participant::{Participant, PersonKind},
    roster::Roster,
};

/// People a mix can be made for: everybody in the conversation but the app itself. In id order.
pub fn listeners<'a>(
    roster: &'a Roster,
    call: Option<&'a CallInfo>,
) -> impl Iterator<Item = &'a Participant> {
    roster.iter().filter(move |person| is_listener(person, call))
}

/// Whether a mix can be made for this person.
pub fn is_listener(person: &Participant, call: Option<&CallInfo>) -> bool {
    !person.in_lobby && !is_app(person, call)
}

/// People who can be heard: everybody in the conversation, the app included (it may play sound).
pub fn sources(roster: &Roster) -> impl Iterator<Item = &Participant> {
    roster.iter().filter(|person| !person.in_lobby)
}

/// Whether this is the app's own leg.
pub fn is_app(person: &Participant, call: Option<&CallInfo>) -> bool {
    call.and_then(|call| call.own_participant.as_ref()) == Some(&person.id)
}

/// Whether a mute of this person can be asked for now, and if not, why.
///
/// # Errors
/// A sentence for the operator.
pub fn can_mute(person: &Participant, call: Option<&CallInfo>) -> Result<(), &'static str> {
    if is_app(person, call) {
        return Ok(());
    }
    if call.is_some_and(|call| !call.can.mute) {
        return Err("this service cannot mute people");
    }
    if !takes_mute(person, call) {
        return Err("this service mutes ACS users only");
    }
    if person.server_muted {
        return Err("already muted here; only they can unmute themselves");
    }
    if person.in_lobby {
        return Err("waiting in the lobby, not in the conversation yet");
    }
    Ok(())
}

/// Whether the service mutes people of this kind: ACS mutes its own users alone.
fn takes_mute(person: &Participant, call: Option<&CallInfo>) -> bool {
    person.kind == PersonKind::AcsUser || call.is_none_or(|call| call.kind != CallKind::Acs)
}

/// Whom "Mute all others" is about: open microphones, sparing the operator's own leg (`me`), the app
/// and the lobby.
pub fn mute_all_targets(
    roster: &Roster,
    call: Option<&CallInfo>,
    me: Option<&ParticipantId>,
) -> Vec<ParticipantId> {
    roster
        .iter()
        .filter(|person| {
            !person.muted
                && !person.in_lobby
                && !is_app(person, call)
                && person.kind != PersonKind::Application
                && takes_mute(person, call)
                && Some(&person.id) != me
        })
        .map(|person| person.id.clone())
        .collect()
}

/// What `listener` hears of people who are still in the call, ready to be written.
pub fn mix_for(desk: &Desk, roster: &Roster, listener: &ParticipantId) -> Heard {
    let mut heard = desk.heard(listener);
    heard.sources.retain(|source, _| roster.contains(source));
    heard
}

/// Listeners a change of `layer` has to be sent to.
pub fn affected(layer: &Layer, roster: &Roster, call: Option<&CallInfo>) -> Vec<ParticipantId> {
    match layer {
        Layer::Everyone => listeners(roster, call).map(|person| person.id.clone()).collect(),
        Layer::Listener(id) => roster
            .get(id)
            .filter(|person| is_listener(person, call))
            .map(|person| person.id.clone())
            .into_iter()
            .collect(),
    }
}

/// The requests that make `listeners` hear what `desk` says: one, or several when the body would
/// exceed [`MIXER_BODY_SPLIT_BYTES`]; a listener is never split. `client_context` is called once a
/// request and gives its correlation text.
pub fn requests(
    desk: &Desk,
    roster: &Roster,
    listeners: &[ParticipantId],
    mut client_context: impl FnMut() -> String,
) -> Vec<graph::ConfigureMixer> {
    let mut requests = Vec::new();
    let mut entries = Vec::new();
    let mut bytes = ENVELOPE_BYTES;
    for listener in listeners {
        let entry = mix_for(desk, roster, listener).to_graph(listener);
        let size = bytes_at_most(&entry);
        if !entries.is_empty() && bytes + size > MIXER_BODY_SPLIT_BYTES {
            requests.push(request(std::mem::take(&mut entries), client_context()));
            bytes = ENVELOPE_BYTES;
        }
        bytes += size;
        entries.push(entry);
    }
    if !entries.is_empty() {
        requests.push(request(entries, client_context()));
    }
    requests
}

/// The envelope around the entries: member names, a UUID and punctuation.
const ENVELOPE_BYTES: usize = 512;

/// How long an entry can become in a body that is printed with two spaces to a step. Counted and not
/// printed: a drag on everybody's mix asks this of everybody, ten times a second.
fn bytes_at_most(entry: &graph::ParticipantMixerLevel) -> usize {
    const OF_ENTRY: usize = 350;
    const OF_SOURCE: usize = 128;
    let sources = entry.source_levels.iter().map(|source| OF_SOURCE + source.participant.len());
    OF_ENTRY + entry.participant.len() + sources.sum::<usize>()
}

fn request(
    participant_mixer_levels: Vec<graph::ParticipantMixerLevel>,
    client_context: String,
) -> graph::ConfigureMixer {
    graph::ConfigureMixer {
        client_context: Some(client_context),
        participant_mixer_levels,
        extra: graph::Extra::new(),
    }
}

/// The ids of everybody in the call, as [`Desk::changes`] wants them.
pub fn present(roster: &Roster) -> BTreeSet<ParticipantId> {
    roster.iter().map(|person| person.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use foldback_wire::graph::{
        AudioDuckingConfiguration, AudioSourceLevel, ParticipantMixerLevel,
    };
    use proptest::{collection::vec, prelude::*};

    use super::*;

    prop_compose! {
        fn entry()(
            (n, levels) in ("[a-z0-9-]{1,40}", vec(("[a-z0-9-]{1,40}", any::<i64>()), 0..20)),
            ducking in any::<Option<(i64, i64, i64, i64)>>(),
        ) -> ParticipantMixerLevel {
            let source = |(participant, level)| AudioSourceLevel {
                participant,
                level: Some(level),
                duck_others: Some(false),
                ..Default::default()
            };
            ParticipantMixerLevel {
                participant: n,
                exclusive: Some(false),
                exclusive_mode: Some(false),
                ducking: ducking.map(|(a, b, c, d)| AudioDuckingConfiguration {
                    ramp_active: a,
                    ramp_inactive: b,
                    lower_level: c,
                    upper_level: d,
                    ..Default::default()
                }),
                source_levels: levels.into_iter().map(source).collect(),
                ..Default::default()
            }
        }
    }

    proptest! {
        #[test]
        fn no_body_is_longer_than_counted(entries in vec(entry(), 1..6)) {
            let counted = ENVELOPE_BYTES + entries.iter().map(bytes_at_most).sum::<usize>();
            let body = request(entries, "c".repeat(36));
            let printed = serde_json::to_string_pretty(&body).unwrap().len();
            prop_assert!(printed <= counted, "{printed} of {counted}");
        }
    }
}
