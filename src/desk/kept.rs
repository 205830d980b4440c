//! What may not have arrived when the connection broke, and the operator's word on it.

use leptos::prelude::*;

use crate::{
    reactive::Show,
    session::use_session,
    ui::{Button, text},
    view::view,
};

/// A bar with two ways out; absent while nothing is kept.
#[component]
pub fn Kept() -> impl IntoView {
    let session = use_session();
    let n_kept = session.kept_edits();
    let words = move || match n_kept.get() {
        1 => "One change may not have been sent".to_owned(),
        n => format!("{n} changes may not have been sent"),
    };
    view! {
        <Show when=move || n_kept.get() != 0>
            <div class="kept" role="group" aria-label="Changes not sent">
                <p class="kept-text">{text(words)}</p>
                <Button on_press=move |()| session.send_kept()>"Send now"</Button>
                <Button on_press=move |()| session.discard_kept()>"Discard"</Button>
            </div>
        </Show>
    }
}
