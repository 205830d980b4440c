//! Audio routing groups: put there by a lever, read by everybody.

use foldback_wire::{graph::AudioRoutingGroup, ids::ParticipantId};

use crate::{engine::Rehearsal, error::Error};

/// Most groups of one call.
const GROUPS_MAX: usize = 1_000;

impl Rehearsal {
    /// Puts a group there, in place of one with the same id.
    ///
    /// # Errors
    /// [`Error::NotPossible`] for a missing id, a number of people the mode does not allow, or too
    /// many groups; [`Error::UnknownParticipant`], [`Error::UnknownCall`], [`Error::NotAGroupCall`]
    /// or [`Error::NotEstablished`].
    pub fn route(&mut self, mut group: AudioRoutingGroup) -> Result<(), Error> {
        self.in_a_group()?;
        let wrong = |error: foldback_wire::Error| Error::NotPossible(error.to_string());
        group.check_new().map_err(wrong)?;
        let Some(id) = group.id.clone() else {
            return Err(Error::NotPossible(
                "$.id: missing; a group is made with its id".to_owned(),
            ));
        };
        for person in group.receivers.iter_mut().chain(&mut group.sources) {
            let known = ParticipantId::parse(person).map_err(wrong)?;
            self.find(&known)?;
            *person = known.to_string();
        }
        let groups = &mut self.books.groups;
        if groups.len() >= GROUPS_MAX && !groups.contains_key(&id) {
            return Err(Error::NotPossible(format!("a call has at most {GROUPS_MAX} groups")));
        }
        groups.insert(id, group);
        Ok(())
    }

    /// Takes a group away.
    ///
    /// # Errors
    /// [`Error::UnknownGroup`] or [`Error::UnknownCall`].
    pub fn unroute(&mut self, id: &str) -> Result<(), Error> {
        self.ongoing()?;
        match self.books.groups.remove(id) {
            Some(_) => Ok(()),
            None => Err(Error::UnknownGroup(id.to_owned())),
        }
    }

    /// The groups, by id.
    ///
    /// # Errors
    /// [`Error::UnknownCall`].
    pub fn groups(&self) -> Result<Vec<AudioRoutingGroup>, Error> {
        self.ongoing()?;
        Ok(self.books.groups.values().cloned().collect())
    }

    /// One group.
    ///
    /// # Errors
    /// [`Error::UnknownGroup`] or [`Error::UnknownCall`].
    pub fn group(&self, id: &str) -> Result<AudioRoutingGroup, Error> {
        self.ongoing()?;
        self.books.groups.get(id).cloned().ok_or_else(|| Error::UnknownGroup(id.to_owned()))
    }

    /// Who left is in no group any more; a group without a source or without ears is gone.
    pub(in crate::engine) fn leave_groups(&mut self, id: &ParticipantId) {
        let other = |one: &String| one != id.as_str();
        self.books.groups.retain(|_, group| {
            group.receivers.retain(other);
            group.sources.retain(other);
            !group.receivers.is_empty() && !group.sources.is_empty()
        });
    }
}
