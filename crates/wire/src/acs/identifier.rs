//! Who somebody is in ACS: one model with a sub-object per kind, and what it means.

use serde::{Deserialize, Serialize};

use super::Extra;
use crate::error::Error;

/// `CommunicationIdentifierModel` as it stands on the wire. Requests may leave `kind` out.
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

/// What an identifier means, whichever members said it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Identifier {
    /// An ACS user by raw id (`8:acs:…`).
    User(String),
    /// A telephone by its E.164 number.
    Phone(String),
    /// A Teams user.
    TeamsUser {
        /// Entra object id.
        user_id: String,
        /// Not signed in.
        is_anonymous: bool,
        /// `public`, `dod` or `gcch`.
        cloud: String,
    },
    /// A Teams application.
    TeamsApp {
        /// Application id.
        app_id: String,
        /// `public`, `dod` or `gcch`.
        cloud: String,
    },
    /// A kind not known here, by raw id.
    Unknown(String),
}

impl Identifier {
    /// The identifier as one text: `8:acs:…`, `4:+…`, `8:orgid:…`, `28:…`.
    pub fn raw_id(&self) -> String {
        match self {
            Self::User(raw) | Self::Unknown(raw) => raw.clone(),
            Self::Phone(number) => format!("4:{number}"),
            Self::TeamsUser { user_id, is_anonymous: true, .. } => {
                format!("8:teamsvisitor:{user_id}")
            }
            Self::TeamsUser { user_id, cloud, .. } => match cloud.as_str() {
                "dod" => format!("8:dod:{user_id}"),
                "gcch" => format!("8:gcch:{user_id}"),
                _ => format!("8:orgid:{user_id}"),
            },
            Self::TeamsApp { app_id, cloud } => match cloud.as_str() {
                "dod" => format!("28:dod:{app_id}"),
                "gcch" => format!("28:gcch:{app_id}"),
                _ => format!("28:orgid:{app_id}"),
            },
        }
    }

    /// Reads a raw id by its prefix.
    pub fn of_raw_id(raw: &str) -> Self {
        let teams = |user_id: &str, is_anonymous, cloud: &str| Self::TeamsUser {
            user_id: user_id.to_owned(),
            is_anonymous,
            cloud: cloud.to_owned(),
        };
        let app = |app_id: &str, cloud: &str| Self::TeamsApp {
            app_id: app_id.to_owned(),
            cloud: cloud.to_owned(),
        };
        let parts: Vec<&str> = raw.splitn(3, ':').collect();
        match parts.as_slice() {
            ["4", number] => Self::Phone((*number).to_owned()),
            ["8", "acs" | "spool" | "dod-acs" | "gcch-acs", _] => Self::User(raw.to_owned()),
            ["8", "orgid", id] => teams(id, false, "public"),
            ["8", "dod", id] => teams(id, false, "dod"),
            ["8", "gcch", id] => teams(id, false, "gcch"),
            ["8", "teamsvisitor", id] => teams(id, true, "public"),
            ["28", "orgid", id] => app(id, "public"),
            ["28", "dod", id] => app(id, "dod"),
            ["28", "gcch", id] => app(id, "gcch"),
            _ => Self::Unknown(raw.to_owned()),
        }
    }

    /// The model as answers and events write it: kind, raw id and sub-object.
    pub fn model(&self) -> CommunicationIdentifierModel {
        let mut model = CommunicationIdentifierModel {
            raw_id: Some(self.raw_id()),
            ..CommunicationIdentifierModel::default()
        };
        let kind = match self {
            Self::User(raw) => {
                model.communication_user =
                    Some(CommunicationUser { id: raw.clone(), extra: Extra::new() });
                "communicationUser"
            }
            Self::Phone(number) => {
                model.phone_number =
                    Some(PhoneNumber { value: number.clone(), extra: Extra::new() });
                "phoneNumber"
            }
            Self::TeamsUser { user_id, is_anonymous, cloud } => {
                model.microsoft_teams_user = Some(MicrosoftTeamsUser {
                    user_id: user_id.clone(),
                    is_anonymous: Some(*is_anonymous),
                    cloud: Some(cloud.clone()),
                    extra: Extra::new(),
                });
                "microsoftTeamsUser"
            }
            Self::TeamsApp { app_id, cloud } => {
                model.microsoft_teams_app = Some(MicrosoftTeamsApp {
                    app_id: app_id.clone(),
                    cloud: Some(cloud.clone()),
                    extra: Extra::new(),
                });
                "microsoftTeamsApp"
            }
            Self::Unknown(_) => "unknown",
        };
        model.kind = Some(kind.to_owned());
        model
    }
}

impl CommunicationIdentifierModel {
    /// What it means: by its sub-object, else by the prefix of its raw id. `at` is its JSON path.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] when nothing in it says who it is, or more than one kind is given.
    pub fn identify(&self, at: &str) -> Result<Identifier, Error> {
        let cloud = |cloud: &Option<String>| {
            cloud.as_deref().map_or_else(|| "public".to_owned(), str::to_ascii_lowercase)
        };
        let found: Vec<Identifier> = [
            self.communication_user.as_ref().map(|user| Identifier::User(user.id.clone())),
            self.phone_number.as_ref().map(|phone| Identifier::Phone(phone.value.clone())),
            self.microsoft_teams_user.as_ref().map(|user| Identifier::TeamsUser {
                user_id: user.user_id.clone(),
                is_anonymous: user.is_anonymous.unwrap_or(false),
                cloud: cloud(&user.cloud),
            }),
            self.microsoft_teams_app.as_ref().map(|app| Identifier::TeamsApp {
                app_id: app.app_id.clone(),
                cloud: cloud(&app.cloud),
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (found.as_slice(), self.raw_id.as_deref()) {
            ([one], _) => Ok(one.clone()),
            ([], Some(raw)) if !raw.is_empty() => Ok(Identifier::of_raw_id(raw)),
            ([], _) => Err(Error::out_of_limit(
                at,
                "an identifier of nobody",
                "give rawId or one of communicationUser, phoneNumber, microsoftTeamsUser, microsoftTeamsApp",
            )),
            _ => Err(Error::out_of_limit(
                at,
                "an identifier of several kinds",
                "give exactly one of communicationUser, phoneNumber, microsoftTeamsUser, microsoftTeamsApp",
            )),
        }
    }
}
