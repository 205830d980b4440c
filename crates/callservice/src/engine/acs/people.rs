//! Who is in an ACS call: raw ids for everybody, and the lists the service gives.

use foldback_wire::{
    acs::{CallParticipant, Identifier},
    ids::ParticipantId,
};

use super::{command::id_of, event::participant};
use crate::{
    engine::{
        Face, Rehearsal, cast,
        chance::Chance,
        person::{Identity, Kind, Person},
    },
    error::Error,
};

/// The first cast: ten ACS users, a Teams user and a phone; more are ACS users.
pub(in crate::engine) fn people(
    chance: &mut Chance,
    resource: &str,
    count: usize,
) -> Vec<Identity> {
    let mut people = Vec::with_capacity(count);
    for index in 0..count {
        people.push(match index {
            10 => {
                let id = format!("8:orgid:{}", chance.uuid());
                Identity { kind: Kind::User, id, name: cast::name(chance) }
            }
            11 => {
                let number = "+12065550142";
                Identity { kind: Kind::Phone, id: format!("4:{number}"), name: number.to_owned() }
            }
            _ => newcomer(chance, resource),
        });
    }
    chance.shuffle(&mut people);
    people
}

/// A new ACS user.
pub(super) fn newcomer(chance: &mut Chance, resource: &str) -> Identity {
    let id = format!("8:acs:{resource}_{}", chance.uuid());
    Identity { kind: Kind::User, id, name: cast::name(chance) }
}

/// The identity as ACS knows it: its id is a raw id.
fn with_raw_id(identity: Identity, resource: &str) -> Identity {
    let id = match identity.kind {
        _ if identity.id.contains(':') => return identity,
        Kind::Phone => format!("4:{}", identity.id),
        Kind::Application => format!("28:orgid:{}", identity.id),
        Kind::User | Kind::Guest => format!("8:acs:{resource}_{}", identity.id),
    };
    Identity { id, ..identity }
}

impl Rehearsal {
    /// The identity in the words of the call's service, and the id that goes with it where the
    /// service decides it.
    pub(in crate::engine) fn named_by_face(
        &self,
        identity: Identity,
    ) -> (Identity, Option<ParticipantId>) {
        if self.options.face == Face::Graph {
            return (identity, None);
        }
        let identity = with_raw_id(identity, &self.tenant);
        let id = ParticipantId::parse(&identity.id).ok();
        (identity, id)
    }

    /// Who of an ACS call this is, when they are in it already: nobody is in one twice.
    pub(in crate::engine) fn already_here(&self, identity: &Identity) -> Option<u64> {
        if self.options.face == Face::Graph {
            return None;
        }
        let identity = with_raw_id(identity.clone(), &self.tenant);
        ParticipantId::parse(&identity.id).ok().and_then(|id| self.keys.get(&id).copied())
    }

    /// Replaces everybody before the call begins.
    pub(super) fn only_these(&mut self, people: &[Identifier]) -> Result<(), Error> {
        self.acs()?;
        drop(std::mem::take(&mut self.people));
        self.keys.clear();
        self.options.participants = people.len().max(1);
        for who in people {
            let id = id_of(who)?;
            if self.keys.contains_key(&id) {
                return Err(Error::NotPossible(format!("{id} stands twice among the people")));
            }
            let kind = if matches!(who, Identifier::Phone(_)) { Kind::Phone } else { Kind::User };
            let id = id.as_str().to_owned();
            self.newcomer(Identity { kind, name: id.clone(), id }, false, false);
        }
        Ok(())
    }

    /// Up to `most` people in the order they came, after the one whose audio stream has the number
    /// `after`; and that number of the last of them when more follow.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended or is none of ACS.
    pub fn call_participants(
        &self,
        after: Option<u64>,
        most: usize,
    ) -> Result<(Vec<CallParticipant>, Option<u64>), Error> {
        self.ongoing()?;
        self.acs()?;
        let mut rest = self.seen_here().filter(|person| after.is_none_or(|it| person.source > it));
        let page: Vec<&Person> = rest.by_ref().take(most).collect();
        let last = page.last().filter(|_| rest.next().is_some()).map(|person| person.source);
        Ok((page.into_iter().map(participant).collect(), last))
    }

    /// Who seems to be in the call, in the order they came.
    pub(super) fn seen_here(&self) -> impl Iterator<Item = &Person> {
        self.seen()
    }

    /// One person by raw id.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] or [`Error::UnknownParticipant`].
    pub fn call_participant(&self, id: &ParticipantId) -> Result<CallParticipant, Error> {
        self.ongoing()?;
        self.acs()?;
        let found = self.seen_here().find(|person| person.id == *id);
        found.map(participant).ok_or_else(|| Error::UnknownParticipant(id.to_string()))
    }
}
