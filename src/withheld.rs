//! What is about to be done for everybody, and can be taken back for a moment: then it is done. It
//! belongs to the page and not to a room: who goes elsewhere meanwhile still sees it, and can take it
//! back.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    reactive::{For, Memo, RwSignal},
    session::Session,
    ui::{Hold, HoldBar},
    view::view,
};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    /// Tells it from others that read the same.
    number: u32,
    /// What kind of thing it is: its bar's accessible name.
    label: &'static str,
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

/// What is withheld, each for itself. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct Withheld {
    session: Session,
    held: RwSignal<Vec<Held>>,
    last: RwSignal<u32>,
}

impl Withheld {
    /// Nothing is.
    pub fn new(session: Session) -> Self {
        Self { session, held: RwSignal::default(), last: RwSignal::default() }
    }

    /// Does something after some seconds unless it is taken back.
    pub fn hold(
        self,
        label: &'static str,
        what: String,
        seconds: usize,
        act: impl FnOnce() + 'static,
    ) {
        let number = self.last.get_untracked().wrapping_add(1);
        self.last.set(number);
        let held = Held { number, label, what, seconds, seconds_left: seconds };
        self.session.say(held.words());
        self.held.update(|all| all.push(held));
        self.wait(number, Box::new(act));
    }

    fn wait(self, number: u32, act: Box<dyn FnOnce()>) {
        let tick = move || {
            let Some(all) = self.held.try_get_untracked() else { return };
            let Some(held) = all.into_iter().find(|held| held.number == number) else { return };
            if held.seconds_left > 1 {
                self.held.update(|all| {
                    for held in all.iter_mut().filter(|held| held.number == number) {
                        held.seconds_left -= 1;
                    }
                });
                self.wait(number, act);
            } else {
                self.forget(number);
                act();
            }
        };
        set_timeout(tick, Duration::from_secs(1));
    }

    fn take_back(self, held: &Held) {
        self.forget(held.number);
        self.session.say(format!("Taken back: {}", held.what));
    }

    fn forget(self, number: u32) {
        self.held.update(|all| all.retain(|held| held.number != number));
    }
}

/// The page's.
///
/// # Panics
/// Outside of [`crate::app::App`], which provides it.
#[expect(clippy::expect_used, reason = "a component outside the app is a programming error")]
pub fn use_withheld() -> Withheld {
    use_context::<Withheld>().expect("components live inside App, which provides it")
}

/// The bars; they take no place while nothing is withheld.
#[component]
pub fn WithheldBars() -> impl IntoView {
    let withheld = use_withheld();
    view! {
        <For each=move || withheld.held.get() key=|held| held.number.to_string() let:held>
            <Bar held withheld/>
        </For>
    }
}

#[component]
fn Bar(
    /// What it was when it began.
    held: Held,
    /// Where it stands now.
    withheld: Withheld,
) -> impl IntoView {
    let (number, label) = (held.number, held.label);
    let hold = Memo::new(move |_| {
        withheld.held.with(|all| {
            let held = all.iter().find(|held| held.number == number);
            held.map_or_else(Hold::default, |held| Hold {
                words: held.words(),
                done: held.seconds - held.seconds_left,
                total: held.seconds,
                ..Hold::default()
            })
        })
    });
    let take_back = move |()| withheld.take_back(&held);
    view! { <HoldBar label hold on_cancel=take_back on_retry=|()| {} on_dismiss=|()| {}/> }
}
