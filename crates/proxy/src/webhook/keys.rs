//! The public keys of one family, read from the one host the configuration names.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use reqwest::Url;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::Instant;

use crate::upstream::{Trust, bounded, client};

/// Keys younger than this are not read again for their own sake.
const FRESH: Duration = Duration::from_hours(2);

/// Keys older than this are not believed any more, when they could not be read again for so long.
const KEPT: Duration = Duration::from_hours(24);

/// Time between two readings that a token with an unknown key asks for.
pub const REFETCH: Duration = Duration::from_mins(1);

/// Time between readings while there are no keys at all.
const RETRY: Duration = Duration::from_secs(1);

/// How long a reading may take: whoever posts a notification waits for it.
const DEADLINE: Duration = Duration::from_secs(2);

/// Largest answer taken; sets of some dozen keys with certificates are below 200 KB.
const ANSWER_MAX: usize = 1024 * 1024;

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// The service does not publish a key of this name.
    Unknown,
    /// The service's keys cannot be read now.
    Unavailable,
}

/// See the module.
#[derive(Debug)]
pub struct Keys {
    name: &'static str,
    http: reqwest::Client,
    configuration: Url,
    /// Whose configuration it has to be, where somebody says.
    issuer: Option<String>,
    held: RwLock<Held>,
    reading: tokio::sync::Mutex<Readings>,
    /// Counts readings that have ended: whoever waited for one takes what became of it.
    ended: AtomicU64,
}

#[derive(Default)]
struct Held {
    keys: HashMap<String, DecodingKey>,
    /// The configuration that led to them.
    configuration: Arc<Value>,
    since: Option<Instant>,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// What became of the last reading, and when it was.
#[derive(Debug, Default)]
struct Readings {
    last: Option<Instant>,
    failed: bool,
    /// The last one that an unknown key asked for.
    for_unknown: Option<Instant>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

/// A key as it is published; what is of no use here may be of any shape.
#[derive(Deserialize)]
struct Key {
    kty: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
}

impl Keys {
    /// No keys yet; they will be read from `configuration`, which has to be that of `issuer` where one
    /// is named.
    ///
    /// # Errors
    /// When that is no address or the system's trusted certificates cannot be loaded.
    pub fn new(
        name: &'static str,
        configuration: &str,
        issuer: Option<String>,
        trust: &Trust,
    ) -> anyhow::Result<Arc<Self>> {
        let configuration = Url::parse(configuration)?;
        Ok(Arc::new(Self {
            name,
            http: client(configuration.as_str(), DEADLINE, trust)?,
            configuration,
            issuer,
            held: RwLock::default(),
            reading: tokio::sync::Mutex::default(),
            ended: AtomicU64::new(0),
        }))
    }

    /// Reads the keys before the first notification needs them.
    pub async fn warm(&self) {
        let mut readings = self.reading.lock().await;
        if readings.last.is_none() {
            self.read_again(&mut readings).await;
        }
    }

    /// The key of this name. Keys get old: they are read again beside the work while they are still
    /// good. A name nobody knows is looked up at most once in [`REFETCH`].
    ///
    /// # Errors
    /// [`NoKey`].
    pub async fn find(self: &Arc<Self>, kid: &str) -> Result<DecodingKey, NoKey> {
        if let Some((key, age)) = self.held(kid) {
            if age >= FRESH {
                self.read_again_soon();
            }
            return Ok(key);
        }
        let before = self.ended.load(Ordering::Relaxed);
        let mut readings = self.reading.lock().await;
        // Somebody else may have read it while we waited.
        if let Some((key, _)) = self.held(kid) {
            return Ok(key);
        }
        if self.failed_since(before, &readings) {
            return Err(NoKey::Unavailable);
        }
        let now = Instant::now();
        let since = |at: Option<Instant>| at.map(|at| now.duration_since(at));
        let too_soon = if self.any_held() {
            since(readings.for_unknown).is_some_and(|since| since < REFETCH)
        } else {
            since(readings.last).is_some_and(|since| since < RETRY)
        };
        if !too_soon {
            let for_unknown = self.any_held();
            self.read_again(&mut readings).await;
            if for_unknown || self.held(kid).is_none() {
                readings.for_unknown = Some(now);
            }
        }
        match self.held(kid) {
            Some((key, _)) => Ok(key),
            // Whether it exists could not be seen.
            None if readings.failed => Err(NoKey::Unavailable),
            None => Err(NoKey::Unknown),
        }
    }

    /// The configuration that the keys were found through, read now if it was not before. What it leads
    /// to is nothing to follow elsewhere: see [`Self::leads_to`].
    ///
    /// # Errors
    /// [`NoKey::Unavailable`].
    pub async fn configuration(&self) -> Result<Arc<Value>, NoKey> {
        if let Some(held) = self.held_configuration() {
            return Ok(held);
        }
        let before = self.ended.load(Ordering::Relaxed);
        let mut readings = self.reading.lock().await;
        let too_soon = readings.last.is_some_and(|last| last.elapsed() < RETRY)
            || self.failed_since(before, &readings);
        // Somebody else may have read it while we waited.
        if self.held_configuration().is_none() && !too_soon {
            self.read_again(&mut readings).await;
        }
        self.held_configuration().ok_or(NoKey::Unavailable)
    }

    /// An address that the configuration names, when it is on the configuration's own host.
    pub fn leads_to(&self, configuration: &Value, name: &str) -> Option<Url> {
        let at = Url::parse(configuration.get(name)?.as_str()?).ok()?;
        let plain = at.username().is_empty() && at.password().is_none() && at.fragment().is_none();
        (plain && at.origin() == self.configuration.origin()).then_some(at)
    }

    fn held_configuration(&self) -> Option<Arc<Value>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = held.since.is_some_and(|since| since.elapsed() < KEPT);
        fresh.then(|| Arc::clone(&held.configuration))
    }

    fn held(&self, kid: &str) -> Option<(DecodingKey, Duration)> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let age = held.since?.elapsed();
        if age >= KEPT {
            return None;
        }
        Some((held.keys.get(kid)?.clone(), age))
    }

    fn any_held(&self) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.since.is_some_and(|since| since.elapsed() < KEPT)
    }

    /// Whether a reading that others had begun has failed while somebody waited for it. A service that
    /// hangs is not asked by one after the other.
    fn failed_since(&self, before: u64, readings: &Readings) -> bool {
        readings.failed && self.ended.load(Ordering::Relaxed) != before
    }

    fn read_again_soon(self: &Arc<Self>) {
        let keys = Arc::clone(self);
        tokio::spawn(async move {
            // Somebody who is at it already does it for all.
            let Ok(mut readings) = keys.reading.try_lock() else { return };
            if readings.last.is_none_or(|last| last.elapsed() >= REFETCH) {
                keys.read_again(&mut readings).await;
            }
        });
    }

    async fn read_again(&self, readings: &mut Readings) {
        // Counted from its end; from its beginning when whoever reads stops waiting.
        readings.last = Some(Instant::now());
        let read = tokio::time::timeout(DEADLINE, self.read()).await;
        readings.last = Some(Instant::now());
        self.ended.fetch_add(1, Ordering::Relaxed);
        match read.unwrap_or_else(|_| Err("no answer in time".to_owned())) {
            Ok((configuration, keys)) => {
                readings.failed = false;
                tracing::debug!(family = self.name, keys = keys.len(), "signing keys read");
                let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
                let configuration = Arc::new(configuration);
                *held = Held { keys, configuration, since: Some(Instant::now()) };
            }
            Err(reason) => {
                readings.failed = true;
                tracing::warn!(
                    family = self.name,
                    host = self.configuration.host_str(),
                    reason,
                    "the keys that sign tokens cannot be read"
                );
            }
        }
    }

    async fn read(&self) -> Result<(Value, HashMap<String, DecodingKey>), String> {
        let configuration: Value = self.get(self.configuration.clone()).await?;
        let told = configuration.get("issuer").and_then(Value::as_str);
        if let Some(issuer) = &self.issuer
            && told != Some(issuer)
        {
            return Err("the configuration is that of another issuer".to_owned());
        }
        let at = self
            .leads_to(&configuration, "jwks_uri")
            .ok_or("the configuration leads to keys on another host, which is not followed")?;
        let set: KeySet = self.get(at).await?;
        let keys: HashMap<_, _> = set.keys.into_iter().filter_map(Key::usable).collect();
        if keys.is_empty() {
            return Err("no RSA key that signs is published".to_owned());
        }
        Ok((configuration, keys))
    }

    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, String> {
        let reply = self.http.get(url).header("accept", "application/json").send().await;
        let reply = reply.map_err(|error| crate::upstream::cause(&error))?;
        let status = reply.status();
        if !status.is_success() {
            return Err(format!("the answer is {status}"));
        }
        let body = bounded(reply, ANSWER_MAX).await?;
        serde_json::from_slice(&body).map_err(|error| format!("the answer cannot be read: {error}"))
    }
}

impl Key {
    /// Its name and number, when it is an RSA key that signs with RS256.
    fn usable(self) -> Option<(String, DecodingKey)> {
        let fits = self.kty.as_deref() == Some("RSA")
            && self.used_for.as_deref().is_none_or(|it| it == "sig")
            && self.alg.as_deref().is_none_or(|it| it == "RS256");
        let number = |text: Option<String>| {
            let text = text?;
            let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
            let start = bytes.iter().position(|byte| *byte != 0)?;
            bytes.get(start..).map(<[u8]>::to_vec)
        };
        let kid = self.kid.filter(|kid| fits && !kid.is_empty())?;
        Some((kid, DecodingKey::from_rsa_raw_components(&number(self.n)?, &number(self.e)?)))
    }
}
