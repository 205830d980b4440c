//! The roster room: who is here, whose microphone is open, and muting them.

pub mod actions;
pub mod bulk_bar;
pub mod chosen;
pub mod collate;
pub mod filter;
pub mod grid;
pub mod hush;
pub mod list;
pub mod names;
pub mod row;
pub mod search;
pub mod shown;
pub mod tools;

use leptos::prelude::*;

use crate::{
    reactive::{Local, Memo, RwSignal},
    session::{now_ms, use_session},
    view::view,
};
use bulk_bar::BulkBar;
use chosen::{Chosen, ChosenBar};
use collate::{Collator, decompose};
use filter::Filter;
use grid::Grid;
use hush::HushKey;
use list::{List, Order, Query};
use search::Search;
use tools::Tools;

/// Milliseconds without a hand on the list after which it may settle by itself.
const REST_MS: u32 = 10_000;

/// What the parts of the room share. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
pub struct RosterView {
    /// The search box, as typed.
    pub typed: RwSignal<String>,
    /// The pressed filter button.
    pub filter: RwSignal<Option<Filter>>,
    /// Grows whenever the list may settle.
    pub settled: RwSignal<u32>,
    /// The rows of the grid.
    pub list: Memo<List>,
    /// Who is chosen for what the bar below offers.
    pub chosen: Chosen,
    /// The key that silences all but few for a moment.
    pub hush: HushKey,
    hand: Hand,
}

/// Whether somebody's pointer or focus is on the grid.
#[derive(Debug, Clone, Copy)]
struct Hand {
    pointer: RwSignal<bool>,
    focus: RwSignal<bool>,
    /// When both went, in UTC milliseconds.
    gone_at: RwSignal<u64>,
}

impl Hand {
    fn is_on(self) -> bool {
        let is = |hand: RwSignal<bool>| hand.try_get_untracked().unwrap_or_default();
        is(self.pointer) || is(self.focus)
    }

    /// Rows must not move now: a hand is on them or was a moment ago.
    fn freezes(self) -> bool {
        self.is_on() || now_ms().saturating_sub(self.gone_at.get_untracked()) < u64::from(REST_MS)
    }
}

impl RosterView {
    fn new() -> Self {
        let session = use_session();
        let typed = RwSignal::new(String::new());
        let filter = RwSignal::new(None::<Filter>);
        let settled = RwSignal::new(0);
        let hand = Hand {
            pointer: RwSignal::new(false),
            focus: RwSignal::new(false),
            gone_at: RwSignal::new(0),
        };
        let collator = Local::new(Collator::new());
        let order = Memo::new(move |previous| {
            let next = collator.with(|collator| {
                Order::next(
                    previous,
                    &session.roster.read(),
                    |a, b| collator.compare(a, b),
                    |name| search::fold(&decompose(name)),
                )
            });
            next.unwrap_or_default()
        });
        let query = Memo::new(move |_| Query {
            filter: filter.get(),
            search: Search::new(&typed.read(), decompose),
            settled: settled.get(),
        });
        let list = Memo::new(move |previous| {
            let query = query.read();
            let roster = session.roster.read();
            let call = session.call.read();
            // Only this one looks at what was asked for; the others need not follow it.
            let intents = match query.filter {
                Some(Filter::Failed) => session.intents.get(),
                _ => foldback_model::Intents::default(),
            };
            List::next(previous, &order.read(), &query, hand.freezes(), |entry| {
                query.search.finds(&entry.folded)
                    && query.filter.is_none_or(|filter| {
                        roster
                            .get(&entry.id)
                            .is_some_and(|person| filter.shows(person, call.as_ref(), &intents))
                    })
            })
        });
        Self { typed, filter, settled, list, chosen: Chosen::new(), hush: HushKey::new(), hand }
    }

    /// Brings the list into order now.
    pub fn settle(self) {
        self.settled.update(|n| *n = n.wrapping_add(1));
    }

    /// A pointer came to or left the grid.
    pub fn pointer_is(self, on: bool) {
        self.hand.pointer.try_set(on);
        self.hand_moved();
    }

    /// Focus came to or left the grid.
    pub fn focus_is(self, on: bool) {
        // What has the focus while the room is taken out of the page loses it after the room is gone.
        self.hand.focus.try_set(on);
        self.hand_moved();
    }

    fn hand_moved(self) {
        if self.hand.is_on() {
            return;
        }
        let gone_at = now_ms();
        self.hand.gone_at.try_set(gone_at);
        set_timeout(
            move || {
                let still = self.hand.gone_at.try_get_untracked() == Some(gone_at);
                if still && !self.hand.is_on() {
                    self.settle();
                }
            },
            std::time::Duration::from_millis(REST_MS.into()),
        );
    }
}

/// The room.
#[component]
pub fn Roster() -> impl IntoView {
    let view = RosterView::new();
    provide_context(view);
    view! {
        <section class="roster" aria-label="Roster">
            <Tools/>
            <Grid/>
            <ChosenBar/>
            <BulkBar/>
        </section>
    }
}
