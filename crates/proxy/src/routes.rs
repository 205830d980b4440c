//! Every path the proxy takes, in one table. What is not in it does not exist.

use axum::http::{Method, StatusCode};
use foldback_model::{CallKey, CallKind};
use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};

use crate::problem::{Face, Fault};

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says what each one is")]
pub enum Action {
    Page,
    Asset,
    Config,
    Health,
    Ready,
    SignIn,
    Session,
    SignOut,
    Calls,
    OpenCall,
    Snapshot,
    LeaveCall,
    Events,
    Scenes,
    SaveScene,
    DeleteScene,
    GraphNotification,
    AcsNotification,
    GetCall,
    ListParticipants,
    GetParticipant,
    ListOperations,
    GetOperation,
    MuteParticipant,
    Mute,
    Unmute,
    ConfigureMixer,
    KeepAlive,
    AcsCall,
    AcsParticipants,
    AcsParticipant,
    AcsMute,
}

/// Who may use a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody on this machine.
    Open,
    /// Signed-in operators.
    Session,
    /// Whoever knows the secret in the path.
    Secret,
}

struct Row {
    method: Method,
    path: &'static str,
    action: Action,
    access: Access,
}

const fn row(method: Method, path: &'static str, action: Action, access: Access) -> Row {
    Row { method, path, action, access }
}

/// `*` stands for one of the roots of Graph calls.
const TABLE: &[Row] = &[
    row(Method::GET, "", Action::Page, Access::Open),
    row(Method::GET, "config.json", Action::Config, Access::Open),
    row(Method::GET, "healthz", Action::Health, Access::Open),
    row(Method::GET, "readyz", Action::Ready, Access::Open),
    row(Method::GET, "sign-in", Action::SignIn, Access::Open),
    row(Method::GET, "foldback/v1/session", Action::Session, Access::Session),
    row(Method::DELETE, "foldback/v1/session", Action::SignOut, Access::Session),
    row(Method::GET, "foldback/v1/calls", Action::Calls, Access::Session),
    row(Method::POST, "foldback/v1/calls", Action::OpenCall, Access::Session),
    row(Method::GET, "foldback/v1/calls/{key}", Action::Snapshot, Access::Session),
    row(Method::DELETE, "foldback/v1/calls/{key}", Action::LeaveCall, Access::Session),
    row(Method::GET, "foldback/v1/calls/{key}/events", Action::Events, Access::Session),
    row(Method::GET, "foldback/v1/calls/{key}/scenes", Action::Scenes, Access::Session),
    row(Method::PUT, "foldback/v1/calls/{key}/scenes/{scene}", Action::SaveScene, Access::Session),
    row(
        Method::DELETE,
        "foldback/v1/calls/{key}/scenes/{scene}",
        Action::DeleteScene,
        Access::Session,
    ),
    row(Method::POST, "notifications/graph/{secret}", Action::GraphNotification, Access::Secret),
    row(Method::POST, "notifications/acs/{secret}", Action::AcsNotification, Access::Secret),
    row(Method::GET, "calling/callConnections/{connection}", Action::AcsCall, Access::Session),
    row(
        Method::GET,
        "calling/callConnections/{connection}/participants",
        Action::AcsParticipants,
        Access::Session,
    ),
    row(
        Method::GET,
        "calling/callConnections/{connection}/participants/{person}",
        Action::AcsParticipant,
        Access::Session,
    ),
    row(
        Method::POST,
        "calling/callConnections/{connection}/participants:mute",
        Action::AcsMute,
        Access::Session,
    ),
    row(Method::GET, "*/{call}", Action::GetCall, Access::Session),
    row(Method::GET, "*/{call}/participants", Action::ListParticipants, Access::Session),
    row(Method::GET, "*/{call}/participants/{person}", Action::GetParticipant, Access::Session),
    row(Method::GET, "*/{call}/operations", Action::ListOperations, Access::Session),
    row(Method::GET, "*/{call}/operations/{operation}", Action::GetOperation, Access::Session),
    row(
        Method::POST,
        "*/{call}/participants/{person}/mute",
        Action::MuteParticipant,
        Access::Session,
    ),
    row(Method::POST, "*/{call}/mute", Action::Mute, Access::Session),
    row(Method::POST, "*/{call}/unmute", Action::Unmute, Access::Session),
    row(
        Method::POST,
        "*/{call}/participants/configureMixer",
        Action::ConfigureMixer,
        Access::Session,
    ),
    row(Method::POST, "*/{call}/keepAlive", Action::KeepAlive, Access::Session),
];

/// A request's place in the table, with what its path holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// What is asked.
    pub action: Action,
    /// Who may ask.
    pub access: Access,
    /// `v1.0` or `beta` on Graph paths, else empty.
    pub version: String,
    /// The Graph root as it was called, for example `/beta/app/calls`, else empty.
    pub root: String,
    /// `{call}`, `{connection}` or the call of `{key}`.
    pub call: Option<CallKey>,
    /// `{person}`.
    pub person: Option<ParticipantId>,
    /// `{operation}`.
    pub operation: Option<UpstreamOperationId>,
    /// `{secret}`, `{scene}`, or the path of a static file.
    pub text: String,
}

impl Action {
    /// A name for counting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Asset => "asset",
            Self::Config => "config",
            Self::Health => "health",
            Self::Ready => "ready",
            Self::SignIn => "signIn",
            Self::Session => "session",
            Self::SignOut => "signOut",
            Self::Calls => "calls",
            Self::OpenCall => "openCall",
            Self::Snapshot => "snapshot",
            Self::LeaveCall => "leaveCall",
            Self::Events => "events",
            Self::Scenes => "scenes",
            Self::SaveScene => "saveScene",
            Self::DeleteScene => "deleteScene",
            Self::GraphNotification => "graphNotification",
            Self::AcsNotification => "acsNotification",
            Self::GetCall => "getCall",
            Self::ListParticipants => "listParticipants",
            Self::GetParticipant => "getParticipant",
            Self::ListOperations => "listOperations",
            Self::GetOperation => "getOperation",
            Self::MuteParticipant => "muteParticipant",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
            Self::ConfigureMixer => "configureMixer",
            Self::KeepAlive => "keepAlive",
            Self::AcsCall => "acsCall",
            Self::AcsParticipants => "acsParticipants",
            Self::AcsParticipant => "acsParticipant",
            Self::AcsMute => "acsMute",
        }
    }
}

impl Action {
    /// The service that notifies here, if one does.
    pub fn notifies(self) -> Option<CallKind> {
        match self {
            Self::GraphNotification => Some(CallKind::Graph),
            Self::AcsNotification => Some(CallKind::Acs),
            _ => None,
        }
    }
}

/// The face a raw path belongs to, told by its first segment alone.
pub fn face(raw_path: &str) -> Face {
    let first = raw_path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let first = decode(first).unwrap_or_default().to_ascii_lowercase();
    match first.as_str() {
        "foldback" => Face::Foldback,
        "v1.0" | "beta" => Face::Graph,
        "calling" => Face::Acs,
        "notifications" => Face::Webhook,
        _ => Face::Page,
    }
}

/// Finds a request in the table.
///
/// # Errors
/// 400 for a path that cannot be read or an id outside its alphabet, 404 for one that is not in the
/// table, 405 for one that is there with other methods.
pub fn find(method: &Method, raw_path: &str) -> Result<Route, Fault> {
    let segments = segments(raw_path)?;
    let (version, root, rest) = match graph_root(&segments) {
        Some(found) => found,
        None => (String::new(), String::new(), segments.as_slice()),
    };
    let mut allow: Vec<&str> = Vec::new();
    for row in TABLE {
        let (graph, pattern) = match row.path.strip_prefix("*/") {
            Some(pattern) => (true, pattern),
            None => (false, row.path),
        };
        if graph == root.is_empty() || !fits(pattern, rest, graph) {
            continue;
        }
        // A page can be asked for its headers alone; a sign-in link would be used up by it.
        let headers_too =
            row.method == Method::GET && row.access == Access::Open && row.action != Action::SignIn;
        if row.method != *method && !(headers_too && *method == Method::HEAD) {
            allow.push(row.method.as_str());
            allow.extend(headers_too.then_some("HEAD"));
            continue;
        }
        let mut route = Route {
            action: row.action,
            access: row.access,
            version,
            root,
            call: None,
            person: None,
            operation: None,
            text: String::new(),
        };
        fill(&mut route, pattern, rest)?;
        return Ok(route);
    }
    if !allow.is_empty() {
        let mut fault = Fault::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "methodNotAllowed",
            "this path takes another method; see the Allow header",
        );
        fault.allow = Some(allow.join(", "));
        return Err(fault);
    }
    if face(raw_path) != Face::Page {
        return Err(Fault::no_such_path());
    }
    if *method != Method::GET && *method != Method::HEAD {
        let mut fault = Fault::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "methodNotAllowed",
            "static files are only read",
        );
        fault.allow = Some("GET, HEAD".to_owned());
        return Err(fault);
    }
    Ok(Route {
        action: Action::Asset,
        access: Access::Open,
        version,
        root,
        call: None,
        person: None,
        operation: None,
        text: segments.join("/"),
    })
}

/// The decoded segments of a path. A segment that could be read as two, or as a way up, is refused.
fn segments(raw_path: &str) -> Result<Vec<String>, Fault> {
    let path = raw_path.strip_prefix('/').unwrap_or(raw_path);
    if path.is_empty() {
        return Ok(vec![String::new()]);
    }
    path.split('/')
        .map(|segment| {
            let text = decode(segment).ok_or_else(|| {
                Fault::bad_request("the path holds a percent sign that encodes no text")
            })?;
            let climbs = text == "." || text == "..";
            if climbs || text.contains(['/', '\\']) || text.chars().any(char::is_control) {
                return Err(Fault::bad_request(
                    "a path segment holds neither slashes, controls nor dots alone, encoded or not",
                ));
            }
            Ok(text)
        })
        .collect()
}

/// Decodes percent signs; `None` when they encode no UTF-8.
pub(crate) fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Takes the root of Graph calls off: the version, the root as called, and what follows.
fn graph_root(segments: &[String]) -> Option<(String, String, &[String])> {
    let names: Vec<String> = segments.iter().take(4).map(|s| s.to_ascii_lowercase()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let length = match names.as_slice() {
        ["v1.0" | "beta", "communications", "calls", ..] | ["beta", "app", "calls", ..] => 3,
        ["beta", "applications", app, "calls"] if CallId::parse(app).is_ok() => 4,
        _ => return None,
    };
    let (root, rest) = segments.split_at_checked(length)?;
    let version = names.first().copied().unwrap_or_default().to_owned();
    Some((version, format!("/{}", root.join("/")), rest))
}

/// Whether the path has the pattern's shape. Names are taken in any case, and those of Graph
/// (`graph`) with the namespace some clients write before them.
fn fits(pattern: &str, segments: &[String], graph: bool) -> bool {
    let names: Vec<&str> = pattern.split('/').collect();
    names.len() == segments.len()
        && names.iter().zip(segments).all(|(name, segment)| {
            let segment = segment.as_str();
            let bare = match segment.get(.."microsoft.graph.".len()) {
                Some(space) if graph && space.eq_ignore_ascii_case("microsoft.graph.") => {
                    segment.get(space.len()..).unwrap_or_default()
                }
                _ => segment,
            };
            name.starts_with('{') || name.eq_ignore_ascii_case(bare)
        })
}

fn fill(route: &mut Route, pattern: &str, segments: &[String]) -> Result<(), Fault> {
    for (name, segment) in pattern.split('/').zip(segments) {
        match name {
            "{call}" => route.call = Some(CallKey::Graph(CallId::parse(segment)?)),
            "{connection}" => route.call = Some(CallKey::Acs(CallId::parse(segment)?)),
            "{person}" => route.person = Some(ParticipantId::parse(segment)?),
            "{operation}" => route.operation = Some(UpstreamOperationId::parse(segment)?),
            "{secret}" | "{scene}" => segment.clone_into(&mut route.text),
            "{key}" => {
                route.call = Some(CallKey::parse(segment).ok_or_else(|| {
                    Fault::bad_request("a call is named graph.{call id} or acs.{connection id}")
                })?);
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
