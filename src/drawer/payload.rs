//! The request of the room: byte for byte what leaves, where to, how large.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use crate::{
    icon::Icon,
    link::Command,
    reactive::{For, Memo, Show, Signal},
    route::Room,
    session::{operations::Sent, use_session},
    ui::text,
};

/// Lines of a piece of the body. The style sheet lets pieces out of sight lie as they are: the mix of
/// a large call has ten thousand lines, and they change while a fader moves.
const PIECE_LINES: usize = 100;

/// A request as shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Shown {
    sent: Sent,
    note: String,
}

/// The region.
#[component]
pub fn PayloadRegion() -> impl IntoView {
    let session = use_session();
    let shown = Memo::new(move |_| match session.route.read().room {
        Room::Roster => {
            let sent = session.mute_request.get().unwrap_or_default();
            let note = sent.about.clone();
            Shown { sent, note }
        }
        Room::Desk | Room::Ducking => {
            let payload = session.mixer.payload.get();
            let key = session.key.get();
            let path = key.map_or_else(String::new, |key| Command::ConfigureMixer.path(&key));
            let state = if payload.is_sent { "sent" } else { "not sent yet" };
            let note = match payload.n_parts {
                0 | 1 => state.to_owned(),
                parts => format!("{state}, the first of {parts}"),
            };
            let endpoint = format!("POST {path}");
            Shown { sent: Sent { endpoint, json: payload.text, about: String::new() }, note }
        }
    });
    let is_empty = Memo::new(move |_| shown.read().sent.json.is_empty());
    let pieces = Memo::new(move |_| pieces(&shown.read().sent.json));
    let n_pieces = Memo::new(move |_| pieces.with(Vec::len));
    view! {
        <section class="payload" role="region" aria-label="Payload">
            <header class="part-head">
                <h2>"Payload"</h2>
                <Show when=move || !is_empty.get()>
                    <span class="part-note">{move || shown.read().note.clone()}</span>
                    <span class="part-figure">{move || bytes(shown.read().sent.json.len())}</span>
                    <CopyButton text=Signal::derive(move || shown.read().sent.json.clone())/>
                </Show>
            </header>
            <Show
                when=move || !is_empty.get()
                fallback=move || {
                    view! {
                        <p class="part-empty">
                            {move || match session.route.read().room {
                                Room::Roster => "Mute somebody: the request stands here as it leaves.",
                                _ => "Move a fader: the request stands here as it leaves.",
                            }}
                        </p>
                    }
                }
            >
                <p class="endpoint">{move || shown.read().sent.endpoint.clone()}</p>
                <pre class="json" tabindex="0" aria-label="Request body" role="group">
                    <code>
                        <For
                            each=move || (0..n_pieces.get()).collect()
                            key=ToString::to_string
                            let(at)
                        >
                            <span class="json-piece">
                                {text(move || {
                                    pieces.with(|all| all.get(at).cloned().unwrap_or_default())
                                })}
                            </span>
                        </For>
                    </code>
                </pre>
            </Show>
        </section>
    }
}

#[component]
fn CopyButton(
    /// What is copied.
    text: Signal<String>,
) -> impl IntoView {
    let session = use_session();
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            let has_clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
                .is_ok_and(|clipboard| !clipboard.is_undefined());
            let done = has_clipboard
                && JsFuture::from(window().navigator().clipboard().write_text(&text)).await.is_ok();
            session.say(if done { "Copied" } else { "This browser did not let us copy" });
        });
    };
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label="Copy the request body"
            title="Copy"
            on:click=copy
        >
            <Icon name="copy"/>
        </button>
    }
}

/// A text in pieces of [`PIECE_LINES`] lines; together they are the text.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut start, mut n_lines) = (0, 0);
    for (at, byte) in text.bytes().enumerate() {
        n_lines += usize::from(byte == b'\n');
        if n_lines == PIECE_LINES || at + 1 == text.len() {
            pieces.extend(text.get(start..=at).map(ToOwned::to_owned));
            (start, n_lines) = (at + 1, 0);
        }
    }
    pieces
}

/// A size for people.
fn bytes(count: usize) -> String {
    if count < 10_000 { format!("{count} B") } else { format!("{} KB", count / 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text() {
        assert_eq!(pieces(""), Vec::<String>::new());
        assert_eq!(pieces("{}"), ["{}"]);
        let text = "a\n".repeat(2 * PIECE_LINES) + "b";
        let pieces = pieces(&text);
        assert_eq!((pieces.len(), pieces.concat()), (3, text));
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(bytes(412), "412 B");
        assert_eq!(bytes(9_999), "9999 B");
        assert_eq!(bytes(262_144), "262 KB");
    }
}
