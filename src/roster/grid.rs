//! The grid of people: the list's rows in the order of the screen, and what stands there without any.

use std::sync::Arc;

use foldback_model::ParticipantId;
use leptos::prelude::*;
use web_sys::Event;

use super::{RosterView, row::Row};
use crate::{
    layout::window_is,
    reactive::{Memo, Show, part},
    session::{Connection, use_session},
    ui::{Button, Rows, Slot, VirtualGrid, attr, fixed, on},
    view::view,
};

/// Height of a row in pixels, for a mouse and for a finger; `--row-h` says the same.
const ROW_PX: (f64, f64) = (32.0, 44.0);

/// The list's rows.
struct People {
    roster: RosterView,
    loading: Memo<bool>,
}

impl Rows for People {
    fn count(&self) -> usize {
        self.roster.list.read().rows.len()
    }

    /// Id and name: a row is drawn anew when its person is called otherwise.
    fn key(&self, at: usize) -> Option<String> {
        let list = self.roster.list.read();
        list.rows.get(at).map(|entry| format!("{} {}", entry.id, entry.name))
    }

    fn position(&self, key: &str) -> Option<usize> {
        let id = ParticipantId::parse(key.split(' ').next()?).ok()?;
        self.roster.list.read().position(&id)
    }

    fn draw(&self, slot: Slot) -> AnyView {
        let at = slot.at.get_untracked();
        let entry = self.roster.list.read_untracked().rows.get(at).cloned();
        entry.map_or_else(|| ().into_any(), |entry| view! { <Row entry place=slot/> }.into_any())
    }

    fn is_busy(&self) -> bool {
        self.loading.get()
    }

    fn question(&self) {
        self.roster.typed.track();
        self.roster.filter.track();
    }
}

/// The grid of people.
#[component]
pub fn Grid() -> impl IntoView {
    let session = use_session();
    let roster = expect_context::<RosterView>();
    let list = roster.list;
    let total = Memo::new(move |_| list.read().rows.len());
    let joined = move || {
        let list = list.read();
        (list.joined_at < list.rows.len()).then_some(list.joined_at)
    };
    let loading = Memo::new(move |_| {
        session.call.read().is_none()
            && matches!(
                session.connection.get(),
                Connection::Connecting | Connection::Lost { .. } | Connection::Live
            )
    });
    let hands = vec![
        fixed("aria-multiselectable", "true".to_owned()),
        on("pointerenter", move |_: Event| roster.pointer_is(true)),
        on("pointerleave", move |_: Event| roster.pointer_is(false)),
        on("focusin", move |_: Event| roster.focus_is(true)),
        on("focusout", move |_: Event| roster.focus_is(false)),
    ];
    let rows: Arc<dyn Rows> = Arc::new(People { roster, loading });
    let is_coarse = window_is("(pointer: coarse)");
    view! {
        <div
            style:--joined=move || joined().map(|at| at.to_string())
            class="grid-frame"
            {..attr("data-joined", move || joined().map(|_| String::new()))}
        >
            <VirtualGrid
                label="Roster"
                rows
                row_px=if is_coarse { ROW_PX.1 } else { ROW_PX.0 }
                more=hands
            />
            <Show when=move || loading.get()>
                <Skeleton/>
            </Show>
            <Show when=move || !loading.get() && total.get() == 0>
                <Nobody/>
            </Show>
        </div>
    }
}

/// Rows without people, at their later places.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton-rows" aria-hidden="true">
            {(0..32).map(|_| view! { <div class="skeleton-row"><span></span><span></span></div> }).collect_view()}
        </div>
    }
}

/// Why there are no rows.
#[component]
fn Nobody() -> impl IntoView {
    let session = use_session();
    let roster = expect_context::<RosterView>();
    let asked = move || roster.filter.get().is_some() || !roster.typed.read().trim().is_empty();
    view! {
        <div class="nobody">
            {part(move || {
                if session.roster.read().is_empty() {
                    view! {
                        <p class="nobody-title">"Nobody is in this call yet"</p>
                        <p>"People appear here as they join."</p>
                    }
                        .into_any()
                } else {
                    let title = match roster.filter.get() {
                        Some(filter) if roster.typed.read().trim().is_empty() => {
                            format!("Nobody under “{}” now", filter.name())
                        }
                        _ => "Nobody matches".to_owned(),
                    };
                    view! { <p class="nobody-title">{title}</p> }.into_any()
                }
            })}
            <Show when=asked>
                <Button on_press=move |()| {
                    roster.typed.set(String::new());
                    roster.filter.set(None);
                }>"Show everybody"</Button>
            </Show>
        </div>
    }
}
