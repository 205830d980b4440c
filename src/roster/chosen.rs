//! People chosen in the grid, and what can be done with all of them: a bar under the grid while there
//! are any.

use foldback_model::{ParticipantId, plan};
use leptos::prelude::*;

use super::RosterView;
use crate::{
    icon::Icon,
    reactive::{Memo, RwSignal, Show, Signal},
    session::{bulk, use_session},
    ui::{Button, Look, Toggle, text},
    view::view,
};

/// Who is chosen. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Chosen(RwSignal<Vec<ParticipantId>>);

impl Chosen {
    /// Nobody.
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Whether somebody is chosen.
    pub fn has(self, id: &ParticipantId) -> bool {
        self.0.with(|all| all.contains(id))
    }

    /// Chooses somebody, or no longer.
    pub fn toggle(self, id: &ParticipantId) {
        self.0.update(|all| match all.iter().position(|it| it == id) {
            Some(at) => drop(all.remove(at)),
            None => all.push(id.clone()),
        });
    }

    /// Nobody any more; false when nobody was.
    pub fn clear(self) -> bool {
        let was_any = self.0.with_untracked(|all| !all.is_empty());
        if was_any {
            self.0.set(Vec::new());
        }
        was_any
    }
}

/// Chooses one person.
#[component]
pub fn ChooseButton(
    /// Who.
    id: StoredValue<ParticipantId>,
    /// Names the button.
    label: String,
) -> impl IntoView {
    let chosen = expect_context::<RosterView>().chosen;
    let is_on = Memo::new(move |_| id.with_value(|id| chosen.has(id)));
    view! {
        <Toggle
            label
            is_on
            on_toggle=move |_| id.with_value(|id| chosen.toggle(id))
            is_inner=true
        >
            <Icon name=Signal::derive(move || if is_on.get() { "check" } else { "box" })/>
        </Toggle>
    }
}

/// The bar; takes no place while nobody is chosen.
#[component]
pub fn ChosenBar() -> impl IntoView {
    let session = use_session();
    let chosen = expect_context::<RosterView>().chosen;
    // Who has left is not chosen any more, and comes back as somebody else.
    let here = Memo::new(move |_| {
        let roster = session.roster.read();
        chosen
            .0
            .with(|all| all.iter().filter(|id| roster.contains(id)).cloned().collect::<Vec<_>>())
    });
    let open_among = move |wanted: bool| {
        let me = session.my_participant();
        let call = session.call.get_untracked();
        let me = me.as_ref().filter(|_| !wanted);
        let mut open = session
            .roster
            .with_untracked(|roster| plan::mute_all_targets(roster, call.as_ref(), me));
        open.retain(|id| here.with_untracked(|here| here.contains(id)) == wanted);
        open
    };
    let mute = move |wanted: bool| {
        let people = open_among(wanted);
        if !session.connection.get_untracked().is_live() {
            session.note("Not connected: nobody was muted");
        } else if people.is_empty() {
            session.note("None of their microphones is open");
        } else if bulk::start(session, people) {
            chosen.clear();
        }
    };
    view! {
        <Show when=move || here.with(|here| !here.is_empty())>
            <div class="chosen" role="group" aria-label="Chosen people">
                <p>{text(move || format!("{} chosen", here.with(Vec::len)))}</p>
                <Button look=Look::Primary on_press=move |()| mute(true)>
                    <Icon name="mic-off"/>
                    "Mute chosen"
                </Button>
                <Button on_press=move |()| mute(false) tip="Spares the chosen, you, the app and the lobby">
                    "Mute all but these"
                </Button>
                <Button
                    look=Look::Icon
                    label="Choose nobody"
                    on_press=move |()| {
                        chosen.clear();
                    }
                >
                    <Icon name="cross"/>
                </Button>
            </div>
        </Show>
    }
}
