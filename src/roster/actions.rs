//! What can be done with one person: mute, ask again, "This is me".

use foldback_model::{OperationKind, PersonKind};
use leptos::prelude::*;

use super::shown::Shown;
use crate::{
    icon::Icon,
    reactive::{Memo, Show, Signal},
    session::{Session, microphone::Microphone, use_session},
};

/// Chooses whose row is the operator's own.
#[component]
pub fn MeButton(
    /// The person.
    shown: Memo<Shown>,
) -> impl IntoView {
    let session = use_session();
    let is_shown = move || {
        let shown = shown.read();
        shown.person.as_ref().is_some_and(|person| {
            !shown.is_app && !person.in_lobby && person.kind != PersonKind::Application
        })
    };
    let press = move |_| {
        let shown = shown.get_untracked();
        let person = shown.person.map(|person| person.person);
        session.me.set(person.filter(|_| !shown.is_me));
    };
    view! {
        <Show when=is_shown>
            <button
                type="button"
                class="icon-button me"
                tabindex="-1"
                aria-description="Spared by Mute all others"
                aria-label=move || format!("This is me: {}", shown.read().name())
                aria-pressed=move || shown.read().is_me.to_string()
                on:click=press
            >
                <Icon name="me"/>
            </button>
        </Show>
    }
}

/// Asks again after a failure.
#[component]
pub fn RetryButton(
    /// The person.
    shown: Memo<Shown>,
) -> impl IntoView {
    let session = use_session();
    let is_shown =
        move || matches!(shown.read().microphone, Microphone::Failed { retry: true, .. });
    view! {
        <Show when=is_shown>
            <button
                type="button"
                class="plain"
                tabindex="-1"
                aria-label=move || format!("Retry: {}", shown.read().name())
                on:click=move |_| toggle(session, &shown.get_untracked())
            >
                "Retry"
            </button>
        </Show>
    }
}

/// Mutes; for the app's own leg it unmutes too. Says why when it cannot.
#[component]
pub fn MuteButton(
    /// The person.
    shown: Memo<Shown>,
    /// As shown, also after they left.
    name: String,
) -> impl IntoView {
    let session = use_session();
    let name = StoredValue::new(name);
    let verb = move || {
        let shown = shown.read();
        if shown.is_app && shown.is_muted() { "Unmute" } else { "Mute" }
    };
    let label = Signal::derive(move || name.with_value(|name| format!("{} {name}", verb())));
    // The app's button changes its name instead: it can go both ways.
    let pressed = Signal::derive(move || {
        let shown = shown.read();
        (!shown.is_app).then(|| shown.is_muted().to_string())
    });
    let reason = Signal::derive(move || shown.read().hindrance);
    let icon = Signal::derive(move || if shown.read().is_muted() { "mic-off" } else { "mic" });
    view! {
        <button
            type="button"
            class="mute"
            tabindex="-1"
            aria-label=move || label.get()
            aria-pressed=move || pressed.get()
            aria-disabled=move || reason.get().map(|_| "true")
            aria-description=move || reason.get()
            data-pending=move || {
                matches!(shown.read().microphone, Microphone::Pending(_)).then_some("")
            }
            on:click=move |_| toggle(session, &shown.get_untracked())
        >
            <Icon name=icon/>
            <span>{move || verb()}</span>
        </button>
    }
}

/// Asks for the one change that makes sense for this microphone; says why when none does.
pub fn toggle(session: Session, shown: &Shown) {
    let Some(person) = &shown.person else { return };
    if let Some(reason) = shown.hindrance {
        session.note(format!("{}: {reason}", person.name));
    } else if shown.is_app && person.muted {
        session.unmute_self();
    } else if matches!(shown.microphone, Microphone::Pending(kind) if kind != OperationKind::ConfigureMixer)
    {
        session.note(format!("{}: already on its way", person.name));
    } else {
        session.mute(person.id.clone());
    }
}
