//! Signing in and out: the pages a browser sees on its way.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use foldback_model::Outcome;
use serde_json::{Value, json};

use super::{Answer, Asked, query};
use crate::{
    answer::{empty, json_answer, page, set_cookie},
    audit::Kind,
    log::Seldom,
    problem::Fault,
    role::Role,
    routes,
    session::sessions,
    sign_in::{Finished, OpenId, ReturnTo, Trouble},
};

static REFUSED: Seldom = Seldom::new();

impl Asked {
    /// Sends the browser to the issuer, or takes the code of a link.
    pub(super) async fn sign_in(&self) -> Answer {
        // A browser that fetches ahead must not use a link up or begin anything.
        if self.headers.contains_key("sec-purpose") || self.headers.contains_key("purpose") {
            return Ok(empty(StatusCode::SERVICE_UNAVAILABLE));
        }
        match &self.app.open_id {
            Some(open_id) => self.go_to_issuer(open_id).await,
            None => self.redeem_link().await,
        }
    }

    async fn go_to_issuer(&self, open_id: &OpenId) -> Answer {
        let to = query(&self.uri, "return_to").and_then(routes::decode);
        let to = to.as_deref().map(ReturnTo::parse).unwrap_or_default();
        if !self.app.gate.is_at_home(&self.headers) {
            // Cookies set under another name would not be there when the issuer leads back.
            return see_other(&open_id.address_for(&to));
        }
        let replaces = self.app.sessions.print(&self.headers);
        match open_id.begin(&to, replaces).await {
            Ok(begun) => {
                let mut response = see_other(&begun.location)?;
                set_cookie(&mut response, &begun.cookie);
                Ok(response)
            }
            Err(trouble) => Ok(self.not_signed_in(&trouble)),
        }
    }

    async fn redeem_link(&self) -> Answer {
        let random = |error: getrandom::Error| {
            tracing::error!(%error, "the system gives no randomness");
            Fault::internal()
        };
        let code = query(&self.uri, "code").unwrap_or_default();
        if !self.app.sessions.redeem(code).map_err(random)? {
            return Ok(page(
                StatusCode::FORBIDDEN,
                "This sign-in link cannot be used",
                "A link works once. Use the newest one: the terminal that runs Foldback shows it after “sign-in:”.",
            ));
        }
        let operator = self.app.sessions.operator_by_link(&self.headers).map_err(random)?;
        // Written down first, as all that is done.
        let detail = json!({"role": Role::Administrator, "by": "link"});
        let noted = self.note_house(&operator, Kind::SignIn, detail).await?;
        let begun = self.app.sessions.begin_by_link(operator, &self.headers);
        let cookie = noted.end(begun.map_err(random)).await?;
        let mut response = see_other("/")?;
        set_cookie(&mut response, &cookie);
        Ok(response)
    }

    /// Takes the browser back from the issuer, and begins its session.
    pub(super) async fn sign_in_back(&self) -> Answer {
        let Some(open_id) = &self.app.open_id else { return Err(Fault::no_such_path()) };
        let mut response = match open_id.finish(&self.headers, self.uri.query()).await {
            Ok(finished) => self.begin_session(open_id, finished).await?,
            // The one that the cookie holds goes on: this answer was not for it.
            Err(trouble @ Trouble::State) => return Ok(self.not_signed_in(&trouble)),
            Err(trouble) => self.not_signed_in(&trouble),
        };
        set_cookie(&mut response, &open_id.no_cookie());
        Ok(response)
    }

    async fn begin_session(&self, open_id: &OpenId, finished: Finished) -> Answer {
        let Finished { claims, to, replaces } = finished;
        let people = self.app.bearers.as_ref().map(|bearers| &bearers.people);
        let (Some(people), Some(operator)) = (people, claims.operator()) else {
            return Err(Fault::internal());
        };
        let claimed = people.claimed(&claims);
        let Some(rights) = people.rights(&claimed) else {
            self.app.metrics.sign_in("noRole");
            tracing::warn!(operator = %operator.id, "somebody without a role signed in");
            if open_id.refused.is_news(&operator.id) {
                let refused = Outcome::Failed {
                    status: StatusCode::FORBIDDEN.as_u16(),
                    code: "noRole".to_owned(),
                    message: "They have no role in Foldback.".to_owned(),
                    retry: None,
                };
                if let Err(fault) = self.note_refused(&operator, Kind::SignIn, refused).await {
                    // The next try is written down.
                    open_id.refused.forget(&operator.id);
                    return Err(fault);
                }
            }
            return Ok(page(
                StatusCode::FORBIDDEN,
                "You have no role in Foldback",
                "Your organization knows you, but nobody has given you a role here. Ask whoever runs Foldback for one, then <a href=\"/sign-in\">sign in again</a>.",
            ));
        };
        let (id, role) = (operator.id.clone(), rights.role);
        let detail = json!({"role": role});
        let noted = self.note_house(&operator, Kind::SignIn, detail).await?;
        let begun =
            self.app.sessions.begin(operator, claimed, rights, replaces, &self.headers).await;
        let cookie = noted.end(begun.map_err(|trouble| broken(&trouble))).await?;
        self.app.metrics.sign_in("good");
        tracing::info!(operator = %id, %role, "somebody signed in");
        let mut response = see_other(&to.location())?;
        set_cookie(&mut response, &cookie);
        Ok(response)
    }

    /// What somebody sees whom the sign-in did not let in. Nothing that came from outside is in it.
    fn not_signed_in(&self, trouble: &Trouble) -> Response<Body> {
        self.app.metrics.sign_in(trouble.name());
        if let Some(times) = REFUSED.times() {
            let kind = trouble.name();
            tracing::warn!(kind, times, "sign-ins did not succeed, the last of them for this");
        }
        let again = "<a href=\"/sign-in\">Sign in again</a>.";
        let (status, words) = match trouble {
            Trouble::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Your organization’s sign-in does not answer as it should; whoever runs Foldback finds more in its log.".to_owned(),
            ),
            Trouble::NotBegun => (
                StatusCode::BAD_REQUEST,
                "No sign-in was started in this browser, or more than ten minutes ago, or Foldback was restarted meanwhile.".to_owned(),
            ),
            Trouble::State => (
                StatusCode::BAD_REQUEST,
                "This is the answer to another sign-in than the last one this browser began, perhaps in another tab.".to_owned(),
            ),
            Trouble::Issuer | Trouble::Token(_) | Trouble::Nonce => (
                StatusCode::FORBIDDEN,
                "What your organization’s sign-in sent is not what was asked of it.".to_owned(),
            ),
            Trouble::Refused(word) => (
                StatusCode::FORBIDDEN,
                format!("Your organization’s sign-in refused: {word}."),
            ),
            Trouble::Randomness => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Foldback failed; see its log.".to_owned())
            }
        };
        page(status, "You are not signed in", &format!("{words} {again}"))
    }

    /// Ends the session, and says where the browser signs out at the issuer.
    pub(super) async fn sign_out(&self) -> Answer {
        if self.session()?.is_by_token() {
            return Err(Fault::bad_request(
                "a token is not signed out here: it ends by itself; forget it",
            ));
        }
        let operator = &self.session()?.operator;
        {
            let _one_at_a_time = self.app.sessions.signing_out().await;
            // Somebody else may have ended it while we waited; then nothing is left to do or to tell.
            if self.app.sessions.print(&self.headers).is_some() {
                let noted = self.note_house(operator, Kind::SignOut, Value::Null).await?;
                let ended = self.app.sessions.end(&self.headers).await;
                noted.end(ended.map_err(|trouble| broken(&trouble))).await?;
            }
        }
        let at = match &self.app.open_id {
            Some(open_id) => open_id.end_session().await,
            None => None,
        };
        let mut response = match at {
            Some(at) => json_answer(StatusCode::OK, &json!({"endSession": at})),
            None => empty(StatusCode::NO_CONTENT),
        };
        set_cookie(&mut response, &self.app.sessions.no_cookie());
        Ok(response)
    }
}

/// For a window that was opened to sign in, while the panel waits in another.
pub(super) fn signed_in() -> Response<Body> {
    page(
        StatusCode::OK,
        "You are signed in",
        "Foldback goes on in the window you came from; this one can be closed.",
    )
}

/// What is told when a session cannot be begun or ended.
pub(super) fn broken(trouble: &sessions::Trouble) -> Fault {
    tracing::error!(%trouble, "a session was neither begun nor ended");
    match trouble {
        sessions::Trouble::Randomness(_) => Fault::internal(),
        sessions::Trouble::TooMany => {
            Fault::new(StatusCode::INSUFFICIENT_STORAGE, "tooManyRevocations", trouble.to_string())
        }
        sessions::Trouble::Store(_) => {
            let mut fault = Fault::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "journalUnavailable",
                "the journal cannot be written, so nobody was signed in or out; try again soon",
            );
            fault.retry_after = Some(5);
            fault
        }
    }
}

fn see_other(location: &str) -> Answer {
    let mut response = empty(StatusCode::SEE_OTHER);
    let location = HeaderValue::from_str(location).map_err(|_| Fault::internal())?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}
