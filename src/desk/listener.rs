//! Whose mix: "Everyone" or one listener. The address carries the answer, so that a link opens it.

use foldback_model::{ParticipantId, plan};
use leptos::prelude::*;

use super::words::EVERYONE;
use crate::{
    reactive::Memo,
    roster::{collate::finds, names},
    route,
    session::use_session,
    ui::{Choice, Combobox},
    view::view,
};

/// The combobox "Listener".
#[component]
pub fn ListenerPicker() -> impl IntoView {
    let session = use_session();
    let people = Memo::new(move |_| {
        let call = session.call.get();
        session.roster.with(|roster| names::of(&mut plan::listeners(roster, call.as_ref())))
    });
    let order = Memo::new(move |_| people.with(|people| names::in_order(people)));
    // Apart from the desk, which changes all the time while a fader moves.
    let own = Memo::new(move |_| {
        session.desk.with(|desk| desk.listeners.keys().cloned().collect::<Vec<_>>())
    });
    let choices = Memo::new(move |_| {
        let everyone =
            Choice { key: String::new(), name: EVERYONE.to_owned(), hint: String::new() };
        let mut choices = vec![everyone];
        let (people, own) = (people.read(), own.read());
        for (id, name) in order.read().iter().filter_map(|at| people.get(*at)) {
            let has_own = own.binary_search(id).is_ok();
            choices.push(Choice {
                key: id.to_string(),
                name: name.clone(),
                hint: if has_own { "own mix" } else { "" }.to_owned(),
            });
        }
        choices
    });
    let picked = Memo::new(move |_| {
        session
            .route
            .with(|route| route.listener.as_ref().map_or_else(String::new, ToString::to_string))
    });
    let pick = Callback::new(move |key: String| {
        let mut route = session.route.get_untracked();
        route.listener = ParticipantId::parse(&key).ok();
        route::go(route);
    });
    view! {
        <div class="listener">
            <span class="listener-label" aria-hidden="true">"Listener"</span>
            <Combobox
                label="Listener"
                id="listener"
                choices=choices
                picked=picked
                finds=finds
                on_pick=pick
            />
        </div>
    }
}
