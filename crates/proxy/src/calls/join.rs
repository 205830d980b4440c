//! Getting into a call: what is asked of each service, and what it says of the call.

mod members;

use bytes::Bytes;
use foldback_model::{CallInfo, CallKey, CallKind, name, translate};
use foldback_wire::{
    acs::{CallConnectionProperties, CallLocator, ConnectCall, Locator},
    graph,
    ids::CallId,
};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::meeting::{Coordinates, Wrong};
use crate::{
    access::CallAccess, acs, app::App, graph::send::Ask, problem::Fault, secret::Secret,
    upstream::Failure,
};

/// Which call is meant.
#[derive(Debug, Clone)]
pub enum Meeting {
    /// The members of a Graph call body that say which one.
    Graph(Map<String, Value>),
    /// A meeting of Teams, as people name it.
    Teams(Coordinates),
    /// A group call or a room of ACS.
    Acs(Box<CallLocator>),
}

impl Meeting {
    /// The service that has it.
    pub fn service(&self) -> CallKind {
        match self {
            Self::Graph(_) | Self::Teams(_) => CallKind::Graph,
            Self::Acs(_) => CallKind::Acs,
        }
    }

    /// A meeting as `POST /foldback/v1/calls` names it: `meeting`, `graph` or `acs` alone, and beside
    /// it `access`, which says who may see the call.
    ///
    /// # Errors
    /// 400 that says what is expected where.
    pub fn read(body: &[u8]) -> Result<(Self, Option<CallAccess>), Fault> {
        let Value::Object(mut asked) = foldback_wire::read::json(body)? else {
            return Err(shape());
        };
        let access = asked.remove("access").map(|access| access_of(&access)).transpose()?;
        Ok((Self::of(asked)?, access))
    }

    fn of(mut asked: Map<String, Value>) -> Result<Self, Fault> {
        let found = (asked.remove("meeting"), asked.remove("graph"), asked.remove("acs"));
        if let Some(other) = asked.keys().next() {
            let other: String = other.chars().take(64).collect();
            return Err(Fault::bad_request(format!(
                "$: {other:?} is not known; send `meeting`, `graph` or `acs` alone"
            )));
        }
        match found {
            (Some(meeting), None, None) => Ok(Self::Teams(Coordinates::read(&meeting)?)),
            (None, Some(Value::Object(named)), None) => Ok(Self::Graph(members::graph(named)?)),
            (None, None, Some(acs @ Value::Object(_))) => {
                let locator: CallLocator = foldback_wire::read::value("$.acs", &acs)?;
                Ok(Self::Acs(Box::new(with_kind(members::acs(locator)?)?)))
            }
            _ => Err(shape()),
        }
    }

    /// The directory's id of whoever organizes it, where the meeting says who that is.
    pub fn organizer(&self) -> Option<String> {
        match self {
            Self::Teams(Coordinates::Organizer { organizer, .. }) => Some(organizer.to_string()),
            Self::Graph(members) => {
                let named = ["organizer", "user", "id"];
                let info = members.get("meetingInfo")?;
                let id = named.into_iter().try_fold(info, |value, name| value.get(name))?;
                id.as_str().map(str::to_owned)
            }
            Self::Teams(Coordinates::Id { .. }) | Self::Acs(_) => None,
        }
    }
}

/// Who may see a call, as a body says it.
///
/// # Errors
/// 400 that says what is expected where.
pub fn access_of(value: &Value) -> Result<CallAccess, Fault> {
    let read = match value {
        Value::Object(_) => CallAccess::deserialize(value).map_err(|error| error.to_string()),
        _ => Err("it is no object".to_owned()),
    };
    let access = read.map_err(|words| {
        Fault::bad_request(format!(
            "who may see the call cannot be read: {words}; send {{\"openTo\": \"viewer\", \"groups\": \
             [\"…\"], \"people\": [\"…\"]}}, each of them if wanted"
        ))
    })?;
    access.checked()
}

/// Fills in what kind of id the locator has; the service wants to be told.
fn with_kind(mut locator: CallLocator) -> Result<CallLocator, Fault> {
    let kind = match locator.locate("$.acs")? {
        Locator::ServerCall(_) => "serverCallLocator",
        Locator::GroupCall(_) => "groupCallLocator",
        Locator::Room(_) => "roomCallLocator",
    };
    locator.kind = Some(kind.to_owned());
    Ok(locator)
}

fn shape() -> Fault {
    Fault::bad_request(
        "$.meeting, $.graph or $.acs is missing; send {\"meeting\": {\"link\": \"…\"}} with the link of a \
         Teams meeting, {\"graph\": {…}} with the members of a Graph call that say which one, such as \
         chatInfo, meetingInfo and tenantId, or {\"acs\": {\"groupCallId\": \"…\"}} or {\"acs\": \
         {\"roomId\": \"…\"}}",
    )
}

impl From<Wrong> for Fault {
    fn from(wrong: Wrong) -> Self {
        Self::bad_request(wrong.to_string())
    }
}

/// What a service says of a call.
#[derive(Debug)]
pub enum Told {
    /// In Graph's words.
    Graph(Box<graph::Call>),
    /// In those of ACS.
    Acs(Box<CallConnectionProperties>),
}

impl Told {
    /// The call after this was told.
    pub fn info(&self, before: Option<&CallInfo>, rehearsal: bool) -> CallInfo {
        match self {
            Self::Graph(wire) => translate::call(wire, false, before, rehearsal),
            Self::Acs(wire) => translate::acs::call(translate::acs::phase(wire), before, rehearsal),
        }
    }

    /// The meeting's subject, where there is one.
    pub(super) fn subject(&self) -> Option<String> {
        match self {
            Self::Graph(wire) => wire.subject.as_deref().map(name::clean),
            Self::Acs(_) => None,
        }
    }
}

/// Asks the service to let us in; notifications are to come to the path with this secret.
pub(super) async fn ask(
    app: &App,
    meeting: Meeting,
    secret: &Secret,
) -> Result<(CallKey, Told), Fault> {
    let joined = match meeting {
        Meeting::Graph(members) => graph(app, members, secret).await?,
        Meeting::Teams(meeting) => {
            let own = app.graph().map_err(|failure| failure.fault())?.tenant();
            graph(app, meeting.members(own)?, secret).await?
        }
        Meeting::Acs(locator) => connect(app, *locator, secret).await,
    };
    joined.map_err(|failure| {
        tracing::warn!(%failure, "a call could not be joined");
        let mut fault = failure.fault();
        if let Failure::Refused { status, message, .. } = &failure {
            fault.message = format!("the call service answered {status}: {message}");
        }
        fault
    })
}

/// Leaves a call that could not be opened here: nobody would follow it.
pub(super) async fn abandon(app: &App, key: &CallKey) {
    if let Err(failure) = hang_up(app, key).await {
        tracing::warn!(call = %key, %failure, "a call that could not be opened was not left");
    }
}

/// Asks the service to let us go; the others stay.
pub(super) async fn hang_up(app: &App, key: &CallKey) -> Result<(), Failure> {
    match key {
        CallKey::Graph(id) => app.graph()?.ask("v1.0", Ask::HangUp(id), Bytes::new()).await,
        CallKey::Acs(id) => app.acs()?.ask(acs::send::Ask::HangUp(id), Bytes::new(), None).await,
    }
    .map(drop)
}

async fn graph(
    app: &App,
    mut members: Map<String, Value>,
    secret: &Secret,
) -> Result<Result<(CallKey, Told), Failure>, Fault> {
    let callback = format!("{}/notifications/graph/{}", app.public_url, secret.reveal());
    members.insert("@odata.type".to_owned(), json!("#microsoft.graph.call"));
    members.insert("callbackUri".to_owned(), json!(callback));
    members.insert("requestedModalities".to_owned(), json!(["audio"]));
    members.insert(
        "mediaConfig".to_owned(),
        json!({"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}),
    );
    members.insert(
        "callOptions".to_owned(),
        json!({"@odata.type": "#microsoft.graph.outgoingCallOptions", "isDeltaRosterEnabled": true}),
    );
    let body = Bytes::from(Value::Object(members).to_string());
    let joined = async {
        let answer = app.graph()?.ask("v1.0", Ask::Join, body).await?;
        let wire = graph::Call::read(&answer.body)?;
        let from_location = answer.location.as_deref().and_then(|url| url.rsplit('/').next());
        let id = wire.id.as_deref().or(from_location).unwrap_or_default();
        Ok((CallKey::Graph(CallId::parse(id)?), Told::Graph(Box::new(wire))))
    };
    Ok(joined.await)
}

async fn connect(
    app: &App,
    call_locator: CallLocator,
    secret: &Secret,
) -> Result<(CallKey, Told), Failure> {
    let callback_uri = format!("{}/notifications/acs/{}", app.public_url, secret.reveal());
    let request = ConnectCall { call_locator, callback_uri, ..ConnectCall::default() };
    let body = serde_json::to_vec(&request)
        .map_err(|error| Failure::NotSent(format!("the request cannot be written: {error}")))?;
    let named = acs::send::Once::now();
    let answer = app.acs()?.ask(acs::send::Ask::Connect, body.into(), Some(&named)).await?;
    let wire = CallConnectionProperties::read(&answer.body)?;
    Ok((CallKey::Acs(wire.id()?), Told::Acs(Box::new(wire))))
}
