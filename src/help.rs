//! Every key there is, on one sheet: `?` opens and closes it, Escape closes it. It covers no work: the
//! call goes on beside it.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement};

use crate::{
    icon::Icon,
    lazy::{Lazy, Piece, Pieces},
    reactive::{NodeRef, RwSignal, Show, effect},
    ui::{Button, Look, attr, fixed, on, truth},
    view::view,
};

/// Keys, and what they do. Keys of one action are apart by a space, keys pressed together by a plus.
type Keys = (&'static str, &'static str);

/// The sheet, place by place.
const SHEET: [(&str, &[Keys]); 4] = [
    (
        "Everywhere",
        &[
            ("?", "this list"),
            ("Ctrl+K", "any room, person or command by name"),
            ("Tab Shift+Tab", "to the next control, and back"),
            ("Esc", "close, or take back a drag"),
        ],
    ),
    (
        "Roster",
        &[
            ("/", "search"),
            ("↑ ↓ K J", "from person to person"),
            ("PgUp PgDn", "a page on"),
            ("M", "mute"),
            ("X", "choose for muting together; Esc: nobody"),
            ("H", "hush: while held, only this person can be heard"),
            ("→ ←", "to the row’s buttons, and back"),
        ],
    ),
    (
        "Desk and ducking",
        &[
            ("↑ ↓", "by 1 % or 10 ms"),
            ("PgUp PgDn", "by 10 % or 100 ms"),
            ("Home End", "to the lowest, to the highest"),
            ("Enter 0…9 −", "type a level: 50, 50%, -6dB"),
            ("Ctrl+Z", "undo"),
            ("Ctrl+Shift+Z", "redo"),
            ("Ctrl+Enter", "take what waits, in blind mode"),
        ],
    ),
    (
        "With the pointer on a fader",
        &[
            ("Shift", "ten times finer; so does a second finger"),
            ("Double-click", "back to 100 %"),
            ("Wheel", "by 1 %, while the fader has the focus"),
        ],
    ),
];

/// Whether the sheet is open. Provided by the app.
#[derive(Debug, Clone, Copy)]
pub struct HelpOpen(pub RwSignal<bool>);

/// The button that opens the sheet.
#[component]
pub fn HelpButton() -> impl IntoView {
    let open = expect_context::<HelpOpen>().0;
    view! {
        <button
            type="button"
            class="button"
            data-look="icon"
            {..fixed("aria-label", "Keys".to_owned())}
            {..fixed("aria-description", "Every key there is: ?".to_owned())}
            {..fixed("aria-keyshortcuts", "?".to_owned())}
            {..fixed("aria-controls", "help".to_owned())}
            {..attr("aria-expanded", move || Some(truth(open.get()).to_owned()))}
            {..on("click", move |_: Event| open.update(|open| *open = !*open))}
        >
            <Icon name="question"/>
        </button>
    }
}

/// Opens the sheet by its key, and shows it.
#[component]
pub fn Help(
    /// Where the sheet comes from.
    pieces: Pieces,
) -> impl IntoView {
    let open = expect_context::<HelpOpen>().0;
    let key = window_event_listener(ev::keydown, move |event| {
        let is_asked = event.key() == "?" && !event.ctrl_key() && !event.meta_key();
        if is_asked && !is_typing(&event) {
            event.prevent_default();
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || key.remove());
    view! {
        <Show when=move || open.get()>
            <Lazy piece=Piece::Keys pieces/>
        </Show>
    }
}

/// The sheet while it is open.
#[component]
pub fn Sheet() -> impl IntoView {
    let open = expect_context::<HelpOpen>().0;
    let sheet = NodeRef::<html::Div>::new();
    // Whoever closes it goes on where they were.
    let before = StoredValue::new_local(focused());
    effect(move || {
        if let Some(sheet) = sheet.get() {
            drop(sheet.focus());
        }
    });
    on_cleanup(move || {
        let before = before.try_update_value(Option::take).flatten();
        if let Some(before) = before.filter(|it| it.is_connected()) {
            drop(before.focus());
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            open.set(false);
        }
    };
    view! {
        <div
            class="help"
            id="help"
            node_ref=sheet
            role="region"
            tabindex="-1"
            {..fixed("aria-label", "Keys".to_owned())}
            {..on("keydown", on_key)}
        >
            <header class="help-head">
                <h2>"Keys"</h2>
                <Button look=Look::Icon label="Close keys" on_press=move |()| open.set(false)>
                    <Icon name="cross"/>
                </Button>
            </header>
            {SHEET.map(place).collect_view()}
        </div>
    }
}

/// The keys of one place.
fn place((name, keys): (&'static str, &'static [Keys])) -> AnyView {
    view! {
        <h3>{name}</h3>
        <dl class="help-keys">
            {keys
                .iter()
                .map(|(keys, what)| {
                    view! {
                        <dt>
                            {keys
                                .split(' ')
                                .map(|key| view! { <kbd>{key.replace('+', " + ")}</kbd> " " })
                                .collect_view()}
                        </dt>
                        <dd>{*what}</dd>
                    }
                })
                .collect_view()}
        </dl>
    }
    .into_any()
}

/// A key typed into a field is text.
pub fn is_typing(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|it| matches!(it.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}
