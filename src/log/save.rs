//! A file that a link cannot fetch, because it would carry no token.

use js_sys::Array;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::link::{self, Failure};

/// Reads an address and has the browser save what it gives under a name.
///
/// # Errors
/// See [`Failure`].
pub async fn save(url: &str, name: &str) -> Result<(), Failure> {
    let text = link::text_at(url).await?;
    hand_over(&text, name).map_err(|_| Failure::Unreadable("the browser saves no file".to_owned()))
}

fn hand_over(text: &str, name: &str) -> Result<(), JsValue> {
    let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()))?;
    let at = Url::create_object_url_with_blob(&blob)?;
    let anchor: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    anchor.set_href(&at);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&at)
}
