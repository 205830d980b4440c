//! Icons: one sheet of symbols, drawn once, and a way to use them.
//!
//! They are 16 × 16, stroked in the text's color. An icon never stands alone for a state: a word or an
//! accessible name is beside it.

use leptos::prelude::*;

use crate::{reactive::Signal, view::view};

/// One symbol of the sheet, by name.
#[component]
pub fn Icon(
    /// The symbol's name without its prefix, such as `mic`.
    #[prop(into)]
    name: Signal<&'static str>,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false" viewBox="0 0 16 16">
            <use_ href=move || format!("#i-{}", name.get())></use_>
        </svg>
    }
}

/// Name and path of every symbol. Strokes of 1.4, round ends.
const SYMBOLS: [(&str, &str); 37] = [
    ("brand", "M3.5 2v12M8 2v12M12.5 2v12M2 10h3M6.5 5h3M11 8h3"),
    (
        "roster",
        "M5.5 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4M2 13c0-2.2 1.4-3.5 3.5-3.5S9 10.800 9 13M10.500 7a1.800 1.800 0 1 0 0-3.500M11 9.600c1.900.1 3 1.300 3 3.400",
    ),
    ("desk", "M4 2v12M8 2v12M12 2v12M2.500 10h3M6.500 5h3M10.500 8h3"),
    ("ducking", "M1.500 4H4l2.500 7h3L12 4h2.500"),
    ("log", "M3 2.500h10v11H3zM5.500 5.500h5M5.500 8h5M5.500 10.500h3"),
    (
        "scenes",
        "M2.500 2.500h4.500V7H2.500zM9 2.500h4.500V7H9zM2.500 9H7v4.500H2.500zM9 9h4.500v4.500H9z",
    ),
    (
        "mic",
        "M8 10a2 2 0 0 0 2-2V4a2 2 0 1 0-4 0v4a2 2 0 0 0 2 2M3.800 8a4.200 4.200 0 0 0 8.400 0M8 12.200V14",
    ),
    (
        "mic-off",
        "M10 6.500V4a2 2 0 0 0-3.900-.6M6 6.500V8a2 2 0 0 0 3.100 1.700M3.800 8a4.200 4.200 0 0 0 6.600 3.500M12.200 8a4 4 0 0 1-.4 1.700M8 12.200V14M2.500 2.500l11 11",
    ),
    ("lock", "M4 7.500h8v6H4zM5.700 7.500V5.300a2.300 2.300 0 0 1 4.600 0v2.200"),
    ("ring", "M8 2.500a5.500 5.500 0 1 1-5.500 5.500"),
    ("triangle", "M8 2.500 14.300 13.500H1.700zM8 6.500v3.200M8 11.600v.1"),
    ("door", "M4 14V2.500h8V14M2 14h12M9.700 8.200v.1"),
    ("left", "M6.500 3H3v10h3.500M6.500 8H14M11 5l3 3-3 3"),
    ("check", "m3 8.500 3.300 3.300L13 4.500"),
    ("cross", "m4 4 8 8M12 4l-8 8"),
    ("dash", "M3.500 8h9"),
    ("plus", "M8 3v10M3 8h10"),
    ("box", "M3 3h10v10H3z"),
    ("hush", "M3 6v4h2.500L9 13V3L5.500 6zM12 6l3 4M15 6l-3 4"),
    ("question", "M6 6.200A2 2 0 1 1 8.600 8.100c-.5.2-.6.5-.6 1.200M8 11.700v.1"),
    ("info", "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.500V11M8 5v.1"),
    (
        "person",
        "M8 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M3.500 13.500c0-2.600 1.800-4 4.500-4s4.500 1.400 4.500 4",
    ),
    (
        "guest",
        "M8 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M3.500 13.500c0-2.600 1.800-4 4.500-4M12 9.500v4M10 11.500h4",
    ),
    (
        "phone",
        "M5.800 2.500 3 3.300c0 5.500 4.200 9.700 9.700 9.700l.8-2.800-3-1.400-1.300 1.400C7.500 9.400 6.600 8.500 5.800 6.800l1.400-1.300z",
    ),
    ("app", "M3 4.500h10v8H3zM8 4.500V2M6 8v1.200M10 8v1.200M1.500 7.500v2M14.500 7.500v2"),
    ("search", "M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9M10.300 10.300 14 14"),
    ("sort", "M3 4h10M3 8h7M3 12h4"),
    (
        "live",
        "M8 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M8 2.200a5.800 5.800 0 1 1 0 11.600A5.800 5.800 0 0 1 8 2.200",
    ),
    ("offline", "M2 8a6 6 0 0 1 9-5.200M14 8a6 6 0 0 1-9 5.200M2.500 2.500l11 11"),
    ("panel", "M2 3h12v10H2zM10 3v10"),
    ("copy", "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3"),
    ("retry", "M13 8a5 5 0 1 1-1.500-3.600M13 2.500v3h-3"),
    (
        "me",
        "M8 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M3.500 13.500c0-2.600 1.800-4 4.500-4 1 0 1.900.2 2.600.6M10 12.500l1.500 1.500 3-3",
    ),
    ("down", "m4 6 4 4 4-4"),
    ("undo", "M6 3.500 2.500 7 6 10.500M2.500 7h7a4 3 0 0 1 0 6H8"),
    ("redo", "M10 3.500 13.500 7 10 10.500M13.500 7h-7a4 3 0 0 0 0 6H8"),
    ("key", "M5.500 10.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6M8.500 7.500H14v2.500M11.500 7.500v2"),
];

/// The sheet; stands once in the page and takes no place.
#[component]
pub fn IconSheet() -> impl IntoView {
    view! {
        <svg class="icon-sheet" aria-hidden="true" focusable="false" width="0" height="0">
            <defs>
                {SYMBOLS
                    .into_iter()
                    .map(|(name, path)| {
                        view! {
                            <symbol id=format!("i-{name}") viewBox="0 0 16 16">
                                <path d=path></path>
                            </symbol>
                        }
                    })
                    .collect_view()}
            </defs>
        </svg>
    }
}
