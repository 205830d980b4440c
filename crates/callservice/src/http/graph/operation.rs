//! Commands whose answer is an operation, and how operations are shown.

use axum::http::{StatusCode, header};
use foldback_wire::{
    graph::{CommsOperation, ConfigureMixer, MuteRequest},
    ids::{CallId, UpstreamOperationId},
    limits::Limits,
};
use serde_json::{Value, json};

use super::{Asked, route::Below, shape};
use crate::{
    error::Error,
    http::{answer::Answer, calls::Leg, switches::Switches},
};

impl Asked<'_> {
    /// G8, G9, G10.
    pub(super) fn mute(&self, leg: &Leg, below: &Below) -> Result<Answer, Answer> {
        let context = MuteRequest::read(self.body)?.client_context;
        let verb = if *below == Below::UnmuteApp { "unmute" } else { "mute" };
        let operation = self.shared.ask(leg, |engine| match below {
            Below::Mute(person) => engine.mute(person, context),
            Below::UnmuteApp => engine.unmute_app(context),
            _ => engine.mute_app(context),
        })?;
        Ok(self.done(&leg.id, operation, &format!("{verb}ParticipantOperation")))
    }

    /// G12. The root of 2018 speaks as its page does.
    pub(super) fn mix(&self, leg: &Leg, switches: &Switches) -> Result<Answer, Answer> {
        let limits = if switches.levels_above_100 {
            Limits::with_levels_above_100()
        } else {
            Limits::default()
        };
        let request = ConfigureMixer::read_with(self.body, limits)?;
        let old = self.is_2018();
        let operation =
            self.shared.ask(leg, |engine| engine.configure_mixer_read(&request, old))?;
        if !old {
            let accepted = switches.mixer_status == 202;
            let status = if accepted { StatusCode::ACCEPTED } else { StatusCode::OK };
            return Ok(self.accepted(&leg.id, status, operation));
        }
        let id = operation.id.clone();
        let shown = self.operation(leg, operation)?;
        Ok(self.located(&leg.id, StatusCode::OK, id.as_deref(), shown))
    }

    /// An operation that is over.
    pub(super) fn done(&self, call: &CallId, mut operation: CommsOperation, kind: &str) -> Answer {
        let id = operation.id.clone();
        operation.odata_context = Some(self.context(kind));
        self.located(call, StatusCode::OK, id.as_deref(), json!(operation))
    }

    /// An operation that goes on.
    pub(super) fn accepted(
        &self,
        call: &CallId,
        status: StatusCode,
        operation: CommsOperation,
    ) -> Answer {
        let id = operation.id.clone();
        self.located(call, status, id.as_deref(), json!(operation.with_null_result()))
    }

    fn located(
        &self,
        call: &CallId,
        status: StatusCode,
        id: Option<&str>,
        mut body: Value,
    ) -> Answer {
        if let Value::Object(members) = &mut body {
            members.entry("clientContext").or_insert(Value::Null);
        }
        let location = self.address(call, &format!("/operations/{}", id.unwrap_or_default()));
        self.json(status, &body).with(header::LOCATION, location)
    }

    /// An operation as this root shows it when it is read.
    pub(super) fn operation(&self, leg: &Leg, operation: CommsOperation) -> Result<Value, Error> {
        if !self.is_2018() {
            return Ok(json!(operation.with_null_result()));
        }
        let id = operation.id.as_deref().unwrap_or_default();
        let id =
            UpstreamOperationId::parse(id).map_err(|_| Error::UnknownOperation(id.to_owned()))?;
        let times = self.shared.ask(leg, |engine| engine.operation_times(&id))?;
        Ok(shape::of_2018(self.shared, operation, times))
    }
}
