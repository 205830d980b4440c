//! Whose mix: "Everyone" or one listener. The address carries the answer, so that a link opens it.

use foldback_model::{ParticipantId, plan};
use leptos::prelude::*;

use super::{names, words::EVERYONE};
use crate::{
    reactive::Memo,
    roster::{
        collate::decompose,
        search::{Search, fold},
    },
    route,
    session::use_session,
    ui::{Choice, Combobox},
};

/// The combobox "Listener".
#[component]
pub fn ListenerPicker() -> impl IntoView {
    let session = use_session();
    let choices = Memo::new(move |_| {
        let everyone =
            Choice { key: String::new(), name: EVERYONE.to_owned(), hint: String::new() };
        let mut choices = vec![everyone];
        let call = session.call.get();
        session.roster.with(|roster| {
            let people: Vec<_> = plan::listeners(roster, call.as_ref()).collect();
            let names: Vec<_> =
                people.iter().map(|person| (person.name.as_str(), person.id.as_str())).collect();
            let desk = session.desk.get();
            for person in names::in_order(&names).into_iter().filter_map(|at| people.get(at)) {
                let has_own = desk.listeners.contains_key(&person.id);
                choices.push(Choice {
                    key: person.id.to_string(),
                    name: person.name.clone(),
                    hint: if has_own { "own mix" } else { "" }.to_owned(),
                });
            }
        });
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

/// Words of the search start words of the name, whatever the accents.
pub fn finds(typed: &str, name: &str) -> bool {
    Search::new(typed, decompose).finds(&fold(&decompose(name)))
}
