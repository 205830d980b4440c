//! Which permissions a request needs: checked when a call is created and where the app acts on
//! others; never again for what it reads or does to itself.

use axum::http::StatusCode;
use foldback_wire::graph::JoinRequest;

use super::route::Below;
use crate::http::{answer::Answer, switches::Switches};

const JOIN: [&str; 3] =
    ["Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All", "Calls.JoinGroupCalls.Chat"];
const INITIATE: [&str; 1] = ["Calls.Initiate.All"];
const INITIATE_GROUP: [&str; 1] = ["Calls.InitiateGroupCall.All"];
const MIX: [&str; 4] = [
    "Calls.JoinGroupCallAsGuest.All",
    "Calls.JoinGroupCall.All",
    "Calls.InitiateGroupCall.All",
    // What the page of 2018 names.
    "Calls.MeetingJoin",
];
const ROUTE: [&str; 2] = ["Calls.JoinGroupCall.All", "Calls.InitiateGroupCall.All"];
const REMOVE: [&str; 2] = ["Calls.JoinGroupCallAsGuest.All", "Calls.JoinGroupCall.All"];
const MEDIA: [&str; 1] = ["Calls.AccessMedia.All"];

/// Whether the app may create this call: call one person, several, or join a meeting.
///
/// # Errors
/// 403 naming what is missing.
pub(super) fn join(switches: &Switches, request: &JoinRequest) -> Result<(), Answer> {
    let meeting = request.meeting_info.is_some() || request.chat_info.is_some();
    let targets = request.targets.as_ref().map_or(0, Vec::len);
    match targets {
        _ if meeting => need(switches, &JOIN)?,
        0 => need(switches, &JOIN)?,
        1 => need(switches, &INITIATE)?,
        _ => need(switches, &INITIATE_GROUP)?,
    }
    let config = request.media_config.as_ref().and_then(|config| config.get("@odata.type"));
    let app_hosted = config.and_then(|kind| kind.as_str()).is_some_and(|kind| {
        kind.rsplit('.')
            .next()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("appHostedMediaConfig"))
    });
    if app_hosted { need(switches, &MEDIA) } else { Ok(()) }
}

/// Whether the app may do this in a call it is in.
///
/// # Errors
/// 403 naming what is missing.
pub(super) fn act(switches: &Switches, method: &str, below: &Below) -> Result<(), Answer> {
    match below {
        Below::Mute(_) | Below::MuteAll => need(switches, &JOIN),
        Below::Participant(_) if method == "DELETE" => need(switches, &REMOVE),
        Below::ConfigureMixer => need(switches, &MIX),
        Below::Invite => need(switches, &INITIATE_GROUP),
        Below::Groups | Below::Group(_) => need(switches, &ROUTE),
        _ => Ok(()),
    }
}

fn need(switches: &Switches, any_of: &[&str]) -> Result<(), Answer> {
    if switches.permits(any_of) {
        return Ok(());
    }
    Err(Answer::error(
        StatusCode::FORBIDDEN,
        "7504",
        format!(
            "Insufficient enterprise tenant permissions; one of these is needed: {}.",
            any_of.join(", ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(permissions: &str) -> Switches {
        Switches { permissions: permissions.to_owned(), ..Switches::default() }
    }

    fn may_join(permissions: &str, body: &serde_json::Value) -> bool {
        let request = JoinRequest::read(body.to_string().as_bytes()).unwrap();
        join(&with(permissions), &request).is_ok()
    }

    #[test]
    fn the_kind_of_call_decides() {
        let person = json!({"identity": {"user": {"id": "u"}}});
        let body = |members: &serde_json::Value| {
            let mut body = json!({"callbackUri": "https://bot.example/"});
            for (name, value) in members.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        let meeting = body(&json!({"meetingInfo": {"joinMeetingId": "1"}}));
        let peer = body(&json!({"targets": [person]}));
        let group = body(&json!({"targets": [person, person]}));
        let media =
            json!({"mediaConfig": {"@odata.type": "#microsoft.graph.appHostedMediaConfig"}});
        for (permissions, allowed) in [
            ("all", [true, true, true, true]),
            ("Calls.JoinGroupCalls.All", [true, false, false, false]),
            ("Calls.JoinGroupCallAsGuest.All,Calls.AccessMedia.All", [true, false, false, true]),
            ("Calls.Initiate.All", [false, true, false, false]),
            ("Calls.InitiateGroupCalls.All", [false, false, true, false]),
            ("", [false, false, false, false]),
        ] {
            let found =
                [&meeting, &peer, &group, &body(&media)].map(|it| may_join(permissions, it));
            assert_eq!(found, allowed, "{permissions}");
        }
    }

    #[test]
    fn reading_and_oneself_need_nothing_more() {
        let none = with("");
        for below in [Below::Itself, Below::MuteApp, Below::Participants, Below::Operations] {
            assert!(act(&none, "POST", &below).is_ok(), "{below:?}");
        }
        for below in [Below::MuteAll, Below::ConfigureMixer, Below::Invite, Below::Groups] {
            assert!(act(&none, "POST", &below).is_err(), "{below:?}");
        }
        assert!(act(&with("Calls.MeetingJoin"), "POST", &Below::ConfigureMixer).is_ok());
    }
}
