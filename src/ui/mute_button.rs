//! The button at a microphone: muted or not as confirmed, what is asked for, and why nothing can be
//! asked for.

use leptos::prelude::*;
use web_sys::Event;

use super::{attr, on, text, truth};
use crate::{
    icon::Icon,
    reactive::{Memo, Signal},
    view::view,
};

/// What became of the last press.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing is wanted.
    #[default]
    None,
    /// Asked for and not true yet.
    Pending,
    /// Asked for and refused.
    Failed,
}

/// One microphone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mute {
    /// It is muted, as confirmed.
    pub is_muted: bool,
    /// It can be opened from here too.
    pub opens: bool,
    /// What became of the last press.
    pub wish: Wish,
    /// Why a press does nothing.
    pub hindrance: Option<&'static str>,
}

impl Mute {
    /// What a press does, in one word.
    pub fn verb(self) -> &'static str {
        if self.opens && self.is_muted { "Unmute" } else { "Mute" }
    }

    fn icon(self) -> &'static str {
        match (self.wish, self.is_muted) {
            (Wish::Pending, _) => "ring",
            (_, true) => "mic-off",
            (_, false) => "mic",
        }
    }

    fn wish(self) -> Option<&'static str> {
        match self.wish {
            Wish::None => None,
            Wish::Pending => Some("pending"),
            Wish::Failed => Some("failed"),
        }
    }
}

/// The button; every press is told, also a hindered one, so that the reason can be said.
#[component]
pub fn MuteButton(
    /// Whose microphone.
    name: String,
    /// How it stands.
    #[prop(into)]
    mute: Memo<Mute>,
    /// A press.
    #[prop(into)]
    on_press: Callback<()>,
    /// Left out of the tab order, where arrows lead to it.
    #[prop(optional)]
    is_inner: bool,
) -> impl IntoView {
    let some = |text: &'static str| Some(text.to_owned());
    let why = move || mute.get().hindrance;
    // A button that goes both ways changes its name; of the others the state is told.
    let pressed = move || {
        let mute = mute.get();
        (!mute.opens).then(|| truth(mute.is_muted).to_owned())
    };
    view! {
        <button
            type="button"
            class="mute-button"
            tabindex=if is_inner { "-1" } else { "0" }
            {..attr("aria-label", move || Some(format!("{} {name}", mute.get().verb())))}
            {..attr("aria-pressed", pressed)}
            {..attr("aria-disabled", move || why().and_then(|_| some("true")))}
            {..attr("aria-description", move || why().and_then(some))}
            {..attr("data-wish", move || mute.get().wish().and_then(some))}
            {..on("click", move |_: Event| on_press.run(()))}
        >
            <Icon name=Signal::derive(move || mute.get().icon())/>
            <span>{text(move || mute.get().verb().to_owned())}</span>
        </button>
    }
}
