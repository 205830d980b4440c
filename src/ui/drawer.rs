//! A drawer of several parts: on a wide page they stand one above the other, on a narrower one they are
//! tabs, on a narrow one the drawer is a sheet over the page: it takes the focus when it comes, goes
//! with Escape and gives the focus back.

use leptos::{ev::KeyboardEvent, prelude::*};
use web_sys::Event;

use super::{
    Button, Look, attr,
    case::lower,
    fixed,
    focus::{WayBack, has_focus},
    on,
    tabs::{Tabs, focus_tab, panel_id, tab_id},
    truth,
};
use crate::{
    icon::Icon,
    layout::{media, window_is},
    reactive::{RwSignal, Show, effect},
    view::view,
};

const ID: &str = "drawer";

/// One part.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its name, one word and unique in the page.
    pub name: &'static str,
    /// Draws it.
    pub draw: fn() -> AnyView,
}

/// From which widths on a drawer looks how, as media queries.
#[derive(Debug, Clone, Copy)]
pub struct Widths {
    /// All parts are seen at once.
    pub wide: &'static str,
    /// It is a sheet.
    pub narrow: &'static str,
}

/// The drawer; stands once in the page.
#[component]
pub fn Drawer(
    /// Its accessible name.
    label: &'static str,
    /// What is in it.
    parts: Vec<Part>,
    /// It can be seen.
    open: RwSignal<bool>,
    /// From which widths on it looks how.
    widths: Widths,
) -> impl IntoView {
    let wide = media(widths.wide);
    let chosen = RwSignal::new(0);
    let names: Vec<_> = parts.iter().map(|part| part.name).collect();
    let way_back = WayBack::new();
    let first_names = names.clone();
    let mut was_open = open.get_untracked();
    effect(move || {
        let is_open = open.get();
        let comes = is_open && !was_open;
        was_open = is_open;
        if comes && window_is(widths.narrow) {
            way_back.remember();
            let name = first_names.get(chosen.get_untracked()).copied().unwrap_or_default();
            // By then the sheet can be seen.
            request_animation_frame(move || focus_tab(name));
        }
    });
    let close = move || {
        if document().get_element_by_id(ID).is_some_and(|drawer| has_focus(&drawer)) {
            way_back.give_back();
        }
        open.set(false);
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && window_is(widths.narrow) {
            close();
        }
    };
    let panel = move |(at, part): (usize, Part)| {
        let if_tab = move |value: String| move || (!wide.get()).then(|| value.clone());
        view! {
            <div
                class="drawer-part"
                {..fixed("id", panel_id(part.name))}
                {..attr("role", if_tab("tabpanel".to_owned()))}
                {..attr("aria-labelledby", if_tab(tab_id(part.name)))}
                {..attr("hidden", move || {
                    (!wide.get() && chosen.get() != at).then(String::new)
                })}
            >
                {(part.draw)()}
            </div>
        }
    };
    view! {
        <aside
            id=ID
            aria-label=label
            class="drawer"
            {..attr("hidden", move || (!open.get()).then(String::new))}
            {..on("keydown", on_key)}
        >
            <div class="drawer-head">
                <Show when=move || !wide.get()>
                    <Tabs label names=names.clone() chosen/>
                </Show>
                <Button
                    look=Look::Icon
                    label=format!("Close {}", lower(label))
                    on_press=move |()| close()
                >
                    <Icon name="cross"/>
                </Button>
            </div>
            {parts.into_iter().enumerate().map(panel).collect_view()}
        </aside>
    }
}

/// Opens and closes the drawer.
#[component]
pub fn DrawerButton(
    /// Its accessible name: the drawer's.
    label: &'static str,
    /// What is in the drawer.
    tip: &'static str,
    /// It can be seen.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button
            aria-label=label
            aria-controls=ID
            type="button"
            class="button"
            data-look="icon"
            {..fixed("aria-description", tip.to_owned())}
            {..attr("aria-expanded", move || Some(truth(open.get()).to_owned()))}
            {..on("click", move |_: Event| open.update(|open| *open = !*open))}
        >
            <Icon name="panel"/>
        </button>
    }
}
