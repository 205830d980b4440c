//! The filter buttons: whom each one shows.

use foldback_model::{CallInfo, Intents, Participant, PersonKind, plan};

use crate::session::microphone::{Counts, Microphone};

/// One filter button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Open microphones of people in the conversation, the app left out.
    OpenMics,
    /// Muted people in the conversation.
    Muted,
    /// People who wait.
    Lobby,
    /// People on a telephone line.
    Phone,
    /// Microphones where a command failed.
    Failed,
}

impl Filter {
    /// All of them, in the order of the screen.
    pub const ALL: [Self; 5] =
        [Self::OpenMics, Self::Muted, Self::Lobby, Self::Phone, Self::Failed];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenMics => "Open mics",
            Self::Muted => "Muted",
            Self::Lobby => "Lobby",
            Self::Phone => "Phone",
            Self::Failed => "Failed",
        }
    }

    /// Its figure.
    pub fn count(self, counts: &Counts) -> usize {
        match self {
            Self::OpenMics => counts.open,
            Self::Muted => counts.muted,
            Self::Lobby => counts.lobby,
            Self::Phone => counts.phone,
            Self::Failed => counts.failed,
        }
    }

    /// Whether it shows somebody.
    pub fn shows(self, person: &Participant, call: Option<&CallInfo>, intents: &Intents) -> bool {
        match self {
            Self::OpenMics => !person.muted && !person.in_lobby && !plan::is_app(person, call),
            Self::Muted => person.muted && !person.in_lobby,
            Self::Lobby => person.in_lobby,
            Self::Phone => person.kind == PersonKind::Phone,
            Self::Failed => matches!(
                Microphone::of(Some(person), &person.id, intents),
                Microphone::Failed { .. }
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::{ParticipantId, PersonKey, Roster};

    use super::*;

    #[test]
    fn the_figure_is_the_number_of_people_shown() {
        let mut roster = Roster::default();
        for n in 0..64_u32 {
            let bit = |i: u32| n >> i & 1 == 1;
            let id = format!("p{n}");
            let person = Participant {
                id: ParticipantId::parse(&id).unwrap(),
                person: PersonKey { tenant: String::new(), kind: "user".into(), id },
                name: "Ada".to_owned(),
                kind: if bit(0) { PersonKind::Phone } else { PersonKind::Guest },
                muted: bit(1),
                server_muted: bit(1) && bit(2),
                in_lobby: bit(3),
                roster_sequence: None,
            };
            roster.upsert(&[person], None);
        }
        let intents = Intents::default();
        let counts = Counts::of(&roster, None, &intents);
        for filter in Filter::ALL {
            let shown = roster.iter().filter(|person| filter.shows(person, None, &intents)).count();
            assert_eq!(filter.count(&counts), shown, "{}", filter.name());
        }
    }
}
