//! What only some operations have: people, the members of 2018, explicit nulls.

use serde::Deserialize;
use serde_json::Value;

use super::{CommsOperation, ResultInfo};
use crate::{
    error::Error,
    graph::InvitationParticipantInfo,
    ids::{self, ParticipantId},
    limits, read,
};

const PEOPLE: &str = "participants";
const CREATED: &str = "createdDateTime";
const LAST_ACTION: &str = "lastActionDateTime";

impl CommsOperation {
    /// The same as a `muteParticipantsOperation` of these people.
    #[must_use]
    pub fn with_muted<'a>(mut self, people: impl IntoIterator<Item = &'a ParticipantId>) -> Self {
        let people = people.into_iter().map(|id| Value::from(id.as_str())).collect();
        self.extra.insert(PEOPLE.to_owned(), Value::Array(people));
        self
    }

    /// The same as an `inviteParticipantsOperation` of these people.
    #[must_use]
    pub fn with_invited(mut self, people: &[InvitationParticipantInfo]) -> Self {
        let people = people.iter().map(InvitationParticipantInfo::to_value).collect();
        self.extra.insert(PEOPLE.to_owned(), Value::Array(people));
        self
    }

    /// Whom a `muteParticipantsOperation` is about; nobody where the member is absent.
    ///
    /// # Errors
    /// [`Error`] at `$.participants`.
    pub fn muted(&self) -> Result<Vec<ParticipantId>, Error> {
        self.people()
    }

    /// Whom an `inviteParticipantsOperation` is about; nobody where the member is absent.
    ///
    /// # Errors
    /// [`Error`] at `$.participants`.
    pub fn invited(&self) -> Result<Vec<InvitationParticipantInfo>, Error> {
        self.people()
    }

    fn people<T: for<'de> Deserialize<'de>>(&self) -> Result<Vec<T>, Error> {
        let at = "$.participants";
        let people: Vec<T> = match self.extra.get(PEOPLE) {
            None | Some(Value::Null) => Vec::new(),
            Some(people) => read::value(at, people)?,
        };
        limits::items(at, people.len())?;
        Ok(people)
    }

    /// When it was created, RFC 3339; only the 2018 form says it.
    pub fn created_date_time(&self) -> Option<&str> {
        self.extra.get(CREATED)?.as_str()
    }

    /// When it last moved on, RFC 3339; only the 2018 form says it.
    pub fn last_action_date_time(&self) -> Option<&str> {
        self.extra.get(LAST_ACTION)?.as_str()
    }

    /// Why it ended so: `resultInfo`, or `error`, as it was called before July 2019.
    ///
    /// # Errors
    /// [`Error`] at `$.error` when that member is no result.
    pub fn outcome(&self) -> Result<Option<ResultInfo>, Error> {
        match (&self.result_info, self.extra.get("error")) {
            (Some(info), _) => Ok(Some(info.clone())),
            (None, None | Some(Value::Null)) => Ok(None),
            (None, Some(old)) => read::value("$.error", old).map(Some),
        }
    }

    /// The shape of the 2018 page: no type, no context, the two dates (RFC 3339), the id upper-case
    /// and without dashes, as that form's notification spells it. A result is called `error`.
    #[must_use]
    pub fn in_2018_form(mut self, created: &str, last_action: &str) -> Self {
        self.odata_type = None;
        self.odata_context = None;
        self.id = self.id.map(|id| ids::old_spelling(&id));
        self.extra.insert(CREATED.to_owned(), Value::from(created));
        self.extra.insert(LAST_ACTION.to_owned(), Value::from(last_action));
        if let Some(info) = self.result_info.take() {
            self.extra.insert("error".to_owned(), info.to_value());
        }
        self
    }

    /// The same with `"resultInfo": null` where there is no result, as the newer page of
    /// configureMixer and the invitation write it. The last step before writing: a result set later
    /// would stand beside the null. Reading takes such a null for absent.
    #[must_use]
    pub fn with_null_result(mut self) -> Self {
        if self.result_info.is_none() {
            self.extra.insert("resultInfo".to_owned(), Value::Null);
        }
        self
    }
}

impl ResultInfo {
    fn to_value(&self) -> Value {
        let mut members = self.extra.clone();
        let named = [
            ("code", self.code.map(Value::from)),
            ("subcode", self.subcode.map(Value::from)),
            ("message", self.message.as_deref().map(Value::from)),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        }
        Value::Object(members)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::OperationStatus;

    fn running() -> CommsOperation {
        CommsOperation {
            odata_type: Some("#microsoft.graph.commsOperation".to_owned()),
            id: Some("0fe0623f-d628-42ed-b4bd-8ac290072cc5".to_owned()),
            client_context: Some("c".to_owned()),
            status: Some(OperationStatus::Running),
            ..CommsOperation::default()
        }
    }

    #[test]
    fn the_2018_form() {
        let (created, last) = ("2018-03-19T09:46:02Z", "2018-03-19T09:46:03Z");
        let written = running().in_2018_form(created, last);
        assert_eq!(
            json!(written),
            json!({"clientContext": "c", "createdDateTime": created, "lastActionDateTime": last,
                "id": "0FE0623FD62842EDB4BD8AC290072CC5", "status": "running"})
        );
        let read = CommsOperation::read(json!(written).to_string().as_bytes()).unwrap();
        assert_eq!(
            (read.created_date_time(), read.last_action_date_time()),
            (Some(created), Some(last))
        );
        assert_eq!(read.outcome(), Ok(None));

        let info = ResultInfo { code: Some(400), subcode: Some(8523), ..ResultInfo::default() };
        let failed = CommsOperation { result_info: Some(info.clone()), ..running() };
        assert_eq!(failed.outcome(), Ok(Some(info.clone())));
        let old = failed.in_2018_form(created, last);
        assert_eq!((&old.result_info, &old.extra["error"]["subcode"]), (&None, &json!(8523)));
        assert_eq!(old.outcome(), Ok(Some(info)));
    }

    #[test]
    fn an_old_error_of_another_shape_is_refused() {
        let old = CommsOperation::read(br#"{"id":"o","error":{"code":[]}}"#).unwrap();
        assert_eq!(old.outcome().unwrap_err().path(), "$.error.code");
    }

    #[test]
    fn the_null_of_the_newer_page() {
        let text = json!(running().with_null_result()).to_string();
        assert!(text.contains("\"resultInfo\":null"), "{text}");
        assert_eq!(CommsOperation::read(text.as_bytes()), Ok(running()));
        let info = Some(ResultInfo { code: Some(200), ..ResultInfo::default() });
        let done = CommsOperation { result_info: info, ..running() };
        assert_eq!(done.clone().with_null_result(), done);
    }

    #[test]
    fn people_of_an_operation() {
        let ids = ["a", "8:acs:b_c"].map(|id| ParticipantId::parse(id).unwrap());
        let muted = running().with_muted(&ids);
        let read = CommsOperation::read(json!(muted).to_string().as_bytes()).unwrap();
        assert_eq!(read.muted().unwrap(), ids);
        assert_eq!(running().muted(), Ok(Vec::new()));

        let bad = CommsOperation::read(br#"{"participants":["a","../b"]}"#).unwrap();
        assert_eq!(bad.muted().unwrap_err().path(), "$.participants[1]");
        assert_eq!(bad.invited().unwrap_err().path(), "$.participants[0]");

        let body = json!({"identity": {"user": {"id": "u"}}, "replacesCallId": "k", "id": null});
        let info: InvitationParticipantInfo = serde_json::from_value(body.clone()).unwrap();
        let invited = running().with_invited(std::slice::from_ref(&info));
        assert_eq!(invited.extra["participants"], json!([body]));
        assert_eq!(invited.invited(), Ok(vec![info]));
    }
}
