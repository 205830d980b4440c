//! What is notified: changes of people in the joiner's form, states of the call.

use foldback_wire::graph::{Call, CommsNotification, DeltaParticipants, Extra, Participant};
use serde_json::{Value, json};

use super::{Face, Form, Rehearsal, State, person::Person};

impl Rehearsal {
    /// The call as a notification tells of it.
    pub(super) fn call_record(&self) -> Call {
        let state = match self.state {
            State::Establishing => "establishing",
            State::Established => "established",
            State::Ended => "terminated",
        };
        let joined = &self.books.joined;
        let modalities = joined.get("requestedModalities").cloned();
        let mut extra = Extra::new();
        for (name, value) in [
            ("@odata.type", json!("#microsoft.graph.call")),
            ("direction", json!("outgoing")),
            ("requestedModalities", modalities.unwrap_or_else(|| json!(["audio"]))),
            ("mediaState", json!({"audio": "active"})),
            ("callOptions", self.call_options()),
        ] {
            extra.insert(name.to_owned(), value);
        }
        let subject = joined.get("subject").and_then(Value::as_str);
        Call {
            id: Some(self.call_id.to_string()),
            state: Some(state.to_owned()),
            subject: Some(subject.unwrap_or("Foldback rehearsal").to_owned()),
            my_participant_id: self
                .me
                .and_then(|key| self.people.get(&key))
                .map(|person| person.id.to_string()),
            tenant_id: Some(self.tenant.clone()),
            extra,
            ..Call::default()
        }
    }

    /// The options sent, with the form of the roster as it is.
    fn call_options(&self) -> Value {
        let mut options = match self.books.joined.get("callOptions") {
            Some(Value::Object(options)) => options.clone(),
            _ => Extra::new(),
        };
        options
            .entry("@odata.type")
            .or_insert_with(|| json!("#microsoft.graph.outgoingCallOptions"));
        let delta = json!(self.form == Some(Form::Delta));
        options.insert("isDeltaRosterEnabled".to_owned(), delta);
        Value::Object(options)
    }

    /// The call as a reply shows it: what the joiner sent is there again, and the nulls of the page
    /// "Get call" for what nobody said.
    pub(super) fn call_shown(&self) -> Call {
        let mut call = self.call_record();
        for (name, value) in &self.books.joined {
            if !matches!(name.as_str(), "subject" | "callOptions" | "requestedModalities") {
                call.extra.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let own = [
            ("mediaConfig", json!({"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"})),
            ("source", self.source()),
            ("targets", json!([])),
            ("callRoutes", json!([])),
        ];
        let nulls = [
            "answeredBy",
            "chatInfo",
            "incomingContext",
            "meetingInfo",
            "resultInfo",
            "ringingTimeoutInSeconds",
            "toneInfo",
            "transcription",
        ];
        for (name, value) in own.into_iter().chain(nulls.map(|name| (name, Value::Null))) {
            call.extra.entry(name).or_insert(value);
        }
        call
    }

    /// Who calls: the app.
    fn source(&self) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.participantInfo",
            "identity": {
                "@odata.type": "#microsoft.graph.identitySet",
                "application": {
                    "@odata.type": "#microsoft.graph.identity",
                    "displayName": self.app.name,
                    "id": self.app.id,
                },
            },
            "countryCode": null,
            "endpointType": null,
            "region": null,
            "languageId": null,
        })
    }

    /// Records that a person changed and tells of it.
    pub(super) fn changed(&mut self, key: u64) {
        self.changed_together(&[key]);
    }

    /// Records that these people changed at once and tells of it in one notification.
    pub(super) fn changed_together(&mut self, keys: &[u64]) {
        if keys.is_empty() {
            return;
        }
        self.roster_number += 1;
        for key in keys {
            if let Some(person) = self.people.get_mut(key) {
                person.changed = self.roster_number;
            }
        }
        let mut notices = Vec::new();
        if self.form.is_some_and(tells_changes) {
            let people = keys.iter().filter_map(|key| self.seems(*key));
            notices.extend(people.map(|person| person.notice(&self.tenant, None)));
        }
        self.tell(notices);
    }

    /// Records that a person left and tells of it.
    pub(super) fn removed(&mut self, mut person: Person, reason: &str) {
        self.roster_number += 1;
        person.changed = self.roster_number;
        self.mixes.remove(&person.id);
        self.leave_groups(&person.id);
        let tells = self.form.is_some_and(tells_changes) && !self.hides(&person, reason);
        let notice = tells.then(|| person.notice(&self.tenant, Some(reason)));
        self.tell(notice.into_iter().collect());
    }

    /// Tells of one change: now in the forms that tell who changed, with the next
    /// [`Rehearsal::settle`] in the full.
    fn tell(&mut self, notices: Vec<Participant>) {
        self.hush_the_muted();
        // Until the call is established nothing is told; the whole roster follows then.
        if self.state != State::Established || self.books.peer {
            return;
        }
        self.roster_due = self.form == Some(Form::Full);
        match self.form {
            Some(Form::Delta) => self.tell_delta(notices),
            // A lie about the roster may leave nobody to tell of.
            Some(Form::Changed) if notices.is_empty() => {}
            Some(Form::Changed) => self.notify("updated", "/participants", to_value(&notices)),
            Some(Form::Full) | None => {}
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
        self.tell_whole_roster_and(Vec::new());
    }

    /// The whole roster and who left it, as the form wants it.
    pub(super) fn tell_whole_roster_and(&mut self, left: Vec<Participant>) {
        if self.options.face == Face::Acs {
            return self.tell_acs_roster();
        }
        let Some(form) = self.form.filter(|_| !self.books.peer) else {
            return;
        };
        let mut people = self.notices();
        if tells_changes(form) {
            people.extend(left);
        }
        match form {
            Form::Full | Form::Changed => {
                self.notify("updated", "/participants", to_value(&people));
            }
            Form::Delta => self.tell_delta(people),
        }
    }

    fn notices(&self) -> Vec<Participant> {
        self.seen().map(|person| person.notice(&self.tenant, None)).collect()
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

/// Whether the form tells who changed and nobody else.
fn tells_changes(form: Form) -> bool {
    matches!(form, Form::Changed | Form::Delta)
}

#[expect(clippy::expect_used, reason = "wire types hold only what JSON can write")]
pub(super) fn to_value<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("wire types are JSON")
}
