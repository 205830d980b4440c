//! Operations: made by commands, read for a while, told of when they end.

use foldback_wire::{
    graph::{CommsNotification, CommsOperation, Envelope, OperationStatus},
    ids::UpstreamOperationId,
};
use serde_json::{Value, json};

use super::Books;
use crate::{
    engine::{OPERATIONS_KEPT, Rehearsal, notice::to_value},
    error::Error,
};

/// An operation that can still be read.
#[derive(Debug)]
pub(in crate::engine) struct Kept {
    id: UpstreamOperationId,
    operation: CommsOperation,
    times: Times,
    /// It is told of in the form of 2018.
    old: bool,
    /// Length of its JSON in bytes.
    weight: usize,
}

impl Kept {
    fn is_over(&self) -> bool {
        matches!(self.operation.status, Some(OperationStatus::Completed | OperationStatus::Failed))
    }
}

/// How many bytes of operations are kept; those that name many people are forgotten sooner.
const WEIGHT_KEPT: usize = 8 * 1024 * 1024;

/// When an operation began and when it last changed, in milliseconds on the clock of
/// [`Rehearsal::advance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When it was made.
    pub created_ms: u64,
    /// When its status last changed.
    pub last_action_ms: u64,
}

impl Rehearsal {
    /// One operation, as long as it is remembered.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] or [`Error::UnknownOperation`].
    pub fn operation_by_id(&self, id: &UpstreamOperationId) -> Result<CommsOperation, Error> {
        self.kept(id).map(|kept| kept.operation.clone())
    }

    /// When an operation began and last changed.
    ///
    /// # Errors
    /// As [`Rehearsal::operation_by_id`].
    pub fn operation_times(&self, id: &UpstreamOperationId) -> Result<Times, Error> {
        self.kept(id).map(|kept| kept.times)
    }

    fn kept(&self, id: &UpstreamOperationId) -> Result<&Kept, Error> {
        self.ongoing()?;
        self.books
            .operations
            .iter()
            .find(|kept| kept.id == *id)
            .ok_or_else(|| Error::UnknownOperation(id.to_string()))
    }

    /// The operations remembered, oldest first.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] when the call has ended.
    pub fn operations(&self) -> Result<Vec<CommsOperation>, Error> {
        self.ongoing()?;
        Ok(self.books.operations.iter().map(|kept| kept.operation.clone()).collect())
    }

    /// An operation that is over with its answer; `with` adds what only its kind has.
    pub(super) fn done(
        &mut self,
        kind: &str,
        client_context: Option<String>,
        with: impl FnOnce(CommsOperation) -> CommsOperation,
    ) -> CommsOperation {
        let operation = CommsOperation {
            odata_type: Some(kind.to_owned()),
            client_context,
            status: Some(OperationStatus::Completed),
            ..CommsOperation::default()
        };
        self.keep(with(operation), false).1
    }

    /// Gives an operation its id and keeps it.
    pub(super) fn keep(
        &mut self,
        mut operation: CommsOperation,
        old: bool,
    ) -> (UpstreamOperationId, CommsOperation) {
        let id = self.operation_ids.operation_id();
        operation.id = Some(id.to_string());
        let times = Times { created_ms: self.now, last_action_ms: self.now };
        let weight = to_value(&operation).to_string().len();
        let kept = Kept { id: id.clone(), operation: operation.clone(), times, old, weight };
        self.books.operations.push_back(kept);
        self.books.operations_weight += weight;
        self.forget_operations();
        (id, operation)
    }

    /// Forgets the oldest operations when there are too many, except those that still run: their end
    /// has to be told, and is near.
    fn forget_operations(&mut self) {
        let Books { operations, operations_weight, .. } = &mut self.books;
        while operations.len() > OPERATIONS_KEPT || *operations_weight > WEIGHT_KEPT {
            let newest = operations.len().saturating_sub(1);
            let over = operations.iter().take(newest).position(Kept::is_over);
            let Some(forgotten) = over.and_then(|index| operations.remove(index)) else {
                return;
            };
            *operations_weight = operations_weight.saturating_sub(forgotten.weight);
        }
    }

    /// Ends an operation that was running; `tell` changes what is told of it, which has no `id`.
    pub(super) fn complete(
        &mut self,
        id: &UpstreamOperationId,
        status: OperationStatus,
        tell: impl FnOnce(&mut CommsOperation),
    ) {
        self.flush_roster();
        let now = self.now;
        let Some(kept) = self.books.operations.iter_mut().rev().find(|kept| kept.id == *id) else {
            return;
        };
        kept.operation.status = Some(status);
        kept.times.last_action_ms = now;
        if self.form.is_some() {
            let mut told = CommsOperation { id: None, ..kept.operation.clone() };
            tell(&mut told);
            let notice = notice(&told, id, self.call_id.as_str());
            let form = if kept.old { Envelope::Old } else { Envelope::Current };
            let notice = notice.in_form(form);
            self.notifications.push(notice.into());
        }
    }
}

/// A finished operation is notified as deleted, with its address.
fn notice(operation: &CommsOperation, id: &UpstreamOperationId, call: &str) -> CommsNotification {
    let url = format!("/communications/calls/{call}/operations/{id}");
    let mut data = to_value(operation);
    if let Value::Object(members) = &mut data {
        members.insert("@odata.id".to_owned(), json!(url));
        members.insert("@odata.etag".to_owned(), json!("W/\"1\""));
    }
    CommsNotification::new("deleted", url, data)
}
