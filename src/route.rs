//! What the address says: room, call and listener, as a hash that any static host serves.

use std::fmt::Write;

use foldback_model::{CallKey, ParticipantId};

/// The panel's views.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Room {
    /// Who is in the call, who is muted.
    #[default]
    Roster,
    /// What a listener hears.
    Desk,
    /// How ducked sources behave.
    Ducking,
    /// Desks under names.
    Scenes,
    /// Who did what.
    Log,
    /// Which calls there are, and joining one: the start page, beside the rooms of a call.
    Calls,
}

impl Room {
    /// All rooms in the order of the rail.
    pub const ALL: [Self; 5] = [Self::Roster, Self::Desk, Self::Ducking, Self::Scenes, Self::Log];

    /// Every view that has an address.
    pub const ADDRESSES: [Self; 6] =
        [Self::Roster, Self::Desk, Self::Ducking, Self::Scenes, Self::Log, Self::Calls];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Roster => "Roster",
            Self::Desk => "Desk",
            Self::Ducking => "Ducking",
            Self::Scenes => "Scenes",
            Self::Log => "Log",
            Self::Calls => "Calls",
        }
    }

    fn segment(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Desk => "desk",
            Self::Ducking => "ducking",
            Self::Scenes => "scenes",
            Self::Log => "log",
            Self::Calls => "calls",
        }
    }
}

/// One address of the panel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// Which view.
    pub room: Room,
    /// Which call; none is the only or newest one.
    pub call: Option<CallKey>,
    /// Whose mix; none is everyone's.
    pub listener: Option<ParticipantId>,
}

impl Route {
    /// Reads `#/desk?call=…&listener=…`. What is not understood is left out; an unknown room is the
    /// roster.
    pub fn parse(hash: &str) -> Self {
        let text = hash.trim_start_matches('#').trim_start_matches('/');
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let mut route = Self {
            room: Room::ADDRESSES
                .into_iter()
                .find(|room| room.segment() == path.trim_end_matches('/'))
                .unwrap_or_default(),
            ..Self::default()
        };
        for pair in query.split('&') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let Some(value) = decode(value) else { continue };
            match name {
                "call" => route.call = CallKey::parse(&value),
                "listener" => route.listener = ParticipantId::parse(&value).ok(),
                _ => {}
            }
        }
        route
    }

    /// The address that [`Self::parse`] reads.
    pub fn hash(&self) -> String {
        let mut hash = format!("#/{}", self.room.segment());
        let mut glue = '?';
        let call = self.call.as_ref().map(|key| ("call", key.to_string()));
        let listener = self.listener.as_ref().map(|id| ("listener", id.to_string()));
        for (name, value) in call.into_iter().chain(listener) {
            hash.push(glue);
            hash.push_str(name);
            hash.push('=');
            encode(&value, &mut hash);
            glue = '&';
        }
        hash
    }

    /// The same address in another room.
    #[must_use]
    pub fn to_room(&self, room: Room) -> Self {
        Self { room, ..self.clone() }
    }
}

/// Goes to an address; the browser's history remembers the one before.
pub fn go(route: impl std::borrow::Borrow<Route>) {
    let hash = route.borrow().hash();
    if let Err(error) = leptos::prelude::window().location().set_hash(&hash) {
        leptos::logging::warn!("cannot go to {hash}: {}", crate::view::words_of(error));
    }
}

/// What the address bar says now.
pub fn current() -> Route {
    Route::parse(&leptos::prelude::window().location().hash().unwrap_or_default())
}

/// Ids are ASCII; everything but plain characters is escaped.
fn encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            // Writing into a string cannot fail.
            let _ = write!(out, "{byte:02X}");
        }
    }
}

/// A plus sign stays one: ids hold plus signs and no spaces.
fn decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_read() {
        let desk = Route::parse("#/desk?call=graph.ab-1&listener=8:acs:x%2By&later=1");
        assert_eq!(desk.room, Room::Desk);
        assert_eq!(desk.call.unwrap().to_string(), "graph.ab-1");
        assert_eq!(desk.listener.unwrap().as_str(), "8:acs:x+y");
        assert_eq!(Route::parse("").room, Room::Roster);
        assert_eq!(Route::parse("#/nowhere?call=x"), Route::default());
        assert_eq!(Route::parse("#/ducking/").room, Room::Ducking);
    }

    #[test]
    fn a_broken_address_is_no_failure() {
        for hash in ["#/desk?listener=%", "#/desk?listener=%2", "#/desk?listener=%GG", "#/desk?&&="]
        {
            assert_eq!(Route::parse(hash), Route::default().to_room(Room::Desk), "{hash}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(id in "[A-Za-z0-9_:+@=-]{1,40}", room in 0_usize..6) {
            let route = Route {
                room: Room::ADDRESSES[room],
                call: CallKey::parse(&format!("acs.{id}")),
                listener: ParticipantId::parse(&id).ok(),
            };
            prop_assert_eq!(Route::parse(&route.hash()), route);
        }
    }
}
