//! The drawer on the right: the JSON of the request, and what became of requests. On a wide page both
//! stand one above the other; below 1280 px they are tabs; on a telephone the drawer is a sheet.

pub mod operations;
pub mod payload;

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    icon::Icon,
    layout::{DrawerOpen, NARROW, media, window_is},
    reactive::{RwSignal, Show},
};
use operations::OperationsRegion;
use payload::PayloadRegion;

/// The width from which both parts are seen at once.
const WIDE: &str = "(min-width: 1280px)";

/// The parts of the drawer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Payload,
    Operations,
}

impl Part {
    const ALL: [Self; 2] = [Self::Payload, Self::Operations];

    fn name(self) -> &'static str {
        match self {
            Self::Payload => "Payload",
            Self::Operations => "Operations",
        }
    }

    fn tab_id(self) -> &'static str {
        match self {
            Self::Payload => "tab-payload",
            Self::Operations => "tab-operations",
        }
    }

    fn panel_id(self) -> &'static str {
        match self {
            Self::Payload => "panel-payload",
            Self::Operations => "panel-operations",
        }
    }
}

/// The drawer.
#[component]
pub fn Drawer() -> impl IntoView {
    let open = expect_context::<DrawerOpen>().0;
    let wide = media(WIDE);
    let chosen = RwSignal::new(Part::Payload);
    let panel = move |part: Part| {
        let content = match part {
            Part::Payload => view! { <PayloadRegion/> }.into_any(),
            Part::Operations => view! { <OperationsRegion/> }.into_any(),
        };
        view! {
            <div
                class="drawer-part"
                id=part.panel_id()
                role=move || (!wide.get()).then_some("tabpanel")
                aria-labelledby=move || (!wide.get()).then_some(part.tab_id())
                hidden=move || !wide.get() && chosen.get() != part
            >
                {content}
            </div>
        }
    };
    view! {
        <aside
            id="drawer"
            class="drawer"
            aria-label="Details"
            hidden=move || !open.get()
            on:keydown=move |event| {
                if event.key() == "Escape" && window_is(NARROW) {
                    open.set(false);
                }
            }
        >
            <div class="drawer-head">
                <Show when=move || !wide.get()>
                    <Tabs chosen/>
                </Show>
                <button
                    type="button"
                    class="icon-button drawer-close"
                    aria-label="Close details"
                    on:click=move |_| open.set(false)
                >
                    <Icon name="cross"/>
                </button>
            </div>
            {panel(Part::Payload)}
            {panel(Part::Operations)}
        </aside>
    }
}

/// The tabs of a narrow page; arrows go between them.
#[component]
fn Tabs(
    /// Which part is seen.
    chosen: RwSignal<Part>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let on_keydown = move |event: ev::KeyboardEvent| {
        let part = match (event.key().as_str(), chosen.get_untracked()) {
            ("ArrowRight" | "ArrowLeft", Part::Payload) | ("End", _) => Part::Operations,
            ("ArrowRight" | "ArrowLeft", Part::Operations) | ("Home", _) => Part::Payload,
            _ => return,
        };
        event.prevent_default();
        chosen.set(part);
        let tab = document().get_element_by_id(part.tab_id());
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
            drop(tab.focus());
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label="Details" node_ref=list on:keydown=on_keydown>
            {Part::ALL
                .into_iter()
                .map(|part| {
                    let is_chosen = move || chosen.get() == part;
                    view! {
                        <button
                            type="button"
                            class="tab"
                            role="tab"
                            id=part.tab_id()
                            aria-controls=part.panel_id()
                            aria-selected=move || is_chosen().to_string()
                            tabindex=move || if is_chosen() { "0" } else { "-1" }
                            on:click=move |_| chosen.set(part)
                        >
                            {part.name()}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}
