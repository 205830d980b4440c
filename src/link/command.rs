//! Commands in the service's own shape, and what a refusal says.

use foldback_json::Node;
use foldback_model::{CallKey, GestureId, Layer, ParticipantId, Sequence};
use web_sys::Response;

use super::{
    Failure,
    fetch::{self, Request},
};
use crate::app::notice::reload;

/// What can be asked of a call, at the paths of the service that carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// Mute one participant.
    Mute(&'a ParticipantId),
    /// Mute the app's own leg.
    MuteSelf,
    /// Unmute the app's own leg.
    UnmuteSelf,
    /// Set what listeners hear.
    ConfigureMixer,
}

impl Command<'_> {
    /// The path it is posted to. Ids hold no character that could leave their segment.
    pub fn path(&self, call: &CallKey) -> String {
        let id = call.id();
        match self {
            Self::Mute(_) if matches!(call, CallKey::Acs(_)) => {
                format!("/calling/callConnections/{id}/participants:mute?api-version={ACS_VERSION}")
            }
            Self::Mute(person) => {
                format!("/v1.0/communications/calls/{id}/participants/{person}/mute")
            }
            Self::MuteSelf => format!("/v1.0/communications/calls/{id}/mute"),
            Self::UnmuteSelf => format!("/v1.0/communications/calls/{id}/unmute"),
            Self::ConfigureMixer => {
                format!("/beta/communications/calls/{id}/participants/configureMixer")
            }
        }
    }
}

/// Version of ACS Call Automation that the panel's commands are written for.
const ACS_VERSION: &str = "2024-09-15";

/// The body of a mute in the shape of the service that carries `call`; `context` is its correlation
/// text. ACS mutes its own users only, one a request.
pub fn mute_body(call: Option<&CallKey>, person: &ParticipantId, context: &str) -> String {
    if !matches!(call, Some(CallKey::Acs(_))) {
        return foldback_json::write(&mut |body| body.text("clientContext", context));
    }
    let id = person.as_str();
    foldback_json::write(&mut |body| {
        body.list("targetParticipants", &mut |list| {
            list.item(&mut |it| {
                it.text("kind", "communicationUser");
                it.text("rawId", id);
                it.object("communicationUser", &mut |user| user.text("id", id));
            });
        });
        body.text("operationContext", context);
    })
}

/// Posts a body as it stands and waits for the answer.
///
/// # Errors
/// [`Failure::Lost`] when nobody knows whether it was applied; the others mean it was not.
pub async fn post(
    base: &str,
    path: &str,
    body: &str,
    gesture: Option<&GestureId>,
    layer: Option<&Layer>,
) -> Result<(), Failure> {
    let mut request = Request::post(&format!("{base}{path}"), body);
    if let Some(gesture) = gesture {
        request = request.header("foldback-gesture", gesture.as_str());
    }
    if let Some(layer) = layer {
        let word = match layer {
            Layer::Everyone => "everyone",
            Layer::Listener(_) => "listener",
        };
        request = request.header("foldback-layer", word);
    }
    done(request).await
}

/// Changes something of Foldback's own: what is there at the revision that was seen, or nothing yet.
///
/// # Errors
/// As [`post`].
pub async fn change(
    method: &str,
    url: &str,
    body: &str,
    seen: Option<Sequence>,
) -> Result<(), Failure> {
    let mut request = Request::post(url, body).method(method);
    request = match seen {
        Some(revision) => request.header("if-match", &format!("\"{revision}\"")),
        None => request.header("if-none-match", "*"),
    };
    done(request).await
}

/// Asks for something of Foldback's own that has no revisions.
///
/// # Errors
/// As [`post`].
pub async fn ask(method: &str, url: &str, body: &str) -> Result<(), Failure> {
    done(Request::post(url, body).method(method)).await
}

async fn done(request: Request) -> Result<(), Failure> {
    let answer = request.send().await?;
    if answer.ok() { Ok(()) } else { Err(refusal(answer).await) }
}

/// Reads an answer that is not a success: a Graph error object, problem details, or neither.
pub(super) async fn refusal(answer: Response) -> Failure {
    let status = answer.status();
    if status == 401 {
        return Failure::SignedOut;
    }
    let retry_ms =
        answer.headers().get("retry-after").ok().flatten().and_then(|text| retry_after_ms(&text));
    let body = fetch::text(&answer).await.unwrap_or_default();
    if status == 409 && body.contains("anotherOperator") {
        // Nothing here is theirs: neither what is shown nor what waits to be sent.
        reload();
        return Failure::SignedOut;
    }
    let (code, message) = words(status, &body);
    Failure::Refused { status, code, message, retry_ms }
}

/// Seconds as `Retry-After` gives them, in milliseconds; a date is not understood.
fn retry_after_ms(text: &str) -> Option<u64> {
    text.trim().parse::<u64>().ok().map(|seconds| seconds.saturating_mul(1000))
}

/// Code and words of a refusal.
fn words(status: u16, body: &str) -> (String, String) {
    // The wire's own reader names every flaw; that is too much for the bundle.
    let body = foldback_json::parse(body).unwrap_or(Node::Null);
    let word = |node: &Node<'_>, name| {
        node.member(name).and_then(|it| it.text().ok()).map(str::to_owned).unwrap_or_default()
    };
    if let Some(error) = body.member("error") {
        return (word(error, "code"), word(error, "message"));
    }
    let (title, detail) = (word(&body, "title"), word(&body, "detail"));
    let message = match (title.is_empty(), detail.is_empty()) {
        (_, false) => detail,
        (false, true) => title,
        (true, true) => format!("The proxy answered with status {status}."),
    };
    (status.to_string(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_to_the_paths_of_graph() {
        let call = CallKey::parse("graph.57dab8b1").unwrap();
        let person = ParticipantId::parse("ada").unwrap();
        for (command, path) in [
            (Command::Mute(&person), "/v1.0/communications/calls/57dab8b1/participants/ada/mute"),
            (Command::MuteSelf, "/v1.0/communications/calls/57dab8b1/mute"),
            (Command::UnmuteSelf, "/v1.0/communications/calls/57dab8b1/unmute"),
            (
                Command::ConfigureMixer,
                "/beta/communications/calls/57dab8b1/participants/configureMixer",
            ),
        ] {
            assert_eq!(command.path(&call), path);
        }
    }

    #[test]
    fn a_mute_has_the_shape_of_its_service() {
        let person = ParticipantId::parse("8:acs:r_ada").unwrap();
        let graph = CallKey::parse("graph.57dab8b1").unwrap();
        let body = mute_body(Some(&graph), &person, "c1");
        assert!(foldback_wire::graph::MuteRequest::read(body.as_bytes()).is_ok(), "{body}");
        let acs = CallKey::parse("acs.57dab8b1").unwrap();
        let body = mute_body(Some(&acs), &person, "c1");
        let read = foldback_wire::acs::MuteParticipants::read(body.as_bytes()).unwrap();
        assert_eq!(read.operation_context.as_deref(), Some("c1"));
        assert_eq!(
            Command::Mute(&person).path(&acs),
            "/calling/callConnections/57dab8b1/participants:mute?api-version=2024-09-15"
        );
    }

    #[test]
    fn a_refusal_is_read_in_every_shape() {
        for (body, code, message) in [
            (r#"{"error":{"code":"8522","message":"Call not found."}}"#, "8522", "Call not found."),
            (r#"{"title":"Too large","detail":"At most 1 MiB."}"#, "413", "At most 1 MiB."),
            (r#"{"title":"Too large"}"#, "413", "Too large"),
            ("<html>", "413", "The proxy answered with status 413."),
            ("", "413", "The proxy answered with status 413."),
        ] {
            assert_eq!(words(413, body), (code.to_owned(), message.to_owned()), "{body}");
        }
    }

    #[test]
    fn retry_after_is_in_seconds() {
        assert_eq!(retry_after_ms(" 2 "), Some(2000));
        assert_eq!(retry_after_ms("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(retry_after_ms("18446744073709551615"), Some(u64::MAX));
    }
}
