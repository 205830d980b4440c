//! Where a browser goes on after signing in: a place in the panel, read and written anew. What somebody
//! asked for is never repeated, so no address can lead elsewhere.

use foldback_model::CallKey;
use foldback_wire::ids::ParticipantId;

use super::percent;
use crate::routes;

/// Longest text looked at.
const LONGEST: usize = 1_024;

/// The panel's rooms.
const ROOMS: [&str; 6] = ["roster", "desk", "ducking", "scenes", "log", "calls"];

/// A place to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ReturnTo {
    /// The panel, wherever it opens.
    #[default]
    Panel,
    /// A page that says that it is done: the panel goes on in the window it was in.
    Done,
    /// A room, and what is open in it.
    Room(&'static str, Option<CallKey>, Option<ParticipantId>),
}

impl ReturnTo {
    /// Reads `done` or an address of the panel, such as `#/desk?call=…&listener=…`. Anything else is
    /// the panel as it opens.
    pub fn parse(text: &str) -> Self {
        Self::read(text).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        if text == "done" {
            return Some(Self::Done);
        }
        if text.len() > LONGEST {
            return None;
        }
        let address = text.strip_prefix("#/")?;
        let (room, query) = address.split_once('?').unwrap_or((address, ""));
        let room = ROOMS.into_iter().find(|known| *known == room)?;
        let (mut call, mut listener) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            let value = routes::decode(value)?;
            match name {
                "call" => call = Some(CallKey::parse(&value)?),
                "listener" => listener = Some(ParticipantId::parse(&value).ok()?),
                _ => return None,
            }
        }
        Some(Self::Room(room, call, listener))
    }

    /// The text that [`Self::parse`] reads.
    pub fn text(&self) -> String {
        match self {
            Self::Panel => String::new(),
            Self::Done => "done".to_owned(),
            Self::Room(room, call, listener) => {
                let mut text = format!("#/{room}");
                let call = call.as_ref().map(|key| ("call", key.to_string()));
                let listener = listener.as_ref().map(|id| ("listener", id.to_string()));
                for (glue, (name, value)) in
                    ['?', '&'].into_iter().zip(call.into_iter().chain(listener))
                {
                    text.push(glue);
                    text.push_str(name);
                    text.push('=');
                    text.push_str(&percent(&value));
                }
                text
            }
        }
    }

    /// Where it is on this host.
    pub fn location(&self) -> String {
        match self {
            Self::Done => "/sign-in/done".to_owned(),
            Self::Panel | Self::Room(..) => format!("/{}", self.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_in_the_panel_are_found_and_nothing_else() {
        for (asked, location) in [
            ("#/roster", "/#/roster"),
            (
                "#/desk?call=graph.ab-1&listener=8%3Aacs%3Ax",
                "/#/desk?call=graph.ab-1&listener=8%3Aacs%3Ax",
            ),
            ("#/calls", "/#/calls"),
            ("done", "/sign-in/done"),
            ("", "/"),
            ("#/nowhere", "/"),
            ("#/desk?call=teams.x", "/"),
            ("#/desk?call=graph.a%2Fb", "/"),
            ("#/desk?evil=1", "/"),
            ("/#/desk", "/"),
            ("//evil.example", "/"),
            ("https://evil.example/#/desk", "/"),
            ("#//evil.example", "/"),
        ] {
            assert_eq!(ReturnTo::parse(asked).location(), location, "{asked}");
        }
        assert_eq!(
            ReturnTo::parse(&format!("#/desk?call=graph.{}", "a".repeat(2_000))),
            ReturnTo::Panel
        );
    }

    proptest! {
        #[test]
        fn whatever_is_asked_stays_here(asked in "(#/)?(desk|roster|done)?[\\\\/?#&=%.:@a-z0-9\\t ]{0,40}") {
            let place = ReturnTo::parse(&asked);
            let location = place.location();
            let here = location == "/" || location == "/sign-in/done" || location.starts_with("/#/");
            prop_assert!(here, "{}", location);
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(ReturnTo::parse(&place.text()), place);
        }
    }
}
