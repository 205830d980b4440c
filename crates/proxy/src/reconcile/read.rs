//! Readings of a call and its roster, in the form of the service that carries it.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use foldback_model::{
    By, CallInfo, CallKey, Event,
    call::CallPhase,
    translate::{self, People},
};
use foldback_wire::{
    acs::{CallConnectionProperties, CallParticipantsPage},
    graph::{self, ParticipantsPage},
};

use crate::{acs, app::App, call::Call, calls::join::Told, graph::send::Ask, upstream::Failure};

/// Readings in a row that newer facts may overtake before the next one waits.
const TRIES: usize = 5;

/// Reads the call and writes down what is new.
///
/// # Errors
/// [`Failure`] of the request, or that the answer or the journal cannot be used.
pub async fn call(app: &App, call: &Call) -> Result<(), Failure> {
    let told = match &call.key {
        CallKey::Graph(id) => {
            let answer = app.graph()?.ask("v1.0", Ask::Call(id), Bytes::new()).await;
            let answer = ended_if_gone(call, answer).await?;
            Told::Graph(Box::new(graph::Call::read(&answer.body)?))
        }
        CallKey::Acs(id) => {
            let ask = acs::send::Ask::Connection(id);
            let answer = app.acs()?.ask(ask, Bytes::new(), None).await;
            let answer = ended_if_gone(call, answer).await?;
            Told::Acs(Box::new(CallConnectionProperties::read(&answer.body)?))
        }
    };
    change(call, |before| told.info(before, call.rehearsal)).await
}

/// Reads the roster. Facts that arrive meanwhile are newer than what was read, so it is read again.
/// `whole` writes one authoritative reading, else only the differences are written.
///
/// # Errors
/// [`Failure`] of the request, or that the answer or the journal cannot be used.
pub async fn roster(app: &App, call: &Call, whole: bool) -> Result<(), Failure> {
    for _ in 0..TRIES {
        let before = call.read().roster_at;
        let (people, all) = people(app, call).await?;
        // A person that cannot be read has not left, and a page is not the whole roster.
        let complete = people.unreadable == 0 && all;
        let overtaken = AtomicBool::new(false);
        call.append(|folded| {
            if folded.roster_at != before {
                overtaken.store(true, Ordering::Relaxed);
                return Vec::new();
            }
            let event = |event| (By::Service, event);
            let mut events = if whole && complete {
                let participants = people.here.clone();
                vec![event(Event::RosterReplaced { participants, roster_sequence: None })]
            } else {
                let mut left = people.left.clone();
                if complete {
                    left.extend(folded.state.roster.absent_from(&people.here));
                }
                vec![
                    event(Event::ParticipantsChanged {
                        participants: people.here.clone(),
                        roster_sequence: None,
                    }),
                    event(Event::ParticipantsLeft { ids: left, reason: None }),
                ]
            };
            if matches!(call.key, CallKey::Acs(_)) {
                // People of ACS come back under the id they had. A list with a number brings them
                // back; the last one seen is what this reading is as new as.
                let roster = &folded.state.roster;
                if complete && people.here.iter().any(|person| roster.has_left(&person.id)) {
                    let (participants, number) = (people.here.clone(), roster.sequence());
                    let roster_sequence = Some(number);
                    events
                        .insert(0, event(Event::RosterReplaced { participants, roster_sequence }));
                }
                // Nothing else tells that a mute is done.
                let ends = translate::acs::shown(&people.here, &folded.state);
                events.extend(ends.into_iter().map(event));
            }
            events
        })
        .await
        .map_err(|error| Failure::NotSent(error.to_string()))?;
        if !overtaken.into_inner() {
            return Ok(());
        }
    }
    tracing::debug!(call = %call.key, "the roster moves too fast to be read; it is read again soon");
    call.doubt.notify_one();
    Ok(())
}

/// Who the service says is there, and whether that is everybody.
async fn people(app: &App, call: &Call) -> Result<(People, bool), Failure> {
    match &call.key {
        CallKey::Graph(id) => {
            let answer = app.graph()?.ask("v1.0", Ask::Participants(id), Bytes::new()).await;
            let answer = ended_if_gone(call, answer).await?;
            let page = ParticipantsPage::read(&answer.body)?;
            Ok((translate::people(&page.value), page.odata_next_link.is_none()))
        }
        CallKey::Acs(id) => {
            let page: CallParticipantsPage =
                ended_if_gone(call, app.acs()?.participants(id).await).await?;
            Ok((translate::acs::people(&page.value), true))
        }
    }
}

/// Tells the service that the call is still wanted, where it wants to hear that.
///
/// # Errors
/// [`Failure`] of the request.
pub(super) async fn keep_alive(app: &App, call: &Call) -> Result<(), Failure> {
    let CallKey::Graph(id) = &call.key else { return Ok(()) };
    let answer = app.graph()?.ask("v1.0", Ask::KeepAlive(id), Bytes::new()).await;
    ended_if_gone(call, answer).await.map(drop)
}

/// A call the service does not know any more is over; the answer is given back.
///
/// # Errors
/// The answer's, or that the journal cannot be written.
pub async fn ended_if_gone<T>(call: &Call, answer: Result<T, Failure>) -> Result<T, Failure> {
    if let Err(Failure::Refused { status, .. }) = &answer
        && status.as_u16() == 404
    {
        over(call).await?;
    }
    answer
}

/// Writes down that the call is over.
///
/// # Errors
/// That the journal cannot be written.
pub async fn over(call: &Call) -> Result<(), Failure> {
    change(call, |before| match call.key {
        CallKey::Graph(_) => translate::call(&graph::Call::default(), true, before, call.rehearsal),
        CallKey::Acs(_) => translate::acs::call(CallPhase::Ended, before, call.rehearsal),
    })
    .await
}

async fn change(call: &Call, info: impl Fn(Option<&CallInfo>) -> CallInfo) -> Result<(), Failure> {
    call.append(|folded| vec![(By::Service, Event::CallChanged(info(folded.state.call.as_ref())))])
        .await
        .map(drop)
        .map_err(|error| Failure::NotSent(error.to_string()))
}
