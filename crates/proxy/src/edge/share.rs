//! What one session may take: requests and streams.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use foldback_model::OperatorId;
use tokio_util::sync::CancellationToken;

use super::rate::Bucket;

/// Shares of people with tokens from which on those at rest are forgotten.
const SWEPT_FROM: usize = 1_024;

/// See the module.
#[derive(Debug, Default)]
pub struct Share {
    /// Its requests.
    pub requests: Bucket,
    streams: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    last: u64,
    streams: VecDeque<(u64, CancellationToken)>,
}

impl Share {
    /// A place for one more stream; with `most` of them open the oldest has to go.
    pub fn stream(self: &Arc<Self>, most: usize) -> StreamPlace {
        let mut open = self.open();
        while open.streams.len() >= most.max(1) {
            let Some((_, oldest)) = open.streams.pop_front() else { break };
            oldest.cancel();
        }
        open.last += 1;
        let number = open.last;
        let crowded_out = CancellationToken::new();
        open.streams.push_back((number, crowded_out.clone()));
        drop(open);
        StreamPlace { share: Arc::clone(self), number, crowded_out }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's place in its session, given back when it is dropped.
#[derive(Debug)]
pub struct StreamPlace {
    share: Arc<Share>,
    number: u64,
    /// Cancelled when a newer stream has taken the place.
    pub crowded_out: CancellationToken,
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        self.share.open().streams.retain(|(number, _)| *number != self.number);
    }
}

/// Shares of people who come with tokens: a session of theirs lasts for one request, so they have one
/// by who they are.
#[derive(Debug, Default)]
pub struct Shares(Mutex<HashMap<OperatorId, Arc<Share>>>);

impl Shares {
    /// One's share.
    pub fn of(&self, operator: &OperatorId) -> Arc<Share> {
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(operator) {
            return Arc::clone(share);
        }
        if shares.len() >= SWEPT_FROM {
            shares.retain(|_, share| Arc::strong_count(share) > 1 || !share.requests.is_full());
        }
        Arc::clone(shares.entry(operator.clone()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_stream_makes_room_and_places_come_back() {
        let share = Arc::new(Share::default());
        let mut places: Vec<_> = (0..4).map(|_| share.stream(4)).collect();
        drop(places.remove(1));
        places.push(share.stream(4));
        assert!(places.iter().all(|place| !place.crowded_out.is_cancelled()));
        let newest = share.stream(4);
        let gone: Vec<_> = places.iter().map(|place| place.crowded_out.is_cancelled()).collect();
        assert_eq!(gone, [true, false, false, false]);
        drop(places);
        drop(newest);
        assert!(share.open().streams.is_empty());
    }

    #[test]
    fn people_keep_their_share_while_it_matters() {
        let shares = Shares::default();
        let id = |number: usize| OperatorId::new(format!("o{number}")).unwrap();
        let first = shares.of(&id(0));
        let rate = crate::edge::limits::Rate { per_second: 1, at_once: 1 };
        shares.of(&id(1)).requests.take(rate, 1).unwrap();
        for number in 2..=SWEPT_FROM {
            drop(shares.of(&id(number)));
        }
        assert!(Arc::ptr_eq(&first, &shares.of(&id(0))));
        assert!(shares.of(&id(1)).requests.take(rate, 1).is_err());
        assert!(shares.0.lock().unwrap().len() <= 4);
    }
}
