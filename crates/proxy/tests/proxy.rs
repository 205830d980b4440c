//! The proxy against the embedded call service, over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise, as tests do"
)]

#[path = "proxy/acs.rs"]
mod acs;
#[path = "proxy/acs_alone.rs"]
mod acs_alone;
#[path = "proxy/admin.rs"]
mod admin;
#[path = "proxy/appends.rs"]
mod appends;
#[path = "proxy/audit.rs"]
mod audit;
#[path = "proxy/audit_order.rs"]
mod audit_order;
#[path = "proxy/bad_input.rs"]
mod bad_input;
#[path = "proxy/bearer.rs"]
mod bearer;
#[path = "proxy/canary.rs"]
mod canary;
#[path = "proxy/clocks.rs"]
mod clocks;
#[path = "proxy/commands.rs"]
mod commands;
#[path = "proxy/cross_call.rs"]
mod cross_call;
#[path = "proxy/csrf.rs"]
mod csrf;
#[path = "proxy/deploy.rs"]
mod deploy;
#[path = "proxy/flags.rs"]
mod flags;
#[path = "proxy/gate.rs"]
mod gate;
#[path = "proxy/headers.rs"]
mod headers;
#[path = "proxy/house.rs"]
mod house;
#[path = "proxy/house_audit.rs"]
mod house_audit;
#[path = "proxy/ids.rs"]
mod ids;
#[path = "proxy/joining.rs"]
mod joining;
#[path = "proxy/journal.rs"]
mod journal;
#[path = "proxy/kill.rs"]
mod kill;
#[path = "proxy/kill_points.rs"]
mod kill_points;
#[path = "proxy/limits.rs"]
mod limits;
#[path = "proxy/login.rs"]
mod login;
#[path = "proxy/logs.rs"]
mod logs;
#[path = "proxy/no_mixer.rs"]
mod no_mixer;
#[path = "proxy/notifications.rs"]
mod notifications;
#[path = "proxy/one_process.rs"]
mod one_process;
#[path = "proxy/presence.rs"]
mod presence;
#[path = "proxy/provider.rs"]
mod provider;
#[path = "proxy/rate.rs"]
mod rate;
#[path = "proxy/readings.rs"]
mod readings;
#[path = "proxy/relay.rs"]
mod relay;
#[path = "proxy/restart.rs"]
mod restart;
#[path = "proxy/roles.rs"]
mod roles;
#[path = "proxy/rolling.rs"]
mod rolling;
#[path = "proxy/scenes.rs"]
mod scenes;
#[path = "proxy/sign_in.rs"]
mod sign_in;
#[path = "proxy/signer.rs"]
mod signer;
#[path = "proxy/slow_client.rs"]
mod slow_client;
#[path = "proxy/sse.rs"]
mod sse;
#[path = "proxy/ssrf.rs"]
mod ssrf;
#[path = "proxy/stage.rs"]
mod stage;
#[path = "proxy/streams.rs"]
mod streams;
#[path = "proxy/tls.rs"]
mod tls;
#[path = "proxy/upstream.rs"]
mod upstream;
#[path = "proxy/webhook_auth.rs"]
mod webhook_auth;
#[path = "proxy/webhook_replay.rs"]
mod webhook_replay;
#[path = "proxy/witness.rs"]
mod witness;
#[path = "proxy/written_first.rs"]
mod written_first;
