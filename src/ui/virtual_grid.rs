//! A grid of very many rows of one height: only those that are seen stand in the page, and one of them
//! is in the tab order. Up, Down, Home, End and the page keys go between rows, Left and Right into a
//! row and back. A row that has the focus stays in the page wherever it is scrolled to.
//!
//! It knows rows by their keys; whoever owns them says how many there are and draws each one.

pub mod slot;
pub mod window;

use std::sync::Arc;

use leptos::{ev::KeyboardEvent, html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::Event;

pub use slot::Slot;

use super::{attr, on};
use crate::reactive::{For, Local, Memo, NodeRef, RwSignal, Signal, effect};

use crate::view::{Attribute, view};

/// The rows there are. What these read is followed.
pub trait Rows: Send + Sync {
    /// How many.
    fn count(&self) -> usize;

    /// What tells the row at a place from all others.
    fn key(&self, at: usize) -> Option<String>;

    /// The place of a key.
    fn position(&self, key: &str) -> Option<usize>;

    /// Draws a row: an element with the slot's attributes.
    fn draw(&self, slot: Slot) -> AnyView;

    /// It is not known yet what rows there are.
    fn is_busy(&self) -> bool {
        false
    }

    /// Reads what the rows answer: when it changes, the list begins at its top again.
    fn question(&self) {}
}

/// What the grid knows of itself. A handle: copying it copies no state.
#[derive(Clone, Copy)]
struct View {
    rows: Signal<Arc<dyn Rows>>,
    element: NodeRef<html::Div>,
    scroll_px: RwSignal<f64>,
    height_px: RwSignal<f64>,
    row_px: f64,
    /// The row that had the focus last.
    current: RwSignal<Option<String>>,
    /// The row that takes the focus as soon as it stands in the page.
    grab: RwSignal<Option<String>>,
    /// The row in the tab order.
    tab_stop: Memo<Option<String>>,
    /// The rows in the page: where each stands, and its key.
    drawn: Memo<Vec<(usize, String)>>,
}

/// A grid.
#[component]
pub fn VirtualGrid(
    /// Its accessible name.
    label: &'static str,
    /// Its rows.
    rows: Arc<dyn Rows>,
    /// The height of a row in pixels; the style sheet's `--row-h` says the same.
    row_px: f64,
    /// Further attributes of the grid.
    #[prop(optional)]
    more: Vec<Attribute>,
) -> impl IntoView {
    let view = View::new(Signal::derive(move || Arc::clone(&rows)), row_px);
    watch_height(view);
    effect(move || {
        view.rows.get().question();
        if let Some(element) = view.element.get() {
            element.set_scroll_top(0);
        }
    });
    let scrolled = move |_: Event| {
        if let Some(element) = view.element.get_untracked() {
            view.scroll_px.set(element.scroll_top().into());
        }
    };
    let count = move || view.rows.get().count();
    view! {
        <div
            node_ref=view.element
            aria-label=label
            class="virtual-grid"
            role="grid"
            {..attr("aria-rowcount", move || Some(count().to_string()))}
            {..attr("aria-busy", move || Some(view.rows.get().is_busy().to_string()))}
            {..attr("tabindex", move || (count() == 0).then(|| "0".to_owned()))}
            {..on("scroll", scrolled)}
            {..on("keydown", move |event: KeyboardEvent| view.key(&event))}
            {..more}
        >
            <div
                class="virtual-grid-rows"
                role="rowgroup"
                style:--rows=move || count().to_string()
            >
                <For
                    each=move || view.drawn.get()
                    key=|(_, key): &(usize, String)| key.clone()
                    let:item
                >
                    {view.rows.get_untracked().draw(Slot::new(view, item.1))}
                </For>
            </div>
        </div>
    }
}

impl View {
    fn new(rows: Signal<Arc<dyn Rows>>, row_px: f64) -> Self {
        let scroll_px = RwSignal::new(0.0);
        let height_px = RwSignal::new(window_height());
        let current = RwSignal::new(None::<String>);
        let place = move || current.get().and_then(|key| rows.get().position(&key));
        let drawn = Memo::new(move |before: Option<&Vec<(usize, String)>>| {
            let rows = rows.get();
            let range = window::rows(scroll_px.get(), height_px.get(), row_px, rows.count());
            let row = |at: usize| Some((at, rows.key(at)?));
            let mut drawn: Vec<_> = range.clone().filter_map(row).collect();
            // The row that had the focus stays in the page, and among its neighbors there: an element
            // that is moved loses the focus.
            if let Some(kept) = place().filter(|at| !range.contains(at)).and_then(row) {
                let at = before.and_then(|all| all.iter().position(|(_, key)| *key == kept.1));
                drawn.insert(at.unwrap_or(drawn.len()).min(drawn.len()), kept);
            }
            drawn
        });
        // Some row must be in the tab order, and one that is still listed.
        let tab_stop = Memo::new(move |_| {
            current.get().filter(|_| place().is_some()).or_else(|| rows.get().key(0))
        });
        let grab = RwSignal::new(None);
        let element = NodeRef::new();
        Self { rows, element, scroll_px, height_px, row_px, current, grab, tab_stop, drawn }
    }

    fn key(&self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let rows = self.rows.get_untracked();
        let Some(last) = untrack(|| rows.count()).checked_sub(1) else { return };
        let stop = self.tab_stop.get_untracked();
        let at = untrack(|| stop.and_then(|key| rows.position(&key))).unwrap_or(0);
        let page = window::page(self.height_px.get_untracked(), self.row_px);
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
        let Some(key) = untrack(|| rows.key(to)) else { return };
        self.reveal(to);
        self.current.set(Some(key.clone()));
        self.grab.set(Some(key));
    }

    fn reveal(&self, row: usize) {
        let Some(element) = self.element.get_untracked() else { return };
        let scroll = f64::from(element.scroll_top());
        let height = self.height_px.get_untracked();
        if let Some(top) = window::reveal(row, scroll, height, self.row_px) {
            #[expect(clippy::cast_possible_truncation, reason = "casting saturates")]
            element.set_scroll_top(top as i32);
            self.scroll_px.set(element.scroll_top().into());
        }
    }
}

fn window_height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0)
}

/// Follows the height of the grid: it changes with the window and with the bars around it.
fn watch_height(view: View) {
    let observer = Local::new(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    effect(move || {
        let Some(element) = view.element.get() else { return };
        let measured = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            view.height_px.try_set(measured.client_height().into());
        });
        if let Ok(made) = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()) {
            made.observe(&element);
            observer.set(Some((made, closure)));
        }
    });
    on_cleanup(move || {
        if let Some((observer, _)) = observer.with(Option::take).flatten() {
            observer.disconnect();
        }
    });
}
