//! Waits, budgets and pauses, by a clock that stands still until somebody waits.

use std::{
    future::{pending, ready},
    sync::atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use futures_util::FutureExt as _;

use super::*;

fn refused(status: u16, retry_after: Option<u64>) -> Failure {
    Failure::Refused {
        status: StatusCode::from_u16(status).unwrap(),
        code: String::new(),
        message: String::new(),
        retry_after,
    }
}

fn fine() -> Answer {
    Answer { status: StatusCode::OK, location: None, body: Bytes::new() }
}

/// A service that fails so many times, and when it was asked.
struct Service {
    failures: AtomicU32,
    failure: Failure,
    asked: Mutex<Vec<Instant>>,
}

impl Service {
    fn new(failures: u32, failure: Failure) -> Self {
        Self { failures: AtomicU32::new(failures), failure, asked: Mutex::default() }
    }

    async fn ask(&self, manners: &Manners, again: Again) -> Result<Answer, Failure> {
        self.ask_unless(manners, again, pending()).await
    }

    async fn ask_unless(
        &self,
        manners: &Manners,
        again: Again,
        unless: impl Future<Output = ()> + Send,
    ) -> Result<Answer, Failure> {
        let attempt = || {
            self.asked.lock().unwrap().push(Instant::now());
            let left = self.failures.load(Ordering::Relaxed);
            self.failures.store(left.saturating_sub(1), Ordering::Relaxed);
            let answer = if left == 0 { Ok(fine()) } else { Err(self.failure.clone()) };
            ready(answer).boxed()
        };
        manners.keep(again, attempt, unless.boxed()).await
    }

    fn times(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// Waits between requests.
    fn waits(&self) -> Vec<Duration> {
        self.asked.lock().unwrap().windows(2).map(|two| two[1] - two[0]).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn throttled() {
    // The service says when: not a moment earlier.
    let service = Service::new(2, refused(429, Some(4)));
    assert!(service.ask(&Manners::default(), Again::WhenTold).await.is_ok());
    assert_eq!(service.waits(), [Duration::from_secs(4); 2]);
    // Its wait is shorter than ours: ours, growing, with chance.
    let service = Service::new(3, refused(503, Some(0)));
    assert!(service.ask(&Manners::default(), Again::WhenTold).await.is_ok());
    for (wait, least) in service.waits().iter().zip([800, 1_600, 3_200]) {
        assert!((least..=least + least / 4).contains(&wait.as_millis()), "{wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_sent_again() {
    for (again, failure, times) in [
        (Again::Never, refused(429, Some(1)), 1),
        (Again::WhenTold, refused(429, None), 1),
        (Again::WhenTold, refused(503, None), 1),
        (Again::WhenTold, refused(500, Some(1)), 1),
        (Again::WhenTold, refused(429, Some(1)), 2),
        (Again::Freely, refused(429, None), 2),
        (Again::Freely, refused(503, None), 2),
        (Again::Freely, refused(404, Some(1)), 1),
        (Again::Freely, Failure::TimedOut(Duration::ZERO), 1),
        (Again::Freely, Failure::Broken(String::new()), 1),
        // Longer than anybody waits: told at once.
        (Again::Freely, refused(429, Some(11)), 1),
    ] {
        let service = Service::new(1, failure.clone());
        let start = Instant::now();
        let answer = service.ask(&Manners::default(), again).await;
        assert_eq!((service.times(), answer.is_ok()), (times, times == 2), "{again:?} {failure}");
        if times == 1 {
            assert_eq!(answer.unwrap_err(), failure);
            assert_eq!(start.elapsed(), Duration::ZERO);
        }
    }
    let service = Service::new(9, refused(503, None));
    assert!(service.ask(&Manners::default(), Again::Freely).await.is_err());
    assert_eq!(service.times(), 4, "three times again");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_wanted_any_more_is_not_sent_again() {
    let service = Service::new(1, refused(429, Some(5)));
    let newer = tokio::time::sleep(Duration::from_secs(2));
    let start = Instant::now();
    let answer = service.ask_unless(&Manners::default(), Again::WhenTold, newer).await;
    assert_eq!(answer.unwrap_err(), refused(429, Some(5)));
    assert_eq!((service.times(), start.elapsed()), (1, Duration::from_secs(2)));
}

#[tokio::test(start_paused = true)]
async fn budget() {
    // Nothing gets through for long: a fifth more than without sending again, and what was saved.
    let manners = Manners::default();
    let service = Service::new(u32::MAX, refused(429, Some(1)));
    for _ in 0..1_000 {
        assert!(service.ask(&manners, Again::WhenTold).await.is_err());
    }
    assert!(service.times() <= 1_205, "{}", service.times());
    assert!(service.times() > 1_100, "{}", service.times());
}

#[tokio::test(start_paused = true)]
async fn half_open() {
    let manners = Manners::default();
    let service = Service::new(6, refused(500, None));
    for _ in 0..5 {
        assert_eq!(service.ask(&manners, Again::Never).await.unwrap_err(), refused(500, None));
    }
    // Left alone: told at once, with the time that is left.
    for left in [30, 20] {
        let paused = service.ask(&manners, Again::Freely).await.unwrap_err();
        assert_eq!((paused, service.times()), (Failure::Paused(left), 5));
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    // One sees how it is: badly.
    assert_eq!(service.ask(&manners, Again::Never).await.unwrap_err(), refused(500, None));
    assert_eq!(service.ask(&manners, Again::Never).await.unwrap_err(), Failure::Paused(30));
    tokio::time::advance(ALONE).await;
    // While one is under way to see, the others wait for what it says.
    let slow = manners.keep(
        Again::Never,
        || async { tokio::time::sleep(Duration::from_secs(3)).await }.map(|()| Ok(fine())).boxed(),
        pending().boxed(),
    );
    let others = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        service.ask(&manners, Again::Never).await.unwrap_err()
    };
    let (seen, other) = tokio::join!(slow, others);
    assert!(seen.is_ok());
    assert_eq!(other, Failure::Paused(29));
    assert!(service.ask(&manners, Again::Never).await.is_ok());
    assert_eq!(service.times(), 7);
}

#[tokio::test(start_paused = true)]
async fn only_failures_in_a_row_count() {
    let manners = Manners::default();
    for failure in [refused(429, None), refused(404, None), Failure::NoToken(String::new())] {
        let service = Service::new(20, failure.clone());
        for _ in 0..20 {
            assert_eq!(service.ask(&manners, Again::Never).await.unwrap_err(), failure);
        }
    }
    for _ in 0..5 {
        let service = Service::new(4, Failure::NotSent(String::new()));
        for _ in 0..4 {
            assert!(service.ask(&manners, Again::Never).await.is_err());
        }
        assert!(service.ask(&manners, Again::Never).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_never_comes_back_blocks_nobody_for_ever() {
    let manners = Manners::default();
    let service = Service::new(5, Failure::TimedOut(Duration::ZERO));
    for _ in 0..5 {
        assert!(service.ask(&manners, Again::Never).await.is_err());
    }
    tokio::time::advance(ALONE).await;
    let gone = manners.keep(Again::Never, || pending().boxed(), pending().boxed());
    assert!(tokio::time::timeout(Duration::from_secs(1), gone).await.is_err());
    assert_eq!(service.ask(&manners, Again::Never).await.unwrap_err(), Failure::Paused(29));
    tokio::time::advance(ALONE).await;
    assert!(service.ask(&manners, Again::Never).await.is_ok());
}
