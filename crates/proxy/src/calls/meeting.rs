//! Which Teams meeting is meant: a link, a meeting id, or the organizer's coordinates, and the members
//! of a Graph call body that name it. Nothing here asks anybody.

mod link;

use std::fmt;

use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Longest text of a thread; real ones have about 80 characters.
const THREAD_MAX: usize = 256;

/// Digits of a meeting id. Teams writes about a dozen and says nothing of a limit.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 6..=20;

/// Longest passcode.
const PASSCODE_MAX: usize = 64;

/// Most digits of a message: it counts milliseconds.
const MESSAGE_MAX: usize = 20;

/// What a link looks like, for whoever has something else in hand.
const LINKS: &str = "a link looks like https://teams.microsoft.com/l/meetup-join/{thread}/{message}?context={…} \
     or https://teams.microsoft.com/meet/{id}?p={passcode}; copy it from the invitation";

/// Where a meeting is.
#[derive(Clone, PartialEq, Eq)]
pub enum Coordinates {
    /// Whose meeting it is, and its chat.
    Organizer {
        /// The chat, such as `19:meeting_…@thread.v2`.
        thread: String,
        /// The message the meeting hangs on; `0` outside channels.
        message: String,
        /// The first message of the chain it answers, in a channel.
        reply: Option<String>,
        /// Object id of the organizer.
        organizer: Uuid,
        /// The organizer's tenant; the app's own when nobody says.
        tenant: Option<Uuid>,
    },
    /// The number in the invitation.
    Id {
        /// Digits alone.
        id: String,
        /// Where the meeting has one.
        passcode: Option<String>,
    },
}

/// Who knows the passcode can join: it is not printed.
impl fmt::Debug for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organizer { thread, .. } => write!(f, "Organizer({thread})"),
            Self::Id { id, .. } => write!(f, "Id({id})"),
        }
    }
}

/// What is wrong, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {words}")]
pub struct Wrong {
    /// Where in the body, such as `$.meeting.link`.
    pub place: &'static str,
    /// What is wrong and what to write.
    pub words: String,
}

fn wrong(place: &'static str, words: impl Into<String>) -> Wrong {
    Wrong { place, words: words.into() }
}

impl Coordinates {
    /// Reads the member `meeting` of a join.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn read(meeting: &Value) -> Result<Self, Wrong> {
        let Value::Object(members) = meeting else { return Err(shape()) };
        let text = |name: &'static str, place: &'static str| match members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim())),
            Some(_) => Err(wrong(place, "is no text; write it in quotes or leave it out")),
        };
        let allowed: &[&str] = if members.contains_key("link") {
            &["link"]
        } else if members.contains_key("id") {
            &["id", "passcode"]
        } else {
            &["thread", "message", "replyMessage", "organizer", "tenant"]
        };
        if let Some(other) = members.keys().find(|name| !allowed.contains(&name.as_str())) {
            let other: String = other.chars().take(64).collect();
            let words = format!("{other:?} does not belong there; {}", shape().words);
            return Err(wrong("$.meeting", words));
        }
        if let Some(found) = text("link", "$.meeting.link")? {
            return link::read(found);
        }
        if let Some(found) = text("id", "$.meeting.id")? {
            let code = text("passcode", "$.meeting.passcode")?;
            return Self::by_id(found, code, ["$.meeting.id", "$.meeting.passcode"]);
        }
        let (Some(chat), Some(organizer)) =
            (text("thread", "$.meeting.thread")?, text("organizer", "$.meeting.organizer")?)
        else {
            return Err(shape());
        };
        let first = text("replyMessage", "$.meeting.replyMessage")?;
        let first = first.map(|it| message(it, "$.meeting.replyMessage")).transpose()?;
        let tenant = text("tenant", "$.meeting.tenant")?;
        Ok(Self::Organizer {
            thread: thread(chat, "$.meeting.thread")?,
            message: message(
                text("message", "$.meeting.message")?.unwrap_or("0"),
                "$.meeting.message",
            )?,
            reply: first,
            organizer: guid(organizer, "$.meeting.organizer")?,
            tenant: tenant.map(|it| guid(it, "$.meeting.tenant")).transpose()?,
        })
    }

    fn by_id(id: &str, passcode: Option<&str>, places: [&'static str; 2]) -> Result<Self, Wrong> {
        // People copy the id in groups of digits.
        let digits: String = id.chars().filter(|c| !c.is_whitespace()).collect();
        if !ID_DIGITS.contains(&digits.len()) || !digits.bytes().all(|it| it.is_ascii_digit()) {
            let words = format!(
                "a meeting id is {} to {} digits, spaces between them allowed",
                ID_DIGITS.start(),
                ID_DIGITS.end()
            );
            return Err(wrong(places[0], words));
        }
        let fits = |code: &str| {
            code.len() <= PASSCODE_MAX && code.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if passcode.is_some_and(|code| !fits(code)) {
            let words = format!("a passcode is 1 to {PASSCODE_MAX} letters, digits and signs");
            return Err(wrong(places[1], words));
        }
        Ok(Self::Id { id: digits, passcode: passcode.map(str::to_owned) })
    }

    /// The members of a Graph call body that name this meeting, for an app that signs in to `own`.
    ///
    /// # Errors
    /// [`Wrong`] when the meeting is another tenant's: its notifications would name that tenant and
    /// be refused here.
    pub fn members(&self, own: &str) -> Result<Map<String, Value>, Wrong> {
        let mut members = Map::new();
        members.insert("tenantId".to_owned(), json!(own));
        match self {
            Self::Organizer { thread, message, reply, organizer, tenant } => {
                if let Some(tenant) = tenant
                    && Uuid::try_parse(own).ok() != Some(*tenant)
                {
                    let words = format!(
                        "the meeting belongs to the tenant {tenant}, and Foldback signs in to {own}; \
                         join it with a Foldback that is set up for that tenant"
                    );
                    return Err(wrong("$.meeting", words));
                }
                let mut chat = json!({
                    "@odata.type": "#microsoft.graph.chatInfo",
                    "threadId": thread,
                    "messageId": message,
                });
                if let (Some(reply), Value::Object(chat)) = (reply, &mut chat) {
                    chat.insert("replyChainMessageId".to_owned(), json!(reply));
                }
                members.insert("chatInfo".to_owned(), chat);
                let user = json!({
                    "@odata.type": "#microsoft.graph.identity",
                    "id": organizer,
                    "tenantId": own,
                });
                members.insert(
                    "meetingInfo".to_owned(),
                    json!({
                        "@odata.type": "#microsoft.graph.organizerMeetingInfo",
                        "organizer": {"@odata.type": "#microsoft.graph.identitySet", "user": user},
                    }),
                );
            }
            Self::Id { id, passcode } => {
                members.insert(
                    "meetingInfo".to_owned(),
                    json!({
                        "@odata.type": "#microsoft.graph.joinMeetingIdMeetingInfo",
                        "joinMeetingId": id,
                        "passcode": passcode,
                    }),
                );
            }
        }
        Ok(members)
    }
}

fn shape() -> Wrong {
    wrong(
        "$.meeting",
        "write {\"link\": \"https://teams.microsoft.com/…\"}, {\"id\": \"123 456 789\", \"passcode\": \
         \"…\"} or {\"thread\": \"19:…@thread.v2\", \"organizer\": \"…\"}",
    )
}

fn guid(text: &str, place: &'static str) -> Result<Uuid, Wrong> {
    Uuid::try_parse(text).map_err(|_| {
        wrong(place, "is no object id; write a GUID like 00000000-0000-0000-0000-000000000000")
    })
}

/// Teams names chats `19:…@thread.v2`, in older channels `@thread.tacv2` or `@thread.skype`.
fn thread(text: &str, place: &'static str) -> Result<String, Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":_-.@=+".contains(c);
    let named = text.starts_with("19:") && text.contains("@thread.");
    if named && text.len() <= THREAD_MAX && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    let words = format!(
        "is no thread of a meeting; it looks like 19:meeting_…@thread.v2, at most {THREAD_MAX} characters"
    );
    Err(wrong(place, words))
}

fn message(text: &str, place: &'static str) -> Result<String, Wrong> {
    let digits =
        (1..=MESSAGE_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let words = || format!("is no message; it is 1 to {MESSAGE_MAX} digits, 0 outside channels");
    if digits { Ok(text.to_owned()) } else { Err(wrong(place, words())) }
}

#[cfg(test)]
mod tests;
