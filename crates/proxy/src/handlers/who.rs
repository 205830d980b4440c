//! What a session is told of itself. Most of it depends on the role alone and is written once.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::http::StatusCode;
use foldback_model::Timestamp;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{Answer, Asked};
use crate::{
    answer::json_answer, problem::Fault, role::Role, routes, session::Operator, sign_in::PATH,
};

/// The answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Who<'a> {
    operator: &'a Operator,
    directory_id: Option<&'a str>,
    role: Role,
    roles: &'a RawValue,
    may: &'a RawValue,
    needs: &'a RawValue,
    until: Option<Timestamp>,
    idle_seconds: Option<u64>,
    sign_in: Option<&'static str>,
}

/// What is the same for everybody of a role.
struct OfRole {
    role: Role,
    roles: Box<RawValue>,
    may: Box<RawValue>,
    needs: Box<RawValue>,
}

impl OfRole {
    fn new(role: Role) -> serde_json::Result<Self> {
        let (may, needs): (Vec<_>, Vec<_>) =
            routes::needs().partition(|(_, needed)| *needed <= role);
        let may: Vec<_> = may.into_iter().map(|(action, _)| action.name()).collect();
        let needs = needs.into_iter().map(|(action, role)| (action.name(), role));
        Ok(Self {
            role,
            roles: to_raw_value(&role.held().collect::<Vec<_>>())?,
            may: to_raw_value(&may)?,
            needs: to_raw_value(&needs.collect::<BTreeMap<_, _>>())?,
        })
    }

    /// That of `role`; none when it could not be written.
    fn of(role: Role) -> Option<&'static Self> {
        static ALL: LazyLock<Vec<OfRole>> =
            LazyLock::new(|| Role::ALL.into_iter().filter_map(|it| OfRole::new(it).ok()).collect());
        ALL.iter().find(|it| it.role == role)
    }
}

impl Asked {
    /// Who the session belongs to, what it may do and what it may not, and when it ends.
    pub(super) fn who(&self) -> Answer {
        let session = self.session()?;
        let role = session.rights.role;
        let OfRole { roles, may, needs, .. } = OfRole::of(role).ok_or_else(Fault::internal)?;
        let who = Who {
            operator: &session.operator,
            directory_id: session.rights.directory_id.as_deref(),
            role,
            roles,
            may,
            needs,
            until: session.until(),
            idle_seconds: session.idle_limit().map(|limit| limit.as_secs()),
            sign_in: self.app.open_id.is_some().then_some(PATH),
        };
        Ok(json_answer(StatusCode::OK, &who))
    }
}
