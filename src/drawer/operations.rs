//! Commands of all operators and their fate, the newest first.

use foldback_model::{
    Operation, OperationKind, OperationState, Operations, Outcome, Roster, Sequence,
};
use leptos::prelude::*;

use crate::{
    app::notice::clock,
    icon::Icon,
    reactive::{For, Memo, Show, Signal, part, settled},
    session::{microphone::who, use_session},
    ui::{attr, text},
    view::view,
};

/// How many are listed; the others stay in the journal.
const LISTED: usize = 60;

/// The region.
#[component]
pub fn OperationsRegion() -> impl IntoView {
    let session = use_session();
    let listed = move || {
        let operations = session.operations.read();
        operations.iter().rev().take(LISTED).map(|it| it.sequence).collect::<Vec<_>>()
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
                <For each=listed key=ToString::to_string let(sequence)>
                    <Item sequence/>
                </For>
            </ul>
        </section>
    }
}

/// How far an operation is, which alone changes: a drag asks ten times a second, and an item made anew
/// for every step would be laid out anew.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Progress {
    state: OperationState,
    latency_ms: Option<u64>,
}

impl Progress {
    fn of(operation: &Operation) -> Self {
        Self { state: operation.state.clone(), latency_ms: operation.latency_ms() }
    }
}

#[component]
fn Item(
    /// Which operation.
    sequence: Sequence,
) -> impl IntoView {
    let session = use_session();
    let find = move |operations: &Operations| {
        operations.iter().rev().find(|it| it.sequence == sequence).map(Progress::of)
    };
    let progress = settled(move || find(&session.operations.read()));
    let operations = session.operations.get_untracked();
    let operation = operations.iter().rev().find(|it| it.sequence == sequence)?;
    let kind = kind_word(operation.request.kind);
    let target = session.roster.with_untracked(|roster| target(operation, roster));
    let by = who(&operation.by).to_owned();
    let at = clock(operation.requested_at.0);
    // An operation that is no longer kept is not listed either.
    let state = move || progress.with(|it| it.as_ref().map(|it| it.state.clone()));
    let icon = Signal::derive(move || state().as_ref().map_or("ring", |it| signs(it).0));
    let word = move || state().as_ref().map_or("", state_word).to_owned();
    let latency = move || {
        let ms = progress.with(|it| it.as_ref().and_then(|it| it.latency_ms));
        ms.map_or_else(String::new, |ms| format!("{ms} ms"))
    };
    let fault = move || match state() {
        Some(OperationState::Finished(Outcome::Failed { code, message, .. })) => view! {
            <p class="operation-fault">
                <code>{code}</code>
                " "
                {message}
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    };
    Some(view! {
        <li class="operation" {..attr("data-state", move || state().map(|it| signs(&it).1.to_owned()))}>
            <Icon name=icon/>
            <p class="operation-what">
                <span class="operation-kind">{kind}</span>
                " "
                <bdi>{target}</bdi>
            </p>
            <span class="operation-latency">{text(latency)}</span>
            <p class="operation-meta">
                <span class="operation-state">{text(word)}</span>
                " · "
                <bdi>{by}</bdi>
                " · "
                <time>{at}</time>
            </p>
            {part(fault)}
        </li>
    })
}

/// The icon of a state, and its word for the style sheet.
fn signs(state: &OperationState) -> (&'static str, &'static str) {
    match state {
        OperationState::Requested | OperationState::Accepted => ("ring", "running"),
        OperationState::Finished(Outcome::Completed) => ("check", "completed"),
        OperationState::Finished(Outcome::Failed { .. }) => ("triangle", "failed"),
        OperationState::Finished(Outcome::Unconfirmed) => ("question", "unconfirmed"),
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
