//! Who is in the call.
//!
//! Rules (`docs/architecture.md` gives the reasons):
//! - people are kept by participant id; an older roster number never wins, an equal one repeats;
//! - data without a number applies in the order it arrives;
//! - a list removes nobody unless it is an authoritative reading ([`Roster::replace`]);
//! - who left stays gone under that id: a late update cannot bring them back. Only a later numbered
//!   reading of the whole roster can, for services that reuse ids.

use foldback_json::{Node, Read};
use foldback_wire::ids::ParticipantId;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use crate::{map, participant::Participant};

/// Everybody in the call, and who has left it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Roster {
    #[serde(deserialize_with = "map::read")]
    people: LiteMap<ParticipantId, Participant>,
    /// Tombstones: the roster number in force when each person left.
    #[serde(default, skip_serializing_if = "LiteMap::is_empty", deserialize_with = "map::read")]
    left: LiteMap<ParticipantId, u64>,
    /// Highest roster number seen, 0 before the first.
    #[serde(default)]
    sequence: u64,
}

impl Roster {
    /// Everybody in the call, in id order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Participant> {
        self.people.values()
    }

    /// One person.
    pub fn get(&self, id: &ParticipantId) -> Option<&Participant> {
        self.people.get(id)
    }

    /// Whether somebody is in the call.
    pub fn contains(&self, id: &ParticipantId) -> bool {
        self.people.contains_key(id)
    }

    /// Whether somebody was in the call under this id and has left.
    pub fn has_left(&self, id: &ParticipantId) -> bool {
        self.left.contains_key(id)
    }

    /// How many people are in the call.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Nobody is in the call.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Highest roster number seen, 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Of `participants`, those that would change something, with the number they were told with: what
    /// came without one has none here either, else it would look like a repetition when it is applied.
    pub fn news(
        &self,
        participants: &[Participant],
        roster_sequence: Option<u64>,
    ) -> Vec<Participant> {
        participants
            .iter()
            .filter_map(|incoming| {
                let accepted = self.accepted(incoming, roster_sequence)?;
                let number = incoming.roster_sequence.or(roster_sequence);
                Some(Participant { roster_sequence: number, ..accepted })
            })
            .collect()
    }

    /// Adds or changes people; true when anything changed. Nobody is removed.
    pub fn upsert(&mut self, participants: &[Participant], roster_sequence: Option<u64>) -> bool {
        let mut changed = false;
        for incoming in participants {
            if let Some(accepted) = self.accepted(incoming, roster_sequence) {
                self.people.insert(accepted.id.clone(), accepted);
                changed = true;
            }
        }
        self.saw(participants, roster_sequence);
        changed
    }

    /// Takes people out for good; true when anything changed. Unknown ids are remembered too, so
    /// that a leave that overtakes its join still holds.
    pub fn remove(&mut self, ids: &[ParticipantId]) -> bool {
        let mut changed = false;
        for id in ids {
            self.people.remove(id);
            if !self.left.contains_key(id) {
                self.left.insert(id.clone(), self.sequence);
                changed = true;
            }
        }
        changed
    }

    /// An authoritative reading of the whole roster: who is not listed has left. A reading with a
    /// lower number than one seen before is stale and changes nothing.
    pub fn replace(&mut self, participants: &[Participant], roster_sequence: Option<u64>) -> bool {
        if roster_sequence.is_some_and(|number| number < self.sequence) {
            return false;
        }
        let mut changed = false;
        if let Some(number) = roster_sequence {
            for participant in participants {
                if self.left.get(&participant.id).is_some_and(|left_at| *left_at < number) {
                    self.left.remove(&participant.id);
                    changed = true;
                }
            }
        }
        let gone: Vec<_> = self.absent_from(participants).collect();
        changed |= self.remove(&gone);
        changed | self.upsert(participants, roster_sequence)
    }

    /// People of the roster who are not among `participants`.
    pub fn absent_from(&self, participants: &[Participant]) -> impl Iterator<Item = ParticipantId> {
        let listed: std::collections::BTreeSet<_> =
            participants.iter().map(|participant| &participant.id).collect();
        let gone: Vec<_> = self.people.keys().filter(|id| !listed.contains(id)).cloned().collect();
        gone.into_iter()
    }

    /// `incoming` as it would be stored, or `None` when it is stale, a repeat, or of somebody gone.
    fn accepted(
        &self,
        incoming: &Participant,
        roster_sequence: Option<u64>,
    ) -> Option<Participant> {
        if self.left.contains_key(&incoming.id) {
            return None;
        }
        let number = incoming.roster_sequence.or(roster_sequence);
        let mut accepted = Participant { roster_sequence: number, ..incoming.clone() };
        if let Some(known) = self.people.get(&incoming.id) {
            // An update that says nothing of who it is about does not unname anybody.
            if incoming.person.kind.is_empty() {
                accepted.person.clone_from(&known.person);
                accepted.name.clone_from(&known.name);
                accepted.kind = known.kind;
            }
            match (known.roster_sequence, number) {
                (Some(old), Some(new)) if new <= old => return None,
                (Some(old), None) => accepted.roster_sequence = Some(old),
                _ => {}
            }
            if *known == accepted {
                return None;
            }
        }
        Some(accepted)
    }

    fn saw(&mut self, participants: &[Participant], roster_sequence: Option<u64>) {
        let highest = participants.iter().filter_map(|p| p.roster_sequence).max();
        self.sequence = self.sequence.max(highest.unwrap_or(0)).max(roster_sequence.unwrap_or(0));
    }
}

impl Read for Roster {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Ok(Self {
            people: node.field("people")?,
            left: node.field_or_default("left")?,
            sequence: node.field_or_default("sequence")?,
        })
    }
}
