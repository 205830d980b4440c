//! Token buckets: how often is often enough.
//!
//! A bucket is one moment: when it will be full again if nothing is taken until then.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::limits::Rate;

/// Buckets that are kept at most. Whoever has that many addresses to send from is not held up by
/// counting them.
const KEPT: usize = 65_536;

/// Buckets from which on full ones are looked for and forgotten.
const SWEPT_FROM: usize = 1_024;

/// Too much was taken: how long to wait for enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Empty(pub Duration);

impl Rate {
    fn time_for(self, cost: u32) -> Duration {
        Duration::from_secs(u64::from(cost)) / self.per_second.max(1)
    }

    /// When the bucket that will be full at `full` will be so after `cost` is taken. What costs more
    /// than it ever holds costs all of it.
    fn taken(self, full: Instant, now: Instant, cost: u32) -> Result<Instant, Empty> {
        let after = full.max(now) + self.time_for(cost.min(self.at_once));
        let over = (after - now).checked_sub(self.time_for(self.at_once));
        match over.filter(|over| !over.is_zero()) {
            Some(wait) => Err(Empty(wait)),
            None => Ok(after),
        }
    }
}

/// One bucket, full at first.
#[derive(Debug)]
pub struct Bucket(Mutex<Instant>);

impl Default for Bucket {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Bucket {
    /// Takes so much.
    ///
    /// # Errors
    /// [`Empty`]; nothing is taken then.
    pub fn take(&self, rate: Rate, cost: u32) -> Result<(), Empty> {
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *full = rate.taken(*full, Instant::now(), cost)?;
        Ok(())
    }

    /// Whether forgetting it would change nothing.
    pub fn is_full(&self) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) <= Instant::now()
    }
}

/// A bucket for each.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    kept: Mutex<Kept<K>>,
}

#[derive(Debug)]
struct Kept<K> {
    full: HashMap<K, Instant>,
    sweep_at: usize,
}

impl<K: Eq + Hash> Buckets<K> {
    /// All full.
    pub fn new(rate: Rate) -> Self {
        Self { rate, kept: Mutex::new(Kept { full: HashMap::new(), sweep_at: SWEPT_FROM }) }
    }

    /// Takes so much from one's bucket.
    ///
    /// # Errors
    /// [`Empty`]; nothing is taken then.
    pub fn take(&self, whose: K, cost: u32) -> Result<(), Empty> {
        let now = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.make_room(now);
        let full = kept.full.entry(whose).or_insert(now);
        *full = self.rate.taken(*full, now, cost)?;
        Ok(())
    }

    /// Whether one could take so much.
    ///
    /// # Errors
    /// [`Empty`].
    pub fn look(&self, whose: &K, cost: u32) -> Result<(), Empty> {
        let now = Instant::now();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let full = kept.full.get(whose).copied().unwrap_or(now);
        self.rate.taken(full, now, cost).map(drop)
    }
}

impl<K: Eq + Hash> Kept<K> {
    fn make_room(&mut self, now: Instant) {
        if self.full.len() < self.sweep_at {
            return;
        }
        self.full.retain(|_, full| *full > now);
        if self.full.len() >= KEPT {
            self.full.clear();
        }
        self.sweep_at = (2 * self.full.len()).clamp(SWEPT_FROM, KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::limits::Limits;

    #[tokio::test(start_paused = true)]
    async fn a_drag_is_never_held_up_and_a_storm_is() {
        let rate = Limits::default().session;
        let bucket = Bucket::default();
        // Three hands on faders for ten minutes, in a panel that also reads.
        for _ in 0..10 * 60 * 10 {
            bucket.take(rate, 4).unwrap();
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        assert!(bucket.is_full());
        for _ in 0..rate.at_once {
            bucket.take(rate, 1).unwrap();
        }
        assert_eq!(bucket.take(rate, 1), Err(Empty(Duration::from_millis(10))));
        tokio::time::advance(Duration::from_millis(10)).await;
        bucket.take(rate, 1).unwrap();
        assert!(bucket.take(rate, 1).is_err());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(bucket.is_full());
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_has_a_bucket_and_full_ones_are_forgotten() {
        let buckets = Buckets::new(Rate { per_second: 1, at_once: 2 });
        buckets.take(1, 2).unwrap();
        assert_eq!(buckets.take(1, 1), Err(Empty(Duration::from_secs(1))));
        assert_eq!(buckets.look(&1, 1), Err(Empty(Duration::from_secs(1))));
        buckets.look(&2, 2).unwrap();
        buckets.look(&2, 3).unwrap();
        for other in 2..2_000 {
            buckets.take(other, 1).unwrap();
        }
        assert!(buckets.take(1, 1).is_err(), "others do not make it full");
        tokio::time::advance(Duration::from_secs(2)).await;
        for other in 2_000..4_000 {
            buckets.take(other, 1).unwrap();
        }
        assert!(buckets.kept.lock().unwrap().full.len() <= 2_000 + SWEPT_FROM);
    }

    #[test]
    fn they_take_little_memory_whoever_comes() {
        let buckets = Buckets::new(Rate { per_second: 1, at_once: 10 });
        for whose in 0..=2 * KEPT {
            buckets.take(whose, 1).unwrap();
        }
        assert!(buckets.kept.lock().unwrap().full.len() <= KEPT);
    }
}
