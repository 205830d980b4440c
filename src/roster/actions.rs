//! What can be done with one person: mute, ask again, "This is me".

use foldback_model::{OperationKind, PersonKind};
use leptos::prelude::*;

use super::shown::Shown;
use crate::{
    icon::Icon,
    reactive::{Memo, Show, Signal},
    session::{Session, microphone::Microphone, use_session},
    ui::{Button, Mute, MuteButton, Toggle, Wish},
    view::view,
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
    let toggle = Callback::new(move |on: bool| {
        let person = shown.get_untracked().person.map(|person| person.person);
        session.me.set(person.filter(|_| on));
    });
    view! {
        <Show when=is_shown>
            <Toggle
                label=Signal::derive(move || format!("This is me: {}", shown.read().name()))
                is_on=Signal::derive(move || shown.read().is_me)
                on_toggle=toggle
                tip="Spared by Mute all others"
                is_inner=true
            >
                <Icon name="me"/>
            </Toggle>
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
    let retry = Callback::new(move |()| toggle(session, &shown.get_untracked()));
    view! {
        <Show when=is_shown>
            <Button
                label=Signal::derive(move || format!("Retry: {}", shown.read().name()))
                on_press=retry
                is_inner=true
            >
                "Retry"
            </Button>
        </Show>
    }
}

/// Mutes; for the app's own leg it unmutes too. Says why when it cannot.
#[component]
pub fn MuteAction(
    /// The person.
    shown: Memo<Shown>,
    /// As shown, also after they left.
    name: String,
) -> impl IntoView {
    let session = use_session();
    let mute = Memo::new(move |_| mute(&shown.read()));
    view! {
        <MuteButton
            name
            mute
            on_press=move |()| toggle(session, &shown.get_untracked())
            is_inner=true
        />
    }
}

fn mute(shown: &Shown) -> Mute {
    Mute {
        is_muted: shown.is_muted(),
        opens: shown.is_app,
        wish: match shown.microphone {
            Microphone::Pending(_) => Wish::Pending,
            Microphone::Failed { .. } => Wish::Failed,
            _ => Wish::None,
        },
        hindrance: shown.hindrance,
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
