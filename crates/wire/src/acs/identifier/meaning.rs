//! What an identifier means: one value per person, with its raw id and back.

use super::{
    CommunicationIdentifierModel, CommunicationUser, Extra, IdentifierKind, MicrosoftTeamsApp,
    MicrosoftTeamsUser, PhoneNumber,
};

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
    /// A Teams user who calls by way of an ACS resource.
    TeamsExtensionUser {
        /// Entra object id.
        user_id: String,
        /// Tenant of the user.
        tenant_id: String,
        /// ACS resource.
        resource_id: String,
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
            Self::TeamsExtensionUser { user_id, tenant_id, resource_id, cloud } => {
                let prefix = match cloud.as_str() {
                    "dod" => "dod-acs",
                    "gcch" => "gcch-acs",
                    _ => "acs",
                };
                format!("8:{prefix}:{resource_id}_{tenant_id}_{user_id}")
            }
        }
    }

    /// Reads a raw id by its prefix. An `8:acs:` id is taken for an ACS user's: that it is a Teams
    /// extension user's, only `kind` or the sub-object tell.
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
        if let Some(number) = raw.strip_prefix("4:").filter(|number| !number.is_empty()) {
            return Self::Phone(number.to_owned());
        }
        let parts: Vec<&str> = raw.splitn(3, ':').collect();
        match parts.as_slice() {
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

    /// Reads the raw id of a Teams extension user: resource, tenant and user behind an ACS prefix.
    pub(super) fn extension_of_raw_id(raw: &str) -> Option<Self> {
        let (prefix, ids) = raw.strip_prefix("8:")?.split_once(':')?;
        let cloud = match prefix {
            "acs" => "public",
            "dod-acs" => "dod",
            "gcch-acs" => "gcch",
            _ => return None,
        };
        let parts: Vec<&str> = ids.split('_').collect();
        let [resource, tenant, user] = parts.as_slice() else { return None };
        Some(Self::TeamsExtensionUser {
            user_id: (*user).to_owned(),
            tenant_id: (*tenant).to_owned(),
            resource_id: (*resource).to_owned(),
            cloud: cloud.to_owned(),
        })
    }

    /// Its kind, as `kind` names it.
    pub fn kind(&self) -> IdentifierKind {
        match self {
            Self::User(_) => IdentifierKind::CommunicationUser,
            Self::Phone(_) => IdentifierKind::PhoneNumber,
            Self::TeamsUser { .. } => IdentifierKind::MicrosoftTeamsUser,
            Self::TeamsApp { .. } => IdentifierKind::MicrosoftTeamsApp,
            Self::TeamsExtensionUser { .. } => IdentifierKind::TeamsExtensionUser,
            Self::Unknown(_) => IdentifierKind::Unknown,
        }
    }

    /// The model as answers and events write it: kind, raw id and sub-object.
    pub fn model(&self) -> CommunicationIdentifierModel {
        let mut model = CommunicationIdentifierModel {
            kind: Some(self.kind().as_str().to_owned()),
            raw_id: Some(self.raw_id()),
            ..CommunicationIdentifierModel::default()
        };
        match self {
            Self::User(raw) => {
                model.communication_user =
                    Some(CommunicationUser { id: raw.clone(), extra: Extra::new() });
            }
            Self::Phone(number) => {
                model.phone_number =
                    Some(PhoneNumber { value: number.clone(), extra: Extra::new() });
            }
            Self::TeamsUser { user_id, is_anonymous, cloud } => {
                model.microsoft_teams_user = Some(MicrosoftTeamsUser {
                    user_id: user_id.clone(),
                    is_anonymous: Some(*is_anonymous),
                    cloud: Some(cloud.clone()),
                    extra: Extra::new(),
                });
            }
            Self::TeamsApp { app_id, cloud } => {
                model.microsoft_teams_app = Some(MicrosoftTeamsApp {
                    app_id: app_id.clone(),
                    cloud: Some(cloud.clone()),
                    extra: Extra::new(),
                });
            }
            Self::TeamsExtensionUser { user_id, tenant_id, resource_id, cloud } => {
                let user = serde_json::json!({"userId": user_id, "tenantId": tenant_id,
                    "resourceId": resource_id, "cloud": cloud});
                model.extra.insert("teamsExtensionUser".to_owned(), user);
            }
            Self::Unknown(_) => {}
        }
        model
    }
}
