//! What the worklet's script calls: numbers in, numbers out.
//!
//! There is one [`Listen`] to a module, and a worklet makes a module of its own for every node.

#![allow(unsafe_code, reason = "names that a script can call are not mangled")]

use std::cell::RefCell;

use foldback_mix::duck::Ducking;

use crate::listen::{BLOCK, Listen};

thread_local! {
    static LISTEN: RefCell<Option<Listen>> = const { RefCell::new(None) };
    static SAMPLES: RefCell<[f32; BLOCK]> = const { RefCell::new([0.0; BLOCK]) };
}

/// Begins, or goes on with other settings. Times in milliseconds, levels in percent. Gives 1, or 0
/// when a ramp or a level is beyond its limit: then nothing changes.
#[unsafe(no_mangle)]
pub extern "C" fn set(
    sample_rate: f32,
    ramp_active: u32,
    ramp_inactive: u32,
    lower: u32,
    upper: u32,
    speech_ms: u32,
) -> u32 {
    let ducking = ducking(ramp_active, ramp_inactive, lower, upper);
    let Some(ducking) = ducking else { return 0 };
    LISTEN.with_borrow_mut(|listen| match listen {
        Some(listen) => listen.set(ducking, speech_ms),
        None => *listen = Some(Listen::new(sample_rate, ducking, speech_ms)),
    });
    1
}

fn ducking(active: u32, inactive: u32, lower: u32, upper: u32) -> Option<Ducking> {
    let (active, inactive) = (active.try_into().ok()?, inactive.try_into().ok()?);
    let (lower, upper) = (lower.try_into().ok()?, upper.try_into().ok()?);
    Ducking::new(active, inactive, lower, upper).ok()
}

/// Makes the next [`BLOCK`] samples and gives their place in the module's memory, which stays the
/// same. Silence before [`set`].
#[unsafe(no_mangle)]
pub extern "C" fn render() -> *const f32 {
    SAMPLES.with_borrow_mut(|samples| {
        LISTEN.with_borrow_mut(|listen| match listen {
            Some(listen) => listen.render(samples),
            None => samples.fill(0.0),
        });
        samples.as_ptr()
    })
}

/// How many milliseconds of the round are over.
#[unsafe(no_mangle)]
pub extern "C" fn at_ms() -> f64 {
    LISTEN.with_borrow(|listen| listen.as_ref().map_or(0.0, Listen::at_ms))
}

/// The gain of the music at the last sample, in percent.
#[unsafe(no_mangle)]
pub extern "C" fn duck_percent() -> f32 {
    LISTEN.with_borrow(|listen| listen.as_ref().map_or(100.0, Listen::duck_percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_goes_on_and_refuses() {
        assert!((duck_percent() - 100.0).abs() < f32::EPSILON);
        assert_eq!(set(48_000.0, 5_001, 0, 0, 100, 500), 0);
        assert_eq!(set(48_000.0, 0, 0, 0, 101, 500), 0);
        assert_eq!(set(48_000.0, 100, 100, 20, 80, 500), 1);
        assert_eq!(render(), render());
        assert!((at_ms() - 256.0 / 48.0).abs() < 1e-6);
        assert!((duck_percent() - 80.0).abs() < 1e-3);
        assert_eq!(set(48_000.0, 100, 100, 20, 300, 500), 0);
        assert_eq!(set(48_000.0, 100, 100, 20, 60, 500), 1);
        render();
        let percent = duck_percent();
        assert!((60.0..80.0).contains(&percent), "it moves from where it is: {percent}");
    }
}
