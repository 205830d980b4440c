//! Commands: join, mute, mix, end, and the operations they make.

use foldback_wire::{
    graph::{Call, CommsNotification, CommsOperation, ConfigureMixer, OperationStatus, ResultInfo},
    ids::{ParticipantId, UpstreamOperationId},
};
use serde_json::{Value, json};

use super::{
    ESTABLISH_MS, Face, Form, OPERATION_MS, OPERATIONS_KEPT, Rehearsal, State, life::Act,
    notice::to_value,
};
use crate::error::Error;

const MUTE: &str = "#microsoft.graph.muteParticipantOperation";
const UNMUTE: &str = "#microsoft.graph.unmuteParticipantOperation";
const COMMS: &str = "#microsoft.graph.commsOperation";

impl Rehearsal {
    /// The app joins, or joins again with another form. From now on everything is notified: the
    /// call's way to `established` first, then the whole roster.
    ///
    /// # Errors
    /// [`Error::NotPossible`] when the call is full.
    pub fn join(&mut self, form: Form) -> Result<Call, Error> {
        if self.me.is_none() {
            self.app_joins()?;
        }
        self.form = Some(form);
        self.roster_due = false;
        self.notifications.clear();
        self.state = State::Establishing;
        let record = self.call_record();
        self.tell_call("updated", &record);
        self.schedule(ESTABLISH_MS, Act::Establish);
        self.settle();
        Ok(record)
    }

    pub(super) fn establish(&mut self) {
        if self.options.face == Face::Acs {
            return self.acs_establish();
        }
        if self.state == State::Establishing {
            self.state = State::Established;
            let record = self.call_record();
            self.tell_call("updated", &record);
            self.tell_whole_roster();
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
        self.state = State::Ended;
        record.state = Some("terminated".to_owned());
        record.result_info = Some(ResultInfo {
            code: Some(200),
            subcode: Some(5001),
            message: Some("The app ended its leg of the call.".to_owned()),
            ..ResultInfo::default()
        });
        self.tell_call("deleted", &record);
        self.form = None;
        self.pending.clear();
        self.mixes.clear();
        if let Some(person) = self.me.take().and_then(|key| self.people.remove(&key)) {
            self.keys.remove(&person.id);
            self.removed(person, "left");
        }
        self.settle();
        Ok(())
    }

    /// Tells the service that the app is still there.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended.
    pub fn keep_alive(&self) -> Result<(), Error> {
        self.ongoing()
    }

    /// The server drops this person's sound from now on. Somebody muted by the server already stays
    /// so, without a change of the roster.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] or [`Error::UnknownParticipant`].
    pub fn mute(
        &mut self,
        id: &ParticipantId,
        client_context: Option<String>,
    ) -> Result<CommsOperation, Error> {
        self.ongoing()?;
        let (key, _) = self.find(id)?;
        self.server_mute(key, true);
        Ok(self.done(MUTE, client_context))
    }

    /// Mutes the app itself.
    ///
    /// # Errors
    /// [`Error::UnknownCall`].
    pub fn mute_app(&mut self, client_context: Option<String>) -> Result<CommsOperation, Error> {
        self.app_mute(true, MUTE, client_context)
    }

    /// Unmutes the app itself.
    ///
    /// # Errors
    /// [`Error::UnknownCall`].
    pub fn unmute_app(&mut self, client_context: Option<String>) -> Result<CommsOperation, Error> {
        self.app_mute(false, UNMUTE, client_context)
    }

    fn app_mute(
        &mut self,
        muted: bool,
        kind: &str,
        client_context: Option<String>,
    ) -> Result<CommsOperation, Error> {
        self.ongoing()?;
        if let Some(key) = self.me {
            self.server_mute(key, muted);
        }
        Ok(self.done(kind, client_context))
    }

    fn server_mute(&mut self, key: u64, muted: bool) {
        if let Some(person) = self.people.get_mut(&key)
            && person.muted_by_server != muted
        {
            person.muted_by_server = muted;
            let human = !person.is_app();
            self.changed(key);
            if muted && human {
                self.may_lift(key);
            }
        }
        self.settle();
    }

    /// Sets what each named listener hears, as a whole, once the operation is completed; listeners
    /// not named keep what they have.
    ///
    /// # Errors
    /// [`Error::NotPossible`] when a limit of the request is broken, [`Error::UnknownCall`], or
    /// [`Error::UnknownParticipant`] for any listener or source; then nothing is applied.
    pub fn configure_mixer(&mut self, request: &ConfigureMixer) -> Result<CommsOperation, Error> {
        self.ongoing()?;
        let wrong = |error: foldback_wire::Error| Error::NotPossible(error.to_string());
        request.check().map_err(wrong)?;
        let mut mixes = Vec::with_capacity(request.participant_mixer_levels.len());
        for level in &request.participant_mixer_levels {
            let listener = ParticipantId::parse(&level.participant).map_err(wrong)?;
            self.find(&listener)?;
            for source in &level.source_levels {
                self.find(&ParticipantId::parse(&source.participant).map_err(wrong)?)?;
            }
            mixes.push((listener, level.clone()));
        }
        let operation =
            self.operation(COMMS, request.client_context.clone(), OperationStatus::Running);
        if let Some((id, _)) = self.operations.back() {
            let id = id.clone();
            self.pending.insert(id.clone(), mixes);
            self.schedule(OPERATION_MS, Act::Finish(id));
        }
        self.settle();
        Ok(operation)
    }

    pub(super) fn finish(&mut self, id: &UpstreamOperationId) {
        let Some(mixes) = self.pending.remove(id) else {
            return;
        };
        for (listener, level) in mixes {
            // Who left meanwhile has no ears here any more.
            if self.keys.contains_key(&listener) {
                self.mixes.insert(listener, level);
            }
        }
        self.flush_roster();
        let Some((_, operation)) = self.operations.iter_mut().rev().find(|(o, _)| o == id) else {
            return;
        };
        operation.status = Some(OperationStatus::Completed);
        let notice = operation_notice(operation, id, self.call_id.as_str());
        if self.form.is_some() {
            self.notifications.push(notice.into());
        }
    }

    /// One operation, as long as it is remembered.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] or [`Error::UnknownOperation`].
    pub fn operation_by_id(&self, id: &UpstreamOperationId) -> Result<CommsOperation, Error> {
        self.ongoing()?;
        self.operations
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, operation)| operation.clone())
            .ok_or_else(|| Error::UnknownOperation(id.to_string()))
    }

    /// The operations remembered, oldest first.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended.
    pub fn operations(&self) -> Result<Vec<CommsOperation>, Error> {
        self.ongoing()?;
        Ok(self.operations.iter().map(|(_, operation)| operation.clone()).collect())
    }

    fn done(&mut self, kind: &str, client_context: Option<String>) -> CommsOperation {
        self.operation(kind, client_context, OperationStatus::Completed)
    }

    fn operation(
        &mut self,
        kind: &str,
        client_context: Option<String>,
        status: OperationStatus,
    ) -> CommsOperation {
        let id = self.operation_ids.operation_id();
        let operation = CommsOperation {
            odata_type: Some(kind.to_owned()),
            id: Some(id.to_string()),
            client_context,
            status: Some(status),
            ..CommsOperation::default()
        };
        if self.operations.len() >= OPERATIONS_KEPT {
            self.operations.pop_front();
        }
        self.operations.push_back((id, operation.clone()));
        operation
    }
}

/// A finished operation is notified as deleted, without `id` but with its address.
fn operation_notice(
    operation: &CommsOperation,
    id: &UpstreamOperationId,
    call: &str,
) -> CommsNotification {
    let url = format!("/communications/calls/{call}/operations/{id}");
    let mut data = to_value(&CommsOperation { id: None, ..operation.clone() });
    if let Value::Object(members) = &mut data {
        members.insert("@odata.id".to_owned(), json!(url));
        members.insert("@odata.etag".to_owned(), json!("W/\"1\""));
    }
    CommsNotification::new("deleted", url, data)
}
