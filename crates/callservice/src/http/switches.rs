//! Where the published pages differ or leave something open, a switch says how this service decides.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest time without keepAlive that can be set, in minutes: a week.
const KEEP_ALIVE_MAX: u64 = 7 * 24 * 60;

/// Every switch with its value. Read and written by `/rehearsal/v1/switches`; on the command line
/// `--switch name=value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// Whether the beta has configureMixer: today's metadata does not list it.
    pub mixer: Mixer,
    /// Status of an accepted configureMixer: 202 (prose of the newer page) or 200 (its example, and
    /// the page of 2018).
    pub mixer_status: u16,
    /// Roster notifications to those who asked for no deltas.
    pub roster: RosterForm,
    /// Form of Graph notifications.
    pub envelope: Envelope,
    /// Whether the tenant allows the app to remove people from meetings.
    pub remove_participants: bool,
    /// Whether levels above 100 percent are accepted; no page states a range.
    pub levels_above_100: bool,
    /// Whether ACS mute takes several targets and others than ACS users.
    pub mute_any_target: bool,
    /// How 64-bit numbers are written in answers and notifications.
    pub int64: Int64,
    /// The app's permissions: `all`, or names separated by commas.
    pub permissions: String,
    /// Minutes without keepAlive after which a Graph call is dropped, 1 to 10,080.
    pub keep_alive_minutes: u64,
}

/// What becomes of configureMixer in the beta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mixer {
    /// It is carried out.
    Served,
    /// 404: nothing has that name any more.
    Gone,
    /// 501: the name is there and nothing behind it.
    Unimplemented,
}

/// Who stands in a roster notification that is no delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RosterForm {
    /// Everybody.
    Whole,
    /// Who changed.
    Changed,
}

/// How a Graph notification names its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Envelope {
    /// `resourceUrl`.
    Current,
    /// `resourceUrl` and `resource`.
    Both,
    /// The form of 2018: `resource` with upper-case ids without dashes, no types.
    Old,
}

/// How a 64-bit number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Int64 {
    /// As a number.
    Number,
    /// As its digits in text.
    Text,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            mixer: Mixer::Served,
            mixer_status: 202,
            roster: RosterForm::Whole,
            envelope: Envelope::Current,
            remove_participants: true,
            levels_above_100: false,
            mute_any_target: false,
            int64: Int64::Number,
            permissions: "all".to_owned(),
            keep_alive_minutes: 45,
        }
    }
}

impl Switches {
    /// Sets one switch from the command line.
    ///
    /// # Errors
    /// A sentence saying which switches there are, or what the one takes.
    pub fn set(&mut self, assignment: &str) -> Result<(), String> {
        let (name, value) = assignment
            .split_once('=')
            .ok_or_else(|| format!("{assignment:?}: write it as name=value"))?;
        let typed = match value.parse::<u64>() {
            Ok(number) => Value::from(number),
            Err(_) => match value.parse::<bool>() {
                Ok(flag) => Value::from(flag),
                Err(_) => Value::from(value),
            },
        };
        self.change([(name.to_owned(), typed)].into_iter().collect())
    }

    /// Sets the switches named by an object; the others stay. All or none are set.
    ///
    /// # Errors
    /// A sentence saying which switches there are, or what the one takes.
    pub fn change(&mut self, changes: Map<String, Value>) -> Result<(), String> {
        let now = serde_json::to_value(&*self).map_err(|error| error.to_string())?;
        let Value::Object(mut all) = now else {
            return Err("the switches cannot be written".to_owned());
        };
        for (name, value) in changes {
            if !all.contains_key(&name) {
                let name: String = name.chars().take(64).collect();
                let names: Vec<&str> = all.keys().map(String::as_str).collect();
                return Err(format!("there is no switch {name:?}; there are {}", names.join(", ")));
            }
            let mut trial = all.clone();
            trial.insert(name.clone(), value.clone());
            let tried = serde_json::from_value::<Self>(Value::Object(trial)).ok();
            if !tried.is_some_and(|it| it.makes_sense()) {
                let value: String = value.to_string().chars().take(64).collect();
                return Err(format!("{name}: {value} is not allowed; {}", takes(&name)));
            }
            all.insert(name, value);
        }
        *self = serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn makes_sense(&self) -> bool {
        [200, 202].contains(&self.mixer_status)
            && (1..=KEEP_ALIVE_MAX).contains(&self.keep_alive_minutes)
    }

    /// Whether the app has one of these permissions. Pages write some with and some without the s of
    /// `JoinGroupCalls`, `InitiateGroupCalls`; both count, in any case.
    pub fn permits(&self, any_of: &[&str]) -> bool {
        let plain = |name: &str| {
            name.trim()
                .to_ascii_lowercase()
                .replace("calls.all", "call.all")
                .replace("callsasguest", "callasguest")
        };
        let given: Vec<String> = self.permissions.split(',').map(plain).collect();
        given.iter().any(|it| it == "all") || any_of.iter().any(|name| given.contains(&plain(name)))
    }
}

/// What a switch takes, in words.
fn takes(name: &str) -> String {
    match name {
        "mixer" => "it is served, gone or unimplemented".to_owned(),
        "mixer_status" => "it is 200 or 202".to_owned(),
        "roster" => "it is whole or changed".to_owned(),
        "envelope" => "it is current, both or old".to_owned(),
        "int64" => "it is number or text".to_owned(),
        "permissions" => "it is all, or names separated by commas, in one text".to_owned(),
        "keep_alive_minutes" => format!("it is a whole number from 1 to {KEEP_ALIVE_MAX}"),
        _ => "it is true or false".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn switches_are_set_by_name() {
        let mut switches = Switches::default();
        for (assignment, name, value) in [
            ("mixer=gone", "mixer", json!("gone")),
            ("mixer_status=200", "mixer_status", json!(200)),
            ("roster=changed", "roster", json!("changed")),
            ("envelope=old", "envelope", json!("old")),
            ("remove_participants=false", "remove_participants", json!(false)),
            ("int64=text", "int64", json!("text")),
            ("permissions=Calls.Initiate.All", "permissions", json!("Calls.Initiate.All")),
            ("keep_alive_minutes=1", "keep_alive_minutes", json!(1)),
        ] {
            switches.set(assignment).unwrap();
            assert_eq!(serde_json::to_value(&switches).unwrap()[name], value);
        }
    }

    #[test]
    fn what_makes_no_sense_is_said_and_changes_nothing() {
        let mut switches = Switches::default();
        for (assignment, words) in [
            ("mixer_status", "name=value"),
            ("volume=11", "there is no switch \"volume\"; there are envelope"),
            ("mixer_status=204", "mixer_status: 204 is not allowed; it is 200 or 202"),
            ("mixer_status=yes", "mixer_status: \"yes\" is not allowed; it is 200 or 202"),
            ("mixer_status=", "mixer_status: \"\" is not allowed; it is 200 or 202"),
            ("mixer=off", "mixer: \"off\" is not allowed; it is served, gone or unimplemented"),
            ("roster=half", "roster: \"half\" is not allowed; it is whole or changed"),
            ("envelope=2018", "envelope: 2018 is not allowed; it is current, both or old"),
            ("int64=32", "it is number or text"),
            ("levels_above_100=yes", "it is true or false"),
            ("mute_any_target=1", "it is true or false"),
            ("remove_participants=no", "it is true or false"),
            ("permissions=7", "names separated by commas"),
            ("keep_alive_minutes=0", "it is a whole number from 1 to 10080"),
            ("keep_alive_minutes=-1", "it is a whole number from 1 to 10080"),
        ] {
            let error = switches.set(assignment).unwrap_err();
            assert!(error.contains(words), "{assignment}: {error}");
        }
        let mixed = json!({"roster": "changed", "mixer_status": 1}).as_object().unwrap().clone();
        assert!(switches.change(mixed).is_err());
        assert_eq!(switches, Switches::default());
    }

    #[test]
    fn permissions_in_either_spelling() {
        let with = |list: &str| Switches { permissions: list.to_owned(), ..Switches::default() };
        let join = ["Calls.JoinGroupCall.All"];
        assert!(with("all").permits(&join));
        assert!(with("Calls.JoinGroupCalls.All, Other").permits(&join));
        assert!(with("calls.joingroupcall.all").permits(&["Calls.JoinGroupCalls.All"]));
        assert!(
            with("Calls.JoinGroupCallsAsGuest.All").permits(&["Calls.JoinGroupCallasGuest.All"])
        );
        assert!(!with("Calls.Initiate.All").permits(&join));
        assert!(!with("").permits(&join));
    }
}
