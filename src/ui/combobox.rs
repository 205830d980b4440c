//! A box to pick one of many by typing: the editable combobox pattern with a list that narrows.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use web_sys::Event;

use super::{attr, case::lower, fixed, focus::focus, on, pick, truth};
use crate::{
    reactive::{For, Memo, NodeRef, RwSignal, effect, part},
    view::view,
};

/// One thing to pick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What tells it from the others.
    pub key: String,
    /// Its name.
    pub name: String,
    /// A word beside it, not part of its name.
    pub hint: String,
}

/// The state of one combobox.
#[derive(Debug, Clone, Copy)]
struct Picking {
    choices: Memo<Vec<Choice>>,
    picked: Memo<String>,
    on_pick: Callback<String>,
    on_close: Option<Callback<()>>,
    is_open: RwSignal<bool>,
    /// The text that narrows the list, once something was typed.
    typed: RwSignal<Option<String>>,
    /// Which of the listed choices the keys point at.
    pointed: RwSignal<Option<usize>>,
    /// What is listed, and how many were found.
    found: Memo<(Vec<Choice>, usize)>,
}

impl Picking {
    fn new(
        choices: Memo<Vec<Choice>>,
        picked: Memo<String>,
        on_pick: Callback<String>,
        on_close: Option<Callback<()>>,
        finds: fn(&str, &str) -> bool,
    ) -> Self {
        let typed = RwSignal::new(None::<String>);
        let is_open = RwSignal::new(false);
        let found = Memo::new(move |_| {
            if !is_open.get() {
                return (Vec::new(), 0);
            }
            let text = typed.get().unwrap_or_default();
            choices.with(|choices| {
                let found: Vec<_> =
                    choices.iter().filter(|choice| finds(&text, &choice.name)).cloned().collect();
                let n = found.len();
                (found.into_iter().take(pick::LISTED_MAX).collect(), n)
            })
        });
        Self {
            choices,
            picked,
            on_pick,
            on_close,
            is_open,
            typed,
            pointed: RwSignal::new(None),
            found,
        }
    }

    fn open(&self) {
        if !self.is_open.get_untracked() {
            self.is_open.set(true);
            let key = self.picked.get_untracked();
            self.pointed.set(
                self.found.with_untracked(|(listed, _)| {
                    listed.iter().position(|choice| choice.key == key)
                }),
            );
        }
    }

    fn close(&self) {
        self.is_open.set(false);
        self.typed.set(None);
        self.pointed.set(None);
        if let Some(on_close) = self.on_close {
            on_close.run(());
        }
    }

    fn choose(&self, choice: Choice) {
        self.close();
        if choice.key != self.picked.get_untracked() {
            self.on_pick.run(choice.key);
        }
    }

    fn text(&self) -> String {
        self.typed.get().unwrap_or_else(|| {
            let key = self.picked.get();
            self.choices.with(|choices| {
                let choice = choices.iter().find(|choice| choice.key == key);
                let nobody = if key.is_empty() { "" } else { "Nobody" };
                choice.map_or_else(|| nobody.to_owned(), |choice| choice.name.clone())
            })
        })
    }

    fn listed(&self) -> Vec<(usize, Choice)> {
        self.found.with(|(listed, _)| listed.iter().cloned().enumerate().collect())
    }

    fn n_listed(&self) -> usize {
        self.found.with_untracked(|(listed, _)| listed.len())
    }

    fn input(&self, text: String) {
        self.typed.set(Some(text));
        self.is_open.set(true);
        self.pointed.set((self.n_listed() > 0).then_some(0));
    }

    fn key(&self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() {
            return;
        }
        let is_open = self.is_open.get_untracked();
        match event.key().as_str() {
            "Enter" if is_open => {
                event.prevent_default();
                let at = self.pointed.get_untracked();
                let choice = self.found.with_untracked(|(listed, _)| listed.get(at?).cloned());
                if let Some(choice) = choice {
                    self.choose(choice);
                }
            }
            "Escape" if is_open => {
                event.prevent_default();
                event.stop_propagation();
                self.close();
            }
            "ArrowDown" | "ArrowUp" if !is_open => {
                event.prevent_default();
                self.open();
            }
            // Home and End move the caret while a name is being typed.
            "Home" | "End" => {}
            key if is_open => {
                let next = pick::by_key(key, self.pointed.get_untracked(), self.n_listed());
                if next.is_some() {
                    event.prevent_default();
                    self.pointed.set(next);
                }
            }
            _ => {}
        }
    }

    fn blur(&self) {
        // Taken out of the page, the box loses the focus after its state is gone.
        let Some(text) = self.typed.try_get_untracked() else { return };
        // A name typed in full counts without Enter.
        let text = lower(text.unwrap_or_default().trim());
        let exact = self.choices.with_untracked(|choices| {
            choices.iter().find(|choice| lower(&choice.name) == text).cloned()
        });
        match exact {
            Some(choice) if !text.is_empty() => self.choose(choice),
            _ => self.close(),
        }
    }

    /// What the list cannot say by its choices.
    fn remark(&self) -> Option<String> {
        let (n_listed, n_found) = self.found.with(|(listed, n)| (listed.len(), *n));
        match (n_listed, n_found - n_listed) {
            (0, _) => self.is_open.get().then(|| "Nothing is called that".to_owned()),
            (_, 0) => None,
            (_, rest) => Some(format!("{rest} more: type a name")),
        }
    }
}

/// A combobox.
#[component]
pub fn Combobox(
    /// Its accessible name.
    label: &'static str,
    /// The start of the ids of its parts; unique in the page.
    id: &'static str,
    /// What can be picked, in order.
    choices: Memo<Vec<Choice>>,
    /// The key of what is picked.
    picked: Memo<String>,
    /// Whether typed text (first) finds a name (second).
    finds: fn(&str, &str) -> bool,
    /// Gets the key of what was picked.
    #[prop(into)]
    on_pick: Callback<String>,
    /// It is there for one pick only: it opens with the focus, and this runs once its list is closed.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let picking = Picking::new(choices, picked, on_pick, on_close, finds);
    effect(move || {
        if let Some(input) = input.get().filter(|_| on_close.is_some()) {
            focus(&input);
            picking.open();
        }
    });
    let Picking { is_open, pointed, .. } = picking;
    let option_id = move |at: usize| format!("{id}-option-{at}");
    effect(move || {
        let at = pointed.get();
        if let Some(element) = at.and_then(|at| document().get_element_by_id(&option_id(at))) {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
    let on_click = move |_: Event| {
        picking.open();
        if let Some(input) = input.get_untracked() {
            input.select();
        }
    };
    view! {
        <div class="combobox" data-open=move || is_open.get().then_some("true")>
            <input
                class="combobox-input"
                node_ref=input
                aria-label=label
                type="text"
                role="combobox"
                {..fixed("aria-autocomplete", "list".to_owned())}
                {..fixed("aria-haspopup", "listbox".to_owned())}
                {..attr("aria-expanded", move || Some(truth(is_open.get()).to_owned()))}
                {..fixed("aria-controls", format!("{id}-list"))}
                {..attr("aria-activedescendant", move || {
                    is_open.get().then(|| pointed.get().map(option_id)).flatten()
                })}
                autocomplete="off"
                spellcheck="false"
                dir="auto"
                prop:value=move || picking.text()
                {..on("input", move |event: Event| picking.input(event_target_value(&event)))}
                {..on("keydown", move |event: KeyboardEvent| picking.key(&event))}
                {..on("click", on_click)}
                {..on("blur", move |_: Event| picking.blur())}
            />
            <div class="combobox-popup" hidden=move || !is_open.get()>
                <ul class="combobox-list" role="listbox" aria-label=label id=format!("{id}-list")>
                    <For each=move || picking.listed() key=place let((at, choice))>
                        <Item picking=picking id=option_id(at) at=at choice=choice/>
                    </For>
                </ul>
                {part(move || match picking.remark() {
                    Some(text) => view! { <p class="combobox-rest">{text}</p> }.into_any(),
                    None => ().into_any(),
                })}
            </div>
        </div>
    }
}

/// A choice that looks otherwise or stands elsewhere is drawn anew.
fn place((at, choice): &(usize, Choice)) -> String {
    format!("{at}\n{}\n{}\n{}", choice.key, choice.name, choice.hint)
}

#[component]
fn Item(
    /// Its combobox.
    picking: Picking,
    /// Its element's id.
    id: String,
    /// Its place in the list.
    at: usize,
    /// What it picks.
    choice: Choice,
) -> impl IntoView {
    let Choice { key, name, hint } = choice.clone();
    let is_picked = move || Some(truth(picking.picked.with(|picked| *picked == key)).to_owned());
    view! {
        <li
            class="combobox-option"
            role="option"
            id=id
            aria-label=name.clone()
            {..attr("aria-selected", is_picked)}
            data-pointed=move || (picking.pointed.get() == Some(at)).then_some("true")
            // The input keeps the focus, so that its blur does not close the list first.
            {..on("mousedown", |event: Event| event.prevent_default())}
            {..on("click", move |_: Event| picking.choose(choice.clone()))}
        >
            <bdi>{name.clone()}</bdi>
            <span class="combobox-hint">{hint}</span>
        </li>
    }
}
