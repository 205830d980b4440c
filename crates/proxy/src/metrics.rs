//! What the proxy counts. Never names, ids, tokens or bodies.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

/// A word that tells apart what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Kind {
    kind: &'static str,
}

/// An answered request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    route: &'static str,
    status: u16,
}

/// Which service something is told of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Service {
    service: &'static str,
}

/// All counters of a proxy.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    notifications: Family<Kind, Counter>,
    tokens: Family<Kind, Counter>,
    bearers: Family<Kind, Counter>,
    sign_ins: Family<Kind, Counter>,
    commands: Family<Kind, Counter>,
    closed: Family<Kind, Counter>,
    limited: Family<Kind, Counter>,
    clocks: Family<Service, Gauge<f64, AtomicU64>>,
    /// Facts made durable.
    pub facts: Counter,
    /// Streams open now.
    pub streams: Gauge,
    /// Connections open now.
    pub connections: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("foldback");
        let requests = Family::<Answered, Counter>::default();
        registry.register("requests", "Answered requests by route and status", requests.clone());
        let notifications = Family::<Kind, Counter>::default();
        registry.register(
            "notifications",
            "Notifications by what became of them",
            notifications.clone(),
        );
        let tokens = Family::<Kind, Counter>::default();
        registry.register(
            "notification_tokens",
            "Tokens of notifications by what became of them",
            tokens.clone(),
        );
        let bearers = Family::<Kind, Counter>::default();
        registry.register(
            "bearer_tokens",
            "Tokens of operators by what became of them",
            bearers.clone(),
        );
        let sign_ins = Family::<Kind, Counter>::default();
        registry.register(
            "sign_ins",
            "Browsers that came back from the issuer by what became of them",
            sign_ins.clone(),
        );
        let commands = Family::<Kind, Counter>::default();
        registry.register("commands", "Commands sent upstream by outcome", commands.clone());
        let closed = Family::<Kind, Counter>::default();
        registry.register(
            "connections_closed",
            "Connections that Foldback closed by why",
            closed.clone(),
        );
        let limited = Family::<Kind, Counter>::default();
        registry.register("limited", "Requests beyond a limit by whose", limited.clone());
        let clocks = Family::<Service, Gauge<f64, AtomicU64>>::default();
        registry.register_with_unit(
            "clock_skew",
            "How far this machine's clock is ahead of a service's",
            Unit::Seconds,
            clocks.clone(),
        );
        let connections = Gauge::default();
        registry.register("connections", "Connections open now", connections.clone());
        let facts = Counter::default();
        registry.register("facts", "Facts made durable", facts.clone());
        let streams = Gauge::default();
        registry.register("streams", "Streams open now", streams.clone());
        Self {
            registry,
            requests,
            notifications,
            tokens,
            bearers,
            sign_ins,
            commands,
            closed,
            limited,
            clocks,
            facts,
            streams,
            connections,
        }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, route: &'static str, status: u16) {
        self.requests.get_or_create(&Answered { route, status }).inc();
    }

    /// Counts a notification: `applied`, `unchanged`, `unreadable`, `notFollowed`,
    /// `wrongSecret`, `otherCall`, `tooEarly`.
    pub fn notification(&self, kind: &'static str) {
        self.notifications.get_or_create(&Kind { kind }).inc();
    }

    /// Counts the token of a notification: `good`, `repeat`, `noKeys`, or what was wrong with it.
    pub fn token(&self, kind: &'static str) {
        self.tokens.get_or_create(&Kind { kind }).inc();
    }

    /// Counts the token of an operator: `good`, `noKeys`, `noRole`, `notSetUp`, `revoked`,
    /// `withCookie`, or what was wrong with it.
    pub fn bearer(&self, kind: &'static str) {
        self.bearers.get_or_create(&Kind { kind }).inc();
    }

    /// Counts a browser that came back from the issuer: `good`, `noRole`, or what was wrong.
    pub fn sign_in(&self, kind: &'static str) {
        self.sign_ins.get_or_create(&Kind { kind }).inc();
    }

    /// Counts a command by its outcome: `accepted`, `refused`, `unconfirmed`.
    pub fn command(&self, kind: &'static str) {
        self.commands.get_or_create(&Kind { kind }).inc();
    }

    /// Counts a connection that Foldback closed: `noByte`, `slowHead`, `slowReader`, `idle`, `full`,
    /// `fullForAddress`.
    pub fn closed(&self, kind: &'static str) {
        self.closed.get_or_create(&Kind { kind }).inc();
    }

    /// Counts a request beyond a limit: of its `session`, of its `address`, of all `streams`; and a
    /// stream that a newer one of its session took the place of, `crowdedOut`.
    pub fn limited(&self, kind: &'static str) {
        self.limited.get_or_create(&Kind { kind }).inc();
    }

    /// Shows by how many seconds our clock is ahead of that of `graph` or `acs`, or behind it.
    pub fn clock_skew(&self, service: &'static str, seconds: f64) {
        self.clocks.get_or_create(&Service { service }).set(seconds);
    }

    /// The counters in the text form that Prometheus reads.
    ///
    /// # Errors
    /// When formatting fails, which writing into text does not.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
