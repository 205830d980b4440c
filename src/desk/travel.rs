//! How levels spread over the faders: a taste of this operator, kept by this browser. No level
//! changes with it.

use leptos::prelude::*;

use crate::{
    keep,
    reactive::{Memo, RwSignal},
    ui::{Switch, Taper},
    view::view,
};

/// The name under which it is kept.
const KEPT: &str = "travel";

/// The travel as it was left.
pub fn kept() -> RwSignal<Taper> {
    let is_log = keep::read(KEPT).is_some_and(|word| word == Taper::Log.word());
    RwSignal::new(if is_log { Taper::Log } else { Taper::Linear })
}

/// The switch "Log travel".
#[component]
pub fn Travel(
    /// The travel of all faders.
    taper: RwSignal<Taper>,
) -> impl IntoView {
    let toggle = Callback::new(move |on: bool| {
        let next = if on { Taper::Log } else { Taper::Linear };
        taper.set(next);
        keep::write(KEPT, on.then_some(next.word()));
    });
    view! {
        <div class="desk-travel" data-tip="Faders move in decibels; no level changes by it">
            <Switch
                label="Log travel"
                is_on=Memo::new(move |_| taper.get() == Taper::Log)
                on_toggle=toggle
            />
        </div>
    }
}
