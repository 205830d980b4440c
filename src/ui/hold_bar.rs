//! The bar of something large that is about to happen: held back while it can be cancelled, then how
//! far it is, and what failed. It asks nothing and knows nothing of what it is about.

use leptos::{html, prelude::*};
use web_sys::{FocusEvent, KeyboardEvent};

use super::{
    Button, attr,
    decimal::decimal,
    fixed,
    focus::{WayBack, has_focus},
    on, text,
};
use crate::{
    icon::Icon,
    reactive::{For, Memo, NodeRef, Show, Signal},
    view::view,
};

/// Where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has happened yet, and nothing will when it is cancelled.
    #[default]
    Held,
    /// It is happening.
    Running,
    /// Nothing more will come by itself.
    Over,
}

/// What the bar shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hold {
    /// Where it stands.
    pub phase: Phase,
    /// One sentence.
    pub words: String,
    /// How much of `total` is done; while held, how much of the time is over.
    pub done: usize,
    /// All of it.
    pub total: usize,
    /// What failed, each with its reason.
    pub failed: Vec<(String, String)>,
}

impl Hold {
    fn share(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a fraction to look at")]
        let share = self.done as f64 / self.total.max(1) as f64;
        share.min(1.0)
    }

    fn token(&self) -> &'static str {
        match self.phase {
            Phase::Held => "held",
            Phase::Running => "running",
            Phase::Over => "over",
        }
    }

    fn icon(&self) -> &'static str {
        match (self.failed.is_empty(), self.phase) {
            (false, _) => "triangle",
            (true, Phase::Over) => "check",
            (true, _) => "ring",
        }
    }
}

/// The bar.
#[component]
pub fn HoldBar(
    /// What it is about: the bar's accessible name.
    label: &'static str,
    /// What it shows.
    #[prop(into)]
    hold: Memo<Hold>,
    /// Takes it back while it is held.
    #[prop(into)]
    on_cancel: Callback<()>,
    /// Tries again what failed.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Has been seen.
    #[prop(into)]
    on_dismiss: Callback<()>,
) -> impl IntoView {
    let bar = NodeRef::<html::Div>::new();
    let way_back = WayBack::new();
    // What brought the bar here. The neighbor that Tab came by may be any button.
    let origin = WayBack::new();
    origin.remember();
    // The bar goes with its buttons: whoever takes something back is where it began, whoever has seen it
    // where they came from.
    let leave = move |next: Callback<()>| {
        if bar.get_untracked().is_some_and(|bar| has_focus(&bar)) {
            let is_held = hold.with_untracked(|hold| hold.phase == Phase::Held);
            let is_back = is_held && origin.give_back();
            if !is_back {
                way_back.give_back();
            }
        }
        next.run(());
    };
    let is_in = move |phase: Phase| hold.with(|hold| hold.phase == phase);
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && hold.with_untracked(|hold| hold.phase == Phase::Held) {
            event.stop_propagation();
            leave(on_cancel);
        }
    };
    let failed = move || hold.with(|hold| hold.failed.clone());
    view! {
        <div
            class="hold-bar"
            node_ref=bar
            role="group"
            aria-label=label
            style:--share=move || decimal(hold.with(Hold::share), 3)
            {..attr("data-phase", move || Some(hold.with(Hold::token).to_owned()))}
            {..attr("data-failed", move || {
                hold.with(|hold| (!hold.failed.is_empty()).then(String::new))
            })}
            {..on("keydown", on_key)}
            {..on("focusin", move |event: FocusEvent| way_back.hear(&event))}
        >
            <div
                class="hold-bar-progress"
                aria-label=label
                role="progressbar"
                {..fixed("aria-valuemin", "0".to_owned())}
                {..attr("aria-valuemax", move || Some(hold.with(|hold| hold.total.to_string())))}
                {..attr("aria-valuenow", move || Some(hold.with(|hold| hold.done.to_string())))}
                {..attr("aria-valuetext", move || Some(hold.with(|hold| hold.words.clone())))}
            ></div>
            <Icon name=Signal::derive(move || hold.with(Hold::icon))/>
            <p>{text(move || hold.with(|hold| hold.words.clone()))}</p>
            // What does not fit is scrolled to, by keys too.
            <ul
                class="hold-bar-failed"
                aria-label="What failed"
                {..attr("tabindex", move || (!failed().is_empty()).then(|| "0".to_owned()))}
            >
                <For each=failed key=|(name, why)| format!("{name} {why}") let:item>
                    <li>
                        <bdi>{item.0}</bdi>
                        ": "
                        {item.1}
                    </li>
                </For>
            </ul>
            <Show when=move || is_in(Phase::Held)>
                <Button on_press=move |()| leave(on_cancel)>"Cancel"</Button>
            </Show>
            <Show when=move || !failed().is_empty()>
                <Button on_press=on_retry>
                    <Icon name="retry"/>
                    "Retry"
                </Button>
            </Show>
            <Show when=move || is_in(Phase::Over)>
                <Button on_press=move |()| leave(on_dismiss)>"Dismiss"</Button>
            </Show>
        </div>
    }
}
