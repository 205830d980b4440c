//! The request of the room: byte for byte what leaves, where to, how large.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use crate::{
    icon::Icon,
    link::Command,
    reactive::{For, Memo, NodeRef, Show, Signal, effect, part},
    route::Room,
    session::{
        mixer::marks::{Marks, Runs},
        operations::Sent,
        use_session,
    },
    ui::{Button, Look, drag, text},
    view::view,
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
        Room::Roster | Room::Log | Room::Calls => {
            let sent = session.mute_request.get().unwrap_or_default();
            let note = sent.about.clone();
            Shown { sent, note }
        }
        Room::Desk | Room::Ducking | Room::Scenes => {
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
    let pieces = Memo::new(move |_| {
        let marks = match session.route.read().room {
            Room::Roster | Room::Log | Room::Calls => Marks::default(),
            Room::Desk | Room::Ducking | Room::Scenes => session.mixer.marks.get(),
        };
        marks.pieces(&shown.read().sent.json, PIECE_LINES)
    });
    let n_pieces = Memo::new(move |_| pieces.with(Vec::len));
    let body = NodeRef::<html::Pre>::new();
    // After the frame in which the marks stand: to ask where they are before it is drawn would lay the
    // page out within a script, and then once more. A drag that passes where it began has changed
    // nothing for a moment; its marks come back to where they were seen.
    let mut seen = Marks::default();
    effect(move || {
        let marks = session.mixer.marks.get();
        if marks == Marks::default() || marks == seen {
            return;
        }
        seen = marks;
        let reveal = move || reveal(body);
        request_animation_frame(move || set_timeout(reveal, Duration::ZERO));
    });
    view! {
        <section class="payload" role="region" aria-label="Payload">
            <header class="part-head">
                <h2>"Payload"</h2>
                <Show when=move || !is_empty.get()>
                    <span class="part-note">{text(move || shown.read().note.clone())}</span>
                    <span class="part-figure">{text(move || bytes(shown.read().sent.json.len()))}</span>
                    <CopyButton text=Signal::derive(move || shown.read().sent.json.clone())/>
                </Show>
            </header>
            <Show
                when=move || !is_empty.get()
                fallback=move || {
                    view! {
                        <p class="part-empty">
                            {text(move || {
                                match session.route.read().room {
                                    Room::Roster => "Mute somebody: the request stands here as it leaves.",
                                    _ => "Move a fader: the request stands here as it leaves.",
                                }
                                .to_owned()
                            })}
                        </p>
                    }
                }
            >
                <p class="endpoint">{text(move || shown.read().sent.endpoint.clone())}</p>
                <pre node_ref=body class="json" tabindex="0" aria-label="Request body" role="group">
                    <code>
                        <For
                            each=move || (0..n_pieces.get()).collect()
                            key=ToString::to_string
                            let(at)
                        >
                            <Piece pieces=pieces at=at/>
                        </For>
                    </code>
                </pre>
            </Show>
        </section>
    }
}

/// Scrolls the body so that the first marked line is seen.
fn reveal(body: NodeRef<html::Pre>) {
    let Some(body) = body.try_get_untracked() else { return };
    let Some(mark) = body.query_selector("mark").ok().flatten() else { return };
    let (seen, mark) = (body.get_bounding_client_rect(), mark.get_bounding_client_rect());
    let is_seen = mark.top() >= seen.top() && mark.bottom() <= seen.bottom();
    if !is_seen {
        let way = mark.top() - seen.top() - seen.height() / 3.0;
        body.set_scroll_top(body.scroll_top() + drag::whole(way, (i32::MIN, i32::MAX)));
    }
}

/// Some lines of the body, marked where the newest gesture changed them.
#[component]
fn Piece(
    /// All pieces.
    pieces: Memo<Vec<Runs>>,
    /// Which one.
    at: usize,
) -> impl IntoView {
    let runs = Memo::new(move |_| pieces.with(|all| all.get(at).cloned().unwrap_or_default()));
    view! {
        <span class="json-piece">
            {part(move || {
                runs.get()
                    .into_iter()
                    .map(|(run, is_marked)| {
                        if is_marked {
                            view! { <mark>{run}</mark> }.into_any()
                        } else {
                            run.into_any()
                        }
                    })
                    .collect_view()
                    .into_any()
            })}
        </span>
    }
}

#[component]
fn CopyButton(
    /// What is copied.
    text: Signal<String>,
) -> impl IntoView {
    let session = use_session();
    let copy = move |()| {
        let text = text.get_untracked();
        spawn_local(async move {
            let has_clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
                .is_ok_and(|clipboard| !clipboard.is_undefined());
            let done = has_clipboard
                && JsFuture::from(window().navigator().clipboard().write_text(&text)).await.is_ok();
            if done {
                session.note("Copied");
            } else {
                session.tell("This browser did not let us copy");
            }
        });
    };
    view! {
        <Button look=Look::Icon label="Copy the request body" on_press=copy>
            <Icon name="copy"/>
        </Button>
    }
}

/// A size for people.
fn bytes(count: usize) -> String {
    if count < 10_000 { format!("{count} B") } else { format!("{} KB", count / 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(bytes(412), "412 B");
        assert_eq!(bytes(9_999), "9999 B");
        assert_eq!(bytes(262_144), "262 KB");
    }
}
