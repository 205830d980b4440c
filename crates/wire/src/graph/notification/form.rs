//! The forms a notification is written in: today's, the 2018 one, and both at once.

use serde_json::Value;

use super::{CommsNotification, CommsNotifications, topic};
use crate::ids;

const BATCH_TYPE: &str = "#microsoft.graph.commsNotifications";
const ITEM_TYPE: &str = "#microsoft.graph.commsNotification";

/// How the envelope of a notification is written. All are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Envelope {
    /// `resourceUrl` below `/communications`, ids in lower case with dashes.
    #[default]
    Current,
    /// As [`Envelope::Current`], and `resource` below `/app` beside it.
    Both,
    /// The 2018 page: no `@odata.type` around the data, `resource` below `/app` alone, ids in the
    /// address upper-case and without dashes.
    Old,
}

/// Whose spelling an address gets.
#[derive(Clone, Copy)]
enum Address {
    Communications,
    App,
    AppOld,
}

impl Address {
    /// The same resource in this spelling; an address that is not below a call stays as it is.
    fn of(self, url: &str) -> String {
        let Some(route) = topic::route(url).filter(|_| plain(url)) else {
            return url.to_owned();
        };
        let (root, spelled): (_, fn(&str) -> String) = match self {
            Self::Communications => ("/communications/calls", ids::normalise),
            Self::App => ("/app/calls", ids::normalise),
            Self::AppOld => ("/app/calls", ids::old_spelling),
        };
        let mut out = root.to_owned();
        for segment in std::iter::once(route.call).chain(route.rest) {
            out.push('/');
            out.push_str(&spelled(segment));
        }
        out
    }
}

/// Whether the address is a bare path: nothing of it would be lost in another spelling.
fn plain(url: &str) -> bool {
    url.starts_with('/') && !url.ends_with('/') && !url.contains(['?', '#'])
}

impl CommsNotification {
    /// The same notification in another form. Addresses that are not below a call keep their
    /// spelling; a notification without any address stays without.
    #[must_use]
    pub fn in_form(mut self, form: Envelope) -> Self {
        let url = self.url().map(str::to_owned);
        let written = |address: Address| url.as_deref().map(|url| address.of(url));
        let link = match form {
            Envelope::Current => {
                self.resource_url = written(Address::Communications);
                self.resource = None;
                Address::Communications
            }
            Envelope::Both => {
                self.resource_url = written(Address::Communications);
                self.resource = written(Address::App);
                Address::Communications
            }
            Envelope::Old => {
                self.resource_url = None;
                self.resource = written(Address::AppOld);
                Address::AppOld
            }
        };
        self.odata_type = match form {
            Envelope::Old => None,
            _ => self.odata_type.or_else(|| Some(ITEM_TYPE.to_owned())),
        };
        if let Some(Value::String(id)) = self.resource_data.get_mut("@odata.id") {
            *id = link.of(id);
        }
        self
    }
}

impl CommsNotifications {
    /// A batch to be written in a form; see [`CommsNotification::in_form`].
    pub fn in_form(value: Vec<CommsNotification>, form: Envelope) -> Self {
        let value = value.into_iter().map(|item| item.in_form(form)).collect();
        let mut batch = Self::new(value);
        batch.odata_type = (form != Envelope::Old).then(|| BATCH_TYPE.to_owned());
        batch
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::Topic;

    const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";
    const OPERATION: &str = "0fe0623f-d628-42ed-b4bd-8ac290072cc5";

    fn finished() -> CommsNotification {
        let url = format!("/communications/calls/{CALL}/operations/{OPERATION}");
        let data = json!({"@odata.type": "#microsoft.graph.commsOperation", "@odata.id": url,
            "clientContext": "c", "status": "completed"});
        CommsNotification::new("deleted", url, data)
    }

    #[test]
    fn every_form_says_the_same() {
        let current = finished();
        for form in [Envelope::Current, Envelope::Both, Envelope::Old] {
            let written = current.clone().in_form(form);
            assert_eq!(written.call_id().unwrap().as_str(), CALL, "{form:?}");
            let Ok(Topic::Operation(operation)) = written.topic() else { panic!("{written:?}") };
            assert_eq!(operation.id.as_deref(), Some(OPERATION), "{form:?}");
            for again in [Envelope::Current, Envelope::Both, Envelope::Old] {
                let there = current.clone().in_form(again);
                assert_eq!(written.clone().in_form(again), there, "{form:?} to {again:?}");
            }
        }
    }

    #[test]
    fn the_forms_as_they_are_written() {
        let old = json!(CommsNotifications::in_form(vec![finished()], Envelope::Old));
        let golden = include_str!("../../../tests/golden/configure_mixer_2018.notification.json");
        let mut golden: Value = serde_json::from_str(golden).unwrap();
        let data = golden["value"][0]["resourceData"].as_object_mut().unwrap();
        data.remove("@odata.etag");
        data["clientContext"] = json!("c");
        assert_eq!(old, golden);

        let both = json!(CommsNotifications::in_form(vec![finished()], Envelope::Both));
        let item = &both["value"][0];
        let tail = format!("calls/{CALL}/operations/{OPERATION}");
        assert_eq!(item["resource"], format!("/app/{tail}"));
        assert_eq!(item["resourceUrl"], format!("/communications/{tail}"));
        assert_eq!(
            (&both["@odata.type"], &item["@odata.type"]),
            (&json!(BATCH_TYPE), &json!(ITEM_TYPE))
        );
    }

    #[test]
    fn what_is_below_no_call_keeps_its_address() {
        for url in ["/communications/users/U", "https://h/app/calls/C", "/app/calls/C?x", "", "/"] {
            let written =
                CommsNotification::new("updated", url, Value::Null).in_form(Envelope::Old);
            assert_eq!(written.resource.as_deref(), Some(url));
        }
        let mut nowhere = finished();
        nowhere.resource_url = None;
        let written = nowhere.in_form(Envelope::Both);
        assert_eq!((written.resource_url, written.resource), (None, None));
    }
}
