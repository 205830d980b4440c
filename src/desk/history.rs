//! Undo and redo of what this operator did to the mixes: two buttons and their keys.

use foldback_model::{Layer, ParticipantId, Roster};
use leptos::{ev, prelude::*};
use web_sys::Event;

use super::words::EVERYONE;
use crate::{
    help::is_typing,
    icon::Icon,
    reactive::Memo,
    session::{
        Session,
        mixer::{
            edits::Wish,
            history::{Deed, Fit, Step, Way},
        },
        use_session,
    },
    ui::{attr, case::lower, fixed, on},
    view::view,
};

/// The buttons "Undo" and "Redo"; Ctrl+Z (or Cmd+Z) and Ctrl+Shift+Z or Ctrl+Y do the same.
#[component]
pub fn History() -> impl IntoView {
    let session = use_session();
    let keys = window_event_listener(ev::keydown, move |event| {
        if let Some(way) = way_by_key(&event) {
            event.prevent_default();
            go(session, way);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <div class="history" role="group" aria-label="History">
            {button(session, Way::Back)}
            {button(session, Way::Again)}
        </div>
    }
}

fn button(session: Session, way: Way) -> impl IntoView {
    let (name, icon, keys) = match way {
        Way::Back => ("Undo", "undo", "Control+Z Meta+Z"),
        Way::Again => ("Redo", "redo", "Control+Shift+Z Meta+Shift+Z Control+Y"),
    };
    let next = session.next_step(way);
    let tip = Memo::new(move |_| match next.get() {
        None => format!("Nothing to {}", lower(name)),
        Some(step) => {
            let what = session.roster.with(|roster| what(&step, roster));
            let sends = match step.deed {
                Deed::Mix { .. } | Deed::Recalled { .. } if !session.mixer.blind.get() => {
                    " (sends again)"
                }
                _ => "",
            };
            format!("{name}: {what}{sends}")
        }
    });
    view! {
        <button
            type="button"
            class="button"
            data-look="icon"
            {..fixed("aria-label", name.to_owned())}
            {..fixed("aria-keyshortcuts", keys.to_owned())}
            {..attr("aria-disabled", move || next.with(Option::is_none).then(|| "true".to_owned()))}
            {..attr("aria-description", move || Some(tip.get()))}
            {..on("click", move |_: Event| go(session, way))}
        >
            <Icon name=icon/>
        </button>
    }
}

/// Takes the newest step back, or does it again, and says so.
pub fn go(session: Session, way: Way) {
    let done = match way {
        Way::Back => "Undone",
        Way::Again => "Redone",
    };
    match session.go_step(way) {
        None => {
            session.note(format!("Nothing to {}", if way == Way::Back { "undo" } else { "redo" }));
        }
        Some((step, fit)) => {
            let what = session.roster.with_untracked(|roster| what(&step, roster));
            match fit {
                Fit::Fits | Fit::Idle => session.say(format!("{done}: {what}")),
                Fit::Overtaken => {
                    session.note(format!("{what}: it has changed since, so it stays as it is"));
                }
            }
        }
    }
}

/// A key that undoes or redoes, unless it is typed into a field, where it means the text.
fn way_by_key(event: &ev::KeyboardEvent) -> Option<Way> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() || is_typing(event) {
        return None;
    }
    match (lower(&event.key()).as_str(), event.shift_key()) {
        ("z", false) => Some(Way::Back),
        ("z", true) | ("y", false) => Some(Way::Again),
        _ => None,
    }
}

/// What a step is about, by the names on the screen.
fn what(step: &Step, roster: &Roster) -> String {
    let name = |id: &ParticipantId| {
        roster.get(id).map_or_else(|| "somebody who left".to_owned(), |it| it.name.clone())
    };
    let listener = match &step.layer {
        Layer::Everyone => EVERYONE.to_owned(),
        Layer::Listener(id) => name(id),
    };
    let first = match &step.deed {
        Deed::Recalled { scene, .. } => return format!("scene {scene}"),
        Deed::Mix { after, .. } => after.first(),
        Deed::Prepared { .. } => None,
    };
    match first {
        Some(Wish::Level(source, _)) => format!("{} level for {listener}", name(source)),
        Some(Wish::DucksOthers(source, _)) => {
            format!("{} ducks others for {listener}", name(source))
        }
        Some(Wish::Exclusive(_)) => format!("Exclusive for {listener}"),
        Some(Wish::Ducking(_)) | None => format!("Ducking for {listener}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::mixer::{Touch, history};

    #[test]
    fn steps_have_the_names_of_their_controls() {
        let mut roster = Roster::default();
        let ana = ParticipantId::parse("ana").unwrap();
        roster.upsert(
            &[foldback_model::Participant {
                id: ana.clone(),
                person: foldback_model::PersonKey {
                    tenant: String::new(),
                    kind: "user".into(),
                    id: "ana".into(),
                },
                name: "Ana".into(),
                kind: foldback_model::PersonKind::User,
                muted: false,
                server_muted: false,
                in_lobby: false,
                roster_sequence: None,
            }],
            None,
        );
        let gone = Layer::Listener(ParticipantId::parse("bob").unwrap());
        for (layer, wish, words) in [
            (Layer::Everyone, Wish::Level(ana.clone(), Some(40)), "Ana level for Everyone"),
            (
                gone.clone(),
                Wish::DucksOthers(ana.clone(), Some(true)),
                "Ana ducks others for somebody who left",
            ),
            (gone, Wish::Ducking(None), "Ducking for somebody who left"),
            (Layer::Listener(ana), Wish::Exclusive(Some(true)), "Exclusive for Ana"),
        ] {
            let deed = Deed::Mix { before: vec![wish.clone()], after: vec![wish] };
            let mut history = history::History::default();
            history.record(&layer, deed, Touch::ONCE, 0, |_| false);
            assert_eq!(what(history.next(Way::Back).unwrap(), &roster), words);
        }
    }
}
