//! A page of a collection.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{CommsOperation, Extra};
use crate::{error::Error, limits, read};

/// A page of a collection, as GET answers with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// For example `…/$metadata#communications/calls('{id}')/operations`.
    #[serde(rename = "@odata.context", default, skip_serializing_if = "Option::is_none")]
    pub odata_context: Option<String>,
    /// The items of this page.
    pub value: Vec<T>,
    /// Absolute address of the next page; absent on the last.
    #[serde(rename = "@odata.nextLink", default, skip_serializing_if = "Option::is_none")]
    pub odata_next_link: Option<String>,
    /// Members not named here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The reply to GET operations.
pub type OperationsPage = Page<CommsOperation>;

impl<T> Page<T> {
    /// The only page, to be written.
    pub fn new(odata_context: impl Into<String>, value: Vec<T>) -> Self {
        let odata_context = Some(odata_context.into());
        Self { odata_context, value, odata_next_link: None, extra: Extra::new() }
    }

    /// Reads a reply body.
    ///
    /// # Errors
    /// See [`Error`]; more than [`limits::ITEMS_MAX`] items are refused.
    pub fn read(text: &[u8]) -> Result<Self, Error>
    where
        T: DeserializeOwned,
    {
        let page: Self = read::json(text)?;
        limits::items("$.value", page.value.len())?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn written_and_read() {
        let operation = CommsOperation { id: Some("o".to_owned()), ..CommsOperation::default() };
        let page = OperationsPage::new("c", vec![operation]);
        let text = json!(page).to_string();
        assert_eq!(text, r#"{"@odata.context":"c","value":[{"id":"o"}]}"#);
        assert_eq!(OperationsPage::read(text.as_bytes()), Ok(page));
        let error = OperationsPage::read(br#"{"value":[{},{"id":7}]}"#).unwrap_err();
        assert_eq!(error.path(), "$.value[1].id");
        let many = format!("{{\"value\":[{}]}}", vec!["{}"; limits::ITEMS_MAX + 1].join(","));
        assert_eq!(OperationsPage::read(many.as_bytes()).unwrap_err().path(), "$.value");
    }
}
