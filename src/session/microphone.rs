//! What is known of one person's microphone: one state, its words and its reason.

use foldback_model::{
    By, CallInfo, Intent, IntentState, Intents, Operation, OperationKind, OperationState,
    Operations, Outcome, Participant, ParticipantId, Roster,
};

/// Where one microphone stands, as the operator must read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Microphone {
    /// Open.
    Live,
    /// Muted by the person.
    SelfMuted,
    /// Muted by the service at somebody's request.
    ServerMuted,
    /// Asked for and not true yet.
    Pending(OperationKind),
    /// Asked for and refused, or nobody knows.
    Failed {
        /// Why, in words.
        message: String,
        /// Asking again can work.
        retry: bool,
    },
    /// Waiting, not in the conversation.
    Lobby,
    /// Not in the call any more.
    Left,
}

impl Microphone {
    /// The state of `person`; none means that they left.
    pub fn of(person: Option<&Participant>, id: &ParticipantId, intents: &Intents) -> Self {
        let Some(person) = person else { return Self::Left };
        match intents.of_microphone(id) {
            Some(intent) if intent.is_open() => Self::Pending(intent.kind),
            // A failure is about a state that is still wanted and not there.
            Some(intent) if wants_change(intent, person) => failed(intent),
            _ if person.in_lobby => Self::Lobby,
            _ if person.server_muted => Self::ServerMuted,
            _ if person.muted => Self::SelfMuted,
            _ => Self::Live,
        }
    }

    /// The word beside the shape.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::SelfMuted => "Self-muted",
            Self::ServerMuted => "Muted",
            Self::Pending(OperationKind::UnmuteSelf) => "Unmuting…",
            Self::Pending(_) => "Muting…",
            Self::Failed { .. } => "Failed",
            Self::Lobby => "In lobby",
            Self::Left => "Left",
        }
    }

    /// Names the state for style sheets and tests.
    pub fn token(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::SelfMuted => "self",
            Self::ServerMuted => "server",
            Self::Pending(_) => "pending",
            Self::Failed { .. } => "failed",
            Self::Lobby => "lobby",
            Self::Left => "left",
        }
    }
}

fn wants_change(intent: &Intent, person: &Participant) -> bool {
    match intent.kind {
        OperationKind::Mute | OperationKind::MuteSelf => !person.muted,
        OperationKind::UnmuteSelf => person.muted,
        OperationKind::ConfigureMixer => false,
    }
}

fn failed(intent: &Intent) -> Microphone {
    let message = match &intent.state {
        IntentState::Failed { message, .. } => message.clone(),
        _ => "No answer came: it may or may not have worked.".to_owned(),
    };
    Microphone::Failed { message, retry: true }
}

/// The mute that silenced somebody last.
pub fn last_mute<'a>(operations: &'a Operations, person: &ParticipantId) -> Option<&'a Operation> {
    operations.iter().rev().find(|operation| {
        operation.request.kind == OperationKind::Mute
            && operation.request.targets.contains(person)
            && !is_failed(operation)
    })
}

/// A name for whoever made something happen.
pub fn who(by: &By) -> &str {
    match by {
        By::Service => "the service",
        By::Foldback => "Foldback",
        By::Operator { name, .. } => name,
    }
}

/// Whether an operation ended without being applied.
pub fn is_failed(operation: &Operation) -> bool {
    matches!(operation.state, OperationState::Finished(Outcome::Failed { .. }))
}

/// The figures of the top bar and of the filter buttons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everybody, lobby and app included.
    pub people: usize,
    /// Open microphones of people in the conversation, the app's own left out.
    pub open: usize,
    /// Muted people in the conversation.
    pub muted: usize,
    /// People who wait.
    pub lobby: usize,
    /// People on a telephone line.
    pub phone: usize,
    /// Microphones somebody asked to change, not there yet.
    pub pending: usize,
    /// Microphones where that failed.
    pub failed: usize,
}

impl Counts {
    /// Counts a roster.
    pub fn of(roster: &Roster, call: Option<&CallInfo>, intents: &Intents) -> Self {
        use foldback_model::{PersonKind, plan};

        let mut counts = Self { people: roster.len(), ..Self::default() };
        for person in roster.iter() {
            counts.lobby += usize::from(person.in_lobby);
            counts.phone += usize::from(person.kind == PersonKind::Phone);
            if !person.in_lobby {
                counts.muted += usize::from(person.muted);
                counts.open += usize::from(!person.muted && !plan::is_app(person, call));
            }
        }
        // Intents are few, people are many.
        for id in targets(intents) {
            match Microphone::of(roster.get(id), id, intents) {
                Microphone::Pending(_) => counts.pending += 1,
                Microphone::Failed { .. } => counts.failed += 1,
                _ => {}
            }
        }
        counts
    }
}

fn targets(intents: &Intents) -> std::collections::BTreeSet<&ParticipantId> {
    intents
        .iter()
        .filter(|intent| intent.kind != OperationKind::ConfigureMixer)
        .flat_map(|intent| &intent.targets)
        .collect()
}

#[cfg(test)]
mod tests {
    use foldback_model::{PersonKey, PersonKind};

    use super::*;

    fn person(id: &str, muted: bool, server_muted: bool) -> Participant {
        Participant {
            id: ParticipantId::parse(id).unwrap(),
            person: PersonKey { tenant: String::new(), kind: "user".into(), id: id.into() },
            name: id.to_owned(),
            kind: PersonKind::User,
            muted,
            server_muted,
            in_lobby: false,
            roster_sequence: None,
        }
    }

    fn intents(kind: OperationKind, state: IntentState) -> Intents {
        let mut intents = Intents::default();
        intents.add(Intent {
            client_context: "c".to_owned(),
            kind,
            targets: vec![ParticipantId::parse("ada").unwrap()],
            state,
        });
        intents
    }

    #[track_caller]
    fn check(person: &Participant, intents: &Intents, token: &str) {
        assert_eq!(Microphone::of(Some(person), &person.id, intents).token(), token);
    }

    #[test]
    fn the_roster_alone_makes_a_mute_true() {
        let none = Intents::default();
        check(&person("ada", false, false), &none, "live");
        check(&person("ada", true, false), &none, "self");
        check(&person("ada", true, true), &none, "server");
        check(&Participant { in_lobby: true, ..person("ada", true, false) }, &none, "lobby");
        let accepted = intents(OperationKind::Mute, IntentState::Accepted);
        check(&person("ada", false, false), &accepted, "pending");
        check(&person("bob", false, false), &accepted, "live");
    }

    #[test]
    fn a_failure_shows_until_the_wish_came_true_another_way() {
        let failed = intents(
            OperationKind::Mute,
            IntentState::Failed { message: "no".to_owned(), retry_ms: None },
        );
        check(&person("ada", false, false), &failed, "failed");
        check(&person("ada", true, false), &failed, "self");
        let unknown = intents(OperationKind::Mute, IntentState::Unconfirmed);
        check(&person("ada", false, false), &unknown, "failed");
        let id = ParticipantId::parse("ada").unwrap();
        assert_eq!(Microphone::of(None, &id, &failed), Microphone::Left);
    }

    #[test]
    fn counts_tell_the_lobby_apart() {
        let mut roster = Roster::default();
        roster.upsert(
            &[
                person("ada", false, false),
                person("bob", true, true),
                Participant { in_lobby: true, ..person("cyd", false, false) },
                Participant { kind: PersonKind::Phone, ..person("dan", false, false) },
            ],
            None,
        );
        let pending = intents(OperationKind::Mute, IntentState::Sending);
        let counts = Counts::of(&roster, None, &pending);
        let expect =
            Counts { people: 4, open: 2, muted: 1, lobby: 1, phone: 1, pending: 1, failed: 0 };
        assert_eq!(counts, expect);
    }
}
