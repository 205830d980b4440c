//! The orderly end: first streams end one after another, while commands and notifications go on as ever;
//! then no connection is taken any more, and what is under way is answered.

use std::{sync::OnceLock, time::Duration};

use tokio_util::sync::CancellationToken;

/// Time between two ends of streams, on average. Whoever comes back reads a snapshot and asks for a new
/// stream: fifty of them a second are little work for whoever follows.
const APART: Duration = Duration::from_millis(20);

/// Whether the end has begun, and over how long streams end then.
#[derive(Debug, Default)]
pub struct Ending {
    begun: CancellationToken,
    spread: OnceLock<Duration>,
}

impl Ending {
    /// Begins it for so many open streams and gives the time in which they end: the more there are the
    /// longer, but not longer than `most`.
    pub fn begin(&self, streams: usize, most: Duration) -> Duration {
        let streams = u32::try_from(streams).unwrap_or(u32::MAX);
        let spread = *self.spread.get_or_init(|| APART.saturating_mul(streams).min(most));
        self.begun.cancel();
        spread
    }

    /// Whether it has begun: no stream is opened any more.
    pub fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Waits until it begins.
    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// When one stream is to end, from the beginning of the end: by chance, so that browsers do not come
    /// back together.
    pub fn by_chance(&self) -> Duration {
        // Without randomness none waits.
        let chance = getrandom::u32().unwrap_or_default();
        let spread = self.spread.get().copied().unwrap_or_default();
        spread.mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_streams_end_soon_and_many_within_the_limit() {
        let most = Duration::from_secs(10);
        for (streams, spread) in [(0, 0), (1, 20), (50, 1_000), (500, 10_000), (5_000, 10_000)] {
            let ending = Ending::default();
            assert!(!ending.has_begun());
            let found = ending.begin(streams, most);
            assert_eq!(found, Duration::from_millis(spread), "{streams}");
            assert!(ending.has_begun());
            // Told twice, it is the same end.
            assert_eq!(ending.begin(streams + 1, most), found);
            let moments: Vec<_> = (0..200).map(|_| ending.by_chance()).collect();
            assert!(moments.iter().all(|moment| *moment <= found), "{streams}");
            let late = moments.iter().filter(|moment| **moment > found / 2).count();
            assert!(streams == 0 || (50..150).contains(&late), "{streams}: {late} of 200 are late");
        }
        assert_eq!(Ending::default().begin(5_000, Duration::ZERO), Duration::ZERO);
    }
}
