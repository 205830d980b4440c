//! What of the layout scripts have to know: media queries, and whether the drawer can be seen.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

use crate::reactive::{Local, RwSignal, effect};

/// Where the drawer is a sheet.
pub const NARROW: &str = "(max-width: 860px)";

/// Whether the drawer can be seen; part of the layout, not of the call.
#[derive(Debug, Clone, Copy)]
pub struct DrawerOpen(pub RwSignal<bool>);

/// Whether a media query holds now, once.
pub fn window_is(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Whether a media query holds, as it changes.
pub fn media(query: &str) -> ReadSignal<bool> {
    let (holds, set_holds) = signal(window_is(query));
    let Some(list) = window().match_media(query).ok().flatten() else { return holds };
    let watched = list.clone();
    let closure = Closure::<dyn FnMut()>::new(move || {
        set_holds.try_set(watched.matches());
    });
    list.set_onchange(Some(closure.as_ref().unchecked_ref()));
    // The list must live as long as somebody wants to hear of changes.
    let kept = Local::new(Some((list, closure)));
    on_cleanup(move || {
        if let Some((list, _)) = kept.with(Option::take).flatten() {
            list.set_onchange(None);
        }
    });
    holds
}

/// A sheet that nobody opened must not cover a page that became narrow; a page that becomes wide
/// again shows what it showed before.
pub fn close_when_narrow(open: RwSignal<bool>) {
    let narrow = media(NARROW);
    let mut when_wide = true;
    let mut was_narrow = narrow.get_untracked();
    effect(move || {
        let is_narrow = narrow.get();
        if is_narrow != was_narrow {
            if is_narrow {
                when_wide = open.get_untracked();
            }
            open.set(!is_narrow && when_wide);
            was_narrow = is_narrow;
        }
    });
}
