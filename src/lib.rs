//! The panel: what operators see and touch. It runs in the browser alone.
//!
//! Gestures become requests in the service's own shape ([`link`]); facts come back over one stream and
//! are folded by the same reducer as in the proxy ([`session`]). The rooms ([`roster`], [`desk`],
//! [`ducking`]) read signals of the [`session::Session`] and never change confirmed state.
//! Whatever can be decided without a browser is a plain function with a native test.

#![expect(
    clippy::large_types_passed_by_value,
    reason = "a session is a bundle of signal ids, copied into closures"
)]

pub mod app;
pub mod calls;
pub mod desk;
pub mod drawer;
pub mod ducking;
pub mod help;
pub mod icon;
pub mod keep;
#[cfg(debug_assertions)]
pub mod kit;
pub mod layout;
pub mod lazy;
pub mod link;
pub mod log;
pub mod palette;
pub mod rail;
pub mod reactive;
pub mod roster;
pub mod route;
pub mod scenes;
pub mod session;
pub mod top_bar;
pub mod ui;
pub mod view;
pub mod withheld;
