//! How much of everything there may be.

use std::time::Duration;

use super::network::Network;

/// The most that [`Limits::stream_spread`] may be: a process has half a minute to end in many places.
pub const SPREAD_MAX: Duration = Duration::from_secs(12);

/// How often something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// On average.
    pub per_second: u32,
    /// At once, by whoever was quiet before.
    pub at_once: u32,
}

/// How long a connection may keep us waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// From its beginning to its first byte.
    pub first_byte: Duration,
    /// From the first byte of a request to the end of its headers.
    pub head: Duration,
    /// From then on to the end of its body.
    pub body: Duration,
    /// Without taking a byte while there is something to take.
    pub write: Duration,
    /// From an answer to the next request. Longer than web servers keep theirs (nginx 60 s), so that
    /// none sends on a connection that is just being closed.
    pub idle: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(5),
            head: Duration::from_secs(10),
            body: Duration::from_secs(15),
            write: Duration::from_secs(5),
            idle: Duration::from_secs(75),
        }
    }
}

/// Sizes and counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest command body in bytes.
    pub command_bytes: usize,
    /// Largest notification body in bytes.
    pub webhook_bytes: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address; of a listed proxy, which has many people behind it, as many as
    /// there may be in all.
    pub connections_per_address: usize,
    /// Streams in all.
    pub streams: usize,
    /// Streams of one session; the oldest makes room for one more.
    pub streams_per_session: usize,
    /// Over how long open streams end at most once the proxy is to end, each at a moment of chance; zero
    /// ends all at once. At most [`SPREAD_MAX`].
    pub stream_spread: Duration,
    /// Requests of one session.
    pub session: Rate,
    /// Requests of one address that no session stands for.
    pub address: Rate,
    /// Whose word on where a request came from is taken.
    pub trusted_proxies: Vec<Network>,
    /// How long a connection may keep us waiting.
    pub times: Times,
}

impl Default for Limits {
    /// A drag is ten requests a second; a thousand mutes may leave at once. Of an address there can be
    /// a whole office, whose panels have sessions of their own to answer for.
    fn default() -> Self {
        Self {
            command_bytes: 1024 * 1024,
            webhook_bytes: 8 * 1024 * 1024,
            connections: 10_000,
            connections_per_address: 256,
            streams: 5_000,
            streams_per_session: 4,
            stream_spread: Duration::from_secs(10),
            session: Rate { per_second: 100, at_once: 1_000 },
            address: Rate { per_second: 500, at_once: 2_000 },
            trusted_proxies: Vec::new(),
            times: Times::default(),
        }
    }
}
