//! The desk: pick a listener, set what they hear. Strips are the sources that listener hears.

mod blind;
mod history;
mod kept;
pub mod listener;
mod order;
mod strip;
mod strips;
mod travel;
mod words;

use std::sync::Arc;

use foldback_model::{CallInfo, Desk as Desks, Heard, Layer, Roster, plan};
use leptos::prelude::*;

use blind::BlindBar;
pub use blind::{BlindSwitch, FadeChoice};
pub use history::{History, go};
use kept::Kept;
pub use listener::ListenerPicker;

use self::strips::Strips;
use crate::{
    icon::Icon,
    reactive::{Memo, RwSignal, Show, part},
    session::{Right, Session, mixer::heard_by, use_session},
    ui::{Locked, Switch, Taper, attr, text},
    view::{Attribute, view},
};

/// What the rooms of the mix look at: whose mix, and the wanted and confirmed state of it.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Behind one more handle, because a view is handed on often and a session is large.
    session: StoredValue<Session>,
    /// Whose mix.
    pub layer: Memo<Layer>,
    /// How the listener is called; "Everyone" for the base.
    pub listener: Memo<String>,
    /// The desk as this operator wants it.
    pub wanted: Memo<Arc<Desks>>,
    /// What is heard as wanted.
    pub heard: Memo<Heard>,
    /// What is heard as confirmed.
    pub confirmed: Memo<Heard>,
    /// Why the mix cannot be set now; none when it can.
    pub obstacle: Memo<Option<Obstacle>>,
    /// Why the operator's role does not allow setting it.
    pub hindrance: Memo<Option<&'static str>>,
    /// How levels spread over the faders.
    pub taper: RwSignal<Taper>,
}

/// Why a mix cannot be set: a title, and a sentence with the way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obstacle {
    title: &'static str,
    words: &'static str,
}

impl View {
    /// The view that the address asks for. To be made once a room.
    pub fn new() -> Self {
        let session = use_session();
        let layer = Memo::new(move |_| {
            session
                .route
                .with(|route| route.listener.clone())
                .map_or(Layer::Everyone, Layer::Listener)
        });
        let listener = Memo::new(move |_| match layer.get() {
            Layer::Everyone => words::EVERYONE.to_owned(),
            Layer::Listener(id) => session.roster.with(|roster| {
                roster.get(&id).map_or_else(|| "somebody who left".to_owned(), |it| it.name.clone())
            }),
        });
        let wanted = session.wanted_desk();
        let heard = Memo::new(move |_| layer.with(|layer| heard_by(layer, &wanted.get())));
        let confirmed =
            Memo::new(move |_| layer.with(|layer| heard_by(layer, &session.desk.get())));
        // Remembered, so that the room is not drawn anew with every change of the roster.
        let obstacle = Memo::new(move |_| {
            let call = session.call.get();
            session.roster.with(|roster| obstacle(call.as_ref(), &layer.get(), roster))
        });
        Self {
            session: StoredValue::new(session),
            layer,
            listener,
            wanted,
            heard,
            confirmed,
            obstacle,
            hindrance: Memo::new(move |_| session.hindrance(Right::Mix)),
            taper: travel::kept(),
        }
    }

    /// The session.
    pub fn session(&self) -> Session {
        self.session.get_value()
    }

    /// Marks a room in which changes wait.
    pub fn blind(&self) -> Attribute {
        let blind = self.session().mixer.blind;
        attr("data-blind", move || blind.get().then(String::new))
    }

    /// How many people a change of this layer is for.
    fn n_listeners(&self) -> usize {
        let call = self.session().call.get();
        self.session().roster.with(|roster| plan::listeners(roster, call.as_ref()).count())
    }
}

impl Default for View {
    fn default() -> Self {
        Self::new()
    }
}

fn obstacle(call: Option<&CallInfo>, layer: &Layer, roster: &Roster) -> Option<Obstacle> {
    const OTHER: &str = "Pick somebody else above.";
    let hinders = |title, words| Some(Obstacle { title, words });
    let Some(call) = call else {
        return hinders("Opening the call", "The mix appears as soon as it is known.");
    };
    let Layer::Listener(id) = layer else { return None };
    match roster.get(id) {
        None => hinders("This listener has left the call", OTHER),
        Some(person) if person.in_lobby => hinders("Nobody in the lobby hears anything yet", OTHER),
        Some(person) if plan::is_app(person, Some(call)) => {
            hinders("The app itself does not listen", OTHER)
        }
        Some(_) => None,
    }
}

/// Stands where the mix would.
#[component]
pub fn Hindered(
    /// Why.
    obstacle: Obstacle,
) -> impl IntoView {
    let Obstacle { title, words } = obstacle;
    view! {
        <div class="notice">
            <Icon name="desk"/>
            <h3>{title}</h3>
            <p>{words}</p>
        </div>
    }
}

/// What stands above every room of the mix when there is reason to: what is kept, what waits, and why
/// nothing can be set or sent.
#[component]
pub fn Bars(
    /// The room's view.
    view: View,
) -> impl IntoView {
    view! {
        <Kept/>
        <BlindBar/>
        <RoleBar view/>
        <NoMixer/>
    }
}

/// That nothing can be sent to this call; absent where a mixer is.
#[component]
fn NoMixer() -> impl IntoView {
    let session = use_session();
    view! {
        <Show when=move || !session.can_mix()>
            <div class="role-bar">
                <h3>"This call has no mixer"</h3>
                <p>
                    "The service that carries it offers none: everybody hears everybody as they are. \
                     What you set here is a draft; the payload is what a service with a mixer would be sent, \
                     to be copied. Muting on the roster works all the same."
                </p>
            </div>
        </Show>
    }
}

/// That the operator may look at the mix and not set it; absent for whom it is otherwise.
#[component]
fn RoleBar(
    /// The room's view.
    view: View,
) -> impl IntoView {
    let words = move || {
        let why = view.hindrance.get().unwrap_or_default();
        format!("You can look at mixes here, not set them: {why}.")
    };
    view! {
        <Show when=move || view.hindrance.get().is_some()>
            <p class="role-bar">{text(words)}</p>
        </Show>
    }
}

/// Whose ears this room is about, in words.
#[component]
pub fn Scope(
    /// The room's view.
    view: View,
) -> impl IntoView {
    let scope = move || {
        let n_own = view.wanted.with(|desk| desk.listeners.len());
        words::scope(&view.layer.get(), &view.listener.get(), view.n_listeners(), n_own)
    };
    view! { <p class="scope">{text(scope)}</p> }
}

/// The room.
#[component]
pub fn Desk() -> impl IntoView {
    let view = View::new();
    let exclusive = Memo::new(move |_| view.heard.with(|heard| heard.exclusive));
    let toggle = Callback::new(move |on| {
        view.session().set_exclusive(&view.layer.get_untracked(), on);
    });
    view! {
        <section class="desk" aria-label="Desk" {..view.blind()}>
            <header class="desk-bar">
                <ListenerPicker/>
                <Scope view=view/>
                <History/>
                <Show when=move || view.obstacle.get().is_none()>
                    <BlindSwitch view/>
                    <div class="desk-exclusive">
                        <Locked why=view.hindrance>
                            <Switch label="Exclusive" is_on=exclusive on_toggle=toggle/>
                        </Locked>
                        <p class="desk-hint">
                            {text(move || {
                                if exclusive.get() {
                                    "Sources without a level here are silent".to_owned()
                                } else {
                                    "Sources without a level here are at 100\u{202F}%".to_owned()
                                }
                            })}
                        </p>
                    </div>
                </Show>
            </header>
            <Bars view/>
            {part(move || match view.obstacle.get() {
                Some(obstacle) => view! { <Hindered obstacle=obstacle/> }.into_any(),
                None => view! { <Strips view=view/> }.into_any(),
            })}
        </section>
    }
}
