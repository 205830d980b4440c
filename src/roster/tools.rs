//! Above the grid: search, filter buttons with their figures, order, and "Mute all others".

use foldback_model::plan;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::{RosterView, filter::Filter, hush::HushButton};
use crate::{
    help::is_typing,
    icon::Icon,
    reactive::{Memo, NodeRef, Show, Signal},
    session::{Right, bulk, microphone::Counts, use_session},
    ui::{Button, FilterButton, Look, SearchBox, attr, text},
    view::view,
};

const IN_ORDER: &str = "By name, and in order. It stays as it is while you work in it.";

/// The tools of the room.
#[component]
pub fn Tools() -> impl IntoView {
    let session = use_session();
    let view = expect_context::<RosterView>();
    let counts = Memo::new(move |_| {
        Counts::of(&session.roster.read(), session.call.read().as_ref(), &session.intents.read())
    });
    let unsettled = Memo::new(move |_| view.list.read().unsettled(&session.roster.read()));
    let hindrance = Signal::derive(move || (unsettled.get() == 0).then_some(IN_ORDER));
    view! {
        <div class="tools">
            <SearchField/>
            <div class="filters" role="group" aria-label="Show only">
                {Filter::ALL
                    .into_iter()
                    .map(|filter| view! { <FilterChoice filter counts/> })
                    .collect_view()}
            </div>
            <div class="tools-end">
                <Button
                    on_press=move |()| view.settle()
                    tip="By name. The order stays as it is while you work in it."
                    hindrance=hindrance
                >
                    <Icon name="sort"/>
                    "Sort"
                    <Show when=move || { unsettled.get() > 0 }>
                        <span class="count">{text(move || unsettled.get().to_string())}</span>
                    </Show>
                </Button>
                <HushButton key=view.hush/>
                <MuteAll/>
            </div>
        </div>
    }
}

#[component]
fn SearchField() -> impl IntoView {
    let view = expect_context::<RosterView>();
    let field = NodeRef::<html::Div>::new();
    let slash = window_event_listener(ev::keydown, move |event| {
        if event.key() != "/" || event.ctrl_key() || event.meta_key() || is_typing(&event) {
            return;
        }
        event.prevent_default();
        let input = field.get_untracked().and_then(|it| it.query_selector("input").ok().flatten());
        if let Some(input) = input.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            drop(input.focus());
        }
    });
    on_cleanup(move || slash.remove());
    view! {
        <div class="search" node_ref=field>
            <Icon name="search"/>
            <SearchBox label="Search participants" text=view.typed/>
            <kbd aria-hidden="true">"/"</kbd>
        </div>
    }
}

#[component]
fn FilterChoice(
    /// Which one.
    filter: Filter,
    /// The figures of the call.
    counts: Memo<Counts>,
) -> impl IntoView {
    let view = expect_context::<RosterView>();
    let count = Memo::new(move |_| filter.count(&counts.read()));
    let is_on = Memo::new(move |_| view.filter.get() == Some(filter));
    view! {
        <span
            class="filter"
            data-filter=filter.name()
            {..attr("data-zero", move || (count.get() == 0).then(String::new))}
        >
            <FilterButton
                label=filter.name()
                count
                is_on
                on_toggle=move |on: bool| view.filter.set(on.then_some(filter))
            />
        </span>
    }
}

#[component]
fn MuteAll() -> impl IntoView {
    let session = use_session();
    let targets = Memo::new(move |_| {
        session.me.track();
        let me = session.my_participant();
        let call = session.call.read();
        plan::mute_all_targets(&session.roster.read(), call.as_ref(), me.as_ref()).len()
    });
    let reason = Memo::new(move |_| {
        let running = session.bulk.read().as_ref().is_some_and(|bulk| {
            !bulk.progress(&session.roster.read(), &session.intents.read()).is_over()
        });
        if let Some(why) = session.hindrance(Right::Mute) {
            Some(why)
        } else if !session.connection.get().is_live() {
            Some("Not connected")
        } else if running {
            Some("Already muting")
        } else if targets.get() == 0 {
            Some("No other microphone is open")
        } else {
            None
        }
    });
    view! {
        <Button
            look=Look::Primary
            on_press=move |()| bulk::all_others(session)
            tip="Spares you, the app and the lobby. Can be taken back for 2 s."
            hindrance=Signal::from(reason)
            on_hindered=move |()| session.note(reason.get_untracked().unwrap_or_default())
        >
            <Icon name="mic-off"/>
            "Mute all others"
        </Button>
    }
}
