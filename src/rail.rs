//! The rail on the left (at the bottom of a narrow page): the way between rooms.

use leptos::prelude::*;

use crate::{icon::Icon, route::Room, session::use_session, ui::attr, view::view};

/// Links to the rooms; each keeps call and listener.
#[component]
pub fn Rail() -> impl IntoView {
    let session = use_session();
    view! {
        <nav class="rail" aria-label="Rooms">
            {Room::ALL
                .into_iter()
                .map(|room| {
                    let is_here = move || session.route.read().room == room;
                    let icon = match room {
                        Room::Roster => "roster",
                        Room::Desk => "desk",
                        Room::Ducking | Room::Calls => "ducking",
                        Room::Scenes => "scenes",
                        Room::Log => "log",
                    };
                    view! {
                        <a
                            class="rail-link"
                            {..attr("href", move || Some(session.route.read().to_room(room).hash()))}
                            {..attr("aria-current", move || is_here().then(|| "page".to_owned()))}
                        >
                            <Icon name=icon/>
                            <span>{room.name()}</span>
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
}
