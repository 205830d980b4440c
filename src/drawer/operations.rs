//! Commands of all operators and their fate, the newest first.

use foldback_model::{
    Operation, OperationKind, OperationState, Outcome, Roster, Sequence, Timestamp,
};
use leptos::prelude::*;

use crate::{
    app::notice::clock,
    icon::Icon,
    reactive::{For, Memo, Show},
    session::{microphone::who, use_session},
    ui::text,
    view::view,
};

/// How many are listed; the others stay in the journal.
const LISTED: usize = 60;

/// The region.
#[component]
pub fn OperationsRegion() -> impl IntoView {
    let session = use_session();
    let listed = move || {
        let roster = session.roster.get_untracked();
        let operations = session.operations.read();
        operations.iter().rev().take(LISTED).map(|it| Line::of(it, &roster)).collect::<Vec<_>>()
    };
    let open = Memo::new(move |_| session.operations.read().open().count());
    let is_empty = Memo::new(move |_| session.operations.read().iter().next().is_none());
    view! {
        <section class="operations" role="region" aria-label="Operations">
            <header class="part-head">
                <h2>"Operations"</h2>
                <Show when=move || { open.get() > 0 }>
                    <span class="part-note">{text(move || format!("{} running", open.get()))}</span>
                </Show>
            </header>
            <Show when=move || is_empty.get()>
                <p class="part-empty">"What is sent to the service is listed here with its fate."</p>
            </Show>
            <ul class="operation-list" tabindex="0" aria-label="Operations, the newest first">
                <For
                    each=listed
                    // What does not change keeps its place in the page.
                    key=|line: &Line| format!("{} {}", line.sequence, state_word(&line.state))
                    let:line
                >
                    <Item line/>
                </For>
            </ul>
        </section>
    }
}

/// An operation as it is listed: without whom it is about, who may be everybody.
#[derive(Debug)]
struct Line {
    sequence: Sequence,
    kind: OperationKind,
    state: OperationState,
    target: String,
    by: String,
    requested_at: Timestamp,
    latency_ms: Option<u64>,
}

impl Line {
    fn of(operation: &Operation, roster: &Roster) -> Self {
        Self {
            sequence: operation.sequence,
            kind: operation.request.kind,
            state: operation.state.clone(),
            target: target(operation, roster),
            by: who(&operation.by).to_owned(),
            requested_at: operation.requested_at,
            latency_ms: operation.latency_ms(),
        }
    }
}

#[component]
fn Item(
    /// What was asked, and how far it is.
    line: Line,
) -> impl IntoView {
    let Line { kind, state, target, by, requested_at, latency_ms, .. } = line;
    let word = state_word(&state);
    let (icon, token) = match &state {
        OperationState::Requested | OperationState::Accepted => ("ring", "running"),
        OperationState::Finished(Outcome::Completed) => ("check", "completed"),
        OperationState::Finished(Outcome::Failed { .. }) => ("triangle", "failed"),
        OperationState::Finished(Outcome::Unconfirmed) => ("question", "unconfirmed"),
    };
    let latency = latency_ms.map(|ms| format!("{ms} ms"));
    let fault = match state {
        OperationState::Finished(Outcome::Failed { code, message, .. }) => view! {
            <p class="operation-fault">
                <code>{code}</code>
                " "
                {message}
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <li class="operation" data-state=token>
            <Icon name=icon/>
            <p class="operation-what">
                <span class="operation-kind">{kind_word(kind)}</span>
                " "
                <bdi>{target}</bdi>
            </p>
            <span class="operation-latency">{latency}</span>
            <p class="operation-meta">
                <span class="operation-state">{word}</span>
                " · "
                <bdi>{by}</bdi>
                " · "
                <time>{clock(requested_at.0)}</time>
            </p>
            {fault}
        </li>
    }
}

fn kind_word(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Mute | OperationKind::MuteSelf => "Mute",
        OperationKind::UnmuteSelf => "Unmute",
        OperationKind::ConfigureMixer => "Mix for",
    }
}

fn state_word(state: &OperationState) -> &'static str {
    match state {
        OperationState::Requested => "sending",
        OperationState::Accepted => "running",
        OperationState::Finished(Outcome::Completed) => "completed",
        OperationState::Finished(Outcome::Failed { .. }) => "failed",
        OperationState::Finished(Outcome::Unconfirmed) => "unconfirmed",
    }
}

/// Whom it is about: one name, or how many.
fn target(operation: &Operation, roster: &Roster) -> String {
    let request = &operation.request;
    match (request.targets.as_slice(), request.kind) {
        ([one], _) => roster
            .get(one)
            .map_or_else(|| "somebody who left".to_owned(), |person| person.name.clone()),
        ([], OperationKind::MuteSelf | OperationKind::UnmuteSelf) => "this app".to_owned(),
        (many, OperationKind::ConfigureMixer) => format!("{} listeners", many.len()),
        (many, _) => format!("{} people", many.len()),
    }
}
