//! What is about to be done for everybody, and can be taken back for a moment: then it is done.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    reactive::{Memo, RwSignal, Show},
    session::{Session, use_session},
    ui::{Hold, HoldBar},
    view::view,
};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    /// What it is, as a sentence begins: "Deleting Opening for everybody".
    what: String,
    seconds: usize,
    seconds_left: usize,
}

impl Held {
    fn words(&self) -> String {
        format!("{} in {} s", self.what, self.seconds_left)
    }
}

/// What is withheld, one thing at a time. A handle: copying it copies no state. With its owner it goes,
/// and nothing is done.
#[derive(Debug, Clone, Copy)]
pub struct Withheld {
    session: Session,
    held: RwSignal<Option<Held>>,
}

impl Withheld {
    /// Nothing is.
    pub fn new() -> Self {
        Self { session: use_session(), held: RwSignal::new(None) }
    }

    /// Does something after some seconds unless it is taken back. What is withheld already is taken back
    /// by it.
    pub fn hold(self, what: String, seconds: usize, act: impl FnOnce() + 'static) {
        let held = Held { what, seconds, seconds_left: seconds };
        self.session.say(held.words());
        self.held.set(Some(held.clone()));
        self.wait(held, Box::new(act));
    }

    fn wait(self, held: Held, act: Box<dyn FnOnce()>) {
        let tick = move || {
            if self.held.try_get_untracked().flatten().as_ref() != Some(&held) {
                return;
            }
            if held.seconds_left > 1 {
                let next = Held { seconds_left: held.seconds_left - 1, ..held };
                self.held.set(Some(next.clone()));
                self.wait(next, act);
            } else {
                self.held.set(None);
                act();
            }
        };
        set_timeout(tick, Duration::from_secs(1));
    }
}

impl Default for Withheld {
    fn default() -> Self {
        Self::new()
    }
}

/// The bar; takes no place while nothing is withheld.
#[component]
pub fn WithheldBar(
    /// What it is about: its accessible name.
    label: &'static str,
    /// What it shows.
    withheld: Withheld,
) -> impl IntoView {
    let waiting = withheld.held;
    let hold = Memo::new(move |_| {
        waiting.get().map_or_else(Hold::default, |held| Hold {
            words: held.words(),
            done: held.seconds - held.seconds_left,
            total: held.seconds,
            ..Hold::default()
        })
    });
    view! {
        <Show when=move || waiting.with(Option::is_some)>
            <HoldBar
                label
                hold
                on_cancel=move |()| waiting.set(None)
                on_retry=|()| {}
                on_dismiss=|()| {}
            />
        </Show>
    }
}
