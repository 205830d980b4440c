//! Foldback's own ids, sequence numbers and times, as types.

use std::fmt;

use foldback_json::{Node, Read};
use foldback_wire::ids::CallId;
use serde::{Deserialize, Serialize};

use crate::call::CallKind;

/// Position of a fact in its call's journal: strictly increasing, not contiguous, 0 before the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Read for Sequence {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Read::read(node).map(Self)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Wall time in milliseconds since 1970-01-01 UTC.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Read for Timestamp {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Read::read(node).map(Self)
    }
}

impl Timestamp {
    /// Milliseconds from `earlier` to here; 0 when `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Longest accepted text, in characters.
            pub const MAX: usize = 64;

            /// Takes 1 to 64 printable ASCII characters without spaces; anything else is `None`.
            pub fn new(text: impl Into<String>) -> Option<Self> {
                let text = text.into();
                let fits = !text.is_empty()
                    && text.len() <= Self::MAX
                    && text.chars().all(|c| c.is_ascii_graphic());
                fits.then_some(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl foldback_json::Read for $name {
            fn read(node: &foldback_json::Node<'_>) -> Result<Self, foldback_json::Error> {
                node.text().map(|text| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An operation as Foldback names it, made by the proxy before anything is sent.
    OperationId
);
text_id!(
    /// One drag or one bulk action; the journal keeps only the last mix of a gesture.
    GestureId
);
text_id!(
    /// Somebody signed in to Foldback. Not a participant.
    OperatorId
);

text_id!(
    /// A scene of a call, made by the proxy.
    SceneId
);

/// Names a call in Foldback's own paths: `graph.{call id}` or `acs.{connection id}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallKey {
    /// A Microsoft Graph call.
    Graph(CallId),
    /// An ACS call connection.
    Acs(CallId),
}

impl CallKey {
    /// Reads the text form; the id part is checked and normalised.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('.')?;
        let id = CallId::parse(id).ok()?;
        match kind {
            "graph" => Some(Self::Graph(id)),
            "acs" => Some(Self::Acs(id)),
            _ => None,
        }
    }

    /// Which service carries the call.
    pub fn kind(&self) -> CallKind {
        match self {
            Self::Graph(_) => CallKind::Graph,
            Self::Acs(_) => CallKind::Acs,
        }
    }

    /// The service's own id.
    pub fn id(&self) -> &CallId {
        match self {
            Self::Graph(id) | Self::Acs(id) => id,
        }
    }
}

impl fmt::Display for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Graph(id) => write!(f, "graph.{id}"),
            Self::Acs(id) => write!(f, "acs.{id}"),
        }
    }
}

impl Serialize for CallKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Read for CallKey {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        Self::parse(node.text()?).ok_or_else(|| foldback_json::Error::new("not the name of a call"))
    }
}

impl<'de> Deserialize<'de> for CallKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("a call is named graph.{call id} or acs.{connection id}")
        })
    }
}
