//! From the several members of a model to the one thing they mean, or to what contradicts.

use serde_json::Value;

use super::{CommunicationIdentifierModel, Identifier, IdentifierKind};
use crate::{check, error::Error, ids};

const NAMES: [&str; 7] = [
    "kind",
    "rawId",
    "communicationUser",
    "phoneNumber",
    "microsoftTeamsUser",
    "microsoftTeamsApp",
    EXTENSION,
];
const EXTENSION: &str = "teamsExtensionUser";
const KINDS: &str = "communicationUser, phoneNumber, microsoftTeamsUser, microsoftTeamsApp";

/// What a sub-object says. What it leaves open (cloud, anonymity) the raw id may say.
struct Said {
    who: Identifier,
    cloud: Option<String>,
    is_anonymous: Option<bool>,
}

impl Said {
    fn of(who: Identifier) -> Self {
        Self { who, cloud: None, is_anonymous: None }
    }
}

impl CommunicationIdentifierModel {
    /// What it means: by its sub-object, else by the prefix of its raw id. `at` is its JSON path.
    ///
    /// `kind`, `rawId` and the sub-object have to agree; `kind` and `cloud` are compared without
    /// regard to case. A kind or cloud not known here makes [`Identifier::Unknown`] by raw id.
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] when nothing in it says who it is, when two members contradict, when more
    /// than one kind is given, or for an id outside the alphabet of ids.
    pub fn identify(&self, at: &str) -> Result<Identifier, Error> {
        check::spelling(at, &self.extra, NAMES.get(..6).unwrap_or_default())?;
        let raw = self.raw_id.as_deref().filter(|raw| !raw.is_empty());
        if let Some(raw) = raw {
            ids::check(&format!("{at}.rawId"), raw)?;
        }
        let kind = self.kind.as_deref().map(IdentifierKind::of);
        match (self.said(at)?, raw) {
            (Some(said), raw) => agreed(at, kind.as_ref(), said, raw),
            (None, Some(raw)) => of_raw(at, kind.as_ref(), raw),
            (None, None) => Err(Error::out_of_limit(
                at,
                "an identifier of nobody",
                format!("give rawId or one of {KINDS}"),
            )),
        }
    }

    /// The same model as answers and events write it: `kind`, `rawId` and the sub-object; known kinds
    /// and clouds in their published case, unknown members kept. `at` is its JSON path.
    ///
    /// # Errors
    /// As [`CommunicationIdentifierModel::identify`].
    pub fn completed(mut self, at: &str) -> Result<Self, Error> {
        let full = self.identify(at)?.model();
        self.kind = match self.kind.as_deref().map(IdentifierKind::of) {
            None | Some(IdentifierKind::Unknown) => full.kind,
            Some(kind) => Some(kind.as_str().to_owned()),
        };
        self.raw_id = self.raw_id.filter(|raw| !raw.is_empty()).or(full.raw_id);
        self.communication_user = self.communication_user.or(full.communication_user);
        self.phone_number = self.phone_number.or(full.phone_number);
        if let Some(full) = full.microsoft_teams_user {
            let user = self.microsoft_teams_user.get_or_insert_with(|| full.clone());
            user.is_anonymous = full.is_anonymous;
            user.cloud = full.cloud;
        }
        if let Some(full) = full.microsoft_teams_app {
            let app = self.microsoft_teams_app.get_or_insert_with(|| full.clone());
            app.cloud = full.cloud;
        }
        for (name, value) in full.extra {
            self.extra.entry(name).or_insert(value);
        }
        Ok(self)
    }

    /// What its one sub-object says.
    fn said(&self, at: &str) -> Result<Option<Said>, Error> {
        let mut found = Vec::new();
        if let Some(user) = &self.communication_user {
            let path = format!("{at}.communicationUser.id");
            ids::check(&path, &user.id)?;
            let by_id = Identifier::of_raw_id(&user.id).kind();
            if !matches!(by_id, IdentifierKind::CommunicationUser | IdentifierKind::Unknown) {
                return Err(contradiction(&path, &user.id, "communicationUser"));
            }
            found.push(Said::of(Identifier::User(user.id.clone())));
        }
        if let Some(phone) = &self.phone_number {
            ids::check(&format!("{at}.phoneNumber.value"), &phone.value)?;
            found.push(Said::of(Identifier::Phone(phone.value.clone())));
        }
        if let Some(user) = &self.microsoft_teams_user {
            ids::check(&format!("{at}.microsoftTeamsUser.userId"), &user.user_id)?;
            let who = Identifier::TeamsUser {
                user_id: user.user_id.clone(),
                is_anonymous: user.is_anonymous.unwrap_or(false),
                cloud: cloud(user.cloud.as_deref()),
            };
            found.push(Said { who, cloud: user.cloud.clone(), is_anonymous: user.is_anonymous });
        }
        if let Some(app) = &self.microsoft_teams_app {
            ids::check(&format!("{at}.microsoftTeamsApp.appId"), &app.app_id)?;
            let app_id = app.app_id.clone();
            let who = Identifier::TeamsApp { app_id, cloud: cloud(app.cloud.as_deref()) };
            found.push(Said { who, cloud: app.cloud.clone(), is_anonymous: None });
        }
        if let Some(user) = self.extra.get(EXTENSION).filter(|user| !user.is_null()) {
            found.push(extension(&format!("{at}.{EXTENSION}"), user)?);
        }
        if found.len() > 1 {
            let limit = format!("give exactly one of {KINDS}");
            return Err(Error::out_of_limit(at, "an identifier of several kinds", limit));
        }
        Ok(found.pop())
    }
}

/// What the sub-object says, once `kind` and raw id agree with it.
fn agreed(
    at: &str,
    kind: Option<&IdentifierKind>,
    said: Said,
    raw: Option<&str>,
) -> Result<Identifier, Error> {
    let own = said.who.kind();
    if let Some(kind) = kind.filter(|kind| **kind != IdentifierKind::Unknown && **kind != own) {
        return Err(contradiction(&format!("{at}.kind"), kind.as_str(), own.as_str()));
    }
    if let Some(named) = &said.cloud
        && !["public", "dod", "gcch"].iter().any(|known| named.eq_ignore_ascii_case(known))
    {
        let raw = raw.filter(|raw| Identifier::of_raw_id(raw).kind() == IdentifierKind::Unknown);
        return raw.map(|raw| Identifier::Unknown(raw.to_owned())).ok_or_else(|| {
            Error::out_of_limit(
                format!("{at}.{}.cloud", own.as_str()),
                format_args!("{named:?}"),
                "a cloud is public, dod or gcch; for another one give its rawId as well",
            )
        });
    }
    let Some(raw) = raw else { return Ok(said.who) };
    same(&said, raw)
        .ok_or_else(|| contradiction(&format!("{at}.rawId"), &format!("{raw:?}"), own.as_str()))
}

/// Who is meant by a raw id alone.
fn of_raw(at: &str, kind: Option<&IdentifierKind>, raw: &str) -> Result<Identifier, Error> {
    let unknown = || Identifier::Unknown(raw.to_owned());
    let found = Identifier::of_raw_id(raw);
    let Some(kind) = kind else { return Ok(found) };
    match kind {
        // What the prefix says cannot be trusted beside a kind not known here.
        IdentifierKind::Unknown | IdentifierKind::Other(_) => Ok(unknown()),
        IdentifierKind::TeamsExtensionUser => {
            Ok(Identifier::extension_of_raw_id(raw).unwrap_or_else(unknown))
        }
        kind if *kind == found.kind() => Ok(found),
        _ if found.kind() == IdentifierKind::Unknown => Ok(found),
        kind => Err(contradiction(
            &format!("{at}.kind"),
            kind.as_str(),
            &format!("rawId, a {}", found.kind().as_str()),
        )),
    }
}

/// The sub-object's person, with what only the raw id says; `None` when the two differ.
fn same(said: &Said, raw: &str) -> Option<Identifier> {
    let by_raw = Identifier::of_raw_id(raw);
    let open = |found: &str| match &said.cloud {
        Some(cloud) => cloud.eq_ignore_ascii_case(found),
        None => true,
    };
    match (&said.who, &by_raw) {
        (Identifier::User(id), _) => raw.eq_ignore_ascii_case(id).then(|| said.who.clone()),
        (Identifier::Phone(number), Identifier::Phone(found)) => {
            // A number may be followed by the id of what asserted it.
            let tail = found.strip_prefix(number.as_str())?;
            (tail.is_empty() || tail.starts_with('_')).then(|| said.who.clone())
        }
        (
            Identifier::TeamsUser { user_id, .. },
            Identifier::TeamsUser { user_id: found, is_anonymous, cloud },
        ) => {
            // The raw id of a visitor names no cloud.
            let fits = user_id.eq_ignore_ascii_case(found)
                && said.is_anonymous.is_none_or(|said| said == *is_anonymous)
                && (*is_anonymous || open(cloud));
            let visitor = *is_anonymous && said.cloud.is_some();
            let cloud = if visitor { self::cloud(said.cloud.as_deref()) } else { cloud.clone() };
            fits.then(|| Identifier::TeamsUser {
                user_id: user_id.clone(),
                is_anonymous: *is_anonymous,
                cloud,
            })
        }
        (Identifier::TeamsApp { app_id, .. }, Identifier::TeamsApp { app_id: found, cloud }) => {
            (app_id.eq_ignore_ascii_case(found) && open(cloud))
                .then(|| Identifier::TeamsApp { app_id: app_id.clone(), cloud: cloud.clone() })
        }
        (Identifier::TeamsApp { app_id, .. }, _) => {
            raw.strip_prefix("28:")?.eq_ignore_ascii_case(app_id).then(|| said.who.clone())
        }
        (Identifier::TeamsExtensionUser { .. }, _) => {
            raw.eq_ignore_ascii_case(&said.who.raw_id()).then(|| said.who.clone())
        }
        _ => None,
    }
}

/// The sub-object of a Teams extension user.
fn extension(at: &str, user: &Value) -> Result<Said, Error> {
    let text = |name: &str| {
        let found = user.get(name).and_then(Value::as_str).unwrap_or_default();
        ids::check(&format!("{at}.{name}"), found).map(|_| found.to_owned())
    };
    let named = user.get("cloud").and_then(Value::as_str);
    let who = Identifier::TeamsExtensionUser {
        user_id: text("userId")?,
        tenant_id: text("tenantId")?,
        resource_id: text("resourceId")?,
        cloud: cloud(named),
    };
    Ok(Said { who, cloud: named.map(str::to_owned), is_anonymous: None })
}

fn cloud(named: Option<&str>) -> String {
    named.map_or_else(|| "public".to_owned(), str::to_ascii_lowercase)
}

fn contradiction(path: &str, found: &str, other: &str) -> Error {
    Error::out_of_limit(
        path,
        found,
        format!("it contradicts {other}; give members that name the same person"),
    )
}

#[cfg(test)]
mod tests;
