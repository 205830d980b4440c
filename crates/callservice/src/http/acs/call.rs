//! A1 to A4: a connection comes about, is read and ends.

use std::sync::Arc;

use axum::http::StatusCode;
use foldback_wire::{
    acs::{AnswerCall, CallConnectionProperties, CallLocator, ConnectCall, CreateCall, Identifier},
    ids::CallId,
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

/// Longest text that names a call.
const NAME_MAX: usize = 2_048;

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
        let context = Self::context(request.operation_context)?;
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
        let record = self.begin(&leg, context, &callback)?;
        Ok(Answer::json(StatusCode::CREATED, &record))
    }

    /// A1, connect. The first group or room that is named is the standing call's.
    pub(super) fn connect(&self) -> Result<Answer, Answer> {
        let request = ConnectCall::read(self.body).map_err(fault::body)?;
        let callback = Self::callback("$.callbackUri", &request.callback_uri)?;
        let context = Self::context(request.operation_context)?;
        let located = locate(&request.call_locator)?;
        let leg = self.leg_of(&located)?;
        let record = match self.begin(&leg, context.clone(), &callback) {
            Ok(record) => record,
            // It was on its way out: this is a new call.
            Err(answer) if answer.status == StatusCode::BAD_REQUEST => {
                self.shared.ask(&leg, Rehearsal::hurry);
                let leg = self.leg_of(&located)?;
                self.begin(&leg, context, &callback)?
            }
            Err(answer) => return Err(answer),
        };
        Ok(Answer::json(StatusCode::OK, &record))
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
        let context = Self::context(request.operation_context)?;
        let incoming = request.incoming_call_context;
        named("$.incomingCallContext", &incoming)?;
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
        let record = self.begin(&leg, context, &callback)?;
        Ok(Answer::json(StatusCode::OK, &record))
    }

    /// Connects the app and tells this callback from now on.
    fn begin(
        &self,
        leg: &Leg,
        context: Option<String>,
        callback: &str,
    ) -> Result<CallConnectionProperties, Answer> {
        let connected = self.shared.ask(leg, |engine| {
            let record = engine.connect(context)?;
            leg.post.readdress(callback);
            Ok::<_, Error>(record)
        });
        connected.map(|record| with_callback(record, leg)).map_err(fault::of)
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
    model: &foldback_wire::acs::CommunicationIdentifierModel,
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

fn locate(locator: &CallLocator) -> Result<Located, Answer> {
    let kind = locator.kind.as_deref().unwrap_or_default();
    let given = |member: &str, value: &Option<String>| {
        let at = format!("$.callLocator.{member}");
        let value = value.clone().unwrap_or_default();
        named(&at, &value).map(|()| value)
    };
    Ok(match kind.to_ascii_lowercase().as_str() {
        "groupcalllocator" => {
            Located::Meeting(format!("group {}", given("groupCallId", &locator.group_call_id)?))
        }
        "roomcalllocator" => {
            Located::Meeting(format!("room {}", given("roomId", &locator.room_id)?))
        }
        "servercalllocator" => Located::Server(given("serverCallId", &locator.server_call_id)?),
        "" => {
            return Err(fault::bad(
                "$.callLocator.kind: missing; give groupCallLocator, roomCallLocator or \
                 serverCallLocator",
            ));
        }
        _ => Located::Nowhere(format!(
            "A call cannot be found by the kind {:?}.",
            kind.chars().take(64).collect::<String>()
        )),
    })
}

fn named(at: &str, value: &str) -> Result<(), Answer> {
    if (1..=NAME_MAX).contains(&value.len()) {
        return Ok(());
    }
    Err(fault::bad(format!("{at}: it must be there and have 1 to {NAME_MAX} bytes")))
}
