//! Ducking to listen to: a synthetic voice over synthetic music, ducked by the same envelope that the
//! curve draws. It runs in an `AudioWorklet` of the panel; nobody in the call hears it.
//!
//! The module has no imports and a handful of raw exports ([`raw`]), so that a worklet, which can
//! load neither modules nor text decoders, can run it. Everything behind them is plain and tested
//! natively; nothing is allocated while sound is made.

pub mod listen;
pub mod music;
pub mod raw;
pub mod tone;
pub mod voice;
