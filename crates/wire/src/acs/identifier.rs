//! Who somebody is in ACS: one model with a sub-object per kind, and what it means.

mod meaning;
mod resolve;

pub use meaning::Identifier;
use serde::{Deserialize, Serialize};

use super::Extra;
use crate::open::open_enum;

/// `CommunicationIdentifierModel` as it stands on the wire. Requests may leave `kind` out, and each of
/// `rawId` and the sub-object; see [`CommunicationIdentifierModel::identify`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommunicationIdentifierModel {
    /// `communicationUser`, `phoneNumber`, `microsoftTeamsUser`, `microsoftTeamsApp`, …, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The whole identifier as one text, for example `8:acs:{resource}_{user}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_id: Option<String>,
    /// Set for an ACS user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub communication_user: Option<CommunicationUser>,
    /// Set for a telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<PhoneNumber>,
    /// Set for a Teams user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub microsoft_teams_user: Option<MicrosoftTeamsUser>,
    /// Set for a Teams application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub microsoft_teams_app: Option<MicrosoftTeamsApp>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

open_enum! {
    /// The kinds of identifiers.
    IdentifierKind {
        /// None of the others, or not said.
        Unknown = "unknown",
        /// An ACS user.
        CommunicationUser = "communicationUser",
        /// A telephone.
        PhoneNumber = "phoneNumber",
        /// A Teams user.
        MicrosoftTeamsUser = "microsoftTeamsUser",
        /// A Teams application.
        MicrosoftTeamsApp = "microsoftTeamsApp",
        /// A Teams user who calls by way of an ACS resource; its sub-object stays in `extra`.
        TeamsExtensionUser = "teamsExtensionUser",
    }
}

/// An ACS user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CommunicationUser {
    /// `8:acs:{resource}_{user}`.
    pub id: String,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A telephone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PhoneNumber {
    /// E.164 with its plus sign.
    pub value: String,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A Teams user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MicrosoftTeamsUser {
    /// Entra object id, or the id of an anonymous visitor.
    pub user_id: String,
    /// Not signed in; false when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_anonymous: Option<bool>,
    /// `public` (when absent), `dod` or `gcch`, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A Teams application.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MicrosoftTeamsApp {
    /// Application id.
    pub app_id: String,
    /// `public` (when absent), `dod` or `gcch`, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}
