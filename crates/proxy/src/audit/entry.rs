//! What stands in the audit: who did what to whom, when, from where, and how it ended.

use std::fmt;

use foldback_model::{
    By, CallKey, GestureId, OperationKind, Outcome, ParticipantId, Sequence, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Trace;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "they are named after the actions of the table")]
pub enum Kind {
    Mute,
    MuteSelf,
    UnmuteSelf,
    ConfigureMixer,
    SaveScene,
    DeleteScene,
    LeaveCall,
    OpenCall,
    SetCallAccess,
    SignIn,
    SignOut,
    Revoke,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Mute,
        Self::MuteSelf,
        Self::UnmuteSelf,
        Self::ConfigureMixer,
        Self::SaveScene,
        Self::DeleteScene,
        Self::LeaveCall,
        Self::OpenCall,
        Self::SetCallAccess,
        Self::SignIn,
        Self::SignOut,
        Self::Revoke,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mute => "mute",
            Self::MuteSelf => "muteSelf",
            Self::UnmuteSelf => "unmuteSelf",
            Self::ConfigureMixer => "configureMixer",
            Self::SaveScene => "saveScene",
            Self::DeleteScene => "deleteScene",
            Self::LeaveCall => "leaveCall",
            Self::OpenCall => "openCall",
            Self::SetCallAccess => "setCallAccess",
            Self::SignIn => "signIn",
            Self::SignOut => "signOut",
            Self::Revoke => "revoke",
        }
    }
}

impl From<OperationKind> for Kind {
    fn from(kind: OperationKind) -> Self {
        match kind {
            OperationKind::Mute => Self::Mute,
            OperationKind::MuteSelf => Self::MuteSelf,
            OperationKind::UnmuteSelf => Self::UnmuteSelf,
            OperationKind::ConfigureMixer => Self::ConfigureMixer,
        }
    }
}

/// Something done that is no fact of the call, and is written down for this page alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// On which call; none for what is of no call, as signing in.
    pub call: Option<CallKey>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: By,
    /// From where.
    pub trace: Trace,
    /// What.
    pub kind: Kind,
    /// How it ended; none as long as it has not.
    pub outcome: Option<Outcome>,
    /// What more there is to say.
    pub detail: Value,
}

/// In which order the page is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// From the beginning on.
    #[default]
    Oldest,
    /// From the end back.
    Newest,
}

impl Order {
    /// The place that comes before all others.
    pub fn start(self) -> Cursor {
        match self {
            Self::Oldest => Cursor::default(),
            Self::Newest => Cursor { sequence: Sequence(u64::MAX), part: u64::MAX },
        }
    }
}

/// A place in the page: a fact, then what was done after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The fact.
    pub sequence: Sequence,
    /// Numbers what was done after it; 0 is the fact itself.
    pub part: u64,
}

impl Cursor {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (sequence, part) = text.split_once('.')?;
        Some(Self { sequence: Sequence(sequence.parse().ok()?), part: part.parse().ok()? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.sequence, self.part)
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It has no end yet.
    Pending,
    /// It ended, then and so.
    At(Timestamp, Outcome),
}

impl End {
    /// As it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::At(_, Outcome::Completed) => "completed",
            Self::At(_, Outcome::Failed { .. }) => "failed",
            Self::At(_, Outcome::Unconfirmed) => "unconfirmed",
        }
    }
}

/// One line of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place.
    pub cursor: Cursor,
    /// When it was asked for.
    pub at: Timestamp,
    /// By whom: an operator, or Foldback itself for people who joined.
    pub by: By,
    /// From where, and who was concerned.
    pub trace: Trace,
    /// What was done.
    pub kind: Kind,
    /// To whom.
    pub targets: Vec<ParticipantId>,
    /// The drag or bulk action.
    pub gesture: Option<GestureId>,
    /// How it ended.
    pub end: End,
    /// The scene, or who may see the call; null where there is nothing to add.
    pub detail: Value,
}

impl Entry {
    /// As JSON has it.
    pub fn json(&self) -> Value {
        let operator = match &self.by {
            By::Operator { id, name } => json!({"id": id, "name": name}),
            By::Service | By::Foldback => Value::Null,
        };
        let mut entry = json!({
            "cursor": self.cursor,
            "at": self.at,
            "operator": operator,
            "from": self.trace.from,
            "kind": self.kind,
            "targets": self.targets,
            "names": self.trace.whom,
            "gesture": self.gesture,
            "outcome": self.end.name(),
            "detail": self.detail,
        });
        if let (Value::Object(entry), End::At(at, outcome)) = (&mut entry, &self.end) {
            entry.insert("endedAt".to_owned(), json!(at));
            if let Outcome::Failed { status, code, message, .. } = outcome {
                entry.insert("status".to_owned(), json!(status));
                entry.insert("code".to_owned(), json!(code));
                entry.insert("message".to_owned(), json!(message));
            }
        }
        entry
    }
}
