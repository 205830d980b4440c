//! ACS commands: connect, create, answer, hang up, mute, remove.

use foldback_wire::{
    acs::{CallConnectionProperties, Extra, Identifier, ResultInformation},
    ids::ParticipantId,
};

use super::{ACS_PEOPLE_MAX, DISCONNECT_MS, Due, outcome};
use crate::{
    engine::{ESTABLISH_MS, Ending, Form, OPERATION_MS, Rehearsal, State, life::Act},
    error::Error,
};

/// A remove on its way.
#[derive(Debug)]
pub(in crate::engine) struct Removal {
    pub(super) who: Identifier,
    pub(super) context: Option<String>,
    /// Where its events go instead of the call's callback.
    pub(super) callback: Option<String>,
}

impl Rehearsal {
    /// The app connects, or connects again. From now on everything is notified: `CallConnected`
    /// first, then the whole roster. The context comes back in the events of the connection.
    ///
    /// # Errors
    /// [`Error::UnknownCall`]; [`Error::Disconnecting`] while the connection is ending.
    pub fn connect(&mut self, context: Option<String>) -> Result<CallConnectionProperties, Error> {
        self.ongoing()?;
        let acs = self.acs_mut()?;
        if acs.parting.is_some() {
            return Err(Error::Disconnecting);
        }
        acs.context = context;
        self.form = Some(Form::Full);
        self.roster_due = false;
        self.notifications.clear();
        self.state = State::Establishing;
        self.schedule(ESTABLISH_MS, Act::Establish);
        self.settle();
        self.connection()
    }

    /// Makes this a call that the app itself sets up: those called are the people in it. `shown` is
    /// what the connection tells of the request besides.
    ///
    /// # Errors
    /// [`Error::NotPossible`] when nobody or more than 350 people are called, somebody is called
    /// twice, or a raw id leaves the alphabet of ids.
    pub fn call_people(
        &mut self,
        targets: Vec<Identifier>,
        source: Option<Identifier>,
        shown: Extra,
    ) -> Result<(), Error> {
        if targets.is_empty() || targets.len() > ACS_PEOPLE_MAX {
            return Err(Error::NotPossible(format!(
                "{} targets are not allowed; a call has 1 to {ACS_PEOPLE_MAX}",
                targets.len()
            )));
        }
        self.only_these(&targets)?;
        let acs = self.acs_mut()?;
        acs.targets = targets;
        acs.source = source;
        acs.shown = shown;
        Ok(())
    }

    /// Makes this a call that came in: one ACS user called the app.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when it is none of ACS.
    pub fn be_called(&mut self) -> Result<(), Error> {
        let resource = self.tenant.clone();
        let caller = super::people::newcomer(&mut self.cast, &resource);
        let caller = Identifier::of_raw_id(&caller.id);
        self.only_these(std::slice::from_ref(&caller))?;
        self.acs_mut()?.source = Some(caller);
        Ok(())
    }

    /// The connection will not come about: after [`Rehearsal::connect`] follows `ConnectFailed`.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when it is none of ACS.
    pub fn fail_to_connect(&mut self, message: &str) -> Result<(), Error> {
        self.only_these(&[])?;
        self.acs_mut()?.failure = Some(outcome(404, 8522, message));
        Ok(())
    }

    pub(in crate::engine) fn acs_establish(&mut self) {
        let Some(acs) = &mut self.acs else { return };
        // Who hung up before it came about is not told that it did.
        if self.state != State::Establishing || acs.parting.is_some() {
            return;
        }
        let context = acs.context.clone();
        if let Some(failure) = acs.failure.take() {
            self.tell_event("ConnectFailed", context, Some(failure));
            self.let_go();
            return;
        }
        self.state = State::Established;
        self.tell_event("CallConnected", context, None);
        self.tell_whole_roster();
    }

    /// The app leaves; the others go on without it.
    ///
    /// # Errors
    /// [`Error::UnknownCall`]; [`Error::Disconnecting`] when it is leaving already.
    pub fn hang_up(&mut self) -> Result<(), Error> {
        self.part(outcome(200, 0, "The app hung up."))
    }

    /// Ends the call for everybody.
    ///
    /// # Errors
    /// As [`Rehearsal::hang_up`].
    pub fn terminate(&mut self) -> Result<(), Error> {
        self.part(outcome(200, 0, "The app ended the call for everybody."))
    }

    fn part(&mut self, how: ResultInformation) -> Result<(), Error> {
        self.ongoing()?;
        let acs = self.acs_mut()?;
        if acs.parting.is_some() {
            return Err(Error::Disconnecting);
        }
        acs.parting = Some(how);
        self.schedule(DISCONNECT_MS, Act::Acs(Due::Disconnect));
        self.settle();
        Ok(())
    }

    /// A connection that is ending ends now instead of a moment later.
    pub fn hurry(&mut self) {
        if self.acs.as_ref().is_some_and(|acs| acs.parting.is_some()) {
            self.disconnect();
        }
    }

    /// The call ends without the app's doing, at once.
    pub(in crate::engine) fn acs_over(&mut self, ending: &Ending) {
        if let Some(acs) = &mut self.acs {
            acs.parting = Some(outcome(ending.code, ending.subcode, &ending.message));
            self.disconnect();
        }
    }

    fn disconnect(&mut self) {
        if self.state == State::Ended {
            return;
        }
        let Some(acs) = &mut self.acs else { return };
        let (context, how) = (acs.context.clone(), acs.parting.clone());
        self.flush_roster();
        self.tell_event("CallDisconnected", context, how);
        self.let_go();
        self.settle();
    }

    /// Mutes these people. Who is muted already, by whomever, stays so without a change.
    ///
    /// # Errors
    /// [`Error::UnknownCall`], [`Error::Connecting`], [`Error::Disconnecting`];
    /// [`Error::UnknownParticipant`] for any of them, and then nobody is muted.
    pub fn mute_people(&mut self, who: &[Identifier]) -> Result<(), Error> {
        self.in_call()?;
        let mut keys = Vec::with_capacity(who.len());
        for who in who {
            keys.push(self.find(&id_of(who)?)?.0);
        }
        for key in keys {
            if let Some(person) = self.people.get_mut(&key)
                && !person.is_muted()
            {
                person.muted_by_server = true;
                self.changed(key);
                self.may_lift(key);
            }
        }
        self.settle();
        Ok(())
    }

    /// Takes somebody out of the call in a moment: `RemoveParticipantSucceeded` and the roster without
    /// them follow, or `RemoveParticipantFailed` when they are not in the call. A callback takes
    /// these two events instead of the call's own.
    ///
    /// # Errors
    /// [`Error::UnknownCall`], [`Error::Connecting`], [`Error::Disconnecting`].
    pub fn remove_person(
        &mut self,
        who: Identifier,
        context: Option<String>,
        callback: Option<String>,
    ) -> Result<(), Error> {
        self.in_call()?;
        let removal = Box::new(Removal { who, context, callback });
        self.schedule(OPERATION_MS, Act::Acs(Due::Remove(removal)));
        self.may_break_off(OPERATION_MS);
        self.settle();
        Ok(())
    }

    pub(in crate::engine) fn acs_due(&mut self, due: Due) {
        match due {
            Due::Disconnect => self.disconnect(),
            Due::Remove(removal) => self.finish_removal(*removal),
        }
    }

    fn finish_removal(&mut self, removal: Removal) {
        if self.state == State::Ended {
            return;
        }
        let key = id_of(&removal.who).and_then(|id| Ok(self.find(&id)?.0));
        let person = key.ok().and_then(|key| self.people.remove(&key));
        // What changed before is told before.
        self.flush_roster();
        let Some(person) = person else {
            let how = outcome(404, 8558, "The participant is not in the call.");
            self.tell_removal("RemoveParticipantFailed", removal, how);
            return;
        };
        self.keys.remove(&person.id);
        let how = outcome(200, 0, "The participant was removed.");
        self.tell_removal("RemoveParticipantSucceeded", removal, how);
        // Who was removed does not come back by themselves.
        self.removed(person, "removed");
    }
}

/// The id under which somebody is found.
pub(super) fn id_of(who: &Identifier) -> Result<ParticipantId, Error> {
    let raw = who.raw_id();
    ParticipantId::parse(&raw).map_err(|error| Error::NotPossible(error.to_string()))
}
