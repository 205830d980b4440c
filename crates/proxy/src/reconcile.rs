//! Keeping a call true: readings after gaps, doubts, restarts and every half minute.

pub mod read;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bytes::Bytes;
use foldback_model::{
    By, CallKey, Event, Operation, OperationId, OperationKind, OperationState, Outcome,
    Participant, ParticipantId, plan, translate,
};
use foldback_wire::graph::CommsOperation;
use tokio::{
    sync::{mpsc, watch},
    time,
};

use crate::{
    acs::send::Acs,
    app::App,
    call::{Call, now},
    calls,
    commands::{self, Command},
    graph::send::{Ask, Graph},
    journal::CallChange,
};

/// Time between readings when nothing gives a reason for one.
const EVERY: Duration = Duration::from_secs(30);

/// The service drops a call after 45 minutes without a sign.
const KEEP_ALIVE: Duration = Duration::from_mins(15);

/// Doubts of this span are answered by one reading.
const GATHER: Duration = Duration::from_millis(200);

/// Reads call and roster and settles what was left under way when the call was opened. What cannot be
/// read now is read later.
pub async fn bring_up_to_date(app: &Arc<App>, call: &Arc<Call>, left: &BTreeSet<OperationId>) {
    if let Err(error) = read::call(app, call).await {
        tracing::warn!(call = %call.key, %error, "the call could not be read");
    }
    match read::roster(app, call, true).await {
        Ok(()) => settle(app, call, |operation| left.contains(&operation.request.operation)).await,
        Err(error) => {
            tracing::warn!(call = %call.key, %error, "the roster could not be read");
            call.doubt.notify_one();
        }
    }
}

/// Follows a call until it is over and has left memory, or the proxy ends.
pub async fn follow(
    app: Arc<App>,
    call: Arc<Call>,
    mut joiners: mpsc::UnboundedReceiver<ParticipantId>,
) {
    let mut service = app.paused(call.key.kind());
    let mut tick = time::interval_at(time::Instant::now() + EVERY, EVERY);
    tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut alive = time::interval_at(time::Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = call.closed.cancelled() => {
                remember_end(&app, &call).await;
                app.stopping.run_until_cancelled(calls::let_go(&app, &call)).await;
                return;
            }
            paused = change(&mut service) => call.service(paused),
            Some(first) = joiners.recv() => {
                let mut people = vec![first];
                while let Ok(next) = joiners.try_recv() {
                    people.push(next);
                }
                send_base(&app, &call, &people).await;
            }
            () = call.doubt.notified() => {
                let read = async {
                    time::sleep(GATHER).await;
                    check_roster(&app, &call, call.take_gap()).await;
                };
                app.stopping.run_until_cancelled(read).await;
            }
            _ = tick.tick() => {
                let read = async {
                    check_roster(&app, &call, false).await;
                    // Whatever is younger may still be waiting for its answer.
                    let age = timeout(&app, &call) * 2 + Duration::from_secs(5);
                    settle(&app, &call, older_than(age)).await;
                };
                app.stopping.run_until_cancelled(read).await;
            }
            _ = alive.tick() => {
                let kept = app.stopping.run_until_cancelled(read::keep_alive(&app, &call)).await;
                if let Some(Err(error)) = kept {
                    tracing::warn!(call = %call.key, %error, "the call could not be kept alive");
                }
            }
        }
    }
}

/// The next change of whether the service is left alone; never when it is not used here.
async fn change(service: &mut Option<watch::Receiver<bool>>) -> bool {
    if let Some(paused) = service
        && paused.changed().await.is_ok()
    {
        return *paused.borrow_and_update();
    }
    std::future::pending().await
}

async fn check_roster(app: &App, call: &Call, whole: bool) {
    if let Err(error) = read::roster(app, call, whole).await {
        tracing::warn!(call = %call.key, %error, "the roster could not be read");
    }
}

/// Gives operations that are still open and due an end: what the service or the roster shows, else
/// "unconfirmed". Nothing is sent again.
pub async fn settle(app: &App, call: &Call, is_due: impl Fn(&Operation) -> bool) {
    let open: Vec<Operation> = {
        let folded = call.read();
        folded.state.operations.open().filter(|it| is_due(it)).cloned().collect()
    };
    for operation in open {
        let Some(outcome) = fate(app, call, &operation).await else { continue };
        let id = operation.request.operation.clone();
        let finished = Event::OperationFinished { operation: id, outcome };
        if let Err(error) = call.append_one(By::Foldback, finished).await {
            tracing::error!(call = %call.key, %error, "an operation could not be settled");
            return;
        }
    }
}

/// Gives mixes of `left` that the service never answered the end "unconfirmed": what was in them went
/// with the process before, so that their completion could not be shown on the desk.
pub async fn give_up_mixes(call: &Call, left: &BTreeSet<OperationId>) {
    let lost: Vec<OperationId> = {
        let folded = call.read();
        let lost = folded.state.operations.open().filter(|it| {
            left.contains(&it.request.operation)
                && it.request.kind == OperationKind::ConfigureMixer
                && it.upstream_id.is_none()
        });
        lost.map(|it| it.request.operation.clone()).collect()
    };
    for operation in lost {
        let finished = Event::OperationFinished { operation, outcome: Outcome::Unconfirmed };
        if let Err(error) = call.append_one(By::Foldback, finished).await {
            tracing::error!(call = %call.key, %error, "an operation could not be settled");
            return;
        }
    }
}

/// Operations that were asked for so long ago.
pub fn older_than(age: Duration) -> impl Fn(&Operation) -> bool {
    let (now, age) = (now(), u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
    move |operation| now.since(operation.requested_at) >= age
}

async fn fate(app: &App, call: &Call, operation: &Operation) -> Option<Outcome> {
    if let (CallKey::Graph(call), Some(id)) = (&call.key, &operation.upstream_id) {
        let answer = match app.graph() {
            Ok(graph) => graph.ask("v1.0", Ask::Operation(call, id), Bytes::new()).await,
            Err(failure) => Err(failure),
        };
        let read = answer.ok().and_then(|answer| CommsOperation::read(&answer.body).ok());
        if let Some(outcome) = read.as_ref().and_then(|wire| translate::outcome(wire, false)) {
            return Some(outcome);
        }
        // It is still running: a notification will follow.
        if read.is_some() && operation.state == OperationState::Accepted {
            return None;
        }
    }
    let folded = call.read();
    let roster = &folded.state.roster;
    let shown = match operation.request.kind {
        OperationKind::Mute | OperationKind::MuteSelf => {
            let mut people = operation.request.targets.iter().map(|id| roster.get(id));
            people.all(|person| person.is_some_and(|person| person.muted))
        }
        OperationKind::UnmuteSelf => {
            let mut people = operation.request.targets.iter().map(|id| roster.get(id));
            people.all(|person| person.is_some_and(|person| !person.muted))
        }
        OperationKind::ConfigureMixer => false,
    };
    let shown = shown && !operation.request.targets.is_empty();
    Some(if shown { Outcome::Completed } else { Outcome::Unconfirmed })
}

/// Sends what everyone hears to people who came after it was set.
async fn send_base(app: &Arc<App>, call: &Arc<Call>, people: &[ParticipantId]) {
    // Before reading the desk: a mix on its way may change it.
    let _turn = call.mixes.turn().await;
    let requests = {
        let folded = call.read();
        let state = &folded.state;
        if state.call.as_ref().is_some_and(|info| !info.can.mix) {
            return;
        }
        let still: Vec<ParticipantId> = people
            .iter()
            .filter_map(|id| state.roster.get(id))
            .filter(|person| plan::is_listener(person, state.call.as_ref()))
            .map(|person: &Participant| person.id.clone())
            .collect();
        plan::requests(&state.desk, &state.roster, &still, || uuid::Uuid::new_v4().to_string())
    };
    for request in requests {
        let request = request.spelled(app.exclusive_member);
        let Ok(body) = serde_json::to_vec(&request) else { continue };
        let command = Command {
            kind: OperationKind::ConfigureMixer,
            person: None,
            version: "beta".to_owned(),
            root: "/beta/communications/calls".to_owned(),
            body: Bytes::from(body),
            gesture: None,
            everyone: false,
            by: By::Foldback,
            from: None,
        };
        if let Err(fault) = commands::run_in_turn(app, call, command).await {
            tracing::warn!(call = %call.key, %fault, "people who joined do not hear the base mix");
        }
    }
}

fn timeout(app: &App, call: &Call) -> Duration {
    let timeout = match &call.key {
        CallKey::Graph(_) => app.graph.as_ref().map(Graph::timeout),
        CallKey::Acs(_) => app.acs.as_ref().map(Acs::timeout),
    };
    timeout.unwrap_or_default()
}

/// A call that is over is not opened again after a restart.
async fn remember_end(app: &App, call: &Call) {
    if let Err(error) = app.journal.change_call(call.key.clone(), CallChange::Ended).await {
        tracing::error!(call = %call.key, %error, "the end of a call could not be stored");
    }
}
