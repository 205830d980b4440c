//! Which request is meant: paths below `/calling/callConnections`, actions behind a colon.

use foldback_wire::ids::{CallId, ParticipantId};

use super::{fault, version};
use crate::http::answer::Answer;

/// What is asked. Names such as A7 are rows of the published list of endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A1: POST callConnections.
    Create,
    /// A1: POST callConnections:connect.
    Connect,
    /// A1: POST callConnections:answer.
    Answer,
    /// A2.
    Get(CallId),
    /// A3.
    HangUp(CallId),
    /// A4.
    Terminate(CallId),
    /// A5.
    Participants(CallId),
    /// A6.
    Participant(CallId, ParticipantId),
    /// A7.
    Mute(CallId),
    /// A8.
    Remove(CallId),
}

impl Target {
    /// Whether the service declares the Repeatability headers for it.
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(
            self,
            Self::Get(_) | Self::HangUp(_) | Self::Participants(_) | Self::Participant(..)
        )
    }
}

/// Actions of the service that are not served, and that is said.
const NOT_SERVED: [&str; 21] = [
    "redirect",
    "reject",
    "unmute",
    "add",
    "cancelAddParticipant",
    "moveHere",
    "hold",
    "unhold",
    "startMediaStreaming",
    "stopMediaStreaming",
    "startTranscription",
    "stopTranscription",
    "updateTranscription",
    "transferToParticipant",
    "play",
    "recognize",
    "cancelAllMediaOperations",
    "startContinuousDtmfRecognition",
    "stopContinuousDtmfRecognition",
    "sendDtmfTones",
    "interruptAudioAndAnnounce",
];

/// Reads method and path.
///
/// # Errors
/// 404 for a path that means nothing, 405 for what is not served, 400 for an id out of its alphabet.
pub(super) fn read(
    method: &str,
    segments: &[String],
    version: &'static str,
) -> Result<Target, Answer> {
    let [_, calls, rest @ ..] = segments else {
        return Err(nothing());
    };
    let (name, action) = parted(calls);
    if !name.eq_ignore_ascii_case("callConnections") {
        return Err(nothing());
    }
    let Some((call, rest)) = rest.split_first() else {
        return match action {
            None => only(method, "POST", Target::Create),
            Some(action) if is(action, "connect") => only(method, "POST", Target::Connect),
            Some(action) if is(action, "answer") => only(method, "POST", Target::Answer),
            Some(action) => Err(unserved(action)),
        };
    };
    if action.is_some() {
        return Err(nothing());
    }
    let (call, action) = parted(call);
    let call = CallId::parse(call).map_err(fault::body)?;
    match (rest, action) {
        ([], None) => match method {
            "GET" => Ok(Target::Get(call)),
            "DELETE" => Ok(Target::HangUp(call)),
            other => Err(wrong_method(other, "GET, DELETE")),
        },
        ([], Some(action)) if is(action, "terminate") => {
            only(method, "POST", Target::Terminate(call))
        }
        ([], Some(action)) => Err(unserved(action)),
        ([people], None) => match parted(people) {
            (people, _) if !is(people, "participants") => Err(nothing()),
            (_, None) => only(method, "GET", Target::Participants(call)),
            (_, Some(action)) if is(action, "mute") && version < version::MUTE_SINCE => {
                let since = version::MUTE_SINCE;
                let words = format!(
                    "participants:mute is not part of api-version {version}; it is since {since}."
                );
                Err(fault::not_allowed(words, ""))
            }
            (_, Some(action)) if is(action, "mute") => only(method, "POST", Target::Mute(call)),
            (_, Some(action)) if is(action, "remove") => only(method, "POST", Target::Remove(call)),
            (_, Some(action)) => Err(unserved(action)),
        },
        ([people, person], None) if is(people, "participants") => {
            let person = ParticipantId::parse(person).map_err(fault::body)?;
            only(method, "GET", Target::Participant(call, person))
        }
        _ => Err(nothing()),
    }
}

/// A name and the action behind its colon.
fn parted(segment: &str) -> (&str, Option<&str>) {
    segment.split_once(':').map_or((segment, None), |(name, action)| (name, Some(action)))
}

fn is(found: &str, name: &str) -> bool {
    found.eq_ignore_ascii_case(name)
}

fn only(method: &str, allowed: &str, target: Target) -> Result<Target, Answer> {
    if method == allowed { Ok(target) } else { Err(wrong_method(method, allowed)) }
}

fn wrong_method(method: &str, allowed: &str) -> Answer {
    fault::not_allowed(format!("{method} is not supported here; use {allowed}."), allowed)
}

fn unserved(action: &str) -> Answer {
    match NOT_SERVED.into_iter().find(|name| is(action, name)) {
        Some("unmute") => {
            let words = "No stable api-version lets an app unmute people; they do it themselves.";
            fault::not_allowed(words, "")
        }
        Some(name) => fault::not_allowed(format!("{name} is not served here."), ""),
        None => nothing(),
    }
}

fn nothing() -> Answer {
    fault::not_found("There is no such resource.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, path: &str) -> Result<Target, u16> {
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        read(method, &segments, "2024-09-15").map_err(|answer| answer.status.as_u16())
    }

    #[test]
    fn every_row() {
        let call = || CallId::parse("c").unwrap();
        let person = ParticipantId::parse("8:acs:r_u").unwrap();
        for (method, path, target) in [
            ("POST", "calling/callConnections", Target::Create),
            ("POST", "calling/callConnections:connect", Target::Connect),
            ("POST", "Calling/CallConnections:Answer", Target::Answer),
            ("GET", "calling/callConnections/c", Target::Get(call())),
            ("DELETE", "calling/callConnections/c", Target::HangUp(call())),
            ("POST", "calling/callConnections/c:terminate", Target::Terminate(call())),
            ("GET", "calling/callConnections/c/participants", Target::Participants(call())),
            (
                "GET",
                "calling/callConnections/c/participants/8:acs:r_u",
                Target::Participant(call(), person),
            ),
            ("POST", "calling/callConnections/c/participants:mute", Target::Mute(call())),
            ("POST", "calling/callConnections/c/participants:remove", Target::Remove(call())),
        ] {
            assert_eq!(route(method, path), Ok(target), "{path}");
            let repeatable = method == "POST";
            assert_eq!(route(method, path).unwrap().is_repeatable(), repeatable, "{path}");
            assert_eq!(route("PUT", path), Err(405), "{path}");
        }
    }

    #[test]
    fn what_is_not_served() {
        for path in [
            "callConnections:reject",
            "callConnections/c:hold",
            "callConnections/c:play",
            "callConnections/c/participants:add",
            "callConnections/c/participants:unmute",
            "callConnections/c/participants:moveHere",
        ] {
            assert_eq!(route("POST", &format!("calling/{path}")), Err(405), "{path}");
        }
        for path in [
            "",
            "recordings",
            "callConnections:dance",
            "callConnections/c:dance",
            "callConnections/c/people",
            "callConnections/c:terminate/participants",
            "callConnections:connect/c",
            "callConnections/c/participants/p/mute",
        ] {
            assert_eq!(route("POST", &format!("calling/{path}")), Err(404), "{path}");
        }
        assert_eq!(route("GET", "calling"), Err(404));
        for id in ["..", "a b", ""] {
            let path = format!("calling/callConnections/{id}");
            assert_eq!(route("GET", &path), Err(400), "{id}");
            let path = format!("calling/callConnections/c/participants/{id}");
            assert_eq!(route("GET", &path), Err(400), "{id}");
        }
        let segments = ["calling", "callConnections", "c", "participants:mute"].map(str::to_owned);
        assert_eq!(read("POST", &segments, "2023-03-06").unwrap_err().status.as_u16(), 405);
        assert!(read("POST", &segments, "2023-10-15").is_ok());
    }
}
