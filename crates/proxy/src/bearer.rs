//! Operators who bring a token of their organization's issuer instead of a cookie: scripts, the
//! services' own clients, and panels on another host.
//!
//! A token is put into a request by a program and never by a browser on its own, so such a request
//! needs no word of the browser about where it comes from. For the same reason other pages may be let
//! in with one, if they are on the list, and never with a cookie.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    app::App,
    gate::Gate,
    log::Seldom,
    problem::{Face, Fault},
    session::Session,
    sign_in::{Claims, People, SignIn},
    webhook::{
        family::Family,
        token::{Flaw, Refusal, Verifier, now_s},
    },
};

/// See the module.
#[derive(Debug)]
pub struct Bearers {
    /// Checks their tokens.
    pub verifier: Arc<Verifier>,
    /// Who may do what.
    pub people: People,
    origins: Vec<String>,
}

impl Bearers {
    /// Nothing is read yet.
    ///
    /// # Errors
    /// As [`Verifier::new`].
    pub fn new(sign_in: &SignIn) -> anyhow::Result<Self> {
        let mut family = Family::operators(&sign_in.issuer, sign_in.client_id.clone());
        family.trust = sign_in.trust.clone();
        Ok(Self {
            verifier: Arc::new(Verifier::new(family)?),
            people: sign_in.people.clone(),
            origins: sign_in.origins.clone(),
        })
    }
}

static REFUSED: Seldom = Seldom::new();

/// The operator whose token these headers carry.
///
/// # Errors
/// 400 with a cookie beside it, 401 for a wrong token or where none is taken, 403 for one whose person
/// has no role, 503 when the issuer's keys cannot be read.
pub async fn session(app: &App, headers: &HeaderMap) -> Result<Arc<Session>, Fault> {
    let refused = |kind, words: &str| {
        app.metrics.bearer(kind);
        // Anybody can send tokens: the metrics count each.
        if let Some(times) = REFUSED.times() {
            tracing::warn!(
                kind,
                times,
                "requests by token were refused, the last of them for this"
            );
        }
        Fault::new(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            format!("the bearer token is not taken: {words}"),
        )
    };
    // Whose word would count when the two differ is nothing to guess.
    if headers.contains_key(header::COOKIE) {
        app.metrics.bearer("withCookie");
        return Err(Fault::bad_request(
            "a request carries a bearer token or a cookie, not both; leave one out",
        ));
    }
    let Some(bearers) = &app.bearers else {
        let words = "none is, since no issuer is set up here; add [sign_in] to the configuration or use \
                     the sign-in link";
        return Err(refused("notSetUp", words));
    };
    let claims = match bearers.verifier.claims::<Claims>(headers).await {
        Ok((_, claims)) => claims,
        Err(Refusal::Flawed(flaw)) => return Err(refused(flaw.name(), words(flaw))),
        Err(Refusal::NoKeys) => {
            app.metrics.bearer("noKeys");
            let mut fault = Fault::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "issuerUnavailable",
                "the keys of the issuer in [sign_in] cannot be read now, so nobody can say whether the \
                 token is good; try again soon",
            );
            fault.retry_after = Some(1);
            return Err(fault);
        }
    };
    let until = claims.exp.saturating_add(bearers.verifier.family().leeway.as_secs());
    let lasts = Duration::from_secs(until.saturating_sub(now_s()));
    let flawed = || refused(Flaw::Claims.name(), words(Flaw::Claims));
    let operator = claims.operator().ok_or_else(flawed)?;
    let issued = claims.issued();
    if app.sessions.is_revoked(&operator.id, issued) {
        let words = "an administrator has ended what its operator had; get a new one";
        return Err(refused("revoked", words));
    }
    let Some(rights) = bearers.people.rights(&bearers.people.claimed(&claims)) else {
        app.metrics.bearer("noRole");
        return Err(no_role(&bearers.people));
    };
    app.metrics.bearer("good");
    let share = app.edge.share_of(&operator.id);
    Ok(Session::by_token(operator, rights, lasts, issued, share))
}

/// 403 for somebody the issuer knows and nobody gave a role here.
fn no_role(people: &People) -> Fault {
    Fault::new(
        StatusCode::FORBIDDEN,
        "noRole",
        format!(
            "the token names no role that Foldback knows (claim {}); whoever runs it gives roles",
            people.roles_claim
        ),
    )
}

/// What is wrong with a token, for whoever sent it.
fn words(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Missing | Flaw::Form => {
            "it is no JSON web token of at most 8 KiB in one header `Authorization: Bearer …`"
        }
        Flaw::Algorithm => "it is not signed with RS256",
        Flaw::NoKeyName => "it does not name the key that signed it (kid)",
        Flaw::UnknownKey => "the issuer publishes no key of that name (kid)",
        Flaw::Signature => "its signature is wrong",
        Flaw::Claims => "exp, iss, aud or sub is missing in it or of the wrong kind",
        Flaw::Expired => "it has expired; get a new one",
        Flaw::Early => "it is not good yet (nbf); look at both clocks",
        Flaw::Issuer => "somebody else than the issuer in [sign_in] issued it (iss)",
        Flaw::Audience => "it is not for the client_id in [sign_in] (aud)",
        Flaw::Tenant | Flaw::OtherBody => "it is not for this",
    }
}

/// What a page on another host is told, when it may use this proxy.
#[derive(Debug, Clone)]
pub struct Cors {
    origin: HeaderValue,
    preflight: bool,
}

/// Whether these headers come from a page on the list: with a token, or asking whether it may send
/// one. Nobody else is told anything.
pub fn cors(
    bearers: Option<&Bearers>,
    face: Face,
    method: &Method,
    headers: &HeaderMap,
) -> Option<Cors> {
    let listed = &bearers.filter(|_| face.is_gated())?.origins;
    let preflight =
        *method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let asks = preflight || headers.contains_key(header::AUTHORIZATION);
    let origin = Gate::listed(headers, listed).filter(|_| asks)?.clone();
    Some(Cors { origin, preflight })
}

impl Cors {
    /// Whether the browser only asks.
    pub fn is_preflight(&self) -> bool {
        self.preflight
    }

    /// Tells the browser that the page may read this answer, or what it may send. Cookies are never
    /// among it.
    pub fn tell(self, headers: &mut HeaderMap) {
        let mut tell = |name: HeaderName, value| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        if self.preflight {
            tell(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE");
            tell(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "authorization, content-type, foldback-gesture, foldback-layer, foldback-operator, if-match, if-none-match, last-event-id",
            );
            tell(header::ACCESS_CONTROL_MAX_AGE, "600");
        } else {
            tell(header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag, location, retry-after");
        }
        tell(header::VARY, "origin");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
    }
}
