//! What only the browser knows of names: their order in the operator's language, case and decomposition,
//! and so whether a search finds one.

use std::cmp::Ordering;

use js_sys::{Array, Function, Intl, JsString, Object};
use wasm_bindgen::JsValue;

use super::search::{Search, fold};

/// Compares names as the operator's language does.
#[derive(Debug)]
pub struct Collator {
    compare: Function,
}

impl Collator {
    /// The collation of the browser's language.
    pub fn new() -> Self {
        let collator = Intl::Collator::new(&Array::new(), &Object::new());
        Self { compare: collator.compare() }
    }

    /// The order of two names.
    pub fn compare(&self, a: &str, b: &str) -> Ordering {
        let order = self.compare.call2(&JsValue::NULL, &a.into(), &b.into());
        order
            .ok()
            .and_then(|value| value.as_f64())
            .and_then(|value| value.partial_cmp(&0.0))
            .unwrap_or(Ordering::Equal)
    }
}

impl Default for Collator {
    fn default() -> Self {
        Self::new()
    }
}

/// Lower case in canonical decomposition: letters and their accents apart.
pub fn decompose(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    JsString::from(text).normalize("NFD").to_lower_case().into()
}

/// Words of the search start words of the name, whatever the accents.
pub fn finds(typed: &str, name: &str) -> bool {
    Search::new(typed, decompose).finds(&fold(&decompose(name)))
}
