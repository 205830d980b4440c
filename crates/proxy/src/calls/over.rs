//! What becomes of a call that is over: it stays to be looked at for a while, and then leaves memory.
//! The journal keeps it, and so the audit, as after a restart.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::Calls;
use crate::{app::App, call::Call};

/// How long a call stays here after its end: whoever was in it may still want to see who was there.
const STAYS: Duration = Duration::from_hours(1);

/// Time between two looks whether a stream is still open that shows it.
const AGAIN: Duration = Duration::from_mins(1);

/// Waits until nobody needs a call any more that is over, and lets go of it.
pub async fn let_go(app: &App, call: &Arc<Call>) {
    tokio::time::sleep(STAYS).await;
    while call.is_watched() {
        tokio::time::sleep(AGAIN).await;
    }
    if app.calls.remove_over(call) {
        tracing::info!(call = %call.key, "a call that is over left memory; the journal keeps it");
    }
}

impl Calls {
    /// Takes a call out, with the paths of its notifications, unless it is open again.
    fn remove_over(&self, call: &Arc<Call>) -> bool {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        let same = open.get(&call.key).is_some_and(|it| Arc::ptr_eq(it, call));
        if !same || !call.read().is_over() {
            return false;
        }
        open.remove(&call.key);
        drop(open);
        self.beside.lock().unwrap_or_else(PoisonError::into_inner).remove(&call.key);
        // One that is being used leads to a call that is over; whatever it brings is passed over.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| {
            let leads = slot.call.try_lock();
            !leads.is_ok_and(|it| it.as_ref().is_some_and(|it| Arc::ptr_eq(it, call)))
        });
        true
    }
}
