//! Structured logs on standard error: text on a terminal, JSON lines elsewhere.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Names the environment variable that sets how much Foldback logs: `error`, `warn`, `info`,
/// `debug` or `trace`.
pub const LEVEL_VARIABLE: &str = "FOLDBACK_LOG";

/// Starts logging. Only Foldback's own modules can be made talkative: libraries below it would write
/// down headers and with them tokens.
pub fn start() {
    let level = std::env::var(LEVEL_VARIABLE).unwrap_or_default();
    let level = match level.as_str() {
        "error" | "warn" | "debug" | "trace" => level.as_str(),
        _ => "info",
    };
    let filter = EnvFilter::new(format!(
        "warn,foldback={level},foldback_proxy={level},foldback_callservice={level}"
    ));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        builder.try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
}
