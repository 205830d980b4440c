//! One entrance: gate, table, handler, and the headers every answer carries.

mod forward;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header, request::Parts,
    },
};
use bytes::Bytes;
use foldback_model::{CallKind, GestureId, OperationKind, Sequence};
use foldback_wire::graph::ExclusiveMember;
use serde_json::json;

use crate::{
    answer::{collect, empty, json_answer, packed_answer, page, set_cookie},
    app::App,
    bearer::{self, Cors},
    call::Call,
    calls::{self, join::Meeting},
    commands::{self, Command},
    gate::Gate,
    headers,
    problem::{Face, Fault},
    routes::{self, Access, Action, Route},
    scenes::{self, Seen},
    session::Session,
    stream, webhook,
};

type Answer = Result<Response<Body>, Fault>;

/// Answers any request.
pub async fn handle(app: Arc<App>, request: Request<Body>) -> Response<Body> {
    let method = request.method().clone();
    let face = routes::face(request.uri().path());
    let cors = bearer::cors(app.bearers.as_ref(), face, &method, request.headers());
    let (name, answer) = admit(&app, request, face, cors.as_ref()).await;
    let mut response = answer.unwrap_or_else(|fault| fault.respond(face));
    headers::secure(response.headers_mut(), app.assets.policy());
    if let Some(cors) = cors {
        cors.tell(response.headers_mut());
    }
    app.metrics.answered(name, response.status().as_u16());
    tracing::debug!(%method, route = name, status = response.status().as_u16(), "answered");
    response
}

async fn admit(
    app: &Arc<App>,
    request: Request<Body>,
    face: Face,
    cors: Option<&Cors>,
) -> (&'static str, Answer) {
    let (head, body) = request.into_parts();
    let session = match pass(app, &head, face, cors).await {
        Ok(Passed::As(session)) => session,
        Ok(Passed::ToAsk) => return ("preflight", Ok(empty(StatusCode::NO_CONTENT))),
        Err(fault) => return ("refused", Err(fault)),
    };
    let route = match routes::find(&head.method, head.uri.path()) {
        Ok(route) => route,
        Err(fault) => return ("unknown", Err(fault)),
    };
    let name = route.action.name();
    if route.access == Access::Session && session.is_none() {
        return (name, Err(Fault::internal()));
    }
    let asked =
        Asked { app: Arc::clone(app), route, session, uri: head.uri, headers: head.headers };
    if head.method == Method::GET || head.method == Method::HEAD {
        return (name, asked.read().await);
    }
    // What changes something runs to its end even when whoever asked has left.
    let task = app.tasks.spawn(async move { asked.write(body).await });
    let answer = task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a handler failed");
        Err(Fault::internal())
    });
    (name, answer)
}

/// How a request passed the gate.
enum Passed {
    /// As this operator, where one is needed.
    As(Option<Arc<Session>>),
    /// A browser asks whether it may send one.
    ToAsk,
}

async fn pass(app: &App, head: &Parts, face: Face, cors: Option<&Cors>) -> Result<Passed, Fault> {
    app.gate.host(&head.headers, face)?;
    if !face.is_gated() {
        return Ok(Passed::As(None));
    }
    match cors {
        Some(cors) if cors.is_preflight() => return Ok(Passed::ToAsk),
        Some(_) => {}
        None => Gate::origin(&head.headers)?,
    }
    let session = if head.headers.contains_key(header::AUTHORIZATION) {
        bearer::session(app, &head.headers).await?
    } else {
        Gate::session(&app.sessions, &head.method, &head.headers)?
    };
    Ok(Passed::As(Some(session)))
}

/// A request that passed the gate.
struct Asked {
    app: Arc<App>,
    route: Route,
    session: Option<Arc<Session>>,
    uri: Uri,
    headers: HeaderMap,
}

impl Asked {
    async fn read(self) -> Answer {
        match self.route.action {
            Action::Page => Ok(self.app.assets.page(&self.headers)),
            Action::Asset => Ok(self.app.assets.get(&self.route.text, &self.headers)),
            Action::Config => Ok(json_answer(
                StatusCode::OK,
                &json!({
                    "base": "",
                    "signIn": "link",
                    "rehearsal": self.app.rehearsal,
                    "exclusiveMode": self.app.exclusive_member == ExclusiveMember::ExclusiveMode,
                }),
            )),
            Action::Health | Action::Ready => Ok(empty(StatusCode::OK)),
            Action::SignIn => self.sign_in(),
            Action::Session => {
                let operator = &self.session()?.operator;
                Ok(json_answer(
                    StatusCode::OK,
                    &json!({
                        "operator": {"id": operator.id, "name": operator.name},
                        "roles": ["moderator", "producer"],
                    }),
                ))
            }
            Action::Calls => {
                let all = self.app.calls.all();
                let calls: Vec<_> = all.iter().map(|call| calls::summary(call)).collect();
                Ok(json_answer(StatusCode::OK, &json!({"calls": calls})))
            }
            Action::Snapshot => {
                let call = self.call()?;
                let folded = call.read();
                Ok(packed_answer(&self.headers, &folded.state))
            }
            Action::Scenes => {
                let call = self.call()?;
                let folded = call.read();
                let all: Vec<_> = folded.state.scenes.iter().collect();
                Ok(packed_answer(&self.headers, &json!({"scenes": all})))
            }
            Action::Events => {
                let after = self.after()?;
                Ok(stream::open(&self.app, self.call()?, self.session()?, after))
            }
            _ => forward::ask(&self.app, &self.route).await,
        }
    }

    async fn write(self, body: Body) -> Answer {
        if let Some(service) = self.route.action.notifies() {
            return self.notification(service, body).await;
        }
        let body = collect(&self.headers, body, self.app.limits.command_bytes).await?;
        match self.route.action {
            Action::SignOut if self.session()?.is_by_token() => Err(Fault::bad_request(
                "a token is not signed out here: it ends by itself; forget it",
            )),
            Action::SignOut => {
                self.app.sessions.end(&self.headers);
                let mut response = empty(StatusCode::NO_CONTENT);
                set_cookie(&mut response, &self.app.sessions.no_cookie());
                Ok(response)
            }
            Action::OpenCall => self.open_call(&body).await,
            Action::LeaveCall => {
                let by = self.session()?.operator.by();
                calls::leave(&self.app, &*self.call()?, by).await?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Action::SaveScene => self.save_scene(&body).await,
            Action::DeleteScene => {
                let (id, seen) = (scenes::id(&self.route.text)?, Seen::read(&self.headers)?);
                let by = self.session()?.operator.by();
                scenes::delete(&*self.call()?, by, id, seen).await?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Action::MuteParticipant | Action::AcsMute => {
                self.command(OperationKind::Mute, body).await
            }
            Action::Mute => self.command(OperationKind::MuteSelf, body).await,
            Action::Unmute => self.command(OperationKind::UnmuteSelf, body).await,
            Action::ConfigureMixer => self.command(OperationKind::ConfigureMixer, body).await,
            Action::KeepAlive => forward::ask(&self.app, &self.route).await,
            _ => Err(Fault::no_such_path()),
        }
    }

    /// Whoever knows no secret or has no token gets no body read.
    async fn notification(&self, service: CallKind, body: Body) -> Answer {
        let admitted = webhook::admit(&self.app, service, &self.route.text, &self.headers).await?;
        let body = collect(&self.headers, body, self.app.limits.webhook_bytes).await?;
        webhook::take(&self.app, &admitted, &body).await.map(empty)
    }

    fn sign_in(&self) -> Answer {
        // A browser that fetches ahead must not use the link up.
        if self.headers.contains_key("sec-purpose") || self.headers.contains_key("purpose") {
            return Ok(empty(StatusCode::SERVICE_UNAVAILABLE));
        }
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
        let cookie = self.app.sessions.begin(&self.headers).map_err(random)?;
        let mut response = empty(StatusCode::SEE_OTHER);
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
        set_cookie(&mut response, &cookie);
        Ok(response)
    }

    async fn open_call(&self, body: &[u8]) -> Answer {
        let call = calls::enter(&self.app, Meeting::read(body)?).await?;
        let mut response = json_answer(StatusCode::CREATED, &calls::summary(&call));
        if let Ok(location) = HeaderValue::from_str(&format!("/foldback/v1/calls/{}", call.key)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    }

    async fn save_scene(&self, body: &[u8]) -> Answer {
        let (id, seen) = (scenes::id(&self.route.text)?, Seen::read(&self.headers)?);
        let by = self.session()?.operator.by();
        let (saved, is_new) = scenes::save(&*self.call()?, by, id, seen, body).await?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        let mut response = json_answer(status, &saved);
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", saved.revision)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        Ok(response)
    }

    async fn command(&self, kind: OperationKind, body: Bytes) -> Answer {
        let gesture = match self.header("foldback-gesture")? {
            None => None,
            Some(text) => Some(GestureId::new(text).ok_or_else(|| {
                Fault::bad_request(
                    "Foldback-Gesture holds 1 to 64 printable ASCII characters without spaces",
                )
            })?),
        };
        let everyone = match self.header("foldback-layer")? {
            None | Some("listener") => false,
            Some("everyone") => true,
            Some(_) => {
                return Err(Fault::bad_request("Foldback-Layer is `everyone` or `listener`"));
            }
        };
        let call = self.call()?;
        let command = Command {
            kind,
            person: self.route.person.clone(),
            version: self.route.version.clone(),
            root: self.route.root.clone(),
            body,
            gesture,
            everyone,
            by: self.session()?.operator.by(),
        };
        commands::run(&self.app, &call, command).await
    }

    fn call(&self) -> Result<Arc<Call>, Fault> {
        self.app.calls.get(self.route.call.as_ref().ok_or_else(Fault::no_such_path)?)
    }

    fn session(&self) -> Result<Arc<Session>, Fault> {
        self.session.clone().ok_or_else(Fault::internal)
    }

    fn header(&self, name: &str) -> Result<Option<&str>, Fault> {
        let Some(value) = self.headers.get(name) else { return Ok(None) };
        let text =
            value.to_str().map_err(|_| Fault::bad_request(format!("{name} is not ASCII text")))?;
        Ok(Some(text))
    }

    /// Where a stream starts: `?after=`, else `Last-Event-ID`, else the beginning.
    fn after(&self) -> Result<Sequence, Fault> {
        let text = match query(&self.uri, "after") {
            Some(text) => Some(text),
            None => self.header("last-event-id")?,
        };
        let Some(text) = text else { return Ok(Sequence(0)) };
        text.parse().map(Sequence).map_err(|_| {
            Fault::bad_request("a stream starts after the sequence of a fact, a whole number")
        })
    }
}

/// The first value of a query member; codes and numbers need no decoding.
fn query<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v)
}
