//! G1: creating a call, which is also how the app joins a meeting.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use foldback_wire::graph::{Extra, JoinRequest};
use serde_json::json;

use super::{Asked, permit};
use crate::{
    engine::{Face, Form, Join},
    error::Error,
    http::{
        answer::Answer,
        calls::Meeting,
        switches::{RosterForm, Switches},
        text,
    },
};

/// How often a meeting is looked up whose call turns out to be over.
const TRIES_MAX: usize = 3;

/// Members of a call that the service decides; what a joiner says of them is not kept.
const OURS: [&str; 10] = [
    "answeredBy",
    "callRoutes",
    "callbackUri",
    "direction",
    "id",
    "mediaState",
    "myParticipantId",
    "resultInfo",
    "state",
    "tenantId",
];

impl Asked<'_> {
    pub(super) fn join(&self) -> Result<Answer, Answer> {
        let request = JoinRequest::read(self.body)?;
        let callback = text::callback(&request.callback_uri)
            .map_err(|reason| Answer::bad(format!("$.callbackUri: {reason}")))?;
        let shared = self.shared;
        let switches = shared.switches();
        let tenant = request.tenant_id.as_deref().unwrap_or(&shared.facts.tenant);
        if !tenant.eq_ignore_ascii_case(&shared.facts.tenant) {
            return Err(Answer::error(
                StatusCode::FORBIDDEN,
                "7505",
                format!(
                    "Request authorization tenant mismatch: the body says {:?} and the token is of {}.",
                    tenant.chars().take(64).collect::<String>(),
                    shared.facts.tenant
                ),
            ));
        }
        permit::join(&switches, &request)?;
        let members: Extra = foldback_wire::read::json(self.body)?;
        let join = how(&request, members, &switches);
        let mut tries = 0;
        let (leg, call) = loop {
            let leg = if join.peer {
                shared.open_sibling(Face::Graph, |_| Ok(()))?
            } else {
                shared.meeting(Face::Graph, &meeting(&request))?
            };
            let call = shared.ask(&leg, |engine| {
                // Who joined before is told nothing more.
                let call = engine.join_as(join.clone())?;
                leg.post.readdress(&callback);
                Ok(call)
            });
            match call {
                // It was over by now without having been asked; the next look finds another.
                Err(Error::UnknownCall) if tries < TRIES_MAX => tries += 1,
                found => break (Arc::clone(&leg), found?),
            }
        };
        // The page shows the older root here, whatever the root asked at.
        let answer = self.call(&leg, call, StatusCode::CREATED, "app/calls/$entity")?;
        Ok(answer.with(header::LOCATION, self.address(&leg.id, "")))
    }
}

/// What the body and the switches say of the way the app joins.
fn how(request: &JoinRequest, mut members: Extra, switches: &Switches) -> Join {
    members.retain(|name, value| {
        !value.is_null() && !name.starts_with('@') && !OURS.contains(&name.as_str())
    });
    let form = match switches.roster {
        _ if request.wants_delta_roster() => Form::Delta,
        RosterForm::Whole => Form::Full,
        RosterForm::Changed => Form::Changed,
    };
    Join {
        form,
        members,
        peer: request.is_peer_to_peer(),
        keep_alive_ms: Some(switches.keep_alive_minutes.saturating_mul(60_000)),
    }
}

/// The meeting a body names by its coordinates, else by the people it calls.
fn meeting(request: &JoinRequest) -> Meeting {
    if let Some(name) = request.meeting() {
        return Meeting::Named(name);
    }
    let mut people: Vec<String> = request
        .targets
        .iter()
        .flatten()
        .filter_map(|target| target.who())
        .map(|(kind, who)| json!([kind, who.id]).to_string())
        .collect();
    people.sort_unstable();
    if people.is_empty() { Meeting::Unnamed } else { Meeting::Named(people.concat()) }
}
