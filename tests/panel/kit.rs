//! The page of all controls: each control is there in each of its states, and no two of one kind have one
//! name.

use std::collections::BTreeSet;

use foldback_panel::kit::Kit;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

use crate::page::Page;

/// Each control, its states, and what every state shows at least once.
const CONTROLS: [(&str, &str, &[&str]); 18] = [
    (
        "button",
        "button.button",
        &["plain", "primary", "icon", "plain, hindered", "primary, hindered"],
    ),
    ("toggle", "[aria-pressed]", &["up", "down", "a symbol"]),
    ("switch", "[role='switch']", &["off", "on"]),
    ("filter_button", "[aria-pressed]", &["off", "on", "nobody"]),
    (
        "mute_button",
        "button.mute-button",
        &[
            "live",
            "muted by themselves",
            "muted from here",
            "pending",
            "failed",
            "cannot be muted",
            "the app, live",
            "the app, muted",
        ],
    ),
    ("locked", ".locked button", &["open", "shut"]),
    ("combobox", "[role='combobox']", &["closed", "open"]),
    ("search_box", "[type='search']", &["empty", "typed"]),
    ("number_box", "[role='spinbutton']", &["a number", "being typed", "a mistake"]),
    ("fader", "[role='slider']", &["neutral", "pending", "held", "silent", "muted"]),
    ("handle", "[role='slider']", &["upright", "sideways"]),
    (
        "virtual_grid",
        "[role='grid']",
        &["ten thousand rows", "three rows", "no rows", "not known yet"],
    ),
    ("tabs", "[role='tablist']", &["the second is seen"]),
    ("drawer", "aside", &["as wide as the window makes it"]),
    (
        "tooltip",
        "[aria-description], [data-tip], [data-tip-cut]",
        &["of a control", "of a text", "of what is cut off"],
    ),
    ("toast", "button", &["a note", "a failure"]),
    ("status_line", "p", &["what it says, for eyes"]),
    ("hold_bar", "[role='group']", &["held", "running", "over", "over, some failed"]),
];

#[wasm_bindgen_test]
async fn every_control_is_there_in_every_state() {
    let page = Page::mount(|| view! { <Kit/> }).await;
    for (control, shows, states) in CONTROLS {
        let here = format!("[data-control='{control}'] > [data-state-shown]");
        assert_eq!(page.count(&here), u32::try_from(states.len()).unwrap(), "{control}");
        for state in states {
            let shown = page.count(&format!(
                "[data-control='{control}'] > [data-state-shown='{state}'] :is({shows})"
            ));
            assert!(shown > 0, "{control}: {state}");
        }
    }
    for part in [
        ".toast[data-tone='note']",
        ".toast[data-tone='failure']",
        "[role='tooltip']",
        "[role='status']",
    ] {
        assert_eq!(page.count(part), 1, "{part}");
    }
}

#[wasm_bindgen_test]
async fn the_states_are_what_they_are_called() {
    let page = Page::mount(|| view! { <Kit/> }).await;
    page.until(|| page.count("[role='option']") == 3).await;
    for (state, selector) in [
        ("pending", ".fader[data-pending] [role='slider']"),
        ("held", ".fader[data-held] [role='slider']"),
        ("muted", "[role='slider'][aria-valuetext$='muted']"),
        ("a mistake", "[aria-invalid='true']"),
        ("muted from here", "[aria-disabled='true'][aria-pressed='true']"),
        ("primary, hindered", "[data-look='primary'][aria-disabled='true']"),
        ("down", "[aria-pressed='true']"),
        ("not known yet", "[aria-busy='true']"),
        ("over, some failed", "[data-phase='over'][data-failed]"),
    ] {
        assert_eq!(page.count(&format!("[data-state-shown='{state}'] {selector}")), 1, "{state}");
    }
}

/// Role and name of a control, as the panel gives them.
fn called(control: &Element) -> String {
    let role = control.get_attribute("role").unwrap_or_else(|| control.tag_name());
    // A label around a control names it.
    let around = || control.closest("label").unwrap().and_then(|label| label.text_content());
    let name = control.get_attribute("aria-label").or_else(around);
    let name = name.or_else(|| control.text_content());
    format!("{role} {}", name.unwrap_or_default())
}

#[wasm_bindgen_test]
async fn no_two_controls_have_one_name() {
    let page = Page::mount(|| view! { <Kit/> }).await;
    let all = "button, input, [role='slider'], [role='grid'], [role='group'], [role='progressbar']";
    let found = page.all(all);
    let mut names = BTreeSet::new();
    // A bar's own buttons are told apart by the bar that they are in.
    for control in found.iter().filter(|it| it.closest(".hold-bar button").unwrap().is_none()) {
        let name = called(control);
        assert!(name.trim_end() != control.tag_name(), "{} has no name", control.tag_name());
        assert!(names.insert(name.clone()), "{name} is there twice");
    }
    assert!(names.len() > 40, "{}", names.len());
}
