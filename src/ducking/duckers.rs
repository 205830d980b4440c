//! Who ducks others for this listener, and whether they do so now.

use foldback_model::{ParticipantId, mix::UNITY};
use leptos::prelude::*;

use crate::{
    desk::View,
    reactive::{For, Memo, Show, Signal},
    route::Room,
    ui::{Toggle, text},
    view::view,
};

/// The list.
#[component]
pub fn Duckers(
    /// Whose mix.
    view: View,
) -> impl IntoView {
    let session = view.session();
    let duckers = Memo::new(move |_| {
        view.heard.with(|heard| {
            let ducking = heard.sources.iter().filter(|(_, cell)| cell.ducks_others);
            ducking.map(|(source, _)| source.clone()).collect::<Vec<ParticipantId>>()
        })
    });
    let desk = move || session.route.with(|route| route.to_room(Room::Desk));
    view! {
        <section class="duckers" aria-labelledby="duckers-title">
            <h3 id="duckers-title">"Who ducks others"</h3>
            <Show
                when=move || !duckers.with(Vec::is_empty)
                fallback=move || {
                    view! {
                        <p class="duckers-empty">
                            "Nobody yet. Press a Ducks key on the "
                            <a href=move || desk().hash()>"desk"</a>
                            "."
                        </p>
                    }
                }
            >
                <ul class="duckers-list">
                    <For each=move || duckers.get() key=ToString::to_string let(source)>
                        <Ducker view=view source=source/>
                    </For>
                </ul>
            </Show>
        </section>
    }
}

#[component]
fn Ducker(
    /// Whose mix.
    view: View,
    /// Who ducks.
    source: ParticipantId,
) -> impl IntoView {
    let session = view.session();
    let talk = session.talking.of(&source);
    let source = StoredValue::new(source);
    let person = Memo::new(move |_| {
        source.with_value(|source| {
            session
                .roster
                .with(|roster| roster.get(source).map(|person| (person.name.clone(), person.muted)))
        })
    });
    let name = Memo::new(move |_| {
        person.get().map_or_else(|| "Somebody who left".to_owned(), |(name, _)| name)
    });
    let level = Memo::new(move |_| {
        source.with_value(|source| view.heard.with(|heard| heard.level(source)))
    });
    let state = move || match (person.get(), level.get()) {
        (None, _) => "left the call: ducks nobody".to_owned(),
        (Some((_, true)), _) => "ducks nobody now, because muted".to_owned(),
        (_, 0) => "ducks nobody now, because silent here".to_owned(),
        (_, level) => {
            let state = if talk.get() > 0 {
                "is ducking the others now"
            } else {
                "ducks the others when talking"
            };
            match level {
                UNITY => state.to_owned(),
                level => format!("{state} (at {level}\u{202F}%)"),
            }
        }
    };
    let stop = Callback::new(move |on: bool| {
        let layer = view.layer.get_untracked();
        source.with_value(|source| session.set_ducks_others(&layer, source, on));
    });
    view! {
        <li class="ducker" data-now=move || (talk.get() > 0).then_some("true")>
            <Toggle
                label=Signal::derive(move || format!("{} ducks others", name.get()))
                is_on=Signal::stored(true)
                on_toggle=stop
            >
                "Ducks"
            </Toggle>
            <span>
                <bdi class="ducker-name">{text(move || name.get())}</bdi>
                " "
                {text(state)}
            </span>
        </li>
    }
}
