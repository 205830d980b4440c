//! A button that does one thing. While it cannot, it stays where it is, says why, and does nothing.

use leptos::prelude::*;
use web_sys::Event;

use super::{attr, fixed, on};
use crate::{reactive::Signal, view::view};

/// How much a button stands out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// One among others.
    #[default]
    Plain,
    /// What its part of the page is about.
    Primary,
    /// Only a symbol; its name is told.
    Icon,
}

impl Look {
    /// Names the look for style sheets.
    pub fn token(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Primary => "primary",
            Self::Icon => "icon",
        }
    }
}

/// A button.
#[component]
pub fn Button(
    /// Runs with a press while nothing hinders it.
    #[prop(into)]
    on_press: Callback<()>,
    /// How much it stands out.
    #[prop(optional)]
    look: Look,
    /// Its accessible name, where that is not what is shown.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// What a press does beyond what the name says.
    #[prop(optional)]
    tip: Option<&'static str>,
    /// Why it cannot be pressed now.
    #[prop(optional, into)]
    hindrance: Option<Signal<Option<&'static str>>>,
    /// Runs with a press that something hinders.
    #[prop(optional, into)]
    on_hindered: Option<Callback<()>>,
    /// Left out of the tab order, where arrows lead to it.
    #[prop(optional)]
    is_inner: bool,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    let why = move || hindrance.and_then(|it| it.get());
    let press = move |_: Event| match hindrance.and_then(|it| it.get_untracked()) {
        None => on_press.run(()),
        Some(_) => {
            if let Some(on_hindered) = on_hindered {
                on_hindered.run(());
            }
        }
    };
    let mut more = vec![fixed("data-look", look.token().to_owned()), on("click", press)];
    if let Some(label) = label {
        more.push(attr("aria-label", move || Some(label.get())));
    }
    if hindrance.is_some() {
        more.push(attr("aria-disabled", move || why().map(|_| "true".to_owned())));
    }
    if hindrance.is_some() || tip.is_some() {
        more.push(attr("aria-description", move || why().or(tip).map(str::to_owned)));
    }
    if is_inner {
        more.push(fixed("tabindex", "-1".to_owned()));
    }
    view! {
        <button type="button" class="button" {..more}>
            {children()}
        </button>
    }
}
