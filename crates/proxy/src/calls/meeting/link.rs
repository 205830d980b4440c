//! Links of Teams meetings, as invitations carry them.

use reqwest::Url;
use serde::Deserialize;

use super::{Coordinates, LINKS, Wrong, guid, message, thread, wrong};
use crate::routes;

const PLACE: &str = "$.meeting.link";

/// Longest link taken; real ones have about 300 characters.
const LINK_MAX: usize = 2_048;

/// Where Teams is: worldwide under its old and new name, the two US Government clouds, China.
const HOSTS: [&str; 5] = [
    "teams.microsoft.com",
    "teams.cloud.microsoft",
    "gov.teams.microsoft.us",
    "dod.teams.microsoft.us",
    "teams.microsoftonline.cn",
];

/// What a link says of its meeting beside the chat.
#[derive(Deserialize)]
struct Context {
    #[serde(rename = "Tid", alias = "tid")]
    tenant: String,
    #[serde(rename = "Oid", alias = "oid")]
    organizer: String,
    #[serde(rename = "MessageId", alias = "messageId", default)]
    reply: Option<String>,
}

/// Reads a link. Members of it that mean nothing here are passed over.
pub(super) fn read(text: &str) -> Result<Coordinates, Wrong> {
    let no = |why: &str| wrong(PLACE, format!("{why}; {LINKS}"));
    if text.len() > LINK_MAX {
        return Err(no(&format!("it is longer than {LINK_MAX} characters")));
    }
    // A reader of addresses drops some of these in silence.
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(no("it holds spaces, controls or backslashes"));
    }
    let url = Url::parse(text).map_err(|_| no("it is no address"))?;
    if url.scheme() != "https" {
        return Err(no("it does not begin with https://"));
    }
    let host = url.host_str().unwrap_or_default();
    if !HOSTS.contains(&host) {
        let host: String = host.chars().take(64).collect();
        return Err(no(&format!("{host:?} is no host of Teams ({})", HOSTS.join(", "))));
    }
    if url.port().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(no("it names a port or a user"));
    }
    let segments: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    let query = |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    match segments.as_slice() {
        ["l", "meetup-join", chat, at] | ["l", "meetup-join", chat, at, ""] => {
            let chat = routes::decode(chat).ok_or_else(|| no("its thread cannot be read"))?;
            let at = routes::decode(at).ok_or_else(|| no("its message cannot be read"))?;
            let context = query("context").ok_or_else(|| no("its context is missing"))?;
            let context: Context = serde_json::from_str(&context).map_err(|_| {
                no("its context is no JSON with Tid (the tenant) and Oid (the organizer)")
            })?;
            let part = |wrong: Wrong| no(&wrong.words);
            let reply = context.reply.filter(|reply| !reply.is_empty() && reply != "0");
            Ok(Coordinates::Organizer {
                thread: thread(&chat, PLACE).map_err(part)?,
                message: message(&at, PLACE).map_err(part)?,
                reply: reply.map(|it| message(&it, PLACE)).transpose().map_err(part)?,
                organizer: guid(&context.organizer, PLACE)
                    .map_err(|wrong| no(&format!("Oid {}", wrong.words)))?,
                tenant: Some(
                    guid(&context.tenant, PLACE)
                        .map_err(|wrong| no(&format!("Tid {}", wrong.words)))?,
                ),
            })
        }
        ["meet", id] | ["meet", id, ""] => {
            let code = query("p").filter(|code| !code.is_empty());
            Coordinates::by_id(id, code.as_deref(), [PLACE, PLACE]).map_err(|it| no(&it.words))
        }
        _ => Err(no("its path is not that of a meeting")),
    }
}
