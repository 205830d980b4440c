//! `commsNotifications`: what the service posts to the callback.

mod form;
mod topic;

pub use form::Envelope;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Call, CommsOperation, DeltaParticipants, Extra, Participant};
use crate::{error::Error, ids::CallId, limits, read};

/// The envelope: a batch of notifications in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommsNotifications {
    /// `#microsoft.graph.commsNotifications`.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<String>,
    /// In order.
    pub value: Vec<CommsNotification>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One notification. Its `@odata.type` is ignored (a published example has the wrong one): the
/// resource URL says what it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommsNotification {
    /// Ignored on reading.
    #[serde(rename = "@odata.type", default, skip_serializing_if = "Option::is_none")]
    pub odata_type: Option<String>,
    /// `created`, `updated` or `deleted`. A deleted *operation* is a finished one.
    pub change_type: String,
    /// For example `/communications/calls/{id}/participants`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_url: Option<String>,
    /// The 2018 name of `resource_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Object or array, by topic.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub resource_data: Value,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a notification says, after dispatch by URL and then by the data's own shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Topic {
    /// The call changed; `deleted` when it is gone.
    Call {
        /// The new state.
        call: Box<Call>,
        /// The call has ended.
        deleted: bool,
    },
    /// The roster, full form: an array that may be complete or not. People whose resource was
    /// deleted carry `removed_state`, as in the delta form.
    Roster(Vec<Participant>),
    /// The roster, delta form.
    Delta(DeltaParticipants),
    /// An operation moved on; its `id` is filled in from the URL.
    Operation(Box<CommsOperation>),
    /// Something Foldback does not follow.
    Other,
}

impl CommsNotifications {
    /// Reads a posted body. What the single notifications hold is read by
    /// [`CommsNotification::topic`], so that a bad one spoils no other.
    ///
    /// # Errors
    /// See [`Error`]; more than [`limits::ITEMS_MAX`] notifications are refused.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let batch: Self = read::json(text)?;
        limits::items("$.value", batch.value.len())?;
        Ok(batch)
    }

    /// A batch to be written, in the current form.
    pub fn new(value: Vec<CommsNotification>) -> Self {
        let odata_type = Some("#microsoft.graph.commsNotifications".to_owned());
        Self { odata_type, value, extra: Extra::new() }
    }

    /// A batch of one; see [`CommsNotification::new`].
    pub fn one(
        change_type: impl Into<String>,
        resource_url: impl Into<String>,
        resource_data: Value,
    ) -> Self {
        Self::new(vec![CommsNotification::new(change_type, resource_url, resource_data)])
    }
}

impl CommsNotification {
    /// A notification to be written, in the current form. `change_type` is `created`, `updated` or
    /// `deleted`; `resource_url` for example `/communications/calls/{id}/participants`.
    pub fn new(
        change_type: impl Into<String>,
        resource_url: impl Into<String>,
        resource_data: Value,
    ) -> Self {
        Self {
            odata_type: Some("#microsoft.graph.commsNotification".to_owned()),
            change_type: change_type.into(),
            resource_url: Some(resource_url.into()),
            resource: None,
            resource_data,
            extra: Extra::new(),
        }
    }

    /// What it is about: `resourceUrl`, else the 2018 `resource`.
    pub fn url(&self) -> Option<&str> {
        self.resource_url.as_deref().or(self.resource.as_deref())
    }

    /// Whether the change type is `deleted`, in any case.
    pub fn is_deleted(&self) -> bool {
        self.change_type.eq_ignore_ascii_case("deleted")
    }

    /// The call it belongs to, normalised.
    ///
    /// # Errors
    /// [`Error::WrongShape`] when there is no URL or it is not one of a call, [`Error::OutOfLimit`]
    /// for an id outside the alphabet. The path is that of the member that holds the URL.
    pub fn call_id(&self) -> Result<CallId, Error> {
        topic::call_id(self)
    }

    /// What it says: dispatched by URL (roots `/communications`, `/app`, `/applications/{id}`, any
    /// case, absolute or not), then by the data's own shape. Ids missing in the data are filled in
    /// from `@odata.id` or the URL.
    ///
    /// # Errors
    /// [`Error::WrongShape`] when there is no URL or the data does not fit what the URL announces,
    /// [`Error::OutOfLimit`] for ids and collections. Paths begin with `$.resourceData`,
    /// `$.resourceUrl` or `$.resource` of this one notification.
    pub fn topic(&self) -> Result<Topic, Error> {
        topic::topic(self)
    }
}
