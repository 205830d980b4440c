//! Orders carried out: faults that wait, and those that do something at once.

use std::sync::Arc;

use foldback_wire::ids::CallId;
use serde_json::{Value, json};

use super::{Deed, ToCall};
use crate::{
    engine::{Ending, Face},
    error::Error,
    http::{
        calls::Leg,
        shared::{Shared, lock},
    },
};

impl Shared {
    /// Takes one order.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is allowed.
    pub(in crate::http) fn order_fault(&self, order: &Value) -> Result<Value, String> {
        let deed = lock(&self.faults).add(order)?;
        match deed {
            None => {}
            Some(Deed::Access(flaw)) => lock(&self.tokens).spoil(flaw),
            Some(Deed::ToCall(on, what)) => {
                let leg = self.meant_leg(on.as_ref()).map_err(|error| error.to_string())?;
                let done = self.ask(&leg, |engine| match what {
                    ToCall::Lie { for_ms } => engine.lie(for_ms),
                    ToCall::End { code, subcode } => engine.end_with(&Ending::new(code, subcode)),
                    ToCall::EndMidOperation => engine.end_mid_operation(),
                });
                done.map_err(|error| error.to_string())?;
            }
        }
        Ok(json!({"added": order}))
    }

    fn meant_leg(&self, on: Option<&CallId>) -> Result<Arc<Leg>, Error> {
        match on {
            None => self.standing(Face::Graph),
            Some(id) => self.leg(Face::Graph, id).or_else(|_| self.leg(Face::Acs, id)),
        }
    }

    /// Forgets all faults: lies end, notifications held back are sent, access tokens are good again.
    pub(in crate::http) fn clear_faults(&self) {
        lock(&self.faults).clear();
        lock(&self.tokens).mend();
        for leg in self.legs() {
            self.ask(&leg, |engine| {
                engine.stop_lying();
                engine.end_mid_operation_no_more();
            });
            leg.post.release();
        }
    }
}
