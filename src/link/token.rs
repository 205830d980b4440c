//! The token of a page that keeps the panel on a host of its own, where no cookie of the proxy goes:
//! such a page defines `foldbackToken`, a function that gives a token, or promises one.

use js_sys::{Function, Promise, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{Failure, fetch::lost};

const NAME: &str = "foldbackToken";

fn giver() -> Option<Function> {
    Reflect::get(&global(), &NAME.into()).ok()?.dyn_into().ok()
}

/// Whether the page gives tokens: then it is the page that signs people in and out.
pub fn is_given() -> bool {
    giver().is_some()
}

/// A token for one request, asked for anew each time: the page knows when one is worn out. None where
/// the page gives none, and the cookie is what counts.
///
/// # Errors
/// [`Failure::SignedOut`] when the page has nobody who is signed in, [`Failure::Lost`] when it cannot
/// get a token now.
pub(super) async fn token() -> Result<Option<String>, Failure> {
    let Some(function) = giver() else { return Ok(None) };
    let given = function.call0(&JsValue::UNDEFINED).map_err(lost)?;
    let token = JsFuture::from(Promise::resolve(&given)).await.map_err(lost)?;
    token.as_string().filter(|token| !token.is_empty()).map(Some).ok_or(Failure::SignedOut)
}
