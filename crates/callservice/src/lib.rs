//! The embedded call service: a rehearsal call that answers as the real service does.
//!
//! [`engine`] is the call itself: who is in it, what they do, what commands change and what is
//! notified. It is pure: time is handed in, randomness comes from a seed, and it builds for the
//! browser. [`http`] (feature `http`) gives it the Graph face: token endpoint, calls, participants,
//! mixer, operations, notifications to a callback, and on demand the levers of a test bench.
//!
//! ```
//! use foldback_callservice::engine::{Form, Options, Rehearsal};
//!
//! let mut rehearsal = Rehearsal::new(Options { speed: 0.0, ..Options::default() })?;
//! rehearsal.join(Form::Full)?;
//! rehearsal.advance(1_000);
//! let people = rehearsal.participants()?;
//! assert_eq!(people.len(), 43);
//! assert_eq!(rehearsal.take_notifications().len(), 3);
//! # Ok::<(), foldback_callservice::Error>(())
//! ```

pub mod engine;
pub mod error;
#[cfg(feature = "http")]
pub mod http;

pub use error::Error;
