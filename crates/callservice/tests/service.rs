//! The HTTP face over real sockets, with a receiver for notifications.
//!
//! `bench` and `inbox` are the vocabulary; `graph` the answers, `roster` what is notified,
//! `notifications` how it is delivered, `tokens` how it is signed, `faults` and `mishaps` what can be
//! broken, `levers` what `--inspect` opens.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the vocabulary of tests stops at the first surprise, as tests do"
)]

#[path = "service/bench.rs"]
mod bench;
#[path = "service/faults.rs"]
mod faults;
#[path = "service/graph.rs"]
mod graph;
#[path = "service/inbox.rs"]
mod inbox;
#[path = "service/levers.rs"]
mod levers;
#[path = "service/mishaps.rs"]
mod mishaps;
#[path = "service/notifications.rs"]
mod notifications;
#[path = "service/roster.rs"]
mod roster;
#[path = "service/tokens.rs"]
mod tokens;
