//! The strips side by side, narrowed by search and filters. Of very many only those in sight stand
//! in the page.

use foldback_model::{Heard, Layer, ParticipantId, plan};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    View,
    order::{Order, Place},
    strip::SourceStrip,
    travel::Travel,
};
use crate::{
    reactive::{For, Memo, NodeRef, RwSignal, Show, effect},
    roster::{collate::finds, names},
    ui::{Button, FilterButton, Locked, SearchBox, text, virtual_grid::window},
    view::view,
};

/// Up to this many strips stand in the page at once.
const ALL_DRAWN: usize = 120;

/// Which strips are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    /// Sources that duck others.
    Ducking,
    /// Sources that are not at 100 percent.
    Changed,
    /// Sources this listener does not hear.
    Silent,
}

impl Filter {
    const ALL: [Self; 3] = [Self::Ducking, Self::Changed, Self::Silent];

    fn name(self) -> &'static str {
        match self {
            Self::Ducking => "Ducking",
            Self::Changed => "Changed",
            Self::Silent => "Silent",
        }
    }

    fn shows(self, source: &ParticipantId, heard: &Heard) -> bool {
        match self {
            Self::Ducking => heard.ducks_others(source),
            Self::Changed => heard.level(source) != foldback_model::mix::UNITY,
            Self::Silent => heard.level(source) == 0,
        }
    }
}

/// The part of the strips in sight, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sight {
    scrolled: f64,
    width: f64,
    strip: f64,
}

/// Which strips there are, and which of them are shown.
#[derive(Debug, Clone, Copy)]
struct Sources {
    view: View,
    search: RwSignal<String>,
    filter: RwSignal<Option<Filter>>,
    n_closed: RwSignal<u32>,
    order: Memo<Order>,
    /// Everybody the listener could hear.
    all: Memo<Vec<Place>>,
    shown: Memo<Vec<ParticipantId>>,
}

impl Sources {
    fn new(view: View) -> Self {
        let session = view.session();
        let search = RwSignal::new(String::new());
        let filter = RwSignal::new(None::<Filter>);
        let n_closed = RwSignal::new(0_u32);
        let people =
            Memo::new(move |_| session.roster.with(|roster| names::of(&mut plan::sources(roster))));
        let order = Memo::new(move |old: Option<&Order>| {
            people.with(|people| Order::next(old, people, &names::in_order(people), n_closed.get()))
        });
        // Nobody hears themselves.
        let all = Memo::new(move |_| {
            let listener = view.layer.get();
            order.with(|order| {
                let places = order.places().iter();
                places
                    .filter(|place| !matches!(&listener, Layer::Listener(id) if *id == place.id))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        });
        // The mix is read without following it: a strip that no longer fits the filter stays until
        // the filter changes, else it would vanish from under the hand that moves it.
        let shown = Memo::new(move |_| {
            let typed = search.get();
            let filter = filter.get();
            view.layer.track();
            let heard = view.heard.get_untracked();
            all.with(|all| {
                all.iter()
                    .filter(|place| typed.is_empty() || finds(&typed, &place.name))
                    .filter(|place| filter.is_none_or(|filter| filter.shows(&place.id, &heard)))
                    .map(|place| place.id.clone())
                    .collect::<Vec<_>>()
            })
        });
        Self { view, search, filter, n_closed, order, all, shown }
    }

    /// How many a filter leaves.
    fn count(&self, filter: Filter) -> Memo<usize> {
        let Self { view, all, .. } = *self;
        Memo::new(move |_| {
            view.heard.with(|heard| {
                all.with(|all| all.iter().filter(|it| filter.shows(&it.id, heard)).count())
            })
        })
    }

    /// The name on a strip.
    fn name(&self, id: ParticipantId) -> Memo<String> {
        let order = self.order;
        Memo::new(move |_| {
            order.with(|order| {
                let place = order.places().iter().find(|place| place.id == id);
                place.map_or_else(String::new, |place| place.name.clone())
            })
        })
    }

    /// Its place among those shown.
    fn place(&self, id: ParticipantId) -> Memo<Option<usize>> {
        let shown = self.shown;
        Memo::new(move |_| shown.with(|shown| shown.iter().position(|it| *it == id)))
    }

    /// Of those shown, who stands in the page: all, or of very many who is in sight, and the strip
    /// with the focus wherever it was scrolled to.
    fn drawn(
        &self,
        sight: RwSignal<Sight>,
        focused: RwSignal<Option<ParticipantId>>,
    ) -> Memo<Vec<ParticipantId>> {
        let shown = self.shown;
        Memo::new(move |old: Option<&Vec<ParticipantId>>| {
            shown.with(|shown| {
                if shown.len() <= ALL_DRAWN {
                    return shown.clone();
                }
                let Sight { scrolled, width, strip } = sight.get();
                let range = window::rows(scrolled, width, strip, shown.len());
                let in_sight = shown.get(range).unwrap_or_default();
                let Some(held) = focused.get().filter(|id| shown.contains(id)) else {
                    return in_sight.to_vec();
                };
                let mut drawn: Vec<_> =
                    in_sight.iter().filter(|id| **id != held).cloned().collect();
                // It keeps its place among its neighbors in the page, because an element that is
                // moved there loses the focus; where it is seen, the grid says.
                let at = old
                    .and_then(|old| old.iter().position(|id| *id == held))
                    .or_else(|| in_sight.iter().position(|id| *id == held))
                    .unwrap_or(drawn.len());
                drawn.insert(at.min(drawn.len()), held);
                drawn
            })
        })
    }
}

/// All strips of a view.
#[component]
pub fn Strips(
    /// Whose mix.
    view: View,
) -> impl IntoView {
    let sources = Sources::new(view);
    let n_shown = Memo::new(move |_| sources.shown.with(Vec::len));
    let nothing = move || {
        if sources.all.with(Vec::is_empty) {
            "There is nobody to hear yet.".to_owned()
        } else {
            "No source fits the search and the filter.".to_owned()
        }
    };
    view! {
        <Tools sources=sources/>
        <Show
            when=move || n_shown.get() != 0
            fallback=move || view! { <p class="room-empty">{text(nothing)}</p> }
        >
            <Row sources=sources n_shown=n_shown/>
        </Show>
    }
}

#[component]
fn Tools(
    /// What they narrow.
    sources: Sources,
) -> impl IntoView {
    let Sources { search, filter, n_closed, order, .. } = sources;
    let gaps = Memo::new(move |_| order.with(Order::n_gaps));
    view! {
        <div class="desk-tools">
            <SearchBox label="Search sources" text=search/>
            <div class="desk-filters" role="group" aria-label="Show sources">
                {Filter::ALL
                    .map(|it| {
                        view! {
                            <FilterButton
                                label=it.name()
                                count=sources.count(it)
                                is_on=Memo::new(move |_| filter.get() == Some(it))
                                on_toggle=Callback::new(move |on: bool| {
                                    filter.set(on.then_some(it));
                                })
                            />
                        }
                    })
                    .collect_view()}
            </div>
            <Travel taper=sources.view.taper/>
            <Show when=move || gaps.get() != 0>
                <Button on_press=move |()| n_closed.update(|n| *n += 1)>
                    {text(move || match gaps.get() {
                        1 => "Close 1 gap".to_owned(),
                        n => format!("Close {n} gaps"),
                    })}
                </Button>
            </Show>
        </div>
    }
}

#[component]
fn Row(
    /// What stands in it.
    sources: Sources,
    /// How many of them.
    n_shown: Memo<usize>,
) -> impl IntoView {
    let focused = RwSignal::new(None::<ParticipantId>);
    let sight = RwSignal::new(Sight { scrolled: 0.0, width: 1600.0, strip: 100.0 });
    let scroller = NodeRef::<html::Div>::new();
    let drawn = sources.drawn(sight, focused);
    let look = move || {
        let Some(element) = scroller.try_get_untracked() else { return };
        let n = n_shown.get_untracked().max(1);
        #[expect(clippy::cast_precision_loss, reason = "a desk holds far fewer than 2^52 strips")]
        let strip = f64::from(element.scroll_width()) / n as f64;
        sight.set(Sight {
            scrolled: f64::from(element.scroll_left()),
            width: f64::from(element.client_width()),
            strip,
        });
    };
    effect(move || {
        n_shown.track();
        look();
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| look());
    on_cleanup(move || resized.remove());
    let on_focus_in = move |event: leptos::ev::FocusEvent| {
        let strip = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("[data-source]").ok().flatten())
            .and_then(|strip| strip.get_attribute("data-source"));
        focused.set(strip.and_then(|id| ParticipantId::parse(&id).ok()));
    };
    view! {
        <Locked why=sources.view.hindrance>
        <div
            class="strips"
            role="group"
            aria-label="Sources"
            node_ref=scroller
            style:--n=move || n_shown.get().to_string()
            on:scroll=move |_| look()
            on:focusin=on_focus_in
        >
            <For each=move || drawn.get() key=ToString::to_string let(id)>
                <SourceStrip
                    view=sources.view
                    name=sources.name(id.clone())
                    at=sources.place(id.clone())
                    source=id
                />
            </For>
        </div>
        </Locked>
    }
}
