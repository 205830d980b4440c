//! The clock of the rehearsal: real time since the start, plus what was added by hand.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// Milliseconds since the service began, never going back.
#[derive(Debug)]
pub(super) struct Clock {
    start: Instant,
    added_ms: AtomicU64,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), added_ms: AtomicU64::new(0) }
    }

    pub(super) fn now_ms(&self) -> u64 {
        let real = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        real.saturating_add(self.added_ms.load(Ordering::Acquire))
    }

    pub(super) fn add(&self, ms: u64) {
        self.added_ms.fetch_add(ms, Ordering::AcqRel);
    }
}
