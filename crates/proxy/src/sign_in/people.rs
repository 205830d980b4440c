//! What an issuer's token says of a person, and what the configuration makes of it.

use std::collections::BTreeMap;

use foldback_model::{OperatorId, name};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    role::Role,
    secret::Fingerprint,
    session::{Claimed, Operator, Rights},
};

/// Most roles and groups taken from a token, each.
const MOST: usize = 256;

/// What is read of a person's token beside what every token is checked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(expecting = "claims of an operator")]
pub struct Claims {
    /// Until when it is good, in seconds since 1970.
    pub exp: u64,
    #[serde(rename = "iss")]
    _iss: String,
    sub: String,
    /// Everything else; whatever is of another kind than expected is passed over.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Claims {
    /// Who it is. Subjects are up to 255 characters of any kind; what does not fit an id is named by
    /// its hash. None without a subject.
    pub fn operator(&self) -> Option<Operator> {
        if self.sub.is_empty() {
            return None;
        }
        let id = OperatorId::new(self.sub.as_str())
            .or_else(|| OperatorId::new(Fingerprint::of(&self.sub).to_text()))?;
        let shown = ["name", "preferred_username"].into_iter().filter_map(|claim| self.text(claim));
        let mut shown = shown.map(name::clean).filter(|name| !name.is_empty());
        let name = shown.next().unwrap_or_else(|| name::clean(id.as_str()));
        Some(Operator { id, name })
    }

    /// A claim that is text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.rest.get(claim)?.as_str()
    }

    /// When it was made, in seconds since 1970.
    pub fn issued(&self) -> Option<u64> {
        self.rest.get("iat")?.as_u64()
    }

    /// For how many it is.
    pub fn audiences(&self) -> usize {
        self.rest.get("aud").and_then(Value::as_array).map_or(1, Vec::len)
    }

    /// A claim by its name, or by names with dots between them that lead into objects.
    fn find(&self, claim: &str) -> Option<&Value> {
        if let Some(found) = self.rest.get(claim) {
            return Some(found);
        }
        let mut names = claim.split('.');
        let first = self.rest.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    /// The texts of a claim that is one or has several.
    fn texts(&self, claim: &str) -> Vec<String> {
        match self.find(claim) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(all)) => {
                all.iter().filter_map(Value::as_str).take(MOST).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Who may do what, as the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// The claim with roles.
    pub roles_claim: String,
    /// What each of its values makes of somebody. Others mean nothing.
    pub roles: BTreeMap<String, Role>,
    /// What everybody is whom the issuer lets in.
    pub default_role: Option<Role>,
    /// The claim with groups.
    pub groups_claim: String,
}

impl People {
    /// What a token says of its person.
    pub fn claimed(&self, claims: &Claims) -> Claimed {
        Claimed {
            roles: claims.texts(&self.roles_claim),
            groups: claims.texts(&self.groups_claim),
            directory_id: claims.text("oid").map(str::to_owned),
        }
    }

    /// What that lets them do: the highest of their roles counts. None when they have none.
    pub fn rights(&self, claimed: &Claimed) -> Option<Rights> {
        let named = claimed.roles.iter().filter_map(|name| self.roles.get(name)).copied();
        Some(Rights {
            role: named.chain(self.default_role).max()?,
            groups: claimed.groups.clone(),
            directory_id: claimed.directory_id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(more: Value) -> Claims {
        let mut all = json!({"exp": 1, "iss": "i", "sub": "s"});
        let Value::Object(more) = more else { panic!() };
        all.as_object_mut().unwrap().extend(more);
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn the_highest_role_counts_and_unknown_ones_do_not() {
        let roles = [("Mute", Role::Moderator), ("Run", Role::Administrator)];
        let mut people = People {
            roles_claim: "roles".to_owned(),
            roles: roles.map(|(name, role)| (name.to_owned(), role)).into(),
            default_role: None,
            groups_claim: "realm.groups".to_owned(),
        };
        for (told, role) in [
            (json!({"roles": ["Mute", "Run"]}), Some(Role::Administrator)),
            (json!({"roles": "Mute"}), Some(Role::Moderator)),
            (json!({"roles": ["mute", "administrator", 7]}), None),
            (json!({"roles": {"Run": true}}), None),
            (json!({"realm": {"roles": ["Run"]}}), None),
            (json!({}), None),
        ] {
            let found = people.rights(&people.claimed(&claims(told.clone())));
            assert_eq!(found.map(|rights| rights.role), role, "{told}");
        }
        let claimed =
            people.claimed(&claims(json!({"realm": {"groups": ["a", 7, "b"]}, "oid": "o"})));
        people.default_role = Some(Role::Viewer);
        let rights = people.rights(&claimed).unwrap();
        assert_eq!(
            (rights.role, rights.groups),
            (Role::Viewer, vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(rights.directory_id.as_deref(), Some("o"));
    }
}
