//! Who made something happen: the service, Foldback itself, or a person.

use foldback_json::{Node, Read};
use serde::{Deserialize, Serialize};

use crate::ids::OperatorId;

/// Who made something happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum By {
    /// The call service told us.
    Service,
    /// Foldback itself, for example sending the base mix to somebody who joined.
    Foldback,
    /// A person signed in to Foldback.
    Operator {
        /// Stable within the sign-in.
        id: OperatorId,
        /// Shown to the other operators.
        name: String,
    },
}

impl Read for By {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let (at, content) = node.choice(&["service", "foldback", "operator"])?;
        Ok(match at {
            0 => Self::Service,
            1 => Self::Foldback,
            _ => Self::Operator { id: content.field("id")?, name: content.field("name")? },
        })
    }
}
