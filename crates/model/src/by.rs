//! Who made something happen: the service, Foldback itself, or a person.

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
