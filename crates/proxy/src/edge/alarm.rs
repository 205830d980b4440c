//! A timer that is seldom set.

use std::{pin::Pin, task::Context};

use tokio::time::{Instant, Sleep, sleep_until};

/// See the module.
#[derive(Debug, Default)]
pub struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Whether it is this late; if not, whoever asks is woken then. An alarm that is set for earlier is
    /// left as it is until it rings: most of the time something else happens before, and setting it
    /// costs more than that.
    pub fn has_come(&mut self, at: Instant, cx: &mut Context<'_>) -> bool {
        let alarm = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
        loop {
            if alarm.deadline() > at {
                alarm.as_mut().reset(at);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return false;
            }
            if alarm.deadline() >= at {
                return true;
            }
            alarm.as_mut().reset(at);
        }
    }
}
