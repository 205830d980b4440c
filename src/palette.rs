//! Everything by name: Ctrl+K opens a box in which a room, a person or a command is typed and done.

use foldback_model::{ParticipantId, call::CallPhase, plan};
use leptos::{
    ev::{self, KeyboardEvent},
    prelude::*,
};
use web_sys::Event;

use crate::{
    desk,
    help::HelpOpen,
    icon::Icon,
    reactive::{Memo, RwSignal, Show},
    roster::{actions, collate::finds, names, shown::Shown},
    route::{self, Room, Route},
    session::{Session, bulk, mixer::history::Way, use_session},
    top_bar::show_call,
    ui::{Choice, Combobox, attr, fixed, focus::WayBack, on, truth},
    view::view,
};

/// Whether the box is open. Provided by the app.
#[derive(Debug, Clone, Copy)]
pub struct PaletteOpen(pub RwSignal<bool>);

/// The button that opens the box.
#[component]
pub fn PaletteButton() -> impl IntoView {
    let open = expect_context::<PaletteOpen>().0;
    view! {
        <button
            type="button"
            class="button"
            data-look="icon"
            {..fixed("aria-label", "Commands".to_owned())}
            {..fixed("aria-description", "Any room, person or command by name: Ctrl+K".to_owned())}
            {..fixed("aria-keyshortcuts", "Control+K Meta+K".to_owned())}
            {..attr("aria-expanded", move || Some(truth(open.get()).to_owned()))}
            {..on("click", move |_: Event| open.update(|open| *open = !*open))}
        >
            <Icon name="search"/>
        </button>
    }
}

/// The box, while it is open.
#[component]
pub fn Palette() -> impl IntoView {
    let open = expect_context::<PaletteOpen>().0;
    let key = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let is_asked =
            event.key().eq_ignore_ascii_case("k") && (event.ctrl_key() || event.meta_key());
        if is_asked {
            event.prevent_default();
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || key.remove());
    view! {
        <Show when=move || open.get()>
            <Commands open/>
        </Show>
    }
}

#[component]
fn Commands(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let session = use_session();
    let help = expect_context::<HelpOpen>().0;
    let way_back = WayBack::new();
    way_back.remember();
    let choices = Memo::new(move |_| choices(session));
    let on_close = move |()| {
        if open.get_untracked() {
            open.set(false);
            way_back.give_back();
        }
    };
    let on_pick = move |key: String| match key.split_once(' ') {
        None if key == KEYS => help.set(true),
        Some((kind, rest)) => run(session, kind, rest),
        None => {}
    };
    view! {
        <div class="palette" role="region" aria-label="Commands">
            <Combobox
                label="Command"
                id="palette"
                choices
                picked=Memo::new(|_| String::new())
                finds
                on_pick
                on_close
            />
        </div>
    }
}

/// The command that is not one of the session.
const KEYS: &str = "keys";

/// What there is, in the order in which it is listed while nothing is typed. Keys are the kind of
/// command, a space, and what it is about.
fn choices(session: Session) -> Vec<Choice> {
    let choice = |kind: &str, about: &str, name: String, hint: &str| Choice {
        key: format!("{kind} {about}"),
        name,
        hint: hint.to_owned(),
    };
    let mut all: Vec<_> = Room::ADDRESSES
        .iter()
        .map(|room| choice("room", room.name(), room.name().to_owned(), "room"))
        .collect();
    all.push(choice("all", "", "Mute all others".to_owned(), "held back for 2 s"));
    for name in ["Undo", "Redo"] {
        all.push(choice(name, "", name.to_owned(), "desk"));
    }
    all.push(Choice { key: KEYS.to_owned(), name: "Keys".to_owned(), hint: "?".to_owned() });
    let open = session.key.get();
    session.calls.with(|calls| {
        let calls = calls.as_deref().unwrap_or_default();
        for call in
            calls.iter().filter(|it| it.state != CallPhase::Ended && Some(&it.id) != open.as_ref())
        {
            all.push(choice("call", &call.id.to_string(), call.title_among(calls), "call"));
        }
    });
    let call = session.call.read();
    let call = call.as_ref();
    session.roster.with(|roster| {
        let people = names::of(&mut roster.iter().filter(|person| !person.in_lobby));
        for at in names::in_order(&people) {
            let Some((id, name)) = people.get(at) else { continue };
            let person = roster.get(id);
            let word = match person {
                Some(person) if person.muted && plan::is_app(person, call) => "Unmute",
                _ => "Mute",
            };
            all.push(choice("mute", id.as_str(), format!("{word} {name}"), "person"));
            if person.is_some_and(|person| plan::is_listener(person, call)) {
                all.push(choice("hear", id.as_str(), format!("What {name} hears"), "desk"));
            }
        }
    });
    all
}

fn run(session: Session, kind: &str, about: &str) {
    let here = session.route.get_untracked();
    match (kind, ParticipantId::parse(about)) {
        ("room", _) => {
            let room = Room::ADDRESSES.into_iter().find(|room| room.name() == about);
            route::go(here.to_room(room.unwrap_or_default()));
        }
        ("call", _) => show_call(session, about),
        ("all", _) => bulk::all_others(session),
        ("Undo", _) => desk::go(session, Way::Back),
        ("Redo", _) => desk::go(session, Way::Again),
        ("mute", Ok(id)) => actions::toggle(session, &untrack(|| Shown::of(session, &id))),
        ("hear", Ok(id)) => route::go(Route { room: Room::Desk, listener: Some(id), ..here }),
        _ => {}
    }
}
