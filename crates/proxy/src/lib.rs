//! The proxy between the panel and the call services.
//!
//! It holds the secrets, checks every command before it leaves, owns the operations, writes every
//! fact into a journal before anybody sees it, and streams the facts to the panel. The binary
//! `foldback` is a thin shell over this library.

pub mod access;
pub mod acs;
pub mod answer;
pub mod app;
pub mod assets;
pub mod audit;
pub mod bearer;
pub mod call;
pub mod calls;
pub mod check;
pub mod commands;
pub mod config;
pub mod demo;
pub mod edge;
pub mod ending;
pub mod gate;
pub mod graph;
pub mod handlers;
pub mod headers;
pub mod journal;
pub mod log;
pub mod metrics;
pub mod problem;
pub mod reconcile;
pub mod role;
pub mod routes;
pub mod scenes;
pub mod secret;
pub mod serve;
pub mod server;
pub mod session;
pub mod sign_in;
pub mod stream;
pub mod upstream;
pub mod webhook;
