//! Every path the proxy takes, in one table. What is not in it does not exist.

use std::borrow::Cow;

use axum::http::{Method, StatusCode};
use foldback_model::{CallKey, CallKind};
use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};

use crate::{
    problem::{Face, Fault},
    role::Role,
};

const OPEN: Access = Access::Open;
const VIEWER: Access = Access::Role(Role::Viewer);
const MODERATOR: Access = Access::Role(Role::Moderator);
const PRODUCER: Access = Access::Role(Role::Producer);
const ADMINISTRATOR: Access = Access::Role(Role::Administrator);

/// Who may use a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Signed-in operators with this role or a higher one.
    Role(Role),
    /// Whoever knows the secret in the path.
    Secret,
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Row {
    /// The method it takes; what is open and only read takes HEAD as well.
    pub method: Method,
    /// The path without its first slash. `*` stands for one of the roots of Graph calls.
    pub path: &'static str,
    /// What is asked.
    pub action: Action,
    /// Who may ask.
    pub access: Access,
    /// How many segments the path has: most rows are passed over for it alone.
    segments: usize,
}

/// Counts the segments of a row's path.
const fn count(path: &str) -> usize {
    let mut rest = path.as_bytes();
    let mut count = 1;
    while let [first, after @ ..] = rest {
        if *first == b'/' {
            count += 1;
        }
        rest = after;
    }
    count
}

/// Makes the actions of the table's rows: there is none without a row, and no row without a word on who
/// may use it.
macro_rules! table {
    ($($action:ident $name:literal: $method:ident $path:literal for $access:expr;)*) => {
        /// What a request asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the table says what each one is")]
        pub enum Action {
            $($action,)*
        }

        impl Action {
            /// A name for counting, and for what a session may do.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }
        }

        /// All rows.
        pub const TABLE: &[Row] = &[
            $(Row {
                method: Method::$method,
                path: $path,
                action: Action::$action,
                access: $access,
                segments: count($path),
            },)*
        ];
    };
}

table! {
    Page "page": GET "" for OPEN;
    Asset "asset": GET "{file}" for OPEN;
    Config "config": GET "config.json" for OPEN;
    Health "health": GET "healthz" for OPEN;
    Ready "ready": GET "readyz" for OPEN;
    SignIn "signIn": GET "sign-in" for OPEN;
    SignInBack "signInBack": GET "sign-in/callback" for OPEN;
    SignedIn "signedIn": GET "sign-in/done" for OPEN;

    Session "session": GET "foldback/v1/session" for VIEWER;
    SignOut "signOut": DELETE "foldback/v1/session" for VIEWER;
    Calls "calls": GET "foldback/v1/calls" for VIEWER;
    OpenCall "openCall": POST "foldback/v1/calls" for PRODUCER;
    Snapshot "snapshot": GET "foldback/v1/calls/{key}" for VIEWER;
    LeaveCall "leaveCall": DELETE "foldback/v1/calls/{key}" for PRODUCER;
    Events "events": GET "foldback/v1/calls/{key}/events" for VIEWER;
    Scenes "scenes": GET "foldback/v1/calls/{key}/scenes" for VIEWER;
    SaveScene "saveScene": PUT "foldback/v1/calls/{key}/scenes/{scene}" for PRODUCER;
    DeleteScene "deleteScene": DELETE "foldback/v1/calls/{key}/scenes/{scene}" for PRODUCER;
    CallAccess "callAccess": GET "foldback/v1/calls/{key}/access" for ADMINISTRATOR;
    SetCallAccess "setCallAccess": PUT "foldback/v1/calls/{key}/access" for ADMINISTRATOR;
    Audit "audit": GET "foldback/v1/calls/{key}/audit" for ADMINISTRATOR;
    HouseAudit "houseAudit": GET "foldback/v1/audit" for ADMINISTRATOR;
    People "people": GET "foldback/v1/people" for ADMINISTRATOR;
    Revoke "revoke": POST "foldback/v1/revocations" for ADMINISTRATOR;

    GraphNotification "graphNotification": POST "notifications/graph/{secret}" for Access::Secret;
    AcsNotification "acsNotification": POST "notifications/acs/{secret}" for Access::Secret;

    AcsCall "acsCall": GET "calling/callConnections/{connection}" for VIEWER;
    AcsParticipants "acsParticipants":
        GET "calling/callConnections/{connection}/participants" for VIEWER;
    AcsParticipant "acsParticipant":
        GET "calling/callConnections/{connection}/participants/{person}" for VIEWER;
    AcsMute "acsMute":
        POST "calling/callConnections/{connection}/participants:mute" for MODERATOR;

    GetCall "getCall": GET "*/{call}" for VIEWER;
    ListParticipants "listParticipants": GET "*/{call}/participants" for VIEWER;
    GetParticipant "getParticipant": GET "*/{call}/participants/{person}" for VIEWER;
    ListOperations "listOperations": GET "*/{call}/operations" for VIEWER;
    GetOperation "getOperation": GET "*/{call}/operations/{operation}" for VIEWER;
    MuteParticipant "muteParticipant": POST "*/{call}/participants/{person}/mute" for MODERATOR;
    Mute "mute": POST "*/{call}/mute" for MODERATOR;
    Unmute "unmute": POST "*/{call}/unmute" for MODERATOR;
    ConfigureMixer "configureMixer": POST "*/{call}/participants/configureMixer" for PRODUCER;
    KeepAlive "keepAlive": POST "*/{call}/keepAlive" for MODERATOR;
}

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

/// Actions with the role each needs, for those that need one.
pub fn needs() -> impl Iterator<Item = (Action, Role)> {
    TABLE.iter().filter_map(|row| match row.access {
        Access::Role(role) => Some((row.action, role)),
        Access::Open | Access::Secret => None,
    })
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
    let first = decoded(first).unwrap_or_default();
    let faces = [
        ("foldback", Face::Foldback),
        ("v1.0", Face::Graph),
        ("beta", Face::Graph),
        ("calling", Face::Acs),
        ("notifications", Face::Webhook),
    ];
    let found = faces.into_iter().find(|(name, _)| first.eq_ignore_ascii_case(name));
    found.map_or(Face::Page, |(_, face)| face)
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
    let graph = !root.is_empty();
    // The root stands for one segment in the table.
    let count = rest.len() + usize::from(graph);
    for row in TABLE.iter().filter(|row| row.segments == count) {
        let (of_graph, pattern) = match row.path.strip_prefix("*/") {
            Some(pattern) => (true, pattern),
            None => (false, row.path),
        };
        // Static files come last and have paths of any length.
        let skipped = of_graph != graph || row.action == Action::Asset;
        if skipped || !fits(pattern, rest, graph) {
            continue;
        }
        // A page can be asked for its headers alone; a sign-in would be used up by it.
        let headers_too = row.method == Method::GET
            && row.access == OPEN
            && !matches!(row.action, Action::SignIn | Action::SignInBack);
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
        access: OPEN,
        version,
        root,
        call: None,
        person: None,
        operation: None,
        text: segments.join("/"),
    })
}

/// The decoded segments of a path. A segment that could be read as two, or as a way up, is refused.
fn segments(raw_path: &str) -> Result<Vec<Cow<'_, str>>, Fault> {
    let path = raw_path.strip_prefix('/').unwrap_or(raw_path);
    path.split('/')
        .map(|segment| {
            let text = decoded(segment).ok_or_else(|| {
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

/// As [`decode`], without a copy of what holds no percent sign.
fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    if segment.contains('%') { decode(segment).map(Cow::Owned) } else { Some(segment.into()) }
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
fn graph_root<'a, 'b>(
    segments: &'a [Cow<'b, str>],
) -> Option<(String, String, &'a [Cow<'b, str>])> {
    let is = |at: usize, name: &str| {
        segments.get(at).is_some_and(|segment| segment.eq_ignore_ascii_case(name))
    };
    let version = ["v1.0", "beta"].into_iter().find(|version| is(0, version))?;
    let beta = version == "beta";
    let app = segments.get(2).filter(|_| beta && is(1, "applications") && is(3, "calls"));
    let length = if is(2, "calls") && (is(1, "communications") || (beta && is(1, "app"))) {
        3
    } else if app.is_some_and(|app| CallId::parse(app).is_ok()) {
        4
    } else {
        return None;
    };
    let (root, rest) = segments.split_at_checked(length)?;
    Some((version.to_owned(), format!("/{}", root.join("/")), rest))
}

/// Whether the path has the pattern's shape. Names are taken in any case, and those of Graph
/// (`graph`) with the namespace some clients write before them.
fn fits(pattern: &str, segments: &[Cow<'_, str>], graph: bool) -> bool {
    let mut names = pattern.split('/');
    let same = segments.iter().all(|segment| {
        let Some(name) = names.next() else { return false };
        let bare = match segment.get(.."microsoft.graph.".len()) {
            Some(space) if graph && space.eq_ignore_ascii_case("microsoft.graph.") => {
                segment.get(space.len()..).unwrap_or_default()
            }
            _ => segment,
        };
        name.starts_with('{') || name.eq_ignore_ascii_case(bare)
    });
    same && names.next().is_none()
}

fn fill(route: &mut Route, pattern: &str, segments: &[Cow<'_, str>]) -> Result<(), Fault> {
    for (name, segment) in pattern.split('/').zip(segments) {
        match name {
            "{call}" => route.call = Some(CallKey::Graph(CallId::parse(segment)?)),
            "{connection}" => route.call = Some(CallKey::Acs(CallId::parse(segment)?)),
            "{person}" => route.person = Some(ParticipantId::parse(segment)?),
            "{operation}" => route.operation = Some(UpstreamOperationId::parse(segment)?),
            "{secret}" | "{scene}" => segment.as_ref().clone_into(&mut route.text),
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
