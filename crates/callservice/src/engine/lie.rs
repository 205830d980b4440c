//! A roster that lies for a while: what is read and notified stays as it was when the lie began,
//! whatever commands and people do. Commands work on the truth and answer as always.

use std::collections::BTreeMap;

use foldback_wire::graph::Participant;

use super::{Rehearsal, State, life::Act, person::Person};
use crate::error::Error;

/// The roster as it was.
#[derive(Debug)]
pub(super) struct Lie {
    /// Tells this lie's end from that of an earlier one.
    number: u64,
    people: BTreeMap<u64, Person>,
    /// Who left meanwhile and why, to be told at the end.
    gone: Vec<(Person, String)>,
}

impl Rehearsal {
    /// From now on the roster stays as it is for whoever reads it or is told of it, for so many
    /// milliseconds; then the truth is told. A lie under way goes on until then instead.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended.
    pub fn lie(&mut self, for_ms: u64) -> Result<(), Error> {
        self.ongoing()?;
        self.flush_roster();
        let (people, gone) = match self.lie.take() {
            Some(lie) => (lie.people, lie.gone),
            None => (self.people.copy(), Vec::new()),
        };
        let number = self.next_act + 1;
        self.schedule(for_ms, Act::Truth(number));
        self.lie = Some(Lie { number, people, gone });
        Ok(())
    }

    /// Ends a lie at once; the truth is told.
    pub fn stop_lying(&mut self) {
        if let Some(number) = self.lie.as_ref().map(|lie| lie.number) {
            self.tell_truth(number);
            self.settle();
        }
    }

    /// Ends this lie, unless another one took its place.
    pub(super) fn tell_truth(&mut self, number: u64) {
        let Some(lie) = self.lie.take_if(|lie| lie.number == number) else {
            return;
        };
        if self.state != State::Established {
            // Told with the whole roster once it is, or nobody is there to be told.
            return;
        }
        // The last number told may stand on a lie; the truth must be newer than that.
        self.roster_number += 1;
        let left =
            lie.gone.iter().map(|(person, reason)| person.notice(&self.tenant, Some(reason)));
        let left: Vec<Participant> = left.collect();
        self.roster_due = false;
        self.tell_whole_roster_and(left);
    }

    /// Who seems to be in the call.
    pub(super) fn seen(&self) -> impl Iterator<Item = &Person> {
        let lie = self.lie.as_ref().map(|lie| lie.people.values());
        let truth = lie.is_none().then(|| self.people.values());
        lie.into_iter().flatten().chain(truth.into_iter().flatten())
    }

    /// One person as they seem to be.
    pub(super) fn seems(&self, key: u64) -> Option<&Person> {
        self.lie.as_ref().map_or_else(|| self.people.get(&key), |lie| lie.people.get(&key))
    }

    /// Whether a departure is hidden for now; it is told at the end.
    pub(super) fn hides(&mut self, person: &Person, reason: &str) -> bool {
        let Some(lie) = &mut self.lie else {
            return false;
        };
        if lie.people.values().any(|known| known.id == person.id) {
            lie.gone.push((person.clone(), reason.to_owned()));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use foldback_wire::{
        graph::{OperationStatus, Topic},
        ids::ParticipantId,
    };

    use super::super::{ESTABLISH_MS, Form, Options};
    use super::*;

    fn joined(form: Form) -> Rehearsal {
        let options = Options { participants: 10, speed: 0.0, ..Options::default() };
        let mut rehearsal = Rehearsal::new(options).unwrap();
        rehearsal.join(form).unwrap();
        rehearsal.advance(ESTABLISH_MS);
        rehearsal.take_notifications();
        rehearsal
    }

    /// Ids, muted or not and left or not, of each roster told.
    fn told(rehearsal: &mut Rehearsal) -> Vec<Vec<(String, bool, bool)>> {
        let topics = rehearsal.take_notifications();
        topics
            .iter()
            .map(|notice| match notice.graph().unwrap().topic().unwrap() {
                Topic::Roster(people) => people,
                Topic::Delta(delta) => delta.participants,
                other => panic!("{other:?}"),
            })
            .map(|people| {
                people.into_iter().map(|p| (p.id, p.is_muted, p.removed_state.is_some())).collect()
            })
            .collect()
    }

    fn ids(rehearsal: &Rehearsal) -> Vec<(ParticipantId, bool)> {
        let people = rehearsal.participants().unwrap();
        people.iter().map(|p| (ParticipantId::parse(&p.id).unwrap(), p.is_muted)).collect()
    }

    #[test]
    fn what_is_read_and_told_stays_until_the_truth_comes_out() {
        for form in [Form::Full, Form::Changed, Form::Delta] {
            let mut rehearsal = joined(form);
            let before = ids(&rehearsal);
            let open = before
                .iter()
                .find(|(id, muted)| {
                    !muted
                        && Some(id.as_str())
                            != rehearsal.call().unwrap().my_participant_id.as_deref()
                })
                .unwrap()
                .0
                .clone();
            let leaver = before.iter().find(|(_, muted)| *muted).unwrap().0.clone();
            rehearsal.lie(1_000).unwrap();
            assert_eq!(told(&mut rehearsal), Vec::<Vec<_>>::new());
            let mute = rehearsal.mute(&open, None).unwrap();
            assert_eq!(mute.status, Some(OperationStatus::Completed));
            rehearsal.person_leaves(&leaver).unwrap();
            let newcomer = rehearsal.person_joins(None).unwrap();
            assert_eq!(ids(&rehearsal), before, "{form:?}");
            assert!(!rehearsal.participant(&open).unwrap().is_muted);
            assert!(rehearsal.participant(&leaver).is_ok());
            assert!(rehearsal.participant(&newcomer).is_err());
            let lies = told(&mut rehearsal);
            assert!(!lies.is_empty());
            for (id, muted, left) in lies.into_iter().flatten() {
                let known = before.iter().find(|(known, _)| known.as_str() == id).unwrap();
                assert_eq!((known.1, left), (muted, false), "{form:?}");
            }
            rehearsal.advance(ESTABLISH_MS + 999);
            assert_eq!(ids(&rehearsal), before);
            rehearsal.advance(ESTABLISH_MS + 1_000);
            let truth = told(&mut rehearsal).pop().unwrap();
            let entry = |id: &ParticipantId| truth.iter().find(|entry| entry.0 == id.as_str());
            assert!(entry(&open).unwrap().1);
            assert!(entry(&newcomer).is_some());
            assert_eq!(entry(&leaver).map(|entry| entry.2), (form != Form::Full).then_some(true));
            assert!(rehearsal.participant(&open).unwrap().is_muted);
            assert!(rehearsal.participant(&leaver).is_err());
        }
    }

    #[test]
    fn a_lie_is_prolonged_and_stopped() {
        let mut rehearsal = joined(Form::Full);
        let open = ids(&rehearsal).iter().rev().find(|(_, muted)| !muted).unwrap().0.clone();
        rehearsal.lie(100).unwrap();
        rehearsal.mute(&open, None).unwrap();
        rehearsal.lie(1_000).unwrap();
        rehearsal.advance(ESTABLISH_MS + 500);
        assert!(!rehearsal.participant(&open).unwrap().is_muted);
        rehearsal.take_notifications();
        rehearsal.stop_lying();
        assert!(rehearsal.participant(&open).unwrap().is_muted);
        assert_eq!(told(&mut rehearsal).len(), 1);
        // The end that was due comes to nothing.
        rehearsal.lie(1_000).unwrap();
        rehearsal.advance(ESTABLISH_MS + 1_200);
        assert!(rehearsal.lie.is_some());
        rehearsal.end().unwrap();
        assert!(rehearsal.lie(1).is_err());
    }
}
