//! The ACS face: call connections of ACS Call Automation, below `/calling`.
//!
//! A request is let in by its signature or token, its `api-version` and, where it is repeatable, its
//! Request-ID; then a fault may strike it, and then it is carried out. So a slow request is still
//! running for its repetitions, and one that is throttled was never carried out.

mod call;
mod fault;
mod people;
mod repeat;
mod route;
mod signature;
mod version;

use std::{future::Future, sync::Arc, time::SystemTime};

use axum::http::{HeaderName, StatusCode, header, request::Parts};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{
    answer::Answer,
    graph::is_json,
    shared::{Shared, lock},
    sign_in::{self, Audience},
    text,
};
use repeat::{Mark, Refusal, Repeats, Running, Verdict};
use route::Target;

const RESULT: HeaderName = HeaderName::from_static("repeatability-result");
const VERSIONS: HeaderName = HeaderName::from_static("api-supported-versions");

/// What the ACS resource remembers of requests.
#[derive(Debug, Default)]
pub(super) struct Desk {
    repeats: Repeats<Answer>,
    /// Incoming calls that were answered.
    incoming: std::sync::Mutex<std::collections::BTreeMap<String, foldback_wire::ids::CallId>>,
}

/// One request with all that its answer needs.
struct Ask<'a> {
    shared: &'a Arc<Shared>,
    parts: &'a Parts,
    body: &'a [u8],
    target: Target,
    version: &'static str,
    query: Vec<(String, String)>,
}

/// Answers a request whose path begins with `/calling`; `segments` are its decoded parts, `suffered`
/// is what a fault answers in its stead.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    segments: &[String],
    body: &[u8],
    suffered: impl Future<Output = Option<Answer>>,
) -> Answer {
    let answer = match let_in(shared, parts, segments, body) {
        Ok((ask, None)) => match suffered.await {
            Some(answer) => answer,
            None => ask.answer(),
        },
        Ok((ask, Some(mark))) => ask.once(&mark, suffered).await,
        // A fault strikes whoever asks.
        Err(answer) => suffered.await.unwrap_or(answer),
    };
    answer.with(VERSIONS, version::KNOWN.join(", "))
}

/// Checks everything that does not depend on what is asked.
fn let_in<'a>(
    shared: &'a Arc<Shared>,
    parts: &'a Parts,
    segments: &[String],
    body: &'a [u8],
) -> Result<(Ask<'a>, Option<Mark>), Answer> {
    signed_in(shared, parts, body)?;
    let query = parts.uri.query().unwrap_or_default();
    let query = text::pairs(query).ok_or_else(|| fault::bad("The query has a broken escape."))?;
    let version = version::check(&query)?;
    let target = route::read(parts.method.as_str(), segments, version)?;
    if !body.is_empty() && !is_json(&parts.headers) {
        let words = "The body must be application/json.";
        return Err(Answer::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "8523", words));
    }
    let mark =
        if target.is_repeatable() { repeat::read(&parts.headers).map_err(refused)? } else { None };
    Ok((Ask { shared, parts, body, target, version, query }, mark))
}

/// By access key or by token.
fn signed_in(shared: &Shared, parts: &Parts, body: &[u8]) -> Result<(), Answer> {
    let authorization = parts.headers.get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let scheme = authorization.split(' ').next().unwrap_or_default();
    if scheme.eq_ignore_ascii_case(signature::SCHEME) {
        // As it stood on the request line: clients sign the encoded form.
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let key = BASE64.decode(&shared.access_key).unwrap_or_default();
        let (verb, headers) = (parts.method.as_str(), &parts.headers);
        return signature::check(&key, verb, target, headers, body, SystemTime::now())
            .map_err(|flaw| fault::unauthorized("7509", format!("HMAC refused: {flaw}.")));
    }
    sign_in::check(shared, &parts.headers, Audience::Acs).map_err(|refusal| match refusal {
        sign_in::Refusal::Missing => fault::unauthorized(
            "7501",
            "The request is not signed: send an HMAC-SHA256 signature or a bearer token.",
        ),
        refusal => fault::unauthorized("7501", refusal.words()),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is mapped")]
fn refused(refusal: Refusal) -> Answer {
    let rejected = match refusal {
        Refusal::Syntax(_) | Refusal::OtherRequest => StatusCode::BAD_REQUEST,
        Refusal::OutsideWindow => StatusCode::PRECONDITION_FAILED,
        Refusal::Running => {
            return Answer::error(StatusCode::CONFLICT, "8519", format!("{refusal}."));
        }
        Refusal::Full => {
            return Answer::error(StatusCode::TOO_MANY_REQUESTS, "8516", format!("{refusal}."))
                .with(header::RETRY_AFTER, "1");
        }
    };
    let code = if rejected == StatusCode::PRECONDITION_FAILED { "8583" } else { "8523" };
    Answer::error(rejected, code, format!("{refusal}.")).with(RESULT, "rejected")
}

impl Ask<'_> {
    /// Carries it out unless that was done.
    async fn once(&self, mark: &Mark, suffered: impl Future<Output = Option<Answer>>) -> Answer {
        let content = repeat::content(self.parts.method.as_str(), self.parts.uri.path(), self.body);
        let repeats = &self.shared.acs.repeats;
        let running: Running<'_, Answer> = match repeats.begin(mark, content, SystemTime::now()) {
            Ok(Verdict::Execute(running)) => running,
            Ok(Verdict::Replay(answer)) => {
                return suffered.await.unwrap_or_else(|| answer.with(RESULT, "accepted"));
            }
            Err(refusal) => return suffered.await.unwrap_or_else(|| refused(refusal)),
        };
        let answer = match suffered.await {
            Some(answer) => answer,
            None => self.answer(),
        };
        running.answered(answer.status.as_u16(), &answer, answer.weight());
        answer.with(RESULT, "accepted")
    }

    fn answer(&self) -> Answer {
        let answer = match &self.target {
            Target::Create => self.create(),
            Target::Connect => self.connect(),
            Target::Answer => self.answer_incoming(),
            Target::Get(call) => self.get(call),
            Target::HangUp(call) => self.hang_up(call),
            Target::Terminate(call) => self.terminate(call),
            Target::Participants(call) => self.participants(call),
            Target::Participant(call, person) => self.participant(call, person),
            Target::Mute(call) => self.mute(call),
            Target::Remove(call) => self.remove(call),
        };
        answer.unwrap_or_else(|answer| answer)
    }

    /// `http://` and the name under which the client knows this service: who signs requests signs
    /// the host it sends.
    fn base(&self) -> String {
        let host = self.parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        host.map_or_else(|| self.shared.base_url.clone(), |host| format!("http://{host}"))
    }

    /// Checks an address for events at a path of the body.
    fn callback(at: &str, address: &str) -> Result<String, Answer> {
        text::callback(address).map_err(|reason| fault::bad(format!("{at}: {reason}")))
    }
}
