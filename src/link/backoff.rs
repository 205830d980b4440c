//! How long to wait before trying the stream again.

/// Shortest and longest wait in milliseconds.
const FIRST_MS: u32 = 500;
const LONGEST_MS: u32 = 15_000;

/// Milliseconds to wait before attempt `attempt` (0 is the first retry).
///
/// Doubles up to 15 s; `random` in 0..1 spreads panels that lost the same proxy over the upper half,
/// so that they do not all return at once.
pub fn wait_ms(attempt: u32, random: f64) -> u32 {
    let full = FIRST_MS.saturating_mul(1_u32.checked_shl(attempt.min(10)).unwrap_or(1024));
    let full = full.min(LONGEST_MS);
    let share = 0.5 + random.clamp(0.0, 1.0) / 2.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of at most 15,000, never negative"
    )]
    let wait = (f64::from(full) * share) as u32;
    wait
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stop_growing() {
        let longest: Vec<_> = (0..8).map(|attempt| wait_ms(attempt, 1.0)).collect();
        assert_eq!(longest, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
        assert_eq!(wait_ms(u32::MAX, 1.0), 15_000);
        assert_eq!(wait_ms(0, 0.0), 250);
        assert!(wait_ms(5, f64::NAN) <= 15_000);
    }
}
