//! The grid: only the rows that are seen stand in the page; one row takes part in the tab order.

use std::sync::Arc;

use foldback_model::ParticipantId;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

use super::{RosterView, list::Entry, row::Row, window};
use crate::{
    layout::window_is,
    reactive::{For, Memo, RwSignal, Show, effect, part},
    session::{Connection, use_session},
};

/// Where focus is and where it shall go. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Roving {
    /// The row in the tab order.
    pub current: RwSignal<Option<ParticipantId>>,
    /// The row that takes focus as soon as it stands in the page.
    pub grab: RwSignal<Option<ParticipantId>>,
}

/// Rows in the page: where each stands and who it is.
pub type Drawn = Memo<Vec<(usize, Arc<Entry>)>>;

#[derive(Debug, Clone, Copy)]
struct View {
    element: NodeRef<html::Div>,
    scroll_px: RwSignal<f64>,
    height_px: RwSignal<f64>,
    row_px: f64,
}

/// The grid of people.
#[component]
pub fn Grid() -> impl IntoView {
    let session = use_session();
    let roster = expect_context::<RosterView>();
    let view = View {
        element: NodeRef::new(),
        scroll_px: RwSignal::new(0.0),
        height_px: RwSignal::new(window_height()),
        row_px: if window_is("(pointer: coarse)") { 44.0 } else { 32.0 },
    };
    let roving = Roving { current: RwSignal::new(None), grab: RwSignal::new(None) };
    provide_context(roving);
    let list = roster.list;
    let drawn: Drawn = Memo::new(move |_| {
        let list = list.read();
        let total = list.rows.len();
        let range = window::rows(view.scroll_px.get(), view.height_px.get(), view.row_px, total);
        // The focused row stays in the page, so that focus is not lost by scrolling.
        let kept = roving.current.read().as_ref().and_then(|id| list.position(id));
        let kept = kept.filter(|row| !range.contains(row));
        let row = |at: usize| list.rows.get(at).map(|entry| (at, Arc::clone(entry)));
        range.chain(kept).filter_map(row).collect()
    });
    // Somebody must be in the tab order, and somebody who is still listed.
    let tab_stop = Memo::new(move |_| {
        let list = list.read();
        let current = roving.current.get();
        current
            .filter(|id| list.position(id).is_some())
            .or_else(|| list.rows.first().map(|entry| entry.id.clone()))
    });
    watch_height(view);
    effect(move || {
        roster.typed.track();
        roster.filter.track();
        if let Some(element) = view.element.get() {
            element.set_scroll_top(0);
        }
    });
    let on_keydown =
        move |event: ev::KeyboardEvent| keydown(&event, view, roster, roving, tab_stop);
    let total = move || list.read().rows.len();
    let joined = move || {
        let list = list.read();
        (list.joined_at < list.rows.len()).then(|| list.joined_at)
    };
    let loading = move || {
        session.call.read().is_none()
            && matches!(
                session.connection.get(),
                Connection::Connecting | Connection::Lost { .. } | Connection::Live
            )
    };
    view! {
        <div class="grid-frame">
            <div
                class="grid"
                role="grid"
                aria-label="Roster"
                aria-rowcount=move || total().to_string()
                aria-busy=move || loading().to_string()
                tabindex=move || (total() == 0).then_some("0")
                node_ref=view.element
                on:scroll=move |_| {
                    if let Some(element) = view.element.get_untracked() {
                        view.scroll_px.set(element.scroll_top().into());
                    }
                }
                on:keydown=on_keydown
                on:pointerenter=move |_| roster.pointer_is(true)
                on:pointerleave=move |_| roster.pointer_is(false)
                on:focusin=move |_| roster.focus_is(true)
                on:focusout=move |_| roster.focus_is(false)
            >
                <div
                    class="rows"
                    role="rowgroup"
                    style:--rows=move || total().to_string()
                    style:--joined=move || joined().map(|at| at.to_string())
                    data-joined=move || joined().map(|_| "")
                >
                    <For each=move || drawn.get() key=|(_, entry)| format!("{} {}", entry.id, entry.name) let:item>
                        <Row entry=item.1 drawn tab_stop/>
                    </For>
                </div>
            </div>
            <Show when=loading>
                <Skeleton/>
            </Show>
            <Show when=move || !loading() && total() == 0>
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
                <button
                    type="button"
                    class="plain"
                    on:click=move |_| {
                        roster.typed.set(String::new());
                        roster.filter.set(None);
                    }
                >
                    "Show everybody"
                </button>
            </Show>
        </div>
    }
}

fn window_height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0)
}

/// Follows the height of the grid: it changes with the window and with the bars around it.
fn watch_height(view: View) {
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    effect(move || {
        let Some(element) = view.element.get() else { return };
        let measured = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            view.height_px.try_set(measured.client_height().into());
        });
        if let Ok(made) = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()) {
            made.observe(&element);
            observer.set_value(Some((made, closure)));
        }
    });
    on_cleanup(move || {
        observer.update_value(|observer| {
            if let Some((observer, _)) = observer.take() {
                observer.disconnect();
            }
        });
    });
}

/// Arrows (or K and J), Home, End and the page keys go between rows; left and right go into a row and back.
fn keydown(
    event: &ev::KeyboardEvent,
    view: View,
    roster: RosterView,
    roving: Roving,
    tab_stop: Memo<Option<ParticipantId>>,
) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let people = roster.list.read_untracked();
    let Some(last) = people.rows.len().checked_sub(1) else { return };
    let at = tab_stop.get_untracked().and_then(|id| people.position(&id)).unwrap_or(0);
    let page = window::page(view.height_px.get_untracked(), view.row_px);
    let to = match event.key().as_str() {
        "ArrowDown" | "j" | "J" => at + 1,
        "ArrowUp" | "k" | "K" => at.saturating_sub(1),
        "PageDown" => at + page,
        "PageUp" => at.saturating_sub(page),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    let to = to.min(last);
    let Some(id) = people.rows.get(to).map(|entry| entry.id.clone()) else { return };
    drop(people);
    if let Some(element) = view.element.get_untracked() {
        let scroll = f64::from(element.scroll_top());
        let height = view.height_px.get_untracked();
        if let Some(top) = window::reveal(to, scroll, height, view.row_px) {
            #[expect(clippy::cast_possible_truncation, reason = "casting saturates")]
            element.set_scroll_top(top as i32);
            view.scroll_px.set(element.scroll_top().into());
        }
    }
    roving.current.set(Some(id.clone()));
    roving.grab.set(Some(id));
}
