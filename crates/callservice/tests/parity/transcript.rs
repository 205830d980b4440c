//! Everything that one rehearsal makes happen, as text: every fact of a Graph call or every event of
//! an ACS one, all talk, the roster as the service has it in the end and the state that was folded, one
//! JSON line each. The same plan has to give the same text on every machine.

use std::collections::BTreeMap;

use foldback_callservice::engine::{Face, Form, Notice, Options, Rehearsal};
use foldback_model::{
    By, CallState, Event, Fact, OperationId, OperationKind, OperationRequest, OperatorId,
    Participant, ParticipantId, Sequence, Timestamp, UpstreamOperationId, plan,
    translate::{self, Progress},
};
use foldback_wire::{
    acs::Identifier,
    graph::{CommsOperation, ConfigureMixer, Topic},
};
use serde::Serialize;
use serde_json::json;

/// Time between two looks at the engine, in milliseconds: talk is news at most this often.
const STEP_MS: u64 = 100;

/// One rehearsal to be written down.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Names it in the text and in a failure.
    pub name: &'static str,
    /// Everybody.
    pub participants: usize,
    /// The seed.
    pub seed: u64,
    /// How fast life goes.
    pub speed: f64,
    /// Which service the call is one of.
    pub face: Face,
    /// The form the roster is notified in; an ACS call knows one form only.
    pub form: Form,
    /// How long it runs.
    pub minutes: u64,
}

/// All plans: small calls for long, large ones for shorter, in every form.
pub const PLANS: [Plan; 10] = [
    plan("43 delta", 43, 7, 1.0, Form::Delta, 10),
    plan("43 full", 43, 7, 1.0, Form::Full, 10),
    plan("43 changed", 43, 7, 1.0, Form::Changed, 5),
    plan("43 fast", 43, 0x5eed_5eed_5eed_5eed, 7.3, Form::Delta, 5),
    plan("9 very fast", 9, u64::MAX, 61.7, Form::Full, 2),
    plan("frozen", 43, 3, 0.0, Form::Delta, 2),
    plan("1000 delta", 1_000, 11, 3.0, Form::Delta, 3),
    plan("1000 full", 1_000, 12, 1.0, Form::Full, 1),
    acs("12 acs", 7, 1.0, 10),
    acs("12 acs fast", 99, 23.0, 3),
];

const fn plan(
    name: &'static str,
    participants: usize,
    seed: u64,
    pace: f64,
    form: Form,
    minutes: u64,
) -> Plan {
    Plan { name, participants, seed, speed: pace, face: Face::Graph, form, minutes }
}

const fn acs(name: &'static str, seed: u64, pace: f64, minutes: u64) -> Plan {
    let (face, form) = (Face::Acs, Form::Full);
    Plan { name, participants: 12, seed, speed: pace, face, form, minutes }
}

/// What went wrong while writing; none of it is expected.
pub type Problem = Box<dyn std::error::Error>;

/// The text of one plan, line by line.
///
/// # Errors
/// [`Problem`] when the engine refuses what an operator or a lever asks, or says what cannot be read.
pub fn write(plan: &Plan) -> Result<Vec<String>, Problem> {
    let options = Options {
        participants: plan.participants,
        seed: plan.seed,
        speed: plan.speed,
        face: plan.face,
    };
    let mut stage = Stage {
        engine: Rehearsal::new(options)?,
        state: CallState::default(),
        now: 0,
        asked: 0,
        lines: vec![json!({"plan": plan.name}).to_string()],
    };
    if plan.face == Face::Acs {
        return stage.write_acs(plan);
    }
    stage.engine.join(plan.form)?;
    stage.listen()?;
    for step in 1..=plan.minutes * 60_000 / STEP_MS {
        stage.now = step * STEP_MS;
        stage.engine.advance(stage.now);
        stage.listen()?;
        if stage.state.call.is_some() && stage.now > 1_000 {
            stage.operate(step)?;
            stage.pull(step)?;
        }
    }
    let roster = translate::people(&stage.engine.participants()?).here;
    stage.write("roster", &roster)?;
    stage.engine.end()?;
    stage.listen()?;
    stage.write("state", &stage.state.clone())?;
    Ok(stage.lines)
}

struct Stage {
    engine: Rehearsal,
    state: CallState,
    now: u64,
    /// Operations asked for.
    asked: u64,
    lines: Vec<String>,
}

impl Stage {
    /// The text of an ACS call. Its events are kept as they are: nothing folds them yet.
    fn write_acs(mut self, plan: &Plan) -> Result<Vec<String>, Problem> {
        self.engine.connect(Some("context".to_owned()))?;
        for step in 1..=plan.minutes * 60_000 / STEP_MS {
            self.now = step * STEP_MS;
            self.engine.advance(self.now);
            self.hear()?;
            if self.now <= 1_000 {
                continue;
            }
            let (people, _) = self.engine.call_participants(None, 100)?;
            let nth = usize::try_from(step)? % people.len().max(1);
            let Some(person) = people.get(nth) else { continue };
            let who = person.identifier.identify("$")?;
            match (step % 300, &who) {
                (120, Identifier::User(_)) => self.engine.mute_people(&[who])?,
                (210, _) => self.engine.remove_person(who, None, None)?,
                (250, _) => {
                    self.engine.person_unmutes(&ParticipantId::parse(&who.raw_id())?)?;
                }
                _ => continue,
            }
            self.hear()?;
        }
        let (roster, _) = self.engine.call_participants(None, 100)?;
        self.write("roster", &roster)?;
        self.engine.hang_up()?;
        self.engine.advance(self.now + 1_000);
        self.hear()?;
        Ok(self.lines)
    }

    /// Every event since the last time, and who talks.
    fn hear(&mut self) -> Result<(), Problem> {
        for notice in self.engine.take_notifications() {
            let Notice::Acs(event) = notice else {
                return Err("an ACS call speaks as a Graph call".into());
            };
            self.write("event", &event)?;
        }
        self.write_talk()
    }

    fn write_talk(&mut self) -> Result<(), Problem> {
        let talk = self.engine.take_talk();
        if !talk.is_empty() {
            let now = self.now;
            self.write("talk", &json!({"at": now, "people": talk}))?;
        }
        Ok(())
    }

    fn write(&mut self, what: &str, value: &impl Serialize) -> Result<(), Problem> {
        let line = BTreeMap::from([(what, serde_json::to_value(value)?)]);
        self.lines.push(serde_json::to_string(&line)?);
        Ok(())
    }

    /// Folds an event in as a fact, when it is news.
    fn append(&mut self, by: By, event: Event) -> Result<(), Problem> {
        let Some(event) = self.state.news(event) else {
            return Ok(());
        };
        let prev = self.state.sequence;
        let fact =
            Fact { sequence: Sequence(prev.0 + 1), prev, at: Timestamp(self.now), by, event };
        self.state.apply(&fact);
        self.write("fact", &fact)
    }

    /// Everything the engine said since the last time.
    fn listen(&mut self) -> Result<(), Problem> {
        for notice in self.engine.take_notifications() {
            let Notice::Graph(notification) = notice else {
                return Err("a Graph call speaks as an ACS call".into());
            };
            for event in translate::events(&notification, &self.state, true)? {
                self.append(By::Service, event)?;
            }
            // Who is missing in a full form is read, as the proxy does it.
            if let Topic::Roster(list) = notification.topic()?
                && list.len() > 1
            {
                let here = translate::people(&list).here;
                if self.state.roster.absent_from(&here).next().is_some() {
                    let participants = translate::people(&self.engine.participants()?).here;
                    let event = Event::RosterReplaced { participants, roster_sequence: None };
                    self.append(By::Foldback, event)?;
                }
            }
        }
        self.write_talk()
    }

    /// What an operator does now and then.
    fn operate(&mut self, step: u64) -> Result<(), Problem> {
        match step % 500 {
            120 => {
                let app = self.state.call.as_ref().and_then(|call| call.own_participant.as_ref());
                let open = |person: &&Participant| {
                    !person.muted && !person.in_lobby && Some(&person.id) != app
                };
                let target = self.state.roster.iter().find(open).map(|person| person.id.clone());
                if let Some(target) = target {
                    let asked = self.ask(OperationKind::Mute, vec![target.clone()])?;
                    let answer = self.engine.mute(&target, Some(asked.to_string()))?;
                    self.answered(asked, &answer)?;
                }
            }
            230 => {
                let asked = self.ask(OperationKind::MuteSelf, Vec::new())?;
                let answer = self.engine.mute_app(Some(asked.to_string()))?;
                self.answered(asked, &answer)?;
            }
            240 => {
                let asked = self.ask(OperationKind::UnmuteSelf, Vec::new())?;
                let answer = self.engine.unmute_app(Some(asked.to_string()))?;
                self.answered(asked, &answer)?;
            }
            310 | 330 => self.mix(step)?,
            _ => return Ok(()),
        }
        self.listen()
    }

    /// A mix for two listeners, in which one source ducks the others.
    fn mix(&mut self, step: u64) -> Result<(), Problem> {
        let people: Vec<ParticipantId> =
            plan::listeners(&self.state.roster, self.state.call.as_ref())
                .take(4)
                .map(|person| person.id.clone())
                .collect();
        let [first, second, voice, other] = &people[..] else {
            return Ok(());
        };
        let asked = self.ask(OperationKind::ConfigureMixer, vec![first.clone(), second.clone()])?;
        let level = step % 101;
        let body = json!({"clientContext": asked.as_str(), "participantMixerLevels": [
            {"participant": first, "exclusive": step.is_multiple_of(3),
             "ducking": {"rampActive": 50, "rampInactive": 400, "lowerLevel": 10, "upperLevel": 90},
             "sourceLevels": [{"participant": voice, "level": 100, "duckOthers": true},
                              {"participant": other, "level": level}]},
            {"participant": second, "sourceLevels": [{"participant": voice, "level": level}]},
        ]});
        let request = ConfigureMixer::read(body.to_string().as_bytes())?;
        let answer = self.engine.configure_mixer(&request)?;
        self.answered(asked, &answer)?;
        let present = plan::present(&self.state.roster);
        for change in self.state.desk.changes(false, &request, &present)? {
            self.append(operator()?, Event::MixChanged(change))?;
        }
        Ok(())
    }

    fn ask(
        &mut self,
        kind: OperationKind,
        targets: Vec<ParticipantId>,
    ) -> Result<OperationId, Problem> {
        self.asked += 1;
        let operation = OperationId::new(format!("operation-{}", self.asked)).ok_or("no id")?;
        let request = OperationRequest {
            operation: operation.clone(),
            gesture: None,
            kind,
            targets,
            client_context: Some(operation.to_string()),
        };
        self.append(operator()?, Event::OperationRequested(request))?;
        Ok(operation)
    }

    fn answered(&mut self, operation: OperationId, wire: &CommsOperation) -> Result<(), Problem> {
        let upstream_id = wire.id.as_deref().map(UpstreamOperationId::parse).transpose()?;
        let outcome = translate::outcome(wire, false);
        let progress = Progress { operation, upstream_id, outcome };
        for event in [progress.accepted()].into_iter().chain(progress.finished()) {
            self.append(By::Service, event)?;
        }
        Ok(())
    }

    /// What a test bench does now and then.
    fn pull(&mut self, step: u64) -> Result<(), Problem> {
        let nth = usize::try_from(step / 7)?;
        let people = self.state.roster.len().max(1);
        let somebody = self.state.roster.iter().nth(nth % people);
        let app = self.state.call.as_ref().and_then(|call| call.own_participant.clone());
        let Some(person) = somebody.filter(|person| app.as_ref() != Some(&person.id)).cloned()
        else {
            return Ok(());
        };
        let id = &person.id;
        // Somebody of a full form may have left without the roster knowing it yet.
        if self.engine.participant(id).is_err() {
            return Ok(());
        }
        match step % 400 {
            35 => self.engine.person_unmutes(id)?,
            // Nobody in the lobby raises a hand.
            70 if !person.in_lobby => self.engine.person_raises_hand(id, true)?,
            140 => self.engine.person_mutes(id)?,
            210 if !person.muted && !person.in_lobby => {
                self.engine.person_talks(id, true, Some(61))?;
            }
            280 => self.engine.person_leaves(id)?,
            // The place that became free.
            281 if people < 1_000 => drop(self.engine.person_joins(Some("Renée".to_owned()))?),
            _ => return Ok(()),
        }
        self.listen()
    }
}

fn operator() -> Result<By, Problem> {
    let id = OperatorId::new("operator").ok_or("no id")?;
    Ok(By::Operator { id, name: "Kim".to_owned() })
}
