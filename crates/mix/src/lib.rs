//! The sound of one listener: base gains, the ducking envelope, its curve for drawing.
//!
//! Percent is amplitude: 100 is unity, 0 is silence. The services publish no law for their levels;
//! this is Foldback's stated assumption, and it stands here alone.
//!
//! The crate is pure: time is handed in, nothing is allocated per block, nothing can fail after
//! [`duck::Ducking::new`]. It knows no call, no ids and no sound samples.
//!
//! ```
//! use foldback_mix::{
//!     curve::{Point, Span, points},
//!     duck::{Ducking, Envelope},
//! };
//!
//! // Down to 10 % within 200 ms while somebody speaks, back to 50 % within 400 ms.
//! let ducking = Ducking::new(200, 400, 10, 50)?;
//! let mut envelope = Envelope::new(ducking);
//! envelope.switch(1_000.0, true);
//! assert_eq!(envelope.percent_at(1_100.0), 30.0);
//! envelope.switch(1_100.0, false);
//! assert_eq!(envelope.percent_at(1_200.0), 40.0);
//! assert_eq!(envelope.settles_at(), Some(1_300.0));
//!
//! let curve = points(ducking, &[Span { from_ms: 1_000.0, to_ms: 1_100.0 }], 2_000.0);
//! assert_eq!(curve[2], Point { at_ms: 1_100.0, percent: 30.0 });
//! # Ok::<(), foldback_mix::Error>(())
//! ```

pub mod curve;
pub mod duck;
pub mod error;
pub mod gain;
pub mod mix;

pub use error::Error;
