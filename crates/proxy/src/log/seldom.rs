//! What anybody can have said over and over: it is said once in a while, with how often it was.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time between two records of one kind.
const QUIET: Duration = Duration::from_secs(10);

/// Counts one kind of record.
#[derive(Debug)]
pub struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Seldom {
    /// Nothing was said.
    pub const fn new() -> Self {
        Self(Mutex::new((None, 0)))
    }

    /// How often it happened since it was last said, this time included; none while that is too short a
    /// time ago.
    pub fn times(&self) -> Option<u64> {
        self.times_at(Instant::now())
    }

    fn times_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, times) = &mut *state;
        *times += 1;
        if said.is_some_and(|said| now.saturating_duration_since(said) < QUIET) {
            return None;
        }
        *said = Some(now);
        Some(std::mem::take(times))
    }
}

impl Default for Seldom {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_in_a_while_and_none_is_lost() {
        let seldom = Seldom::new();
        let began = Instant::now();
        assert_eq!(seldom.times_at(began), Some(1));
        for _ in 0..500 {
            assert_eq!(seldom.times_at(began + QUIET / 2), None);
        }
        assert_eq!(seldom.times_at(began + QUIET), Some(501));
        assert_eq!(seldom.times_at(began + QUIET), None);
        assert_eq!(seldom.times_at(began + 3 * QUIET), Some(2));
    }
}
