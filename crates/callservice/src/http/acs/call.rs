//! A1 to A4: a connection comes about, is read and ends.

use std::sync::Arc;

use axum::http::StatusCode;
use foldback_wire::{
    acs::{
        AnswerCall, CallConnectionProperties, CallLocator, CommunicationIdentifierModel,
        ConnectCall, CreateCall, Identifier, Locator,
    },
    ids::CallId,
    read,
};

use super::{Ask, fault, lock};
use crate::{
    engine::{Face, Rehearsal},
    error::Error,
    http::{
        answer::Answer,
        calls::{Leg, Meeting},
    },
};

/// Members of a create request that the connection shows again.
const SHOWN: [&str; 2] = ["sourceCallerIdNumber", "sourceDisplayName"];

/// How often a call is looked up that turns out to be over.
const TRIES_MAX: usize = 3;

/// The kinds of locators known here.
const LOCATORS: [&str; 3] = ["groupCallLocator", "roomCallLocator", "serverCallLocator"];

/// Which call a locator means.
enum Located {
    /// A group or room, known or new.
    Meeting(String),
    /// A call that must be there.
    Server(String),
    /// No call, and why.
    Nowhere(String),
}

impl Ask<'_> {
    /// A1, create.
    pub(super) fn create(&self) -> Result<Answer, Answer> {
        let request = CreateCall::read(self.body).map_err(fault::body)?;
        let callback = Self::callback("$.callbackUri", &request.callback_uri)?;
        let context = request.operation_context;
        let mut targets = Vec::with_capacity(request.targets.len());
        for (index, target) in request.targets.iter().enumerate() {
            targets.push(identify(target, &format!("$.targets[{index}]"))?);
        }
        let source = request.source.as_ref().map(|source| identify(source, "$.source"));
        let source = source.transpose()?;
        let mut shown = request.extra;
        shown.retain(|name, _| SHOWN.contains(&name.as_str()));
        let leg = self
            .shared
            .open_sibling(Face::Acs, |engine| engine.call_people(targets, source, shown))
            .map_err(fault::of)?;
        let record = self.begin(&leg, context, &callback).map_err(fault::of)?;
        Ok(Answer::json(StatusCode::CREATED, &record))
    }

    /// A1, connect. The first group or room that is named is the standing call's.
    pub(super) fn connect(&self) -> Result<Answer, Answer> {
        let (request, located) = located(self.body)?;
        let callback = Self::callback("$.callbackUri", &request.callback_uri)?;
        let context = request.operation_context;
        let mut tries = 0;
        loop {
            let leg = self.leg_of(&located)?;
            match self.begin(&leg, context.clone(), &callback) {
                // It was on its way out, or is out since it was found: this is a new call.
                Err(Error::Disconnecting | Error::UnknownCall) if tries < TRIES_MAX => {
                    self.shared.ask(&leg, Rehearsal::hurry);
                    tries += 1;
                }
                begun => {
                    return Ok(Answer::json(StatusCode::OK, &begun.map_err(fault::of)?));
                }
            }
        }
    }

    fn leg_of(&self, located: &Located) -> Result<Arc<Leg>, Answer> {
        let nowhere =
            |why: &str| self.shared.open_sibling(Face::Acs, |engine| engine.fail_to_connect(why));
        match located {
            Located::Meeting(name) => self.shared.meeting(Face::Acs, &Meeting::Named(name.clone())),
            Located::Server(id) => {
                let alive = |leg: &Arc<Leg>| {
                    let engine = lock(&leg.engine);
                    !engine.has_ended() && engine.server_call_id() == Some(id)
                };
                match self.shared.legs().into_iter().find(alive) {
                    Some(leg) => Ok(leg),
                    None => nowhere("No call has this serverCallId, or it has ended."),
                }
            }
            Located::Nowhere(why) => nowhere(why),
        }
        .map_err(fault::of)
    }

    /// A1, answer: each incoming call can be answered once.
    pub(super) fn answer_incoming(&self) -> Result<Answer, Answer> {
        let request = AnswerCall::read(self.body).map_err(fault::body)?;
        let callback = Self::callback("$.callbackUri", &request.callback_uri)?;
        let context = request.operation_context;
        let incoming = request.incoming_call_context;
        let mut answered = lock(&self.shared.acs.incoming);
        answered.retain(|_, id| {
            let leg = self.shared.leg(Face::Acs, id);
            leg.is_ok_and(|leg| !lock(&leg.engine).has_ended())
        });
        if answered.contains_key(&incoming) {
            let words = "The incoming call has been answered already.";
            return Err(Answer::error(StatusCode::BAD_REQUEST, "8585", words));
        }
        let leg = self.shared.open_sibling(Face::Acs, Rehearsal::be_called).map_err(fault::of)?;
        answered.insert(incoming, leg.id.clone());
        drop(answered);
        let record = self.begin(&leg, context, &callback).map_err(fault::of)?;
        Ok(Answer::json(StatusCode::OK, &record))
    }

    /// Connects the app and tells this callback from now on.
    fn begin(
        &self,
        leg: &Leg,
        context: Option<String>,
        callback: &str,
    ) -> Result<CallConnectionProperties, Error> {
        let connected = self.shared.ask(leg, |engine| {
            let record = engine.connect(context)?;
            leg.post.readdress(callback);
            Ok(record)
        });
        connected.map(|record| with_callback(record, leg))
    }

    /// A2.
    pub(super) fn get(&self, call: &CallId) -> Result<Answer, Answer> {
        let leg = self.shared.leg(Face::Acs, call).map_err(fault::of)?;
        let record = self.shared.ask(&leg, |engine| engine.connection()).map_err(fault::of)?;
        Ok(Answer::json(StatusCode::OK, &with_callback(record, &leg)))
    }

    /// A3.
    pub(super) fn hang_up(&self, call: &CallId) -> Result<Answer, Answer> {
        self.shared.acs(call, Rehearsal::hang_up).map_err(fault::of)?;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    /// A4.
    pub(super) fn terminate(&self, call: &CallId) -> Result<Answer, Answer> {
        self.shared.acs(call, Rehearsal::terminate).map_err(fault::of)?;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}

fn with_callback(mut record: CallConnectionProperties, leg: &Leg) -> CallConnectionProperties {
    record.callback_uri = leg.post.address();
    record
}

/// Who is meant at this path of the body.
pub(super) fn identify(
    model: &CommunicationIdentifierModel,
    at: &str,
) -> Result<Identifier, Answer> {
    let who = model.identify(at).map_err(fault::body)?;
    if let Identifier::Phone(number) = &who {
        let digits = number.strip_prefix('+').unwrap_or_default();
        let fits = (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !fits {
            let shown: String = number.chars().take(32).collect();
            return Err(fault::bad(format!(
                "{at}.phoneNumber.value: {shown:?} is not allowed; write +, then 1 to 15 digits"
            )));
        }
    }
    Ok(who)
}

/// Reads a connect request and which call it means. A kind of locator that is not known here is no
/// mistake of the body: the service accepts it and then fails to connect.
fn located(body: &[u8]) -> Result<(ConnectCall, Located), Answer> {
    let mut request: ConnectCall = read::json(body).map_err(fault::body)?;
    let kind = request.call_locator.kind.clone().unwrap_or_default();
    if !kind.is_empty() && !LOCATORS.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        let kind: String = kind.chars().take(64).collect();
        // The rest is checked beside a locator that passes.
        let server_call_id = Some("unknown".to_owned());
        request.call_locator = CallLocator { server_call_id, ..CallLocator::default() };
        request.check().map_err(fault::body)?;
        let why = format!("A call cannot be found by the kind {kind:?}.");
        return Ok((request, Located::Nowhere(why)));
    }
    request.check().map_err(fault::body)?;
    let located = match request.call_locator.locate("$.callLocator").map_err(fault::body)? {
        Locator::GroupCall(id) => Located::Meeting(format!("group {id}")),
        Locator::Room(id) => Located::Meeting(format!("room {id}")),
        Locator::ServerCall(id) => Located::Server(id),
    };
    Ok((request, located))
}
