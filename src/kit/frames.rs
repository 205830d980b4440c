//! What holds others: virtual grid, tabs, drawer.

use std::sync::Arc;

use leptos::prelude::*;

use super::{control, state};
use crate::{
    layout::{NARROW, window_is},
    reactive::RwSignal,
    ui::{
        Rows, Slot, VirtualGrid,
        drawer::{Drawer, DrawerButton, Part, Widths},
        tabs::Tabs,
    },
    view::view,
};

/// The sections.
pub fn all() -> AnyView {
    vec![
        control("virtual_grid", virtual_grid()),
        control("tabs", tabs()),
        control("drawer", drawer()),
    ]
    .into_any()
}

/// So many rows that only have a name.
struct Numbered {
    name: &'static str,
    n: usize,
    busy: bool,
}

impl Rows for Numbered {
    fn count(&self) -> usize {
        self.n
    }

    fn key(&self, at: usize) -> Option<String> {
        (at < self.n).then(|| at.to_string())
    }

    fn position(&self, key: &str) -> Option<usize> {
        key.parse::<usize>().ok().filter(|at| *at < self.n)
    }

    fn draw(&self, slot: Slot) -> AnyView {
        let name = format!("{}, row {}", self.name, slot.key());
        view! {
            <div
                node_ref=slot.element
                aria-label=name.clone()
                class="kit-row"
                style:--at=move || slot.at.get().to_string()
                {..slot.attributes()}
            >
                <div role="gridcell">{name.clone()}</div>
            </div>
        }
        .into_any()
    }

    fn is_busy(&self) -> bool {
        self.busy
    }
}

fn virtual_grid() -> Vec<AnyView> {
    let one = |name: &'static str, label: &'static str, n: usize, busy: bool| {
        let rows: Arc<dyn Rows> = Arc::new(Numbered { name: label, n, busy });
        let row_px = if window_is("(pointer: coarse)") { 44.0 } else { 32.0 };
        let view = view! {
            <div class="kit-frame">
                <VirtualGrid label rows row_px/>
            </div>
        };
        state(name, view.into_any())
    };
    vec![
        one("ten thousand rows", "Many", 10_000, false),
        one("three rows", "Few", 3, false),
        one("no rows", "None", 0, false),
        one("not known yet", "Unknown", 0, true),
    ]
}

fn tabs() -> Vec<AnyView> {
    let chosen = RwSignal::new(1);
    let names = vec!["One", "Two", "Three"];
    let part = move || {
        let name = ["one", "two", "three"].get(chosen.get()).copied().unwrap_or_default();
        view! { <div id=format!("panel-{name}") role="tabpanel">{name}</div> }
    };
    let view = view! {
        <div class="kit-bar">
            <Tabs label="Parts" names chosen/>
            {part}
        </div>
    };
    vec![state("the second is seen", view.into_any())]
}

fn drawer() -> Vec<AnyView> {
    let open = RwSignal::new(!window_is(NARROW));
    let parts = vec![
        Part { name: "First", draw: || view! { <p>"The first part."</p> }.into_any() },
        Part { name: "Second", draw: || view! { <p>"The second part."</p> }.into_any() },
    ];
    let widths = Widths { wide: "(min-width: 1280px)", narrow: NARROW };
    let view = view! {
        <DrawerButton label="Details" tip="Two parts" open/>
        <div class="kit-frame">
            <Drawer label="Details" parts open widths/>
        </div>
    };
    vec![state("as wide as the window makes it", view.into_any())]
}
