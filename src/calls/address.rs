//! What somebody pasted to say which call to join. Pure.

use foldback_json::write;

/// A way to say which call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// The link of a Teams meeting, as it stands in the invitation.
    Link,
    /// A Teams meeting's id, with or without a passcode.
    MeetingId,
    /// A group call of ACS.
    GroupCall,
    /// A room of ACS.
    Room,
}

/// A Teams meeting's id has at most so many digits; the id of an ACS room has more.
const MEETING_DIGITS: usize = 15;

impl Address {
    /// What a text is; none when it is nothing of the kind.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with("https://") {
            return Some(Self::Link);
        }
        let is_group = text.len() == 36
            && text.char_indices().all(|(at, c)| match at {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            });
        if is_group {
            return Some(Self::GroupCall);
        }
        let n_digits = text.chars().filter(char::is_ascii_digit).count();
        let is_number = n_digits > 8 && text.chars().all(|c| c.is_ascii_digit() || c == ' ');
        match is_number {
            true if n_digits <= MEETING_DIGITS => Some(Self::MeetingId),
            true => Some(Self::Room),
            false => None,
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "a Teams meeting, by its link",
            Self::MeetingId => "a Teams meeting, by its id",
            Self::GroupCall => "a group call of ACS",
            Self::Room => "a room of ACS",
        }
    }

    /// What the proxy is sent.
    pub fn body(self, text: &str, passcode: &str) -> String {
        let (text, passcode) = (text.trim(), passcode.trim());
        let (service, member) = match self {
            Self::Link => ("meeting", "link"),
            Self::MeetingId => ("meeting", "id"),
            Self::GroupCall => ("acs", "groupCallId"),
            Self::Room => ("acs", "roomId"),
        };
        write(&mut |body| {
            body.object(service, &mut |it| {
                it.text(member, text);
                if self == Self::MeetingId && !passcode.is_empty() {
                    it.text("passcode", passcode);
                }
            });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pasted_is_known() {
        for (text, address) in [
            (" https://teams.microsoft.com/meet/123?p=x ", Some(Address::Link)),
            ("345 678 901 234", Some(Address::MeetingId)),
            ("99466898241024408", Some(Address::Room)),
            ("9E1F5A60-7d6c-4d6c-9d1c-0123456789ab", Some(Address::GroupCall)),
            ("9e1f5a60-7d6c-4d6c-9d1c-0123456789xy", None),
            ("http://teams.microsoft.com/", None),
            ("1234", None),
            ("call me", None),
            ("", None),
        ] {
            assert_eq!(Address::of(text), address, "{text}");
        }
    }

    #[test]
    fn the_proxy_is_sent_what_it_reads() {
        let body = |text: &str, code: &str| {
            let text = Address::of(text).unwrap().body(text, code);
            serde_json::from_str::<serde_json::Value>(&text).unwrap()
        };
        let id = "345 678 901 234";
        let meeting = serde_json::json!({"meeting": {"id": id, "passcode": "Xy 1"}});
        assert_eq!(body(id, " Xy 1 "), meeting);
        assert_eq!(body(id, ""), serde_json::json!({"meeting": {"id": id}}));
        let room = serde_json::json!({"acs": {"roomId": "99466898241024408"}});
        assert_eq!(body("99466898241024408", "x"), room);
    }
}
