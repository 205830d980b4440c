//! "Mute all others": held back for two seconds, then one request a person, paced, counted by the
//! roster.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, time::Duration};

use foldback_model::{GestureId, IntentState, Intents, OperationKind, ParticipantId, Roster, plan};
use leptos::{prelude::*, task::spawn_local};

use super::{Right, Session, operations};
use crate::link::pause;

/// Milliseconds in which it can be taken back.
pub const HOLD_MS: u32 = 2000;

/// Requests in flight at once.
const AT_ONCE: usize = 4;

/// Milliseconds to wait when the service is busy and gives no figure.
const BUSY_MS: u64 = 1000;

/// How often a busy service is asked again for one person.
const TRIES: u32 = 4;

/// A bulk mute, while it runs and until it is dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Each person and the correlation text of their request.
    pub people: Vec<(ParticipantId, String)>,
    /// Whole seconds left to take it back; 0 once it is being sent.
    pub seconds_left: u32,
}

/// How far a bulk mute is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Everybody it is about.
    pub total: usize,
    /// Muted as the roster tells, or gone.
    pub confirmed: usize,
    /// Not muted, and why.
    pub failed: Vec<(ParticipantId, String)>,
}

impl Progress {
    /// Nothing more will come by itself.
    pub fn is_over(&self) -> bool {
        self.confirmed + self.failed.len() == self.total
    }
}

impl Bulk {
    /// How far it is: confirmed is what the roster shows.
    pub fn progress(&self, roster: &Roster, intents: &Intents) -> Progress {
        let mut progress = Progress { total: self.people.len(), ..Progress::default() };
        for (id, context) in &self.people {
            if roster.get(id).is_none_or(|person| person.muted) {
                progress.confirmed += 1;
                continue;
            }
            match intents.get(context).map(|intent| &intent.state) {
                Some(IntentState::Failed { message, .. }) => {
                    progress.failed.push((id.clone(), message.clone()));
                }
                Some(IntentState::Unconfirmed) => {
                    progress.failed.push((id.clone(), "no answer came".to_owned()));
                }
                // Muted for a moment, then they unmuted themselves: that mute did its work.
                None | Some(IntentState::Confirmed) => progress.confirmed += 1,
                Some(_) => {}
            }
        }
        progress
    }
}

/// Holds back a mute of everybody with an open microphone but me, the app and the lobby.
pub fn all_others(session: Session) {
    let roster = session.roster.get_untracked();
    let call = session.call.get_untracked();
    let me = session.my_participant();
    start(session, plan::mute_all_targets(&roster, call.as_ref(), me.as_ref()));
}

/// Asks again for those that failed, without holding back.
pub fn retry(session: Session, people: Vec<ParticipantId>) {
    let people = intend(session, people, &IntentState::Sending);
    if people.is_empty() {
        return;
    }
    session.bulk.set(Some(Bulk { people: people.clone(), seconds_left: 0 }));
    send(session, people);
}

/// Takes it back while it is held.
pub fn cancel(session: Session) {
    drop_held(session);
    session.say("Cancelled: nobody was muted");
}

fn drop_held(session: Session) {
    let Some(bulk) = session.bulk.get_untracked() else { return };
    session.intents.update(|intents| {
        for (_, context) in &bulk.people {
            intents.cancel(context);
        }
        intents.forget_settled();
    });
    session.bulk.set(None);
}

/// Whether one is being sent and not over, followed.
pub fn is_running(session: Session) -> bool {
    session.bulk.read().as_ref().is_some_and(|bulk| {
        !bulk.progress(&session.roster.read(), &session.intents.read()).is_over()
            && bulk.seconds_left == 0
    })
}

/// Holds back a mute of these people; what another one still holds back is taken back. False while
/// one is being sent: its count would be lost.
pub fn start(session: Session, targets: Vec<ParticipantId>) -> bool {
    if !session.is_allowed(Right::Mute) {
        return false;
    }
    if untrack(|| is_running(session)) {
        session.note("Already muting: wait until that is over");
        return false;
    }
    if session.bulk.with_untracked(Option::is_some) {
        drop_held(session);
    }
    hold(session, targets);
    true
}

fn hold(session: Session, targets: Vec<ParticipantId>) {
    let people = intend(session, targets, &IntentState::Held);
    if people.is_empty() {
        return;
    }
    let seconds = HOLD_MS / 1000;
    session.say(format!("Muting {} in {seconds} s", people.len()));
    session.bulk.set(Some(Bulk { people: people.clone(), seconds_left: seconds }));
    tick(session, people);
}

/// Counts down in whole seconds, then sends, unless it was taken back.
fn tick(session: Session, people: Vec<(ParticipantId, String)>) {
    set_timeout(
        move || {
            let current = session.bulk.get_untracked();
            let Some(bulk) = current.filter(|bulk| bulk.people == people) else { return };
            if !session.connection.get_untracked().is_live() {
                drop_held(session);
                return session.tell("Connection lost: nobody was muted");
            }
            let seconds_left = bulk.seconds_left.saturating_sub(1);
            session.bulk.set(Some(Bulk { seconds_left, ..bulk }));
            if seconds_left > 0 {
                tick(session, people);
                return;
            }
            session.intents.update(|intents| {
                for (_, context) in &people {
                    intents.sent(context);
                }
            });
            session.say(format!("Muting {}", people.len()));
            send(session, people);
        },
        Duration::from_secs(1),
    );
}

fn intend(
    session: Session,
    targets: Vec<ParticipantId>,
    state: &IntentState,
) -> Vec<(ParticipantId, String)> {
    targets
        .into_iter()
        .filter_map(|person| {
            let context =
                operations::start(session, OperationKind::Mute, person.clone(), state.clone())?;
            Some((person, context))
        })
        .collect()
}

/// The queue that the senders of one bulk mute share.
struct Queue {
    session: Session,
    waiting: RefCell<VecDeque<(ParticipantId, String)>>,
    /// Until then (UTC milliseconds) the service wants no request.
    quiet_until: RefCell<u64>,
    gesture: Option<GestureId>,
}

fn send(session: Session, people: Vec<(ParticipantId, String)>) {
    let queue = Rc::new(Queue {
        session,
        waiting: RefCell::new(people.into()),
        quiet_until: RefCell::default(),
        gesture: operations::gesture(),
    });
    for _ in 0..AT_ONCE {
        let queue = Rc::clone(&queue);
        spawn_local(async move {
            loop {
                let next = queue.waiting.borrow_mut().pop_front();
                let Some((person, context)) = next else { return };
                send_one(&queue, person, context).await;
            }
        });
    }
}

/// Sends one mute; while the service is busy, waits as it asks and sends it again.
async fn send_one(queue: &Queue, person: ParticipantId, mut context: String) {
    let session = queue.session;
    for tried in 1..=TRIES {
        loop {
            let quiet = queue.quiet_until.borrow().saturating_sub(super::now_ms());
            if quiet == 0 {
                break;
            }
            pause::sleep(u32::try_from(quiet).unwrap_or(u32::MAX)).await;
        }
        let kind = OperationKind::Mute;
        let sent = operations::send_mute(
            session,
            kind,
            person.clone(),
            context.clone(),
            queue.gesture.clone(),
        )
        .await;
        let Err(failure) = sent else { return };
        if !failure.is_throttled() || tried == TRIES {
            return;
        }
        let until = super::now_ms() + failure.retry_ms().unwrap_or(BUSY_MS).max(1);
        queue.quiet_until.replace_with(|quiet| (*quiet).max(until));
        // The refused request keeps its failed intent; the next one is a new wish.
        let Some(again) = operations::start(session, kind, person.clone(), IntentState::Sending)
        else {
            return;
        };
        session.bulk.update(|bulk| {
            for (_, old) in bulk.iter_mut().flat_map(|bulk| &mut bulk.people) {
                if *old == context {
                    old.clone_from(&again);
                }
            }
        });
        context = again;
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::{Intent, Participant, PersonKey, PersonKind};

    use super::*;

    fn id(text: &str) -> ParticipantId {
        ParticipantId::parse(text).unwrap()
    }

    fn roster(muted: &[(&str, bool)]) -> Roster {
        let mut roster = Roster::default();
        for (name, muted) in muted {
            let person = Participant {
                id: id(name),
                person: PersonKey {
                    tenant: String::new(),
                    kind: "user".into(),
                    id: (*name).into(),
                },
                name: (*name).to_owned(),
                kind: PersonKind::User,
                muted: *muted,
                server_muted: *muted,
                in_lobby: false,
                roster_sequence: None,
            };
            roster.upsert(&[person], None);
        }
        roster
    }

    #[test]
    fn progress_counts_what_the_roster_shows() {
        let bulk = Bulk {
            people: ["ada", "bob", "cyd", "gone"].map(|name| (id(name), name.to_owned())).into(),
            seconds_left: 0,
        };
        let mut intents = Intents::default();
        for (name, state) in [
            ("ada", IntentState::Confirmed),
            ("bob", IntentState::Accepted),
            ("cyd", IntentState::Failed { message: "no".to_owned(), retry_ms: None }),
            ("gone", IntentState::Accepted),
        ] {
            intents.add(Intent {
                client_context: name.to_owned(),
                kind: OperationKind::Mute,
                targets: vec![id(name)],
                state,
            });
        }
        let roster = roster(&[("ada", true), ("bob", false), ("cyd", false)]);
        let progress = bulk.progress(&roster, &intents);
        assert_eq!((progress.confirmed, progress.total), (2, 4));
        assert_eq!(progress.failed, [(id("cyd"), "no".to_owned())]);
        assert!(!progress.is_over());
        // Whatever the service says of the mute, the roster decides.
        let later = self::roster(&[("ada", true), ("bob", true), ("cyd", false)]);
        assert!(bulk.progress(&later, &intents).is_over());
    }
}
