//! The open call: confirmed state as signals, what this operator asked for, and how it is asked.
//!
//! Confirmed state changes by facts alone ([`call`]); commands only add intents ([`operations`]).

pub mod bulk;
pub mod call;
pub mod connection;
mod fold;
pub mod microphone;
pub mod mixer;
pub mod operations;
pub mod rights;
pub mod scenes;
pub mod slots;
pub mod talking;

use std::sync::Arc;

use foldback_model::{
    CallInfo, CallKey, Desk, GestureId, Intents, Layer, Operations, OperatorId, ParticipantId,
    PersonKey, Roster, Scenes, live::Presence,
};
use leptos::prelude::use_context;

pub use bulk::Bulk;
pub use connection::Connection;
pub use mixer::Mixer;
pub use rights::{Right, Rights};
pub use talking::Talking;

use crate::{
    link::{self, CallSummary, Config, Operator},
    reactive::RwSignal,
    route::Route,
    ui::{Toasts, Tone},
};

/// The open call. A bundle of signals: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// The call itself; none before the first snapshot.
    pub call: RwSignal<Option<CallInfo>>,
    /// Who is in it, confirmed.
    pub roster: RwSignal<Arc<Roster>>,
    /// What listeners hear, confirmed.
    pub desk: RwSignal<Arc<Desk>>,
    /// Desks under names, confirmed.
    pub scenes: RwSignal<Arc<Scenes>>,
    /// Two scenes at hand.
    pub slots: RwSignal<slots::Slots>,
    /// How long levels take when scenes are recalled and changes taken, in milliseconds.
    pub fade_ms: RwSignal<u64>,
    /// Commands of all operators and their fate.
    pub operations: RwSignal<Arc<Operations>>,
    /// What this panel asked for.
    pub intents: RwSignal<Intents>,
    /// How the panel stands with the proxy.
    pub connection: RwSignal<Connection>,
    /// Which call is open.
    pub key: RwSignal<Option<CallKey>>,
    /// Who talks how loud; bypasses everything else.
    pub talking: Talking,
    /// The wanted desk and its live sending.
    pub mixer: Mixer,
    /// What the address says.
    pub route: RwSignal<Route>,
    /// Text of the page's one `status` live region.
    pub announce: RwSignal<String>,
    /// Messages that are seen.
    pub toasts: Toasts,
    /// Operators who have the call open, in the order they came.
    pub operators: RwSignal<Vec<Presence>>,
    /// Who is signed in here.
    pub operator: RwSignal<Option<Operator>>,
    /// The operator's id in their organization's directory.
    pub directory_id: RwSignal<Option<String>>,
    /// What the operator's role allows.
    pub rights: RwSignal<Rights>,
    /// When the operator's session ends whatever happens, in UTC milliseconds.
    pub until: RwSignal<Option<u64>>,
    /// That is soon: they are asked to sign in again.
    pub ends_soon: RwSignal<bool>,
    /// The operator's own person in the roster, which "Mute all others" spares.
    pub me: RwSignal<Option<PersonKey>>,
    /// Calls this operator may open; none before they were read.
    pub calls: RwSignal<Option<Vec<CallSummary>>>,
    /// What `/config.json` said.
    pub config: RwSignal<Config>,
    /// "Mute all others" while it runs and until it is dismissed.
    pub bulk: RwSignal<Option<Bulk>>,
    /// The last mute request of this panel, as sent.
    pub mute_request: RwSignal<Option<operations::Sent>>,
    /// The service keeps failing, and Foldback sends it nothing for a while.
    pub paused: RwSignal<bool>,
    /// Counts how often the operator came back after their session was over.
    pub comings: RwSignal<u32>,
    /// Asks the stream to try again at once.
    pub wake: RwSignal<u32>,
}

impl Session {
    /// A session without a call, for the owner it is made under.
    pub fn new() -> Self {
        Self {
            call: RwSignal::new(None),
            roster: RwSignal::default(),
            desk: RwSignal::default(),
            scenes: RwSignal::default(),
            slots: RwSignal::default(),
            fade_ms: RwSignal::default(),
            operations: RwSignal::default(),
            intents: RwSignal::default(),
            connection: RwSignal::new(Connection::Connecting),
            key: RwSignal::new(None),
            talking: Talking::new(),
            mixer: Mixer::new(),
            route: RwSignal::default(),
            announce: RwSignal::default(),
            toasts: Toasts::new(),
            operators: RwSignal::default(),
            operator: RwSignal::default(),
            directory_id: RwSignal::default(),
            rights: RwSignal::default(),
            until: RwSignal::default(),
            ends_soon: RwSignal::new(false),
            me: RwSignal::default(),
            calls: RwSignal::new(None),
            config: RwSignal::default(),
            bulk: RwSignal::new(None),
            mute_request: RwSignal::new(None),
            paused: RwSignal::new(false),
            comings: RwSignal::new(0),
            wake: RwSignal::new(0),
        }
    }

    /// Asks for a mute: of one person, or of the app's own leg. While one is on its way, nothing.
    pub fn mute(&self, person: ParticipantId) {
        operations::mute(*self, person);
    }

    /// Asks to unmute the app's own leg; nobody else can be unmuted.
    pub fn unmute_self(&self) {
        operations::unmute_self(*self);
    }

    /// Posts a configureMixer body as it stands. `on_done` hears once what became of the request, not
    /// of the operation: facts tell that.
    pub fn send_mixer(
        &self,
        body: mixer::Body,
        gesture: Option<GestureId>,
        layer: Layer,
        on_done: impl FnOnce(Result<(), link::Failure>) + 'static,
    ) {
        operations::send_mixer(*self, body, gesture, layer, on_done);
    }

    /// The participant id of the operator's own person, while they are in the call.
    pub fn my_participant(&self) -> Option<ParticipantId> {
        let me = self.me.get_untracked()?;
        let roster = self.roster.get_untracked();
        roster.iter().find(|person| person.person == me).map(|person| person.id.clone())
    }

    /// Why the operator's role does not allow a deed, followed; none when it does.
    pub fn hindrance(&self, right: Right) -> Option<&'static str> {
        self.rights.read().hindrance(right)
    }

    /// Whether the operator's role allows a deed; if not, that is said.
    pub fn is_allowed(&self, right: Right) -> bool {
        let why = self.rights.read_untracked().hindrance(right);
        if let Some(why) = why {
            self.note(format!("Nothing was sent: {why}"));
        }
        why.is_none()
    }

    /// Whether an operator's id is that of whoever is signed in here.
    pub fn is_me(&self, id: &OperatorId) -> bool {
        self.operator.read_untracked().as_ref().is_some_and(|me| me.id == id.as_str())
    }

    /// Says something to screen readers, once: for what the eyes see anyway.
    pub fn say(&self, text: impl Into<String>) {
        self.announce.set(text.into());
    }

    /// Says that something went wrong, and shows it until somebody has seen it.
    pub fn tell(&self, text: impl Into<String>) {
        self.tell_as(Tone::Failure, text.into());
    }

    /// Says and shows something that would not be seen otherwise.
    pub fn note(&self, text: impl Into<String>) {
        self.tell_as(Tone::Note, text.into());
    }

    fn tell_as(&self, tone: Tone, text: String) {
        self.say(text.clone());
        self.toasts.show(tone, text);
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

/// The session of the page.
///
/// # Panics
/// Outside of [`crate::app::App`], which provides it.
#[expect(clippy::expect_used, reason = "a component outside the app is a programming error")]
pub fn use_session() -> Session {
    use_context::<Session>().expect("components live inside App, which provides the session")
}

/// Now, in UTC milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the browser counts whole milliseconds since 1970"
)]
pub fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}
