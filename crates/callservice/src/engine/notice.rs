//! What is notified: changes of people in the joiner's form, states of the call.

use foldback_wire::graph::{Call, CommsNotification, DeltaParticipants, Extra, Participant};
use serde_json::{Value, json};

use super::{Face, Form, Rehearsal, State, person::Person};

impl Rehearsal {
    pub(super) fn call_record(&self) -> Call {
        let state = match self.state {
            State::Establishing => "establishing",
            State::Established => "established",
            State::Ended => "terminated",
        };
        let mut extra = Extra::new();
        for (name, value) in [
            ("@odata.type", json!("#microsoft.graph.call")),
            ("direction", json!("outgoing")),
            ("requestedModalities", json!(["audio"])),
            ("mediaState", json!({"audio": "active"})),
            (
                "callOptions",
                json!({
                    "@odata.type": "#microsoft.graph.outgoingCallOptions",
                    "isDeltaRosterEnabled": self.form == Some(Form::Delta),
                }),
            ),
        ] {
            extra.insert(name.to_owned(), value);
        }
        Call {
            id: Some(self.call_id.to_string()),
            state: Some(state.to_owned()),
            subject: Some("Foldback rehearsal".to_owned()),
            my_participant_id: self
                .me
                .and_then(|key| self.people.get(&key))
                .map(|person| person.id.to_string()),
            tenant_id: Some(self.tenant.clone()),
            extra,
            ..Call::default()
        }
    }

    /// Records that a person changed and tells of it.
    pub(super) fn changed(&mut self, key: u64) {
        self.roster_number += 1;
        let mut notice = None;
        if let Some(person) = self.people.get_mut(&key) {
            person.changed = self.roster_number;
            notice = self.form.is_some_and(tells_one).then(|| person.notice(&self.tenant, None));
        }
        self.tell(notice);
    }

    /// Records that a person left and tells of it.
    pub(super) fn removed(&mut self, mut person: Person, reason: &str) {
        self.roster_number += 1;
        person.changed = self.roster_number;
        self.mixes.remove(&person.id);
        let notice =
            self.form.is_some_and(tells_one).then(|| person.notice(&self.tenant, Some(reason)));
        self.tell(notice);
    }

    /// Tells of one change: now in the delta form, with the next [`Rehearsal::settle`] in the full.
    fn tell(&mut self, notice: Option<Participant>) {
        self.hush_the_muted();
        // Until the call is established nothing is told; the whole roster follows then.
        if self.state != State::Established {
            return;
        }
        self.roster_due = self.form == Some(Form::Full);
        match (notice, self.form) {
            (Some(notice), Some(Form::Delta)) => self.tell_delta(vec![notice]),
            (Some(notice), _) => self.notify("updated", "/participants", to_value(&[notice])),
            (None, _) => {}
        }
    }

    fn tell_delta(&mut self, participants: Vec<Participant>) {
        let delta = DeltaParticipants {
            odata_type: Some("#microsoft.graph.deltaParticipants".to_owned()),
            participants,
            sequence_number: i64::try_from(self.roster_number).ok(),
            extra: Extra::new(),
        };
        self.notify("updated", "/participants", to_value(&delta));
    }

    /// The whole roster, as the form wants it.
    pub(super) fn tell_whole_roster(&mut self) {
        if self.options.face == Face::Acs {
            return self.tell_acs_roster();
        }
        match self.form {
            Some(Form::Full | Form::Changed) => {
                let people = self.notices();
                self.notify("updated", "/participants", to_value(&people));
            }
            Some(Form::Delta) => {
                let people = self.notices();
                self.tell_delta(people);
            }
            None => {}
        }
    }

    fn notices(&self) -> Vec<Participant> {
        self.people.values().map(|person| person.notice(&self.tenant, None)).collect()
    }

    pub(super) fn tell_call(&mut self, change: &str, record: &Call) {
        self.flush_roster();
        self.notify(change, "", to_value(record));
    }

    /// One full form stands for all changes since the last: it always shows the present.
    pub(super) fn flush_roster(&mut self) {
        if std::mem::take(&mut self.roster_due) {
            self.tell_whole_roster();
        }
    }

    fn notify(&mut self, change: &str, below: &str, data: Value) {
        if self.form.is_some() {
            let url = format!("/communications/calls/{}{below}", self.call_id);
            self.notifications.push(CommsNotification::new(change, url, data).into());
        }
    }

    /// Ends every public change: the roster due is told, talking is measured.
    pub(super) fn settle(&mut self) {
        self.flush_roster();
        let people = &self.people;
        self.voices.measure(self.now, |key| people.get(&key).map(|p| p.id.clone()), &mut self.talk);
    }
}

/// Whether the form tells of one person at a time.
fn tells_one(form: Form) -> bool {
    matches!(form, Form::Changed | Form::Delta)
}

#[expect(clippy::expect_used, reason = "wire types hold only what JSON can write")]
pub(super) fn to_value<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("wire types are JSON")
}
