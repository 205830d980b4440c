//! One person: name, microphone by shape and word, activity, and what can be done.

use std::sync::Arc;

use foldback_model::{By, ParticipantId};
use leptos::{ev::KeyboardEvent, prelude::*};

use super::{
    RosterView,
    actions::{MeButton, MuteAction, RetryButton, toggle},
    chosen::ChooseButton,
    list::Entry,
    shown::Shown,
};
use crate::{
    app::notice::clock,
    icon::Icon,
    reactive::{Memo, Show, Signal, part},
    session::{
        microphone::{Microphone, last_mute, who},
        use_session,
    },
    ui::{Slot, attr, on, text, truth},
    view::view,
};

/// One row.
#[component]
pub fn Row(
    /// Who.
    entry: Arc<Entry>,
    /// Where.
    place: Slot,
) -> impl IntoView {
    let session = use_session();
    let roster = expect_context::<RosterView>();
    let id = StoredValue::new(entry.id.clone());
    let name = StoredValue::new(entry).with_value(|entry| entry.name.clone());
    let shown = Memo::new(move |_| id.with_value(|id| Shown::of(session, id)));
    let act = move || toggle(session, &shown.get_untracked());
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Enter" | " " if place.is_target(&event) => act(),
            _ if event.ctrl_key() || event.meta_key() => return,
            "m" | "M" => act(),
            "x" | "X" => id.with_value(|id| roster.chosen.toggle(id)),
            "h" | "H" => roster.hush.down(Some(id.get_value())),
            "Escape" if roster.chosen.clear() => {}
            _ => return,
        }
        event.prevent_default();
    };
    let label = name.clone();
    view! {
        <div
            node_ref=place.element
            aria-label=label
            class="row"
            style:--at=move || place.at.get().to_string()
            {..attr("aria-selected", move || Some(truth(id.with_value(|id| roster.chosen.has(id))).to_owned()))}
            {..attr("data-mic", move || Some(shown.read().microphone.token().to_owned()))}
            {..place.attributes()}
            {..on("keydown", on_key)}
        >
            <div class="who" role="gridcell">
                <ChooseButton id label=format!("Choose {name}")/>
                <Icon name=Signal::derive(move || shown.read().kind_icon())/>
                <bdi class="name" data-tip-cut>{name.clone()}</bdi>
                {part(move || match shown.read().kind() {
                    Some(kind) => view! { <span class="tag">{kind}</span> }.into_any(),
                    None => ().into_any(),
                })}
                <Show when=move || shown.read().is_me>
                    <span class="tag" data-tone="accent">"You"</span>
                </Show>
            </div>
            <div class="mic" role="gridcell">
                <Icon name=Signal::derive(move || shown.read().microphone_icon())/>
                <span class="mic-word">{text(move || shown.read().microphone.word().to_owned())}</span>
                <Detail shown id/>
                <RetryButton shown/>
            </div>
            <div class="activity" role="gridcell">
                <Activity id/>
            </div>
            <div class="acts" role="gridcell">
                <MeButton shown/>
                <MuteAction shown name/>
            </div>
        </div>
    }
}

/// Behind the microphone's word: who muted it and when, or why it failed.
#[component]
fn Detail(shown: Memo<Shown>, id: StoredValue<ParticipantId>) -> impl IntoView {
    let session = use_session();
    let words = Memo::new(move |_| match &shown.read().microphone {
        Microphone::ServerMuted => id.with_value(|id| {
            let operations = session.operations.read();
            let mute = last_mute(&operations, id)?;
            let name = match &mute.by {
                By::Operator { id, .. } if session.is_me(id) => "you",
                by => who(by),
            };
            let clock = clock(mute.requested_at.0);
            let minutes = clock.rsplit_once(':').map_or(clock.as_str(), |(minutes, _)| minutes);
            Some(format!("by {name} {minutes}"))
        }),
        Microphone::Failed { message, .. } => Some(message.clone()),
        _ => None,
    });
    part(move || match words.get() {
        Some(words) => view! { <span class="mic-detail" data-tip-cut>{words}</span> }.into_any(),
        None => ().into_any(),
    })
}

/// How loud they talk, in place.
#[component]
fn Activity(id: StoredValue<ParticipantId>) -> impl IntoView {
    let session = use_session();
    let level = id.with_value(|id| session.talking.of(id));
    view! {
        <span
            class="level"
            style:--level=move || level.get().to_string()
            {..attr("data-talking", move || (level.get() > 0).then(String::new))}
        >
            <span class="visually-hidden">
                {text(move || if level.get() > 0 { "Talking" } else { "" }.to_owned())}
            </span>
        </span>
    }
}
