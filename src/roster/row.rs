//! One person: name, microphone by shape and word, activity, and what can be done.

use std::sync::Arc;

use foldback_model::{By, ParticipantId};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    actions::{MeButton, MuteButton, RetryButton, toggle},
    grid::{Drawn, Roving},
    list::Entry,
    shown::Shown,
};
use crate::{
    app::notice::clock,
    icon::Icon,
    reactive::{Memo, Show, Signal, effect, part},
    session::{
        microphone::{Microphone, last_mute, who},
        use_session,
    },
};

/// One row.
#[component]
pub fn Row(
    /// Who.
    entry: Arc<Entry>,
    /// Where everybody in the page stands.
    drawn: Drawn,
    /// Who is in the tab order.
    tab_stop: Memo<Option<ParticipantId>>,
) -> impl IntoView {
    let session = use_session();
    let roving = expect_context::<Roving>();
    let element = NodeRef::<html::Div>::new();
    let id = StoredValue::new(entry.id.clone());
    let name = StoredValue::new(entry).with_value(|entry| entry.name.clone());
    let shown = Memo::new(move |_| id.with_value(|id| Shown::of(session, id)));
    let at = Memo::new(move |before: Option<&usize>| {
        let here = id.with_value(|id| {
            drawn.read().iter().find(|(_, entry)| entry.id == *id).map(|(at, _)| *at)
        });
        here.or(before.copied()).unwrap_or_default()
    });
    let is_stop = Memo::new(move |_| id.with_value(|id| tab_stop.read().as_ref() == Some(id)));
    effect(move || {
        let wanted = id.with_value(|id| roving.grab.read().as_ref() == Some(id));
        if let (true, Some(element)) = (wanted, element.get()) {
            focus(&element);
            roving.grab.set(None);
        }
    });
    let act = move || toggle(session, &shown.get_untracked());
    let on_keydown = move |event: ev::KeyboardEvent| {
        let on_row = is_target(&event, element);
        match event.key().as_str() {
            "Enter" | " " if on_row => act(),
            "m" | "M" if !event.ctrl_key() && !event.meta_key() => act(),
            "ArrowRight" => step_inside(element, 1),
            "ArrowLeft" => step_inside(element, -1),
            _ => return,
        }
        event.prevent_default();
    };
    let label = name.clone();
    view! {
        <div
            class="row"
            role="row"
            node_ref=element
            aria-label=label
            aria-rowindex=move || (at.get() + 1).to_string()
            tabindex=move || if is_stop.get() { "0" } else { "-1" }
            data-mic=move || shown.read().microphone.token()
            style:--at=move || at.get().to_string()
            on:keydown=on_keydown
            on:focusin=move |_| roving.current.set(Some(id.get_value()))
        >
            <div class="who" role="gridcell">
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
                <span class="mic-word">{move || shown.read().microphone.word()}</span>
                <Detail shown id/>
                <RetryButton shown/>
            </div>
            <div class="activity" role="gridcell">
                <Activity id/>
            </div>
            <div class="acts" role="gridcell">
                <MeButton shown/>
                <MuteButton shown name/>
            </div>
        </div>
    }
}

/// Behind the microphone's word: who muted it and when, or why it failed.
#[component]
fn Detail(shown: Memo<Shown>, id: StoredValue<ParticipantId>) -> impl IntoView {
    let session = use_session();
    let text = Memo::new(move |_| match &shown.read().microphone {
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
    part(move || match text.get() {
        Some(text) => view! { <span class="mic-detail" data-tip-cut>{text}</span> }.into_any(),
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
            data-talking=move || (level.get() > 0).then_some("")
            style:--level=move || level.get().to_string()
        >
            <span class="visually-hidden">{move || (level.get() > 0).then_some("Talking")}</span>
        </span>
    }
}

fn focus(element: &web_sys::HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    if element.focus_with_options(&options).is_err() {
        leptos::logging::warn!("a row did not take focus");
    }
}

fn is_target(event: &ev::KeyboardEvent, row: NodeRef<html::Div>) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let row = row.get_untracked();
    target.zip(row).is_some_and(|(target, row)| &target == row.unchecked_ref::<web_sys::Element>())
}

/// Moves focus among a row's buttons; before the first stands the row itself.
fn step_inside(row: NodeRef<html::Div>, step: i32) {
    let Some(row) = row.get_untracked() else { return };
    let Ok(buttons) = row.query_selector_all("button") else { return };
    let buttons: Vec<web_sys::HtmlElement> =
        (0..buttons.length()).filter_map(|n| buttons.item(n)?.dyn_into().ok()).collect();
    let active = document().active_element();
    let at = buttons
        .iter()
        .position(|button| active.as_ref() == Some(button.unchecked_ref::<web_sys::Element>()));
    let to = match (at, step) {
        (None, 1) => Some(0),
        (Some(at), 1) => Some((at + 1).min(buttons.len().saturating_sub(1))),
        (Some(at), _) => at.checked_sub(1),
        (None, _) => None,
    };
    match to {
        Some(to) => {
            if let Some(button) = buttons.get(to) {
                focus(button);
            }
        }
        None => focus(&row),
    }
}
