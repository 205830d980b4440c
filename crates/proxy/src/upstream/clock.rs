//! A service's clock beside ours, by the `Date` of its answers.
//!
//! Tokens, notifications and signed requests are held to times on both sides. When one clock is wrong,
//! what fails is a refusal that says nothing of clocks; so the difference is told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::http::{HeaderMap, header};
use foldback_model::CallKind;

use super::text;
use crate::metrics::Metrics;

/// Seconds by which clocks may differ unsaid.
const UNSAID: f64 = 30.0;

/// A date has whole seconds, and what was cut off is half of one on average.
const HALF: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Debug)]
pub struct Clock {
    service: &'static str,
    metrics: Arc<Metrics>,
    /// That they differ has been said.
    said: AtomicBool,
}

impl Clock {
    /// The clock of a service nobody has heard of yet.
    pub fn new(service: CallKind, metrics: Arc<Metrics>) -> Self {
        let service = match service {
            CallKind::Graph => "graph",
            CallKind::Acs => "acs",
        };
        Self { service, metrics, said: AtomicBool::new(false) }
    }

    /// Looks at the date of an answer to what was sent at `sent`, whose head came at `came`, by our
    /// clock. An answer without a date, or with one that cannot be read, says nothing.
    pub fn heard(&self, sent: SystemTime, came: SystemTime, headers: &HeaderMap) {
        let date = text(headers, &header::DATE).and_then(|it| httpdate::parse_http_date(it).ok());
        let Some(skew) = date.and_then(|date| skew(sent, came, date)) else { return };
        self.metrics.clock_skew(self.service, skew);
        let (service, seconds) = (self.service, skew.round());
        let differ = skew.abs() > UNSAID;
        match (self.said.swap(differ, Ordering::Relaxed), differ) {
            (false, true) => tracing::warn!(
                service,
                seconds,
                "this machine's clock and a service's differ, and what is signed may be refused; \
                 seconds are positive when this machine's is ahead"
            ),
            (true, false) => {
                tracing::warn!(
                    service,
                    seconds,
                    "this machine's clock and a service's agree again"
                );
            }
            (false, false) | (true, true) => {}
        }
    }
}

/// Seconds by which our clock is ahead of one that showed `date` between `sent` and `came` by ours;
/// negative when it is behind, 0 when any moment between fits. None when our own clock was set back
/// meanwhile.
fn skew(sent: SystemTime, came: SystemTime, date: SystemTime) -> Option<f64> {
    came.duration_since(sent).ok()?;
    let date = date.checked_add(HALF)?;
    Some(match (sent.duration_since(date), date.duration_since(came)) {
        (Ok(ahead), _) => ahead.as_secs_f64(),
        (_, Ok(behind)) => -behind.as_secs_f64(),
        (Err(_), Err(_)) => 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_000 + milliseconds)
    }

    fn headers(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::DATE, date.parse().unwrap())])
    }

    #[test]
    fn twenty_nine_seconds_are_nothing_and_thirty_one_are_either_way() {
        let metrics = Arc::<Metrics>::default();
        // Whatever part of a second the service's date leaves out.
        for part in [0, 1, 499, 500, 999] {
            let clock = Clock::new(CallKind::Graph, Arc::clone(&metrics));
            for (off, said) in
                [(0, false), (29, false), (31, true), (0, false), (-29, false), (-31, true)]
            {
                let ours = at(100_000 + part);
                let theirs = at((100_000 + part).checked_add_signed(off * 1_000).unwrap());
                clock.heard(ours, ours, &headers(&httpdate::fmt_http_date(theirs)));
                assert_eq!(clock.said.load(Ordering::Relaxed), said, "{off} s, {part} ms");
                let shown = metrics.text().unwrap();
                let (_, shown) =
                    shown.split_once("clock_skew_seconds{service=\"graph\"} ").unwrap();
                let shown: f64 = shown.lines().next().unwrap().parse().unwrap();
                #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
                let expected = -(off as f64);
                assert!((shown - expected).abs() <= 0.5, "{shown} for {off} s, {part} ms");
            }
        }
    }

    #[test]
    fn a_slow_answer_is_no_difference() {
        for date in [0, 20_000, 40_000] {
            assert_eq!(skew(at(0), at(40_900), at(date)), Some(0.0), "{date}");
        }
        assert_eq!(skew(at(0), at(40_000), at(72_000)), Some(-32.5));
        assert_eq!(skew(at(60_000), at(90_000), at(28_000)), Some(31.5));
        // Set back while the answer was on its way.
        assert_eq!(skew(at(60_000), at(0), at(0)), None);
    }

    #[test]
    fn what_is_no_date_says_nothing() {
        let metrics = Arc::<Metrics>::default();
        let clock = Clock::new(CallKind::Acs, Arc::clone(&metrics));
        for date in ["", "soon", "0", "1800000000", "Fri, 99 Jan 2027 08:00:00 GMT"] {
            clock.heard(at(0), at(0), &headers(date));
        }
        clock.heard(at(0), at(0), &HeaderMap::new());
        let unreadable = header::HeaderValue::from_bytes(b"\xff").unwrap();
        clock.heard(at(0), at(0), &HeaderMap::from_iter([(header::DATE, unreadable)]));
        assert!(!metrics.text().unwrap().contains("clock_skew_seconds{"));
        assert!(!clock.said.load(Ordering::Relaxed));
    }
}
