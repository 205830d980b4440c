//! Notifications in: a secret path per call, a token that proves the sender, a body made into facts
//! that are durable before the answer.
//!
//! What is looked at first costs least: the path, the token, then the body. A notification that
//! comes while its call is being joined waits for the join a moment, in order and in bounded memory;
//! after that the service is asked to send it again. It is not kept here instead: what is answered
//! with success must survive a crash, and before the join has succeeded there is no journal of that
//! call to keep it in. The reading that follows every join shows whatever was sent too early.

pub mod acs;
pub mod family;
pub mod graph;
pub mod keys;
mod known;
mod rsa;
pub mod seen;
pub mod token;

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, StatusCode};
use foldback_model::CallKind;
use foldback_wire::{acs::CloudEvent, graph::CommsNotifications};

use crate::{
    app::App, call::Call, calls::Slot, journal::JournalError, problem::Fault, secret::Fingerprint,
};
use family::Family;
use seen::{Look, Seen};
use token::{Flaw, Proof, Refusal, Verifier, now_s};

/// How long a notification waits for its call to be joined, and for those before it. Services take
/// an answer after three seconds for none.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// Where notifications of one service arrive.
#[derive(Debug)]
pub struct Door {
    /// Checks their tokens.
    pub verifier: Verifier,
    seen: Seen,
}

impl Door {
    /// A door for this family.
    ///
    /// # Errors
    /// As [`Verifier::new`].
    pub fn new(family: Family) -> anyhow::Result<Self> {
        Ok(Self { seen: Seen::new(family.one_body), verifier: Verifier::new(family)? })
    }
}

/// A notification whose path and token are good; its body is not read yet.
#[derive(Debug)]
pub struct Admitted {
    service: CallKind,
    slot: Arc<Slot>,
    proof: Proof,
}

/// Lets a notification in by its path and its token.
///
/// # Errors
/// Without a word: 404 for a wrong secret, 401 for a wrong token, 503 when nobody can say because
/// the service's keys cannot be read.
pub async fn admit(
    app: &App,
    service: CallKind,
    secret: &str,
    headers: &HeaderMap,
) -> Result<Admitted, Fault> {
    let door = app.door(service);
    let slot = app.calls.slot(service, secret);
    let (Some(door), Some(slot)) = (door, slot) else {
        app.metrics.notification("wrongSecret");
        return Err(Fault::new(StatusCode::NOT_FOUND, "notFound", ""));
    };
    match door.verifier.check(headers).await {
        Ok(proof) => Ok(Admitted { service, slot, proof }),
        Err(Refusal::NoKeys) => {
            app.metrics.token("noKeys");
            Err(later())
        }
        Err(Refusal::Flawed(flaw)) => Err(refused(app, door, flaw)),
    }
}

/// Takes the body of one that was let in.
///
/// # Errors
/// 400 for a body that cannot be read, 401 when the token came with another body before, 503 when
/// the facts cannot be made durable now, so that the service sends them again.
pub async fn take(app: &App, admitted: &Admitted, body: &[u8]) -> Result<StatusCode, Fault> {
    let Admitted { service, slot, proof } = admitted;
    let door = app.door(*service).ok_or_else(later)?;
    let print = Fingerprint::of_bytes(body);
    let _room = slot.room(body.len()).ok_or_else(later)?;
    // Held to the end: the notifications of a call are taken in the order they came.
    let waiting = tokio::time::timeout(PATIENCE, slot.call.lock()).await.map_err(|_| {
        app.metrics.notification("tooEarly");
        later()
    })?;
    let call = waiting.as_ref().ok_or_else(later)?;
    match door.seen.look(proof, print, now_s()) {
        Look::New => {}
        Look::Taken => {
            app.metrics.token("repeat");
            // Where a token lasts for many, the same words can be true twice: who is muted, opens
            // and is muted again. A reading tells, and nobody's repetition.
            if !door.verifier.family().one_body {
                call.doubt.notify_one();
            }
            return Ok(taken(*service));
        }
        Look::OtherBody => return Err(refused(app, door, Flaw::OtherBody)),
    }
    app.metrics.token("good");
    facts(app, *service, call, body).await?;
    door.seen.took(proof, print);
    Ok(taken(*service))
}

async fn facts(app: &App, service: CallKind, call: &Call, body: &[u8]) -> Result<(), Fault> {
    let unreadable = |error: foldback_wire::Error| {
        app.metrics.notification("unreadable");
        // Its content is somebody else's and does not belong into the log.
        tracing::warn!(call = %call.key, place = error.path(), "a notification cannot be read");
        Fault::from(error)
    };
    match service {
        CallKind::Graph => {
            let batch = CommsNotifications::read(body).map_err(unreadable)?;
            for notification in &batch.value {
                count(app, call, graph::take(call, notification).await)?;
            }
        }
        CallKind::Acs => {
            for event in &CloudEvent::read_all(body).map_err(unreadable)? {
                count(app, call, acs::take(call, event).await)?;
            }
        }
    }
    Ok(())
}

fn count(app: &App, call: &Call, became: Result<&'static str, JournalError>) -> Result<(), Fault> {
    match became {
        Ok(kind) => {
            app.metrics.notification(kind);
            Ok(())
        }
        Err(error) => {
            tracing::error!(call = %call.key, %error, "a notification could not be kept");
            Err(Fault::journal())
        }
    }
}

/// What each service takes for "received".
fn taken(service: CallKind) -> StatusCode {
    match service {
        CallKind::Graph => StatusCode::ACCEPTED,
        CallKind::Acs => StatusCode::OK,
    }
}

fn later() -> Fault {
    let mut fault = Fault::new(StatusCode::SERVICE_UNAVAILABLE, "later", "");
    fault.retry_after = Some(1);
    fault
}

/// Who sent it learns nothing of what was wrong.
fn refused(app: &App, door: &Door, flaw: Flaw) -> Fault {
    let (family, flaw) = (door.verifier.family().name, flaw.name());
    app.metrics.token(flaw);
    tracing::warn!(family, flaw, "a notification was refused for its token");
    Fault::new(StatusCode::UNAUTHORIZED, "unauthorized", "")
}
