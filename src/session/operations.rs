//! How commands leave: one intent and one request each, the fate of the request told to the intent.

use foldback_model::{GestureId, Intent, IntentState, Layer, OperationKind, ParticipantId, plan};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use super::{Right, Session, mixer::Body};
use crate::link::{self, Command, Failure, command::mute_body};

/// One request of this panel, byte for byte as it left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// Method and path.
    pub endpoint: String,
    /// The body.
    pub json: String,
    /// Whom it is about, in words.
    pub about: String,
}

/// A fresh random correlation text, a UUID.
pub fn client_context() -> String {
    // `randomUUID` exists in secure contexts only; a panel served over plain HTTP on a LAN has none.
    let crypto = window().crypto().ok();
    let has = crypto.as_ref().is_some_and(|crypto| {
        js_sys::Reflect::get(crypto, &"randomUUID".into())
            .is_ok_and(|function| function.is_instance_of::<js_sys::Function>())
    });
    match crypto {
        Some(crypto) if has => crypto.random_uuid(),
        _ => uuid_from(std::array::from_fn(|_| random_byte())),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number from 0 to 255"
)]
fn random_byte() -> u8 {
    (js_sys::Math::random() * 256.0) as u8
}

/// The version 4 UUID of sixteen random bytes.
fn uuid_from(mut bytes: [u8; 16]) -> String {
    use std::fmt::Write;

    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A fresh id of one drag or one bulk action.
pub fn gesture() -> Option<GestureId> {
    GestureId::new(client_context())
}

/// See [`Session::mute`].
pub(super) fn mute(session: Session, person: ParticipantId) {
    let is_self = session
        .call
        .with_untracked(|call| call.as_ref().and_then(|call| call.own_participant.clone()))
        .is_some_and(|own| own == person);
    let kind = if is_self { OperationKind::MuteSelf } else { OperationKind::Mute };
    if let Some(context) = start(session, kind, person.clone(), IntentState::Sending) {
        spawn_local(tell(session, kind, person, context));
    }
}

/// Sends a single wish and tells of a refusal: the row that shows it may be out of sight.
async fn tell(session: Session, kind: OperationKind, person: ParticipantId, context: String) {
    let name = session.roster.with_untracked(|roster| {
        roster.get(&person).map_or_else(String::new, |person| person.name.clone())
    });
    if let Err(failure) = send_mute(session, kind, person, context, None).await {
        let verb = if kind == OperationKind::UnmuteSelf { "unmuted" } else { "muted" };
        session.tell(format!("{name} was not {verb}: {}", failure.message()));
    }
}

/// See [`Session::unmute_self`].
pub(super) fn unmute_self(session: Session) {
    let own = session
        .call
        .with_untracked(|call| call.as_ref().and_then(|call| call.own_participant.clone()));
    let Some(own) = own else { return };
    let kind = OperationKind::UnmuteSelf;
    if let Some(context) = start(session, kind, own.clone(), IntentState::Sending) {
        spawn_local(tell(session, kind, own, context));
    }
}

/// Adds an intent about somebody's microphone and gives its client context; none when it makes no
/// sense now or one is on its way already.
pub(super) fn start(
    session: Session,
    kind: OperationKind,
    person: ParticipantId,
    state: IntentState,
) -> Option<String> {
    let roster = session.roster.get_untracked();
    let call = session.call.get_untracked();
    let target = roster.get(&person)?;
    if kind == OperationKind::Mute
        && let Err(reason) = plan::can_mute(target, call.as_ref())
    {
        session.note(format!("{}: {reason}", target.name));
        return None;
    }
    let is_open = session
        .intents
        .with_untracked(|intents| intents.of_microphone(&person).is_some_and(Intent::is_open));
    if is_open {
        return None;
    }
    if !session.is_allowed(Right::Mute) {
        return None;
    }
    if !session.connection.get_untracked().is_live() {
        session.tell("Not connected: nothing was sent");
        return None;
    }
    let client_context = client_context();
    session.intents.update(|intents| {
        // An operator who asks again has dealt with the failure.
        intents.add(Intent {
            client_context: client_context.clone(),
            kind,
            targets: vec![person],
            state,
        });
    });
    Some(client_context)
}

/// Sends a mute that has an intent and tells the intent its fate.
pub(super) async fn send_mute(
    session: Session,
    kind: OperationKind,
    person: ParticipantId,
    context: String,
    gesture: Option<GestureId>,
) -> Result<(), Failure> {
    let command = match kind {
        OperationKind::MuteSelf => Command::MuteSelf,
        OperationKind::UnmuteSelf => Command::UnmuteSelf,
        OperationKind::Mute | OperationKind::ConfigureMixer => Command::Mute(&person),
    };
    let about = session.roster.with_untracked(|roster| {
        roster.get(&person).map_or_else(String::new, |person| person.name.clone())
    });
    let json = session.key.with_untracked(|call| mute_body(call.as_ref(), &person, &context));
    send(session, command, json, about, &context, gesture, None).await
}

/// See [`Session::send_mixer`].
pub(super) fn send_mixer(
    session: Session,
    body: Body,
    gesture: Option<GestureId>,
    layer: Layer,
    on_done: impl FnOnce(Result<(), Failure>) + 'static,
) {
    let Body { text, context, listeners: targets } = body;
    session.intents.update(|intents| {
        intents.add(Intent {
            client_context: context.clone(),
            kind: OperationKind::ConfigureMixer,
            targets,
            state: IntentState::Sending,
        });
    });
    spawn_local(async move {
        let command = Command::ConfigureMixer;
        let outcome =
            send(session, command, text, String::new(), &context, gesture, Some(&layer)).await;
        on_done(outcome);
    });
}

async fn send(
    session: Session,
    command: Command<'_>,
    json: String,
    about: String,
    context: &str,
    gesture: Option<GestureId>,
    layer: Option<&Layer>,
) -> Result<(), Failure> {
    let Some(key) = session.key.get_untracked() else {
        let failure = Failure::Unreadable("no call is open".to_owned());
        session.intents.update(|intents| {
            intents.refused(context, failure.message(), None);
        });
        return Err(failure);
    };
    let base = session.config.with_untracked(|config| config.base.clone());
    let path = command.path(&key);
    if command != Command::ConfigureMixer {
        let endpoint = format!("POST {path}");
        session.mute_request.set(Some(Sent { endpoint, json: json.clone(), about }));
    }
    let outcome = link::post(&base, &path, &json, gesture.as_ref(), layer).await;
    if let Err(failure) = &outcome {
        session.intents.update(|intents| {
            match failure {
                Failure::Lost(_) => intents.lost(context),
                other => intents.refused(context, other.message(), other.retry_ms()),
            };
        });
        if *failure == Failure::SignedOut {
            session.connection.set(super::Connection::SignedOut);
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_shape() {
        assert_eq!(uuid_from([0xFF; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid_from([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
