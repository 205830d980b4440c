//! Commands of the Graph face: mutes here; joining and ending, mixes, invitations, routing groups
//! and the operations they make in the modules below.

mod call;
mod invite;
mod mixer;
mod operation;
mod routing;

use std::collections::{BTreeMap, VecDeque};

use foldback_wire::{
    graph::{AudioRoutingGroup, CommsOperation, Extra},
    ids::{ParticipantId, UpstreamOperationId},
};

use super::{Rehearsal, State};
use crate::error::Error;
pub use call::{Ending, Join};
pub use invite::INVITATION_MS;
use operation::Kept;
pub use operation::Times;

const MUTE: &str = "#microsoft.graph.muteParticipantOperation";
const MUTE_MANY: &str = "#microsoft.graph.muteParticipantsOperation";
const UNMUTE: &str = "#microsoft.graph.unmuteParticipantOperation";

/// What commands keep of one call.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// What the joiner sent and the call shows again.
    pub(super) joined: Extra,
    /// One person was called: there is no roster, and nothing that needs a group.
    pub(super) peer: bool,
    /// How often the app joined; tells one wait from the next.
    joins: u64,
    /// Whoever joins waits in the lobby, at most so many milliseconds.
    lobby_ms: Option<u64>,
    alive: Option<call::Alive>,
    breaks: bool,
    operations: VecDeque<Kept>,
    /// Bytes of all of them.
    operations_weight: usize,
    mixes: mixer::Pending,
    invitations: invite::Pending,
    groups: BTreeMap<String, AudioRoutingGroup>,
}

/// A command's consequence that is due later.
#[derive(Debug)]
pub(super) enum Due {
    /// A mix takes effect.
    Mix(UpstreamOperationId),
    /// Those invited come.
    Invitation(UpstreamOperationId),
    /// The app has waited in the lobby for too long, if no join came after this one.
    LobbyTimeout(u64),
    /// The app may have been silent for too long since this join.
    KeepAlive(u64),
    /// The call breaks off while an operation runs.
    Break,
}

impl Rehearsal {
    pub(super) fn due(&mut self, due: Due) {
        match due {
            Due::Mix(id) => self.finish_mix(&id),
            Due::Invitation(id) => self.finish_invitation(&id),
            Due::LobbyTimeout(join) => self.leave_the_lobby(join),
            Due::KeepAlive(join) => self.check_alive(join),
            Due::Break => self.break_off(),
        }
    }

    /// The server drops this person's sound from now on, also that of somebody in the lobby. Somebody
    /// muted by the server already stays so, without a change of the roster.
    ///
    /// # Errors
    /// [`Error::UnknownCall`], [`Error::UnknownParticipant`], [`Error::NotAGroupCall`] or
    /// [`Error::NotEstablished`].
    pub fn mute(
        &mut self,
        id: &ParticipantId,
        client_context: Option<String>,
    ) -> Result<CommsOperation, Error> {
        self.in_a_group()?;
        let (key, _) = self.find(id)?;
        self.server_mute(&[key], true);
        Ok(self.done(MUTE, client_context, |it| it))
    }

    /// The server drops the sound of all of these from now on; of an empty list, of everybody but the
    /// app and those in the lobby. The operation names who was meant.
    ///
    /// # Errors
    /// As [`Rehearsal::mute`]; for one unknown id nobody is muted.
    pub fn mute_all(
        &mut self,
        ids: &[ParticipantId],
        client_context: Option<String>,
    ) -> Result<CommsOperation, Error> {
        self.in_a_group()?;
        let keys: Vec<u64> = if ids.is_empty() {
            let people = self.people.iter();
            people.filter(|(_, p)| !p.is_app() && !p.in_lobby).map(|(key, _)| *key).collect()
        } else {
            let found: Result<Vec<u64>, Error> =
                ids.iter().map(|id| self.find(id).map(|(key, _)| key)).collect();
            found?
        };
        let meant: Vec<ParticipantId> = keys
            .iter()
            .filter_map(|key| self.people.get(key))
            .map(|person| person.id.clone())
            .collect();
        self.server_mute(&keys, true);
        Ok(self.done(MUTE_MANY, client_context, |it| it.with_muted(&meant)))
    }

    /// Mutes the app itself.
    ///
    /// # Errors
    /// [`Error::UnknownCall`], [`Error::NotAGroupCall`] or [`Error::NotEstablished`].
    pub fn mute_app(&mut self, client_context: Option<String>) -> Result<CommsOperation, Error> {
        self.app_mute(true, MUTE, client_context)
    }

    /// Unmutes the app itself.
    ///
    /// # Errors
    /// As [`Rehearsal::mute_app`].
    pub fn unmute_app(&mut self, client_context: Option<String>) -> Result<CommsOperation, Error> {
        self.app_mute(false, UNMUTE, client_context)
    }

    fn app_mute(
        &mut self,
        muted: bool,
        kind: &str,
        client_context: Option<String>,
    ) -> Result<CommsOperation, Error> {
        self.in_a_group()?;
        if let Some(key) = self.me {
            self.server_mute(&[key], muted);
        }
        Ok(self.done(kind, client_context, |it| it))
    }

    /// Takes somebody out of the call, out of its lobby, or off the list of those invited. They are
    /// not told.
    ///
    /// # Errors
    /// [`Error::UnknownCall`], [`Error::UnknownParticipant`], [`Error::NotAGroupCall`],
    /// [`Error::NotEstablished`]; [`Error::NotPossible`] for the app itself.
    pub fn remove_participant(&mut self, id: &ParticipantId) -> Result<(), Error> {
        self.in_a_group()?;
        if self.uninvite(id) {
            return Ok(());
        }
        let (key, person) = self.find(id)?;
        if person.is_app() {
            return Err(Error::NotPossible(format!(
                "{id} is the app itself; it leaves by DELETE of the call"
            )));
        }
        if let Some(person) = self.people.remove(&key) {
            self.keys.remove(&person.id);
            self.removed(person, "removed");
        }
        self.settle();
        Ok(())
    }

    /// Those whose sound the server drops already are left alone, and not told of.
    fn server_mute(&mut self, keys: &[u64], muted: bool) {
        let mut changed = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(person) = self.people.get_mut(key)
                && person.muted_by_server != muted
            {
                person.muted_by_server = muted;
                changed.push((*key, !person.is_app()));
            }
        }
        let told: Vec<u64> = changed.iter().map(|(key, _)| *key).collect();
        self.changed_together(&told);
        for (key, human) in changed {
            if muted && human {
                self.may_lift(key);
            }
        }
        self.settle();
    }

    /// What only a group call can do, and only once the app is let in.
    fn in_a_group(&self) -> Result<(), Error> {
        self.ongoing()?;
        if self.books.peer {
            return Err(Error::NotAGroupCall);
        }
        if self.state == State::Establishing && self.waits_in_lobby() {
            return Err(Error::NotEstablished);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
