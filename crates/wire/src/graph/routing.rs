//! `audioRoutingGroup`: who is heard by whom, all or nothing.

use serde::{Deserialize, Serialize};

use super::{Extra, Page};
use crate::{check, error::Error, ids, limits, open::open_enum, read};

/// A routing group of a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioRoutingGroup {
    /// Chosen by the client, for example `oneToOne`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How many may listen. Absent in a change of receivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_mode: Option<RoutingMode>,
    /// Participant ids of the listeners.
    #[serde(default, deserialize_with = "read::or_default")]
    pub receivers: Vec<String>,
    /// Participant ids of the sources.
    #[serde(default, deserialize_with = "read::or_default")]
    pub sources: Vec<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

open_enum! {
    /// How many listeners a routing group may have.
    RoutingMode {
        /// One source, one listener.
        OneToOne = "oneToOne",
        /// One source, several listeners.
        Multicast = "multicast",
    }
}

/// The reply to GET audioRoutingGroups.
pub type AudioRoutingGroupsPage = Page<AudioRoutingGroup>;

impl AudioRoutingGroup {
    /// Reads a body or a reply: ids are checked, how many there are is not, for the service's own
    /// example of a change has a `oneToOne` group with two receivers.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let group: Self = read::json(text)?;
        check::spelling("$", &group.extra, &["id", "routingMode", "receivers", "sources"])?;
        if let Some(id) = &group.id {
            ids::check("$.id", id)?;
        }
        for (name, people) in [("receivers", &group.receivers), ("sources", &group.sources)] {
            limits::items(&format!("$.{name}"), people.len())?;
            for (i, id) in people.iter().enumerate() {
                ids::check(&format!("$.{name}[{i}]"), id)?;
            }
        }
        Ok(group)
    }

    /// Checks a new group: one source, and one receiver (`oneToOne`) or several (`multicast`).
    ///
    /// # Errors
    /// [`Error::OutOfLimit`] naming path, value and limit.
    pub fn check_new(&self) -> Result<(), Error> {
        let count = |path: &str, n: usize, fits: bool, limit: &str| {
            if fits {
                return Ok(());
            }
            Err(Error::out_of_limit(path, format_args!("a list of {n} people"), limit))
        };
        let (n, receivers) = (self.sources.len(), self.receivers.len());
        count("$.sources", n, n == 1, "a routing group has one source")?;
        match &self.routing_mode {
            Some(RoutingMode::OneToOne) => count(
                "$.receivers",
                receivers,
                receivers == 1,
                "a oneToOne group has one receiver; use multicast for several",
            ),
            Some(RoutingMode::Multicast) => {
                let limit = "a multicast group has at least one receiver";
                count("$.receivers", receivers, receivers > 0, limit)
            }
            other => Err(Error::out_of_limit(
                "$.routingMode",
                other.as_ref().map_or("nothing", RoutingMode::as_str),
                "it is oneToOne or multicast",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn modes_are_read_in_any_case_and_unknown_ones_kept() {
        for (text, mode, written) in [
            ("OneToOne", RoutingMode::OneToOne, "oneToOne"),
            ("multicast", RoutingMode::Multicast, "multicast"),
            ("Ring", RoutingMode::Other("Ring".to_owned()), "Ring"),
        ] {
            let body = json!({"id": "g", "routingMode": text}).to_string();
            let group = AudioRoutingGroup::read(body.as_bytes()).unwrap();
            assert_eq!(group.routing_mode, Some(mode));
            assert_eq!(json!(group)["routingMode"], written);
        }
    }

    #[test]
    fn a_new_group_fits_its_mode() {
        for (mode, sources, receivers, path) in [
            ("oneToOne", 1, 1, None),
            ("oneToOne", 1, 2, Some("$.receivers")),
            ("oneToOne", 2, 1, Some("$.sources")),
            ("multicast", 1, 2, None),
            ("multicast", 1, 0, Some("$.receivers")),
            ("ring", 1, 1, Some("$.routingMode")),
        ] {
            let people = |n: usize| (0..n).map(|i| format!("p{i}")).collect::<Vec<_>>();
            let body = json!({"routingMode": mode, "sources": people(sources),
                "receivers": people(receivers)});
            let group = AudioRoutingGroup::read(body.to_string().as_bytes()).unwrap();
            assert_eq!(group.check_new().as_ref().err().map(Error::path), path, "{body}");
        }
        let error = AudioRoutingGroup::read(br#"{"receivers":["a","b/c"]}"#).unwrap_err();
        assert_eq!(error.path(), "$.receivers[1]");
    }
}
