//! Who may see a call: everybody of a role, members of groups, or people by name, such as the one who
//! organizes the meeting.

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    call::Call,
    problem::Fault,
    role::Role,
    routes::{Access, Route},
    session::Session,
};

/// Most groups and people that one call names, each.
const NAMED_MAX: usize = 64;

/// Longest name of a group or a person, in characters.
const NAME_MAX: usize = 256;

/// Who may see a call. Any one of the three is enough; administrators see every call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CallAccess {
    /// Whoever has this role or a higher one.
    pub open_to: Option<Role>,
    /// Members of these groups, as the sign-in names them.
    pub groups: Vec<String>,
    /// People by their id of the sign-in or of the directory.
    pub people: Vec<String>,
}

/// How calls are joined unless somebody says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// Who may see them.
    pub access: CallAccess,
    /// Whether whoever organizes the meeting may, where the meeting names them.
    pub organizer: bool,
}

impl Default for Calls {
    fn default() -> Self {
        let access = CallAccess { open_to: Some(Role::Viewer), ..CallAccess::default() };
        Self { access, organizer: true }
    }
}

impl CallAccess {
    /// Whether this session may see the call.
    pub fn admits(&self, session: &Session) -> bool {
        let rights = &session.rights;
        let by_role = self.open_to.is_some_and(|least| rights.role >= least);
        let by_group = || self.groups.iter().any(|group| rights.groups.contains(group));
        let named = |person: &String| {
            person == session.operator.id.as_str() || Some(person) == rights.directory_id.as_ref()
        };
        rights.role == Role::Administrator || by_role || by_group() || self.people.iter().any(named)
    }

    /// Checks what somebody wrote.
    ///
    /// # Errors
    /// 400 with the place and the limit.
    pub fn checked(self) -> Result<Self, Fault> {
        for (place, names) in [("$.groups", &self.groups), ("$.people", &self.people)] {
            if names.len() > NAMED_MAX {
                return Err(Fault::bad_request(format!(
                    "{place} has {} entries; at most {NAMED_MAX} are taken",
                    names.len()
                )));
            }
            let fits = |name: &String| {
                (1..=NAME_MAX).contains(&name.chars().count())
                    && !name.chars().any(char::is_control)
            };
            if !names.iter().all(fits) {
                return Err(Fault::bad_request(format!(
                    "{place}: a name has 1 to {NAME_MAX} characters and no controls"
                )));
            }
        }
        Ok(self)
    }

    /// Lets one more person in.
    pub fn add(&mut self, person: &str) {
        if !self.people.iter().any(|known| known == person) {
            self.people.push(person.to_owned());
        }
    }
}

/// Lets a request through to what its path names: the role the table asks for, then the call, which is
/// to be open to this session. The call that is given back is the only one a handler gets to see.
///
/// # Errors
/// 403 for a role that is too low or a call that is open to others, 404 for a call nobody has.
pub fn grant(app: &App, route: &Route, session: &Session) -> Result<Option<Arc<Call>>, Fault> {
    if let Access::Role(needed) = route.access
        && session.rights.role < needed
    {
        return Err(Fault::needs(needed, session.rights.role));
    }
    let Some(key) = &route.call else { return Ok(None) };
    let call = app.calls.get(key)?;
    admit(&call, session)?;
    Ok(Some(call))
}

/// Lets a session to a call.
///
/// # Errors
/// 403.
pub fn admit(call: &Call, session: &Session) -> Result<(), Fault> {
    if call.admits(session) {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::FORBIDDEN,
        "callNotOpenToYou",
        "this call is open to others than you; an administrator of Foldback can change that",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Operator, Rights};
    use foldback_model::OperatorId;

    fn session(role: Role, groups: &[&str]) -> Session {
        let operator = Operator { id: OperatorId::new("ada").unwrap(), name: "Ada".to_owned() };
        let groups = groups.iter().map(|it| (*it).to_owned()).collect();
        let rights = Rights { role, groups, directory_id: Some("oid-1".to_owned()) };
        Session::link(operator, rights)
    }

    #[test]
    fn any_one_reason_is_enough_and_none_is_not() {
        let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let access = |open_to, groups: &[&str], people: &[&str]| CallAccess {
            open_to,
            groups: names(groups),
            people: names(people),
        };
        let cases = [
            (access(None, &[], &[]), false),
            (access(Some(Role::Moderator), &[], &[]), true),
            (access(Some(Role::Viewer), &[], &[]), true),
            (access(Some(Role::Producer), &[], &[]), false),
            (access(None, &["sound"], &[]), true),
            (access(None, &["SOUND", "x"], &[]), false),
            (access(None, &[], &["ada"]), true),
            (access(None, &[], &["oid-1"]), true),
            (access(None, &["oid-1"], &["sound"]), false),
            (access(Some(Role::Producer), &["x"], &["bob"]), false),
        ];
        for (access, expected) in cases {
            assert_eq!(
                access.admits(&session(Role::Moderator, &["sound"])),
                expected,
                "{access:?}"
            );
            assert!(access.admits(&session(Role::Administrator, &[])), "{access:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_told_with_its_place() {
        let many = CallAccess { groups: vec!["g".to_owned(); 65], ..CallAccess::default() };
        assert!(many.checked().unwrap_err().message.contains("$.groups has 65"));
        for bad in ["", "a\nb", &"x".repeat(257)] {
            let people = vec![bad.to_owned()];
            let found = CallAccess { people, ..CallAccess::default() }.checked().unwrap_err();
            assert!(found.message.contains("$.people"), "{found}");
        }
        assert!(Calls::default().access.checked().is_ok());
    }
}
