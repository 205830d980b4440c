//! One entrance: gate, table, handler, and the headers every answer carries.

mod audit;
mod forward;
mod pass;
mod rights;
mod sign_in;
mod who;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header},
};
use bytes::Bytes;
use foldback_model::{CallKind, GestureId, OperationKind, Sequence};
use foldback_wire::graph::ExclusiveMember;
use serde_json::json;
use tokio::time::timeout;

use pass::{Passed, cost, pass};

use crate::{
    access,
    answer::{Packed, collect, empty, json_answer, unwritten},
    app::App,
    audit::Kind,
    bearer::{self, Cors},
    call::Call,
    calls::{self, join::Meeting},
    commands::{self, Command},
    edge::Arrival,
    headers,
    problem::{Face, Fault},
    routes::{self, Access, Action, Route},
    scenes::{self, Seen},
    session::Session,
    sign_in::PATH,
    stream, webhook,
};

type Answer = Result<Response<Body>, Fault>;

/// How long the journal may keep somebody waiting who would write.
const JOURNAL_TURN: Duration = Duration::from_secs(1);

/// Answers any request.
pub async fn handle(app: Arc<App>, arrival: Arrival, request: Request<Body>) -> Response<Body> {
    let method = request.method().clone();
    let face = routes::face(request.uri().path());
    let cors = bearer::cors(app.bearers.as_ref(), face, &method, request.headers());
    let (name, answer) = admit(&app, arrival, request, face, cors.as_ref()).await;
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
    arrival: Arrival,
    request: Request<Body>,
    face: Face,
    cors: Option<&Cors>,
) -> (&'static str, Answer) {
    let (head, body) = request.into_parts();
    let from = match app.edge.origin(arrival, &head.uri, &head.headers) {
        Ok(from) => from,
        Err(fault) => return ("refused", Err(app.edge.refused(arrival.peer, fault))),
    };
    let session = match pass(app, &head, face, cors, from).await {
        Ok(Passed::As(session)) => session,
        Ok(Passed::ToAsk) => return ("preflight", Ok(empty(StatusCode::NO_CONTENT))),
        Err(fault) => return ("refused", Err(fault)),
    };
    let route = match routes::find(&head.method, head.uri.path()) {
        Ok(route) => route,
        Err(fault) if session.is_some() => return ("unknown", Err(fault)),
        Err(fault) => return ("unknown", Err(app.edge.refused(from, fault))),
    };
    let name = route.action.name();
    if route.access == Access::Open
        && let Err(fault) = app.edge.pay(from, cost(route.action))
    {
        return (name, Err(fault));
    }
    let granted = match (route.access, &session) {
        (Access::Role(_), Some(session)) => access::grant(app, &route, session),
        (Access::Role(_), None) => Err(Fault::internal()),
        (Access::Open | Access::Secret, _) => Ok(None),
    };
    let call = match granted {
        Ok(call) => call,
        Err(fault) => return (name, Err(fault)),
    };
    let (uri, headers) = (head.uri, head.headers);
    let asked = Asked { app: Arc::clone(app), route, call, session, from, uri, headers };
    let reads = head.method == Method::GET || head.method == Method::HEAD;
    let begins_a_session = matches!(asked.route.action, Action::SignIn | Action::SignInBack);
    if reads && !begins_a_session {
        return (name, asked.read().await);
    }
    // What changes something runs to its end even when whoever asked has left. It is large, and moved
    // several times until it runs: in a box that is a pointer.
    let task = app.tasks.spawn(Box::pin(async move {
        if reads { asked.read().await } else { asked.write(body).await }
    }));
    let answer = task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a handler failed");
        Err(Fault::internal())
    });
    (name, answer)
}

/// A request that passed the gate.
struct Asked {
    app: Arc<App>,
    route: Route,
    /// The call its path names, which is open to its session.
    call: Option<Arc<Call>>,
    session: Option<Arc<Session>>,
    /// The address it came from.
    from: IpAddr,
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
                    "signIn": self.app.open_id.as_ref().map_or("link", |_| PATH),
                    "rehearsal": self.app.rehearsal,
                    "exclusiveMode": self.app.exclusive_member == ExclusiveMember::ExclusiveMode,
                }),
            )),
            Action::Health => Ok(empty(StatusCode::OK)),
            Action::Ready => Ok(self.ready().await),
            Action::SignIn => self.sign_in().await,
            Action::SignInBack => self.sign_in_back().await,
            Action::SignedIn => Ok(sign_in::signed_in()),
            Action::Session => self.who(),
            Action::Calls => self.calls(),
            Action::CallAccess => self.call_access(),
            Action::Audit => self.audit().await,
            Action::HouseAudit => self.house_audit().await,
            Action::People => Ok(self.people()),
            Action::Snapshot => {
                let snapshot = self.call()?.snapshot();
                Ok(snapshot.map_or_else(|error| unwritten(&error), |it| it.answer(&self.headers)))
            }
            Action::Scenes => {
                let call = self.call()?;
                let scenes = {
                    let folded = call.read();
                    let all: Vec<_> = folded.state.scenes.iter().collect();
                    Packed::new(&json!({"scenes": all}))
                };
                Ok(scenes.map_or_else(|error| unwritten(&error), |it| it.answer(&self.headers)))
            }
            Action::Events => {
                let after = self.after()?;
                stream::open(&self.app, self.call()?, self.session()?, after)
            }
            _ => forward::ask(&self.app, &*self.call()?, &self.route).await,
        }
    }

    /// Whether more should be sent here: not once the end has begun, and not while the journal keeps
    /// everybody waiting.
    async fn ready(&self) -> Response<Body> {
        let written = timeout(JOURNAL_TURN, self.app.journal.turn()).await;
        let is_ready = !self.app.ending.has_begun() && matches!(written, Ok(Ok(())));
        empty(if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE })
    }

    async fn write(self, body: Body) -> Answer {
        if let Some(service) = self.route.action.notifies() {
            return self.notification(service, body).await;
        }
        let limits = &self.app.limits;
        let body = collect(&self.headers, body, limits.command_bytes, limits.times.body).await?;
        if !body.is_empty() {
            self.says_json()?;
        }
        match self.route.action {
            Action::SignOut => self.sign_out().await,
            Action::SetCallAccess => self.set_call_access(&body).await,
            Action::Revoke => self.revoke(&body).await,
            Action::OpenCall => self.open_call(&body).await,
            Action::LeaveCall => {
                let by = self.session()?.operator.by();
                calls::leave(&self.app, &*self.call()?, by, self.from).await?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Action::SaveScene => self.save_scene(&body).await,
            Action::DeleteScene => {
                let (id, seen) = (scenes::id(&self.route.text)?, Seen::read(&self.headers)?);
                let by = (self.session()?.operator.by(), self.from);
                scenes::delete(&*self.call()?, by, id, seen).await?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Action::MuteParticipant | Action::AcsMute => {
                self.command(OperationKind::Mute, body).await
            }
            Action::Mute => self.command(OperationKind::MuteSelf, body).await,
            Action::Unmute => self.command(OperationKind::UnmuteSelf, body).await,
            Action::ConfigureMixer => self.command(OperationKind::ConfigureMixer, body).await,
            Action::KeepAlive => forward::ask(&self.app, &*self.call()?, &self.route).await,
            _ => Err(Fault::no_such_path()),
        }
    }

    /// What a page sends without asking is text or a form, and is no command even if it reads like one.
    /// Whoever does not say what they send is taken to send JSON.
    fn says_json(&self) -> Result<(), Fault> {
        for kind in self.headers.get_all(header::CONTENT_TYPE) {
            let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if !kind.trim().eq_ignore_ascii_case("application/json") {
                return Err(Fault::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "unsupportedMediaType",
                    "a body is taken as JSON alone and this one says that it is something else; send it \
                     with `Content-Type: application/json`",
                ));
            }
        }
        Ok(())
    }

    /// Whoever knows no secret or has no token gets no body read, and pays by address. What the
    /// service sends costs nothing, and is taken from an address that has nothing left: it cannot send
    /// less, and somebody else behind the same web server must not have its notifications refused.
    async fn notification(&self, service: CallKind, body: Body) -> Answer {
        let (app, limits) = (&self.app, &self.app.limits);
        let admitted = webhook::admit(app, service, &self.route.text, &self.headers).await;
        let admitted = admitted.map_err(|fault| app.edge.refused(self.from, fault))?;
        let body = collect(&self.headers, body, limits.webhook_bytes, limits.times.body).await?;
        webhook::take(&self.app, &admitted, &body).await.map(empty)
    }

    fn calls(&self) -> Answer {
        let (all, session) = (self.app.calls.all(), self.session()?);
        let seen = all.iter().filter(|call| call.admits(&session));
        let calls: Vec<_> = seen.map(|call| calls::summary(call)).collect();
        Ok(json_answer(StatusCode::OK, &json!({"calls": calls})))
    }

    async fn open_call(&self, body: &[u8]) -> Answer {
        let session = self.session()?;
        let (meeting, asked) = Meeting::read(body)?;
        let mut access = asked.unwrap_or_else(|| self.app.new_calls.access.clone());
        // Whoever brings Foldback into a meeting sees what it does there.
        access.add(session.operator.id.as_str());
        if let Some(organizer) = meeting.organizer().filter(|_| self.app.new_calls.organizer) {
            access.add(&organizer);
        }
        let detail = json!({"access": access});
        let noted = self.note_house(&session.operator, Kind::OpenCall, detail).await?;
        // It may have been open here before, to others.
        let admit = |call: &Call| access::admit(call, &session);
        let call = match calls::enter(&self.app, meeting, access, admit).await {
            Ok(call) => call,
            Err(fault) => return noted.end(Err(fault)).await,
        };
        noted.came_to(call.key.clone(), json!({"access": call.access()})).await;
        let mut response = json_answer(StatusCode::CREATED, &calls::summary(&call));
        if let Ok(location) = HeaderValue::from_str(&format!("/foldback/v1/calls/{}", call.key)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    }

    async fn save_scene(&self, body: &[u8]) -> Answer {
        let (id, seen) = (scenes::id(&self.route.text)?, Seen::read(&self.headers)?);
        let by = (self.session()?.operator.by(), self.from);
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
            from: Some(self.from),
        };
        commands::run(&self.app, &call, command).await
    }

    /// The call the path names. There is no other way to one from here: it was granted, or it is none.
    fn call(&self) -> Result<Arc<Call>, Fault> {
        self.call.clone().ok_or_else(Fault::no_such_path)
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
