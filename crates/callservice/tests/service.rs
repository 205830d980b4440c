//! The HTTP face over real sockets, with a receiver for notifications.
//!
//! `bench` and `inbox` are the vocabulary; `graph` the answers, `roster` what is notified,
//! `notifications` how it is delivered, `tokens` how it is signed, `faults` and `mishaps` what can be
//! broken, `levers` what `--inspect` opens. `acs_bench` and the other `acs` rooms are the same for
//! ACS: calls, the standing one, people in them, who is let in, and repeated requests.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the vocabulary of tests stops at the first surprise, as tests do"
)]

#[path = "service/acs_bench.rs"]
mod acs_bench;
#[path = "service/acs_calls.rs"]
mod acs_calls;
#[path = "service/acs_people.rs"]
mod acs_people;
#[path = "service/acs_repeat.rs"]
mod acs_repeat;
#[path = "service/acs_signed.rs"]
mod acs_signed;
#[path = "service/acs_standing.rs"]
mod acs_standing;
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
