//! The section `[limits]`: how much of everything there may be.

use std::{ops::RangeInclusive, time::Duration};

use toml::Value;

use super::section::{Problems, Section};
use crate::{
    app::Limits,
    edge::{
        limits::{Rate, SPREAD_MAX},
        network::Network,
    },
};

const BYTES: RangeInclusive<i64> = 1_024..=64 * 1024 * 1024;
const COUNT: RangeInclusive<i64> = 1..=1_000_000;

/// Reads the section; beside the limits, how long a request to a service may take, where it says so.
pub(super) fn read(top: &mut Section, problems: &mut Problems) -> (Limits, Option<Duration>) {
    let mut section = top.section("limits", problems);
    let standard = Limits::default();
    let mut number = |key, range, standard: usize| {
        let taken = section.take_number(key, range, problems);
        taken.and_then(|number| usize::try_from(number).ok()).unwrap_or(standard)
    };
    let command_bytes = number("command_bytes", BYTES, standard.command_bytes);
    let webhook_bytes = number("webhook_bytes", BYTES, standard.webhook_bytes);
    let connections = number("connections", COUNT, standard.connections);
    let connections_per_address =
        number("connections_per_address", COUNT, standard.connections_per_address);
    let streams = number("streams", COUNT, standard.streams);
    let streams_per_session = number("streams_per_session", COUNT, standard.streams_per_session);
    let spread_most = i64::try_from(SPREAD_MAX.as_millis()).unwrap_or(i64::MAX);
    let spread = section.take_number("streams_end_within_ms", 0..=spread_most, problems);
    let limits = Limits {
        command_bytes,
        webhook_bytes,
        connections,
        connections_per_address,
        streams,
        streams_per_session,
        stream_spread: spread.and_then(milliseconds).unwrap_or(standard.stream_spread),
        session: rate(&mut section, "session", standard.session, problems),
        address: rate(&mut section, "address", standard.address, problems),
        trusted_proxies: proxies(&mut section, problems),
        times: standard.times,
    };
    if limits.streams >= limits.connections {
        let message = format!(
            "there are {} streams and {} connections; each stream needs one, and so does every other \
             request",
            limits.streams, limits.connections
        );
        problems.add("limits.streams", &message);
    }
    let timeout = section.take_number("upstream_timeout_ms", 100..=60_000, problems);
    section.finish(problems);
    (limits, timeout.and_then(milliseconds))
}

fn milliseconds(number: i64) -> Option<Duration> {
    u64::try_from(number).ok().map(Duration::from_millis)
}

/// `{whose}_requests_per_second` and `{whose}_requests_at_once`.
fn rate(section: &mut Section, whose: &str, standard: Rate, problems: &mut Problems) -> Rate {
    let mut number = |what: &str, standard| {
        let taken = section.take_number(&format!("{whose}_requests_{what}"), COUNT, problems);
        taken.and_then(|number| u32::try_from(number).ok()).unwrap_or(standard)
    };
    Rate {
        per_second: number("per_second", standard.per_second),
        at_once: number("at_once", standard.at_once),
    }
}

fn proxies(section: &mut Section, problems: &mut Problems) -> Vec<Network> {
    let key = "trusted_proxies";
    // No proxy is trusted: that may be said too.
    if section.table.get(key).and_then(Value::as_array).is_some_and(Vec::is_empty) {
        section.table.remove(key);
    }
    let texts = section.take_texts(key, problems).unwrap_or_default();
    let mut networks = Vec::new();
    for text in texts {
        let message = match Network::parse(&text) {
            // Whoever is asked would be believed what they say of where they come from.
            Some(network) if network.is_wide() => format!(
                "{text:?} is more than any organization has, so others could say where they come from; write \
                 the addresses of your web servers alone, like \"127.0.0.1\" or \"10.0.0.0/8\""
            ),
            Some(network) => {
                networks.push(network);
                continue;
            }
            None => format!(
                "{text:?} is no address; write one like \"127.0.0.1\" or a network like \"10.0.0.0/8\""
            ),
        };
        problems.add(&section.key(key), &message);
    }
    networks
}
