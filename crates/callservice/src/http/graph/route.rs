//! Which resource a Graph path means, in every spelling Graph accepts.

use axum::http::StatusCode;
use foldback_wire::ids::{CallId, ParticipantId, UpstreamOperationId};

use crate::http::answer::Answer;

/// A Graph path taken apart.
#[derive(Debug, PartialEq)]
pub(super) struct Route {
    /// `v1.0` or `beta`.
    pub(super) version: &'static str,
    pub(super) root: Root,
    pub(super) target: Target,
}

/// Below what the calls stand.
#[derive(Debug, PartialEq)]
pub(super) enum Root {
    /// `/communications`.
    Communications,
    /// `/app`, the older one, in beta.
    App,
    /// `/applications/{appId}`, the one of 2018, in beta.
    Application(String),
}

/// What is addressed.
#[derive(Debug, PartialEq)]
pub(super) enum Target {
    /// The calls.
    Calls,
    /// A call or something below it.
    Call(CallId, Below),
}

/// What is addressed in a call.
#[derive(Debug, PartialEq)]
pub(super) enum Below {
    Itself,
    KeepAlive,
    MuteApp,
    UnmuteApp,
    Participants,
    Participant(ParticipantId),
    Mute(ParticipantId),
    MuteAll,
    ConfigureMixer,
    Invite,
    Operations,
    Operation(UpstreamOperationId),
    Groups,
    Group(String),
}

impl Root {
    /// The segments it is written as.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Communications => "communications".to_owned(),
            Self::App => "app".to_owned(),
            Self::Application(id) => format!("applications/{id}"),
        }
    }

    /// The root as an address of metadata names it.
    pub(super) fn context(&self) -> String {
        match self {
            Self::Application(id) => format!("applications('{id}')"),
            other => other.path(),
        }
    }
}

/// Reads the decoded segments of a path.
///
/// # Errors
/// 404 naming the first segment that means nothing, 400 for an id outside its alphabet.
pub(super) fn read(segments: &[String]) -> Result<Route, Answer> {
    let segments = with_keys_apart(segments);
    let mut segments = segments.iter().map(String::as_str);
    let first = segments.next().unwrap_or_default();
    let version = match first.to_ascii_lowercase().as_str() {
        "v1.0" => "v1.0",
        "beta" => "beta",
        _ => return Err(unknown(first)),
    };
    let beta = version == "beta";
    let root = segments.next().unwrap_or_default();
    let root = match root.to_ascii_lowercase().as_str() {
        "communications" => Root::Communications,
        "app" if beta => Root::App,
        "applications" if beta => {
            Root::Application(CallId::parse(segments.next().unwrap_or_default())?.to_string())
        }
        _ => return Err(unknown(root)),
    };
    let calls = segments.next().unwrap_or_default();
    if !calls.eq_ignore_ascii_case("calls") {
        return Err(unknown(calls));
    }
    let target = match segments.next() {
        None => Target::Calls,
        Some(call) => {
            let call = CallId::parse(call)?;
            Target::Call(call, below(&segments.collect::<Vec<_>>(), beta)?)
        }
    };
    Ok(Route { version, root, target })
}

fn below(segments: &[&str], beta: bool) -> Result<Below, Answer> {
    let names: Vec<String> = segments.iter().map(|segment| name(segment)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(match (names.as_slice(), segments) {
        ([], _) => Below::Itself,
        (["keepalive"], _) => Below::KeepAlive,
        (["mute"], _) => Below::MuteApp,
        (["unmute"], _) => Below::UnmuteApp,
        (["participants"], _) => Below::Participants,
        (["participants", "invite"], _) => Below::Invite,
        (["participants", "muteall"], _) if beta => Below::MuteAll,
        (["participants", "configuremixer"], _) if beta => Below::ConfigureMixer,
        (["participants", "muteall" | "configuremixer"], [_, action]) => {
            return Err(unknown(action));
        }
        (["participants", _], [_, id]) => Below::Participant(ParticipantId::parse(id)?),
        (["participants", _, "mute"], [_, id, _]) => Below::Mute(ParticipantId::parse(id)?),
        (["operations"], _) => Below::Operations,
        (["operations", _], [_, id]) => Below::Operation(UpstreamOperationId::parse(id)?),
        (["audioroutinggroups"], _) => Below::Groups,
        // Any id is looked up; what no group can be called is simply not there.
        (["audioroutinggroups", _], [_, id]) => Below::Group((*id).to_owned()),
        (
            ["participants" | "operations" | "audioroutinggroups", _, ..]
            | ["keepalive" | "mute" | "unmute", ..],
            _,
        ) => return Err(unknown(stranger(&names, segments))),
        _ => return Err(unknown(segments.first().copied().unwrap_or_default())),
    })
}

/// The first segment behind all that means something.
fn stranger<'a>(names: &[&str], segments: &[&'a str]) -> &'a str {
    let known = match names {
        ["participants", "invite" | "muteall" | "configuremixer", ..] => 2,
        ["participants", _, "mute", ..] => 3,
        ["participants" | "operations" | "audioroutinggroups", ..] => 2,
        _ => 1,
    };
    segments.get(known).copied().unwrap_or_default()
}

/// A segment's name without its optional namespace, in one case.
fn name(segment: &str) -> String {
    let name = segment.to_ascii_lowercase();
    name.strip_prefix("microsoft.graph.").map_or(name.clone(), str::to_owned)
}

/// `calls('id')` is another way to write `calls/id`. In a quoted key two quotes are one.
fn with_keys_apart(segments: &[String]) -> Vec<String> {
    let mut apart = Vec::with_capacity(segments.len());
    for segment in segments {
        let key = segment
            .strip_suffix("')")
            .and_then(|open| open.split_once("('"))
            .filter(|(name, _)| !name.is_empty());
        match key {
            Some((name, key)) => apart.extend([name.to_owned(), key.replace("''", "'")]),
            None => apart.push(segment.clone()),
        }
    }
    apart
}

/// 404 for a segment that means nothing.
pub(super) fn unknown(segment: &str) -> Answer {
    let segment: String = segment.chars().take(64).collect();
    Answer::error(
        StatusCode::NOT_FOUND,
        "ResourceNotFound",
        format!("Resource not found for the segment '{segment}'."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Result<Route, Answer> {
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        read(&segments)
    }

    #[test]
    fn spellings() {
        let call = CallId::parse("57dab8b1-894c-409a-b240-bd8beae78896").unwrap();
        let person = ParticipantId::parse("2765eb15-01f8-47c6-b12b-c32111a4a86f").unwrap();
        for path in [
            "v1.0/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896/participants/2765eb15-01f8-47c6-b12b-c32111a4a86f/mute",
            "BETA/App/Calls/57DAB8B1894C409AB240BD8BEAE78896/Participants/2765EB1501F847C6B12BC32111A4A86F/microsoft.graph.mute",
            "beta/communications/calls/57DAB8B1894C409AB240BD8BEAE78896/participants/2765EB15-01F8-47C6-B12B-C32111A4A86F/Microsoft.Graph.Mute",
            "beta/applications/0123/calls/57DAB8B1894C409AB240BD8BEAE78896/participants/2765EB15-01F8-47C6-B12B-C32111A4A86F/mute",
            "v1.0/communications/calls('57dab8b1-894c-409a-b240-bd8beae78896')/participants('2765eb15-01f8-47c6-b12b-c32111a4a86f')/mute",
            "beta/applications('0123')/Calls('57DAB8B1894C409AB240BD8BEAE78896')/participants/2765EB15-01F8-47C6-B12B-C32111A4A86F/mute",
        ] {
            let target = route(path).unwrap().target;
            assert_eq!(target, Target::Call(call.clone(), Below::Mute(person.clone())), "{path}");
        }
        for (below, expected) in [
            ("", Below::Itself),
            ("/KEEPALIVE", Below::KeepAlive),
            ("/participants/configureMixer", Below::ConfigureMixer),
            ("/participants/microsoft.graph.configureMixer", Below::ConfigureMixer),
            ("/participants/MuteAll", Below::MuteAll),
            ("/participants/invite", Below::Invite),
            ("/audioRoutingGroups", Below::Groups),
            ("/audioRoutingGroups('it''s')", Below::Group("it's".to_owned())),
        ] {
            let target = route(&format!("beta/app/calls/c{below}")).unwrap().target;
            assert_eq!(target, Target::Call(CallId::parse("c").unwrap(), expected), "{below}");
        }
    }

    #[test]
    fn the_first_segment_that_means_nothing_is_named() {
        for (path, segment) in [
            ("", "''"),
            ("v1.0", "''"),
            ("v1.0/communications", "''"),
            ("v1.0/app/calls/c", "'app'"),
            ("v1.0/applications/a/calls/c", "'applications'"),
            ("v2.0/communications/calls", "'v2.0'"),
            ("v1.0/communications/call/c", "'call'"),
            ("v1.0/communications/calls/c/participants/p/unmute", "'unmute'"),
            ("v1.0/communications/calls/c/participants/p/mute/x", "'x'"),
            ("v1.0/communications/calls/c/participants/configureMixer", "'configureMixer'"),
            ("v1.0/communications/calls/c/participants/muteAll", "'muteAll'"),
            ("beta/communications/calls/c/participants/muteAll/x", "'x'"),
            ("v1.0/communications/calls/c/operations/o/x", "'x'"),
            ("v1.0/communications/calls/c/keepAlive/x", "'x'"),
            ("v1.0/communications/calls/c/dance/x", "'dance'"),
        ] {
            let refused = format!("{:?}", route(path).unwrap_err());
            assert!(refused.contains(&format!("segment {segment}.")), "{path}: {refused}");
        }
    }

    #[test]
    fn ids_stay_in_their_segment() {
        for id in ["..", ".", "a b", "é", "a/b"] {
            let path = ["v1.0", "communications", "calls", "c", "participants", id];
            let refused = read(&path.map(str::to_owned)).unwrap_err();
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{id}");
        }
        assert!(route("v1.0/communications/calls/..").is_err());
        assert!(route("beta/applications/../calls").is_err());
    }
}
