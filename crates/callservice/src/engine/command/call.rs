//! Joining, waiting in the lobby, staying alive, and every way a call ends.

use foldback_wire::{
    graph::{Call, Extra, ResultInfo},
    ids::ParticipantId,
};

use super::{Books, Due};
use crate::{
    engine::{ESTABLISH_MS, Face, Form, Rehearsal, State, crowd::Crowd, life::Act, talk::Voices},
    error::Error,
};

/// How the app joins.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// In which form the roster is notified.
    pub form: Form,
    /// Members of the body that the call shows from now on as they were sent.
    pub members: Extra,
    /// One person is called: no roster is told or shown, and nothing can be muted or mixed.
    pub peer: bool,
    /// The call ends when the app sends no keepAlive for so long, in milliseconds; none: never.
    pub keep_alive_ms: Option<u64>,
}

impl Default for Join {
    fn default() -> Self {
        Self { form: Form::Full, members: Extra::new(), peer: false, keep_alive_ms: None }
    }
}

/// Why a call ends, as `resultInfo` tells it. Known pairs stand on the page "Delete call".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// HTTP-like code.
    pub code: i64,
    /// The finer code.
    pub subcode: i64,
    /// Words for people.
    pub message: String,
}

impl Ending {
    /// An end with these codes, and words for those that are known.
    pub fn new(code: i64, subcode: i64) -> Self {
        let message = match (code, subcode) {
            (200, 5000) => "The app was removed from the call by another participant.",
            (200, 5001) => "The app ended its leg of the call.",
            (200, 5855) => "The app waited in the lobby for too long.",
            (408, 8537) => "The app sent no keepAlive in time.",
            (200..300, _) => "The call ended.",
            (400..500, _) => "The call could not go on.",
            _ => "The service could not go on with the call.",
        };
        Self { code, subcode, message: message.to_owned() }
    }
}

/// What is known of an app that must send keepAlive.
#[derive(Debug)]
pub(super) struct Alive {
    limit_ms: u64,
    since: u64,
    /// Which join it is about.
    join: u64,
}

impl Rehearsal {
    /// The app joins, or joins again with another form. From now on everything is notified: the
    /// call's way to `established` first, then the whole roster.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended, [`Error::NotPossible`] when it is full.
    pub fn join(&mut self, form: Form) -> Result<Call, Error> {
        self.join_as(Join { form, ..Join::default() })
    }

    /// As [`Rehearsal::join`] with all that a joiner may say. When [`Rehearsal::await_in_lobby`] was
    /// ordered, the call stays `establishing` until the app is let in.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended, [`Error::NotPossible`] when it is full.
    pub fn join_as(&mut self, join: Join) -> Result<Call, Error> {
        self.ongoing()?;
        if self.me.is_none() {
            self.app_joins()?;
        }
        self.form = Some(join.form);
        self.books.joined = join.members;
        self.books.peer = join.peer;
        self.roster_due = false;
        self.notifications.clear();
        if self.books.peer {
            self.be_alone();
        }
        self.books.joins += 1;
        self.state = State::Establishing;
        self.enter_lobby();
        let record = self.call_record();
        self.tell_call("updated", &record);
        self.schedule(ESTABLISH_MS, Act::Establish);
        self.books.alive = None;
        if let Some(limit_ms) = join.keep_alive_ms {
            let join = self.books.joins;
            self.books.alive = Some(Alive { limit_ms, since: self.now, join });
            self.schedule(limit_ms, Act::Command(Due::KeepAlive(join)));
        }
        self.settle();
        Ok(self.call_shown())
    }

    /// Nobody of a meeting's cast is in a call of two, and nothing happens there by itself.
    fn be_alone(&mut self) {
        self.people.retain(|_, person| person.is_app());
        let people = &self.people;
        self.keys.retain(|_, key| people.contains_key(key));
        self.agenda.clear();
        self.hush_the_muted();
    }

    pub(in crate::engine) fn establish(&mut self) {
        if self.options.face == Face::Acs {
            return self.acs_establish();
        }
        if self.state == State::Establishing && !self.waits_in_lobby() {
            self.state = State::Established;
            let record = self.call_record();
            self.tell_call("updated", &record);
            self.tell_whole_roster();
        }
    }

    /// From now on whoever joins waits in the lobby, at most so many milliseconds; none ends that.
    pub fn await_in_lobby(&mut self, timeout_ms: Option<u64>) {
        self.books.lobby_ms = timeout_ms;
    }

    /// Somebody in the call lets the app in.
    ///
    /// # Errors
    /// [`Error::UnknownCall`]; [`Error::NotPossible`] when the app does not wait in the lobby.
    pub fn admit_app(&mut self) -> Result<(), Error> {
        self.ongoing()?;
        let waiting = self.me.filter(|_| self.waits_in_lobby());
        let Some(key) = waiting else {
            return Err(Error::NotPossible("the app does not wait in the lobby".to_owned()));
        };
        if let Some(person) = self.people.get_mut(&key) {
            person.in_lobby = false;
        }
        self.changed(key);
        self.establish();
        self.settle();
        Ok(())
    }

    /// Somebody is let in from the lobby, muted by themselves as people are who come late.
    ///
    /// # Errors
    /// [`Error::UnknownParticipant`]; [`Error::NotPossible`] for somebody who is in already.
    pub fn person_admitted(&mut self, id: &ParticipantId) -> Result<(), Error> {
        let (key, person) = self.find(id)?;
        if person.is_app() {
            return self.admit_app();
        }
        if !person.in_lobby {
            return Err(Error::NotPossible(format!("{id} does not wait in the lobby")));
        }
        self.admit(key);
        self.settle();
        Ok(())
    }

    pub(super) fn waits_in_lobby(&self) -> bool {
        self.me.and_then(|key| self.people.get(&key)).is_some_and(|person| person.in_lobby)
    }

    fn enter_lobby(&mut self) {
        let timeout = self.books.lobby_ms.filter(|_| !self.books.peer);
        let Some(key) = self.me else {
            return;
        };
        if let Some(person) = self.people.get_mut(&key)
            && person.in_lobby != timeout.is_some()
        {
            person.in_lobby = timeout.is_some();
            self.changed(key);
        }
        if let Some(timeout) = timeout {
            let join = self.books.joins;
            self.schedule(timeout, Act::Command(Due::LobbyTimeout(join)));
        }
    }

    pub(super) fn leave_the_lobby(&mut self, join: u64) {
        let still = self.books.joins == join && self.waits_in_lobby();
        if still && self.state == State::Establishing {
            self.over(&Ending::new(200, 5855));
        }
    }

    /// Tells the service that the app is still there.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended.
    pub fn keep_alive(&mut self) -> Result<(), Error> {
        self.ongoing()?;
        if let Some(alive) = &mut self.books.alive {
            alive.since = self.now;
        }
        Ok(())
    }

    pub(super) fn check_alive(&mut self, join: u64) {
        let Some(alive) = self.books.alive.as_ref().filter(|alive| alive.join == join) else {
            return;
        };
        let ends_at = alive.since.saturating_add(alive.limit_ms);
        if ends_at > self.now {
            let left = ends_at - self.now;
            self.schedule(left, Act::Command(Due::KeepAlive(join)));
        } else if self.state != State::Ended {
            self.over(&Ending::new(408, 8537));
        }
    }

    /// The app hangs up: its leg ends, the others go on. Nothing is notified after that.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when it has ended before.
    pub fn end(&mut self) -> Result<(), Error> {
        self.ongoing()?;
        let mut record = self.call_record();
        record.state = Some("terminating".to_owned());
        self.tell_call("updated", &record);
        self.over(&Ending::new(200, 5001));
        self.settle();
        Ok(())
    }

    /// The call ends without the app's doing: it was removed, or the service cannot go on.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when it has ended before.
    pub fn end_with(&mut self, ending: &Ending) -> Result<(), Error> {
        self.ongoing()?;
        self.over(ending);
        self.settle();
        Ok(())
    }

    /// The next mix or invitation is accepted, and the call ends before it is done.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when it has ended.
    pub fn end_mid_operation(&mut self) -> Result<(), Error> {
        self.ongoing()?;
        self.books.breaks = true;
        Ok(())
    }

    /// Takes back what [`Rehearsal::end_mid_operation`] ordered, unless an operation runs already.
    pub fn end_mid_operation_no_more(&mut self) {
        self.books.breaks = false;
    }

    /// Breaks the call off in the middle of an operation of this length, if that was ordered.
    pub(in crate::engine) fn may_break_off(&mut self, operation_ms: u64) {
        if std::mem::take(&mut self.books.breaks) {
            self.schedule(operation_ms / 2, Act::Command(Due::Break));
        }
    }

    pub(super) fn break_off(&mut self) {
        if self.state != State::Ended {
            self.over(&Ending::new(500, 1005));
        }
    }

    fn over(&mut self, ending: &Ending) {
        if self.options.face == Face::Acs {
            return self.acs_over(ending);
        }
        let mut record = self.call_record();
        self.flush_roster();
        self.state = State::Ended;
        record.state = Some("terminated".to_owned());
        record.result_info = Some(ResultInfo {
            code: Some(ending.code),
            subcode: Some(ending.subcode),
            message: Some(ending.message.clone()),
            ..ResultInfo::default()
        });
        self.tell_call("deleted", &record);
        self.let_go();
    }

    /// Nothing is notified, known or going on any more: an ended call costs next to nothing while
    /// its last notifications are on their way.
    pub(in crate::engine) fn let_go(&mut self) {
        self.state = State::Ended;
        self.form = None;
        self.me = None;
        self.people = Crowd::default();
        self.keys.clear();
        self.away.clear();
        self.agenda.clear();
        self.voices = Voices::new(self.options.seed);
        self.books = Books::default();
        self.mixes.clear();
        self.lie = None;
    }
}
