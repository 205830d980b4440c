//! The page's one `status` region: what screen readers are told, once, while the eyes see it elsewhere.

use leptos::prelude::*;

use super::text;
use crate::{reactive::RwSignal, view::view};

/// The status line; stands once in the page and takes no place.
#[component]
pub fn StatusLine(
    /// What was said last.
    said: RwSignal<String>,
) -> impl IntoView {
    let mut before = String::new();
    let words = move || {
        let words = said.get();
        before = if before == words { again(&words) } else { words };
        before.clone()
    };
    view! { <div class="status-line" role="status">{text(words)}</div> }
}

/// The same words as another text: a region that does not change is not read out.
fn again(words: &str) -> String {
    format!("{words}\u{A0}")
}
