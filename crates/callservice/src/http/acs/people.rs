//! A5 to A8: who is in the call, and commands about them.

use axum::http::StatusCode;
use foldback_wire::{
    acs::{CallParticipantsPage, Identifier, MuteParticipants, OperationReply, RemoveParticipant},
    ids::{CallId, ParticipantId},
};

use super::{Ask, call::identify, fault};
use crate::http::answer::Answer;

/// How many people stand on one page. The service publishes no size and takes none.
const PAGE: usize = 30;

/// Name of the query member that continues a list. Its value means something to this service only.
const AFTER: &str = "after";

impl Ask<'_> {
    /// A5.
    pub(super) fn participants(&self, call: &CallId) -> Result<Answer, Answer> {
        let after = self.query.iter().find(|(name, _)| name == AFTER);
        let after = after.map(|(_, value)| value.parse::<u64>()).transpose();
        let after = after.map_err(|_| {
            fault::bad("The link to the next page is broken; use nextLink as it came.")
        })?;
        let (value, last) = self
            .shared
            .acs(call, |engine| engine.call_participants(after, PAGE))
            .map_err(fault::of)?;
        let next_link = last.map(|last| {
            // Not every client adds the version again.
            format!(
                "{}/calling/callConnections/{call}/participants?{AFTER}={last}&api-version={}",
                self.base(),
                self.version
            )
        });
        let page = CallParticipantsPage { value, next_link, ..CallParticipantsPage::default() };
        Ok(Answer::json(StatusCode::OK, &page))
    }

    /// A6.
    pub(super) fn participant(
        &self,
        call: &CallId,
        person: &ParticipantId,
    ) -> Result<Answer, Answer> {
        let found = self.shared.acs(call, |engine| engine.call_participant(person));
        Ok(Answer::json(StatusCode::OK, &found.map_err(fault::of)?))
    }

    /// A7.
    pub(super) fn mute(&self, call: &CallId) -> Result<Answer, Answer> {
        let request = MuteParticipants::read(self.body).map_err(fault::body)?;
        let operation_context = request.operation_context;
        let any = self.shared.switches().mute_any_target;
        let targets = &request.target_participants;
        if targets.len() > 1 && !any {
            return Err(fault::bad(format!(
                "$.targetParticipants: {} targets are not allowed; send one request for each person",
                targets.len()
            )));
        }
        let mut people = Vec::with_capacity(targets.len());
        for (index, target) in targets.iter().enumerate() {
            let at = format!("$.targetParticipants[{index}]");
            let who = identify(target, &at)?;
            if !any && !matches!(who, Identifier::User(_)) {
                return Err(fault::bad(format!(
                    "One or more CommunicationIdentifier is invalid in collection: {at} is no ACS \
                     user (8:acs:...), and only those can be muted"
                )));
            }
            people.push(who);
        }
        self.shared.acs(call, |engine| engine.mute_people(&people)).map_err(fault::absent)?;
        let reply = OperationReply { operation_context, ..OperationReply::default() };
        Ok(Answer::json(StatusCode::OK, &reply))
    }

    /// A8.
    pub(super) fn remove(&self, call: &CallId) -> Result<Answer, Answer> {
        let request = RemoveParticipant::read(self.body).map_err(fault::body)?;
        let operation_context = request.operation_context;
        let callback = request.operation_callback_uri;
        let callback = callback.map(|address| Self::callback("$.operationCallbackUri", &address));
        let callback = callback.transpose()?;
        let who = identify(&request.participant_to_remove, "$.participantToRemove")?;
        let context = operation_context.clone();
        self.shared
            .acs(call, |engine| engine.remove_person(who, context, callback))
            .map_err(fault::absent)?;
        let reply = OperationReply { operation_context, ..OperationReply::default() };
        Ok(Answer::json(StatusCode::ACCEPTED, &reply))
    }
}
