//! Pieces of the panel that travel apart from it: what the first screen does not need is fetched when
//! somebody asks for it, or ahead of that once the page is at rest.
//!
//! For delivery [`drawn`] and all that nothing else reaches become a module of their own
//! (`xtask/src/split.rs`). In development, and in tests, everything is one module, and a piece is there
//! at once.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsValue;

use crate::{
    calls::Join,
    desk::Desk,
    ducking::Ducking,
    help::Sheet,
    icon::Icon,
    log::LogRoom,
    reactive::{RwSignal, effect, part},
    scenes::Scenes,
    session::use_session,
    ui::Button,
    view::view,
};

#[cfg(foldback_split)]
use leptos::wasm_split::SplitLoaderError as Missing;
#[cfg(not(foldback_split))]
use std::convert::Infallible as Missing;

/// Milliseconds from the first facts to fetching ahead: what they bring is drawn first.
const REST_MS: u64 = 1_000;

/// A piece of the panel that may not be here yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// The room in which levels are set.
    Desk,
    /// The room in which ducking is set.
    Ducking,
    /// The room of desks under names.
    Scenes,
    /// The room of who did what.
    Log,
    /// The sheet of keys.
    Keys,
    /// The form that joins a call.
    Join,
}

impl Piece {
    /// How a sentence about it begins.
    fn name(self) -> &'static str {
        match self {
            Self::Desk => "The desk",
            Self::Ducking => "Ducking",
            Self::Scenes => "Scenes",
            Self::Log => "The log",
            Self::Keys => "The sheet of keys",
            Self::Join => "The form to join a call",
        }
    }
}

/// Draws a piece. Whatever only this function reaches is not in the main module.
#[cfg_attr(
    foldback_split,
    leptos::wasm_split::wasm_split(
        pieces,
        fallible,
        preload(load),
        wasm_split_path = leptos::wasm_split
    )
)]
#[cfg_attr(not(foldback_split), expect(clippy::unnecessary_wraps, reason = "split, it can fail"))]
fn drawn(piece: Piece) -> Result<AnyView, Missing> {
    Ok(match piece {
        Piece::Desk => view! { <Desk/> }.into_any(),
        Piece::Ducking => view! { <Ducking/> }.into_any(),
        Piece::Scenes => view! { <Scenes/> }.into_any(),
        Piece::Log => view! { <LogRoom/> }.into_any(),
        Piece::Keys => view! { <Sheet/> }.into_any(),
        Piece::Join => view! { <Join/> }.into_any(),
    })
}

/// The piece, if it is here. Nobody waits: that would show an empty room for a moment.
#[cfg(foldback_split)]
fn draw(piece: Piece) -> Option<AnyView> {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    match pin!(drawn(piece)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(view)) => Some(view),
        _ => None,
    }
}

#[cfg(not(foldback_split))]
fn draw(piece: Piece) -> Option<AnyView> {
    drawn(piece).ok()
}

/// Stands where a split build has the function that fetches.
#[cfg(not(foldback_split))]
fn load() -> std::future::Ready<Result<(), Missing>> {
    std::future::ready(Ok(()))
}

/// How it stands with the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Away,
    Coming,
    Failed,
    Here,
}

/// The module that holds the pieces: one for the page. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Pieces(RwSignal<State>);

impl Pieces {
    /// Nothing is fetched yet.
    pub fn new() -> Self {
        Self(RwSignal::new(if cfg!(foldback_split) { State::Away } else { State::Here }))
    }

    /// Fetches the pieces, unless they are here or under way.
    pub fn fetch(self) {
        if matches!(self.0.get_untracked(), State::Coming | State::Here) {
            return;
        }
        self.0.set(State::Coming);
        spawn_local(async move {
            let state = if load().await.is_ok() { State::Here } else { State::Failed };
            self.0.try_set(state);
        });
    }

    /// Fetches them a moment after the first facts, so that a room opens at once, and without the
    /// network too. Not where bytes are dear.
    pub fn fetch_ahead(self) {
        let session = use_session();
        effect(move || {
            let is_used = session.call.read().is_some() && session.connection.get().is_live();
            if is_used && !saves_data() {
                set_timeout(move || self.fetch(), Duration::from_millis(REST_MS));
            }
        });
    }
}

impl Default for Pieces {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the browser is told to load little. Not every browser knows the question.
fn saves_data() -> bool {
    let member = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into());
    let connection = member(&window().navigator(), "connection");
    connection.and_then(|it| member(&it, "saveData")).is_ok_and(|it| it.is_truthy())
}

/// Shows a piece: as soon as it is here, and until then what it waits for.
#[component]
pub fn Lazy(
    /// Which.
    piece: Piece,
    /// Where it is.
    pieces: Pieces,
) -> impl IntoView {
    let session = use_session();
    pieces.fetch();
    // What did not arrive is fetched again as soon as the connection is back.
    effect(move || {
        if session.connection.get().is_live() {
            pieces.fetch();
        }
    });
    effect(move || {
        if pieces.0.get() == State::Failed {
            session.say(format!("{} could not be loaded", piece.name()));
        }
    });
    part(move || {
        match pieces.0.get() {
        State::Here => draw(piece).unwrap_or_else(|| ().into_any()),
        State::Failed => view! {
            <div class="notice">
                <Icon name="offline"/>
                <h3>{piece.name()} " could not be loaded"</h3>
                <p>
                    "Its file did not arrive. It is fetched again when the connection returns; if that \
                     does not help, load this page anew: Foldback may have been renewed."
                </p>
                <Button on_press=move |()| pieces.fetch()>
                    <Icon name="retry"/>
                    "Try again"
                </Button>
            </div>
        }
        .into_any(),
        State::Away | State::Coming => view! {
            <div class="notice" aria-busy="true">
                <p>"Loading…"</p>
            </div>
        }
        .into_any(),
    }
    })
}
