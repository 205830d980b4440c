//! What a row shows of one person, in one value.

use foldback_model::{Participant, ParticipantId, PersonKind, plan};

use crate::session::{Right, Session, microphone::Microphone};

/// What a row shows of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// None once they left.
    pub person: Option<Participant>,
    /// Where their microphone stands.
    pub microphone: Microphone,
    /// The app's own leg.
    pub is_app: bool,
    /// The operator's own person.
    pub is_me: bool,
    /// Why they cannot be muted now.
    pub hindrance: Option<&'static str>,
}

impl Shown {
    /// Reads, and follows, what the session knows of somebody.
    pub fn of(session: Session, id: &ParticipantId) -> Self {
        let roster = session.roster.read();
        let call = session.call.read();
        let person = roster.get(id).cloned();
        let microphone = Microphone::of(person.as_ref(), id, &session.intents.read());
        let is_app = person.as_ref().is_some_and(|it| plan::is_app(it, call.as_ref()));
        let is_me =
            person.as_ref().is_some_and(|it| session.me.read().as_ref() == Some(&it.person));
        let hindrance = match &person {
            None => Some("left the call"),
            Some(_) if !session.connection.get().is_live() => Some("not connected"),
            Some(it) => {
                plan::can_mute(it, call.as_ref()).err().or_else(|| session.hindrance(Right::Mute))
            }
        };
        Self { person, microphone, is_app, is_me, hindrance }
    }

    /// As the roster tells.
    pub fn is_muted(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.muted)
    }

    /// Empty once they left.
    pub fn name(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.name)
    }

    /// What stands behind the name: the kind of person, when it is not the usual one.
    pub fn kind(&self) -> Option<&'static str> {
        if self.is_app {
            return Some("This app");
        }
        match self.person.as_ref()?.kind {
            PersonKind::Guest => Some("Guest"),
            PersonKind::Phone => Some("Phone"),
            PersonKind::Application => Some("App"),
            PersonKind::AcsUser => Some("ACS"),
            PersonKind::User | PersonKind::Other => None,
        }
    }

    /// The symbol of the kind.
    pub fn kind_icon(&self) -> &'static str {
        match self.person.as_ref().map(|person| person.kind) {
            Some(PersonKind::Guest) => "guest",
            Some(PersonKind::Phone) => "phone",
            Some(PersonKind::Application) => "app",
            _ => "person",
        }
    }

    /// The symbol of the microphone's state.
    pub fn microphone_icon(&self) -> &'static str {
        match self.microphone {
            Microphone::Live => "mic",
            Microphone::SelfMuted => "mic-off",
            Microphone::ServerMuted => "lock",
            Microphone::Pending(_) => "ring",
            Microphone::Failed { .. } => "triangle",
            Microphone::Lobby => "door",
            Microphone::Left => "left",
        }
    }
}
