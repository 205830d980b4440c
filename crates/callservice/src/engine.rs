//! A rehearsal call of one service: who is in it, what they do by themselves, what commands change.
//!
//! Pure: [`Rehearsal::advance`] hands time in, the seed decides every id and every event. What
//! follows from time and commands is collected and taken away in order by
//! [`Rehearsal::take_notifications`] and [`Rehearsal::take_talk`].

mod acs;
mod cast;
pub(crate) mod chance;
mod command;
mod crowd;
mod floor;
mod lie;
mod life;
mod names;
mod notice;
mod people;
mod person;
mod speech;
mod talk;

use std::collections::{BTreeMap, VecDeque};

use foldback_model::live::Talk;
use foldback_wire::{
    acs::CloudEvent,
    graph::{Call, CommsNotification, Participant, ParticipantMixerLevel},
    ids::{CallId, ParticipantId},
    limits::ITEMS_MAX,
};

use crate::error::Error;
pub use acs::{ACS_PEOPLE_MAX, DISCONNECT_MS};
use chance::{Chance, Stream};
use command::Books;
pub use command::{Ending, INVITATION_MS, Join, Times};
use crowd::Crowd;
use floor::Floor;
use life::Act;
pub use person::Record;
use person::{Identity, Kind, Person};
use talk::Voices;

/// From joining until the call is established, in milliseconds.
pub const ESTABLISH_MS: u64 = 120;

/// From a configureMixer until its operation is completed, in milliseconds.
pub const OPERATION_MS: u64 = 150;

/// How many operations can still be read; older ones are forgotten.
pub const OPERATIONS_KEPT: usize = 1_000;

/// How the rehearsal is cast and how lively it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Everybody: people, the app itself and the lobby. 1 to 10,000.
    pub participants: usize,
    /// The same seed gives the same ids, people and events.
    pub seed: u64,
    /// How fast life goes, 0 to 100; at 0 nobody does anything by themselves.
    pub speed: f64,
    /// Which service the call is one of.
    pub face: Face,
}

impl Default for Options {
    fn default() -> Self {
        Self { participants: 43, seed: 7, speed: 1.0, face: Face::Graph }
    }
}

/// The service whose call this is; decides ids, cast and what notifications look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    /// Microsoft Graph cloud communications: a call.
    Graph,
    /// ACS Call Automation: a call connection.
    Acs,
}

/// What is notified, in the words of the call's service.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// One item of a Graph notification.
    Graph(CommsNotification),
    /// One event; its `time` is filled in by whoever sends it, since the engine has no clock.
    Acs(Box<CloudEvent>),
}

impl Notice {
    /// The item of a Graph notification.
    pub fn graph(&self) -> Option<&CommsNotification> {
        match self {
            Self::Graph(notification) => Some(notification),
            Self::Acs(_) => None,
        }
    }

    /// The event of an ACS call.
    pub fn acs(&self) -> Option<&CloudEvent> {
        match self {
            Self::Acs(event) => Some(event),
            Self::Graph(_) => None,
        }
    }
}

impl From<CommsNotification> for Notice {
    fn from(notification: CommsNotification) -> Self {
        Self::Graph(notification)
    }
}

impl From<CloudEvent> for Notice {
    fn from(event: CloudEvent) -> Self {
        Self::Acs(Box::new(event))
    }
}

/// In which form the roster is notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The whole roster after every change.
    Full,
    /// An array of those who changed: the published examples show no more, so that no reader may
    /// take an array for complete.
    Changed,
    /// Who changed, with sequence numbers (`callOptions.isDeltaRosterEnabled`).
    Delta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Establishing,
    Established,
    Ended,
}

/// One rehearsal call.
#[derive(Debug)]
pub struct Rehearsal {
    options: Options,
    now: u64,
    state: State,
    call_id: CallId,
    tenant: String,
    app: Identity,
    /// Key of the app's leg.
    me: Option<u64>,
    /// Everybody in the call, in the order they came.
    people: Crowd,
    keys: BTreeMap<ParticipantId, u64>,
    next_key: u64,
    /// Who has left and may return.
    away: VecDeque<Identity>,
    roster_number: u64,
    /// None until somebody has joined: then nothing is notified.
    form: Option<Form>,
    /// The full form is due.
    roster_due: bool,
    books: Books,
    mixes: BTreeMap<ParticipantId, ParticipantMixerLevel>,
    agenda: BTreeMap<(u64, u64), Act>,
    next_act: u64,
    voices: Voices,
    floor: Floor,
    ids: Chance,
    cast: Chance,
    life: Chance,
    operation_ids: Chance,
    /// What an ACS call has besides.
    acs: Option<acs::Connection>,
    notifications: Vec<Notice>,
    talk: Vec<Talk>,
    /// The roster does not show what is.
    lie: Option<lie::Lie>,
}

impl Rehearsal {
    /// Casts the call. Its time begins at 0.
    ///
    /// # Errors
    /// [`Error::Option`] for a number out of its limits.
    pub fn new(options: Options) -> Result<Self, Error> {
        let mut ids = Chance::new(options.seed, Stream::Ids);
        let app = Identity { kind: Kind::Application, id: ids.uuid(), name: "Foldback".to_owned() };
        if options.face == Face::Acs {
            // The same app, but another call of another tenant.
            ids = Chance::new(options.seed, Stream::AcsIds);
        }
        Self::cast(options, ids, app, None)
    }

    /// Another call of the same app in the same tenant, cast anew; the same number gives the same call.
    ///
    /// # Errors
    /// As [`Rehearsal::new`].
    pub fn sibling(&self, number: u64) -> Result<Self, Error> {
        // Any odd constant keeps the seeds of siblings apart; this one is 2^64 over the golden ratio.
        let seed = self.options.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let options = Options { seed, ..self.options.clone() };
        let stream = if options.face == Face::Acs { Stream::AcsIds } else { Stream::Ids };
        let ids = Chance::new(seed, stream);
        Self::cast(options, ids, self.app.clone(), Some(self.tenant.clone()))
    }

    fn cast(
        options: Options,
        mut ids: Chance,
        app: Identity,
        tenant: Option<String>,
    ) -> Result<Self, Error> {
        if !(1..=ITEMS_MAX).contains(&options.participants) {
            return Err(Error::Option {
                option: "participants",
                value: options.participants.to_string(),
                limit: "a rehearsal has 1 to 10000 participants",
            });
        }
        if !(0.0..=100.0).contains(&options.speed) {
            return Err(Error::Option {
                option: "speed",
                value: options.speed.to_string(),
                limit: "the speed is a number from 0 (frozen) to 100",
            });
        }
        let seed = options.seed;
        let call_id = ids.call_id();
        let tenant = tenant.unwrap_or_else(|| ids.uuid());
        let mut rehearsal = Self {
            now: 0,
            state: State::Established,
            call_id,
            tenant,
            acs: (options.face == Face::Acs).then(|| acs::Connection::new(&mut ids)),
            app,
            me: None,
            people: Crowd::default(),
            keys: BTreeMap::new(),
            next_key: 0,
            away: VecDeque::new(),
            roster_number: 0,
            form: None,
            roster_due: false,
            books: Books::default(),
            mixes: BTreeMap::new(),
            agenda: BTreeMap::new(),
            next_act: 0,
            voices: Voices::new(seed),
            floor: Floor::new(seed),
            ids,
            cast: Chance::new(seed, Stream::Cast),
            life: Chance::new(seed, Stream::Life),
            operation_ids: Chance::new(seed, Stream::Operations),
            notifications: Vec::new(),
            talk: Vec::new(),
            lie: None,
            options,
        };
        rehearsal.fill();
        rehearsal.start_life();
        Ok(rehearsal)
    }

    /// Which service the call is one of.
    pub fn face(&self) -> Face {
        self.options.face
    }

    /// Whether the call is over: nothing is known of it any more.
    pub fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// The call's id.
    pub fn call_id(&self) -> &CallId {
        &self.call_id
    }

    /// The tenant of the call, its users and the app; of an ACS call the id of the resource.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The application id of the app, the client id of its sign-in.
    pub fn app_id(&self) -> &str {
        &self.app.id
    }

    /// Lets the call begin at `now_ms` instead of 0: all that is ahead of it moves there.
    pub fn begin_at(&mut self, now_ms: u64) {
        let ahead = std::mem::take(&mut self.agenda);
        self.agenda = ahead.into_iter().map(|((at, n), act)| ((at + now_ms, n), act)).collect();
        self.now += now_ms;
    }

    /// Lets time pass until `now_ms`; time never goes back. Life and operations that are due by then
    /// happen in order.
    pub fn advance(&mut self, now_ms: u64) {
        while let Some(entry) = self.agenda.first_entry()
            && entry.key().0 <= now_ms
        {
            let ((at, _), act) = entry.remove_entry();
            self.now = self.now.max(at);
            self.act(act);
        }
        self.now = self.now.max(now_ms);
        self.settle();
    }

    /// When something will happen next, on the clock of [`Rehearsal::advance`]; none when nothing
    /// will without a command.
    pub fn next_at(&self) -> Option<u64> {
        let act = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let talk = self.voices.next_at(self.now);
        act.into_iter().chain(talk).min()
    }

    /// What was notified since the last time, in order; nothing before somebody joined.
    pub fn take_notifications(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notifications)
    }

    /// Whose talking changed since the last time, in order, at most ten times a second.
    pub fn take_talk(&mut self) -> Vec<Talk> {
        std::mem::take(&mut self.talk)
    }

    /// The call as a reply shows it, without addresses.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when it has ended.
    pub fn call(&self) -> Result<Call, Error> {
        self.ongoing()?;
        Ok(self.call_shown())
    }

    /// Everybody, in the order they came; nobody in a call of two.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended.
    pub fn participants(&self) -> Result<Vec<Participant>, Error> {
        self.ongoing()?;
        if self.books.peer {
            return Ok(Vec::new());
        }
        Ok(self.seen().map(|person| person.record(&self.tenant)).collect())
    }

    /// As [`Rehearsal::participants`], with every record made on demand: whoever kept an earlier one
    /// sees by its number whether it still holds.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended.
    pub fn records(&self) -> Result<impl Iterator<Item = Record<'_>>, Error> {
        self.ongoing()?;
        let tenant = self.tenant.as_str();
        let somebody = !self.books.peer;
        Ok(self.seen().filter(move |_| somebody).map(move |person| Record { person, tenant }))
    }

    /// One person.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] or [`Error::UnknownParticipant`].
    pub fn participant(&self, id: &ParticipantId) -> Result<Participant, Error> {
        self.ongoing()?;
        if self.books.peer {
            return Err(Error::UnknownParticipant(id.to_string()));
        }
        let unknown = || Error::UnknownParticipant(id.to_string());
        let person = match &self.lie {
            Some(_) => self.seen().find(|person| person.id == *id).ok_or_else(unknown)?,
            None => self.find(id)?.1,
        };
        Ok(person.record(&self.tenant))
    }

    /// The mix a listener was given last; none for one never configured.
    pub fn mix(&self, listener: &ParticipantId) -> Option<&ParticipantMixerLevel> {
        self.mixes.get(listener)
    }

    fn ongoing(&self) -> Result<(), Error> {
        if self.state == State::Ended { Err(Error::UnknownCall) } else { Ok(()) }
    }

    fn find(&self, id: &ParticipantId) -> Result<(u64, &Person), Error> {
        self.keys
            .get(id)
            .and_then(|key| self.people.get(key).map(|person| (*key, person)))
            .ok_or_else(|| Error::UnknownParticipant(id.to_string()))
    }
}

#[cfg(test)]
mod tests;
