//! Invitations: accepted at once, answered by those invited a little later.

use std::collections::BTreeMap;

use foldback_wire::{
    graph::{CommsOperation, InvitationParticipantInfo, OperationStatus, ResultInfo},
    ids::{ParticipantId, UpstreamOperationId},
    limits::{INVITED_MAX, ITEMS_MAX},
};
use serde_json::{Value, json};

use super::Due;
use crate::{
    engine::{
        Rehearsal, cast,
        life::Act,
        person::{Identity, Kind},
    },
    error::Error,
};

/// From an invitation until those invited come, in milliseconds.
pub const INVITATION_MS: u64 = 600;

const INVITE: &str = "#microsoft.graph.inviteParticipantsOperation";

/// Invitations on their way, by operation.
pub(super) type Pending = BTreeMap<UpstreamOperationId, Vec<Invited>>;

#[derive(Debug)]
pub(super) struct Invited {
    identity: Identity,
    /// The id their leg shall have.
    leg: Option<ParticipantId>,
    /// As sent, for what is told.
    sent: InvitationParticipantInfo,
}

impl Rehearsal {
    /// Invites people. They come past the lobby once the operation is completed; who is in the call already is not called twice.
    ///
    /// # Errors
    /// [`Error::NotPossible`] for more than [`INVITED_MAX`] or no people, somebody who is no user,
    /// guest or phone, an id that is taken, or a full call; [`Error::UnknownCall`],
    /// [`Error::NotAGroupCall`] or [`Error::NotEstablished`].
    pub fn invite(
        &mut self,
        people: &[InvitationParticipantInfo],
        client_context: Option<String>,
    ) -> Result<CommsOperation, Error> {
        self.in_a_group()?;
        if !(1..=INVITED_MAX).contains(&people.len()) {
            return Err(Error::NotPossible(format!(
                "$.participants: {} people; one request invites 1 to {INVITED_MAX}",
                people.len()
            )));
        }
        if self.people.len() + people.len() > ITEMS_MAX {
            return Err(Error::NotPossible(format!(
                "the call is full: it holds {ITEMS_MAX} participants"
            )));
        }
        let invited: Result<Vec<Invited>, Error> = people
            .iter()
            .enumerate()
            .map(|(index, sent)| {
                self.invited(sent)
                    .map_err(|words| Error::NotPossible(format!("$.participants[{index}].{words}")))
            })
            .collect();
        let invited = invited?;
        let shown: Vec<_> = invited.iter().map(|one| self.shown(&one.sent)).collect();
        let operation = CommsOperation {
            odata_type: Some(INVITE.to_owned()),
            client_context,
            // The page writes this one with a capital.
            status: Some(OperationStatus::Other("Running".to_owned())),
            ..CommsOperation::default()
        };
        let (id, operation) = self.keep(operation.with_invited(&shown), false);
        self.books.invitations.insert(id.clone(), invited);
        self.schedule(INVITATION_MS, Act::Command(Due::Invitation(id)));
        self.may_break_off(INVITATION_MS);
        self.settle();
        Ok(operation)
    }

    fn invited(&mut self, sent: &InvitationParticipantInfo) -> Result<Invited, String> {
        let leg = match sent.extra.get("participantId") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => {
                let id = ParticipantId::parse(id).map_err(|e| format!("participantId: {e}"))?;
                if self.keys.contains_key(&id) {
                    return Err(format!("participantId: {id} is in the call already"));
                }
                Some(id)
            }
            Some(_) => return Err("participantId: it must be text".to_owned()),
        };
        let Some((kind, who)) = sent.who() else {
            return Err("identity: missing; it says who is invited".to_owned());
        };
        let kind = match kind {
            "user" => Kind::User,
            "guest" => Kind::Guest,
            "phone" => Kind::Phone,
            other => {
                let other: String = other.chars().take(64).collect();
                return Err(format!(
                    "identity.{other}: a rehearsal invites only a user, a guest or a phone"
                ));
            }
        };
        let Some(id) = who.id.filter(|id| !id.is_empty()) else {
            return Err("identity: its id is missing".to_owned());
        };
        let name = match who.display_name.filter(|name| !name.is_empty()) {
            Some(name) => name,
            None if kind == Kind::Phone => id.clone(),
            None => cast::name(&mut self.cast),
        };
        Ok(Invited { identity: Identity { kind, id, name }, leg, sent: sent.clone() })
    }

    /// An invitation as the reply shows it: what was sent, and the nulls of the page.
    fn shown(&self, sent: &InvitationParticipantInfo) -> InvitationParticipantInfo {
        let mut shown = sent.clone();
        for name in ["endpointType", "id"] {
            shown.extra.entry(name).or_insert(Value::Null);
        }
        if shown.replaces_call_id.is_none() {
            shown.extra.insert("replacesCallId".to_owned(), Value::Null);
        }
        if let Some(set) = &mut shown.identity {
            for name in ["user", "application", "device", "phone"] {
                set.entry(name).or_insert(Value::Null);
            }
            if let Some(Value::Object(user)) = set.get_mut("user") {
                user.entry("tenantId").or_insert_with(|| json!(self.tenant));
            }
        }
        shown
    }

    /// Takes somebody off the list of those invited; whether they were on it.
    pub(super) fn uninvite(&mut self, id: &ParticipantId) -> bool {
        self.books.invitations.values_mut().any(|invited| {
            let before = invited.len();
            invited.retain(|one| one.leg.as_ref() != Some(id));
            invited.len() < before
        })
    }

    pub(super) fn finish_invitation(&mut self, id: &UpstreamOperationId) {
        let Some(invited) = self.books.invitations.remove(id) else {
            return;
        };
        let told: Vec<_> = invited.iter().map(|one| one.sent.clone()).collect();
        let own_id = id.to_string();
        if invited.is_empty() {
            let cancelled = ResultInfo {
                code: Some(487),
                subcode: Some(0),
                message: Some("The invitation was cancelled.".to_owned()),
                ..ResultInfo::default()
            };
            self.complete(id, OperationStatus::Failed, |operation| {
                operation.id = Some(own_id);
                operation.result_info = Some(cancelled);
            });
            return;
        }
        self.complete(id, OperationStatus::Completed, |operation| {
            operation.id = Some(own_id);
            *operation = std::mem::take(operation).with_invited(&told);
        });
        let mut came = Vec::with_capacity(invited.len());
        for one in invited {
            let here = self.people.has(&one.identity.id);
            let taken = one.leg.as_ref().is_some_and(|leg| self.keys.contains_key(leg));
            if here || taken || self.people.len() >= ITEMS_MAX {
                continue;
            }
            let key = self.add(one.identity, false, false);
            if let Some(leg) = one.leg {
                self.rename(key, leg);
            }
            came.push(key);
        }
        self.changed_together(&came);
    }

    /// Gives a leg that nobody was told of yet the id that was asked for.
    fn rename(&mut self, key: u64, id: ParticipantId) {
        if let Some(person) = self.people.get_mut(&key) {
            self.keys.remove(&person.id);
            person.id = id.clone();
            self.keys.insert(id, key);
        }
    }
}
