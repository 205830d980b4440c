//! `foldback serve`: the proxy against a real service, or against `foldback callservice` to rehearse.

use std::sync::Arc;

use anyhow::Context as _;

use crate::{
    config::Config,
    journal::sqlite::{Sqlite, file::Hold},
    server::{Options, Server},
};

/// Starts the proxy and opens the calls it had before.
///
/// # Errors
/// When the journal cannot be opened, another process has it, or an address is taken.
pub async fn start(config: Config) -> anyhow::Result<Server> {
    let words = || format!("{} cannot be used as journal", config.sqlite.display());
    let hold = Hold::take(&config.sqlite).await.with_context(words)?;
    let journal = Sqlite::open(&config.sqlite).with_context(words)?.held(hold);
    if config.rehearsal {
        tracing::warn!("rehearsal: nobody real hears what is done here");
    }
    if !config.rehearsal && config.limits.trusted_proxies.is_empty() {
        tracing::warn!(
            "nobody is in trusted_proxies of [limits]: all who come through a web server are one address, \
             and what it passes on with X-Forwarded-For is refused"
        );
    }
    Server::start(Options {
        listen: config.listen,
        admin: config.admin_listen,
        public_url: config.public_url,
        graph: config.graph,
        acs: config.acs,
        sign_in: config.sign_in,
        journal: Arc::new(journal),
        keep: config.keep,
        limits: config.limits,
        rehearsal: config.rehearsal,
    })
    .await
}
