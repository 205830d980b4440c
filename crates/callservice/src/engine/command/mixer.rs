//! `configureMixer`: what each listener hears, once the operation is completed.

use std::collections::BTreeMap;

use foldback_wire::{
    graph::{CommsOperation, ConfigureMixer, OperationStatus, ParticipantMixerLevel},
    ids::{ParticipantId, UpstreamOperationId},
};

use super::Due;
use crate::{
    engine::{OPERATION_MS, Rehearsal, life::Act},
    error::Error,
};

const COMMS: &str = "#microsoft.graph.commsOperation";

/// Mixes on their way, by operation.
pub(super) type Pending =
    BTreeMap<UpstreamOperationId, Vec<(ParticipantId, ParticipantMixerLevel)>>;

impl Rehearsal {
    /// Sets what each named listener hears, as a whole, once the operation is completed; listeners
    /// not named keep what they have.
    ///
    /// # Errors
    /// [`Error::NotPossible`] when a limit of the request is broken, [`Error::UnknownCall`],
    /// [`Error::NotAGroupCall`], [`Error::NotEstablished`], or [`Error::UnknownParticipant`] for any
    /// listener or source; then nothing is applied.
    pub fn configure_mixer(&mut self, request: &ConfigureMixer) -> Result<CommsOperation, Error> {
        request.check().map_err(|error| wrong(&error))?;
        self.mix_later(request, false)
    }

    /// As [`Rehearsal::configure_mixer`] for a request whose limits were checked by whoever read it,
    /// and told of in the form of 2018 when `old`.
    ///
    /// # Errors
    /// As [`Rehearsal::configure_mixer`].
    pub fn configure_mixer_read(
        &mut self,
        request: &ConfigureMixer,
        old: bool,
    ) -> Result<CommsOperation, Error> {
        self.mix_later(request, old)
    }

    fn mix_later(&mut self, request: &ConfigureMixer, old: bool) -> Result<CommsOperation, Error> {
        self.in_a_group()?;
        let mut mixes = Vec::with_capacity(request.participant_mixer_levels.len());
        for level in &request.participant_mixer_levels {
            let listener =
                ParticipantId::parse(&level.participant).map_err(|error| wrong(&error))?;
            self.find(&listener)?;
            for source in &level.source_levels {
                self.find(
                    &ParticipantId::parse(&source.participant).map_err(|error| wrong(&error))?,
                )?;
            }
            mixes.push((listener, level.clone()));
        }
        let operation = CommsOperation {
            odata_type: Some(COMMS.to_owned()),
            client_context: request.client_context.clone(),
            status: Some(OperationStatus::Running),
            ..CommsOperation::default()
        };
        let (id, operation) = self.keep(operation, old);
        self.books.mixes.insert(id.clone(), mixes);
        self.schedule(OPERATION_MS, Act::Command(Due::Mix(id)));
        self.may_break_off(OPERATION_MS);
        self.settle();
        Ok(operation)
    }

    pub(super) fn finish_mix(&mut self, id: &UpstreamOperationId) {
        let Some(mixes) = self.books.mixes.remove(id) else {
            return;
        };
        for (listener, level) in mixes {
            // Who left meanwhile has no ears here any more.
            if self.keys.contains_key(&listener) {
                self.mixes.insert(listener, level);
            }
        }
        self.complete(id, OperationStatus::Completed, |_| ());
    }
}

fn wrong(error: &foldback_wire::Error) -> Error {
    Error::NotPossible(error.to_string())
}
