//! What somebody may do, as one of four roles. Each may do what those below it may.
//!
//! Which role a request needs stands beside its path in the table of `routes`; which one somebody has is
//! said by their sign-in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A role, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees calls, and changes nothing.
    Viewer,
    /// Mutes people.
    Moderator,
    /// Mixes, and joins and leaves calls.
    Producer,
    /// Says who may see which call, and ends sessions of others. Sees every call.
    Administrator,
}

impl Role {
    /// All of them, lowest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Moderator, Self::Producer, Self::Administrator];

    /// Its name, as the configuration and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Moderator => "moderator",
            Self::Producer => "producer",
            Self::Administrator => "administrator",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// This role and those below it, lowest first.
    pub fn held(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |role| *role <= self)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
