//! What can be wrong with settings: checked once at the edge, by [`crate::duck::Ducking::new`].

use std::fmt;

/// A ducking setting outside its limit. `name` is the setting's name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A ramp longer than [`crate::duck::RAMP_MAX_MS`].
    RampTooLong {
        /// `rampActive` or `rampInactive`.
        name: &'static str,
        /// The ramp found, in milliseconds.
        ms: u16,
    },
    /// A level above 100 percent.
    LevelTooHigh {
        /// `lowerLevel` or `upperLevel`.
        name: &'static str,
        /// The level found, in percent.
        percent: u8,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RampTooLong { name, ms } => {
                let max = crate::duck::RAMP_MAX_MS;
                write!(f, "{name} is {ms} ms; a ramp has at most {max} ms")
            }
            Self::LevelTooHigh { name, percent } => {
                write!(f, "{name} is {percent} %; a level has at most 100 %")
            }
        }
    }
}

impl std::error::Error for Error {}
