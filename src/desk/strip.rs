//! One strip: a source's name, its ducking key and its level for the listener.

use foldback_model::{Layer, LayerMix, ParticipantId};
use leptos::prelude::*;
use web_sys::Event;

use super::{View, words::Strip};
use crate::{
    reactive::{self, Memo, RwSignal, Show, settled},
    session::mixer::Touch,
    ui::{Change, Fader, Toggle, decimal::decimal, on, text},
    view::view,
};

/// A strip.
#[component]
pub fn SourceStrip(
    /// Whose mix.
    view: View,
    /// Whose strip.
    source: ParticipantId,
    /// The source's name, kept when they leave.
    name: Memo<String>,
    /// Its place from the left.
    at: Memo<Option<usize>>,
) -> impl IntoView {
    let session = view.session();
    let source = StoredValue::new(source);
    let strip = drawn(view, source, name);
    let talk = source.with_value(|source| session.talking.of(source));
    let label = Memo::new(move |_| format!("{} level for {}", name.get(), view.listener.get()));
    let on_change = Callback::new(move |change: Change| {
        let percent = u8::try_from(change.value).unwrap_or(foldback_model::mix::UNITY);
        let touch = Touch { begins: change.begins, ends: change.ends };
        let layer = view.layer.get_untracked();
        source.with_value(|source| session.move_level(&layer, source, percent, touch));
    });
    let toggle = Callback::new(move |on: bool| {
        let layer = view.layer.get_untracked();
        source.with_value(|source| session.set_ducks_others(&layer, source, on));
    });
    let back = move |_: Event| {
        let layer = view.layer.get_untracked();
        let level = view.wanted.with_untracked(|desk| {
            source.with_value(|source| desk.heard_by_everyone().level(source))
        });
        source.with_value(|source| session.set_level(&layer, source, level, Touch::ONCE));
    };
    let ducking = move || {
        let words = strip.with(|strip| strip.ducking(talk.get() > 0));
        words.unwrap_or_default().to_owned()
    };
    let is_out = move || strip.with(|strip| strip.level == 0 || strip.has_left);
    view! {
        <div
            class="strip"
            role="group"
            aria-label=move || name.get()
            data-source=source.with_value(ToString::to_string)
            data-out=move || is_out().then_some("true")
            data-own=move || strip.with(|strip| strip.is_own).then_some("true")
            data-ducks=move || strip.with(|strip| strip.ducks).then_some("true")
            style:--i=move || at.get().map_or_else(|| "1".to_owned(), |at| (at + 1).to_string())
        >
            <h3 class="strip-name" data-tip-cut>
                <bdi>{text(move || name.get())}</bdi>
            </h3>
            <div class="strip-state">
                <span
                    class="strip-talk"
                    aria-hidden="true"
                    style:--talk=move || decimal(f64::from(talk.get()) / 100.0, 2)
                ></span>
                <span class="strip-muted">
                    {text(move || {
                        if strip.with(|strip| strip.is_muted) { "muted" } else { "" }.to_owned()
                    })}
                </span>
            </div>
            <Toggle
                label=reactive::Signal::derive(move || format!("{} ducks others", name.get()))
                is_on=reactive::Signal::derive(move || strip.with(|strip| strip.ducks))
                on_toggle=toggle
            >
                "Ducks"
            </Toggle>
            <p class="strip-ducking">{text(ducking)}</p>
            <Fader
                label=label
                value=Signal::derive(move || strip.with(|strip| strip.level.into()))
                confirmed=Signal::derive(move || strip.with(|strip| strip.confirmed.into()))
                note=Signal::derive(move || strip.with(Strip::note))
                taper=view.taper
                on_change=on_change
            />
            <div class="strip-foot">
                <p class="strip-origin">{text(move || strip.with(Strip::origin))}</p>
                <Show when=move || strip.with(|strip| strip.is_own)>
                    <button
                        type="button"
                        class="strip-back"
                        aria-label=move || format!("Use Everyone’s level of {}", name.get())
                        {..on("click", back)}
                    >
                        "Use Everyone’s"
                    </button>
                </Show>
            </div>
        </div>
    }
}

/// What the strip shows, worked out once for all its parts. Every strip looks at the whole mix, which
/// changes all the time while one of them is moved: the parts of the others hear nothing of it.
fn drawn(view: View, source: StoredValue<ParticipantId>, name: Memo<String>) -> RwSignal<Strip> {
    settled(move || {
        let source = source.get_value();
        let roster = view.session().roster;
        let is_muted = roster.with(|roster| roster.get(&source).map(|person| person.muted));
        let layer = view.layer.get();
        let has_level = |own: &LayerMix| own.cell(&source).level.is_some();
        let (is_own, n_differ) = view.wanted.with(|desk| match &layer {
            Layer::Everyone => {
                (false, desk.listeners.values().filter(|own| has_level(own)).count())
            }
            Layer::Listener(listener) => (desk.listeners.get(listener).is_some_and(has_level), 0),
        });
        view.heard.with(|heard| Strip {
            name: name.get(),
            level: heard.level(&source),
            confirmed: view.confirmed.with(|confirmed| confirmed.level(&source)),
            ducks: heard.ducks_others(&source),
            is_listed: heard.sources.contains_key(&source),
            is_exclusive: heard.exclusive,
            is_own,
            is_for_one: layer != Layer::Everyone,
            n_differ,
            is_muted: is_muted.unwrap_or(false),
            has_left: is_muted.is_none(),
        })
    })
}
