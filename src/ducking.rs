//! Ducking: how the other sources give way while somebody speaks, as a curve to take hold of.

mod axis;
mod curve;
mod duckers;
mod listen;
mod settings;

use foldback_model::Ducking as Settings;
use leptos::prelude::*;

use self::{
    curve::Curve,
    duckers::Duckers,
    settings::{Knob, PRESETS, summary, warnings},
};
use crate::{
    desk::{Bars, BlindSwitch, Hindered, History, ListenerPicker, Scope, View},
    reactive::{Memo, Show, Signal, part},
    session::mixer::Touch,
    ui::{Change, Locked, NumberBox, Switch, Toggle, text},
    view::view,
};

/// What the room shows and sets: the settings that hold, or while ducking is off those that will
/// hold once it is turned on.
#[derive(Debug, Clone, Copy)]
struct Control {
    view: View,
    settings: Memo<Settings>,
    is_on: Memo<bool>,
}

impl Control {
    fn new(view: View) -> Self {
        let settings = Memo::new(move |_| {
            let layer = view.layer.get();
            view.heard.with(|heard| view.session().ducking_settings(&layer, heard))
        });
        let is_on = Memo::new(move |_| view.heard.with(|heard| heard.ducking.is_some()));
        Self { view, settings, is_on }
    }

    /// Sets everything: sent while ducking is on, prepared while it is off.
    fn set(&self, settings: Settings, touch: Touch) {
        let layer = self.view.layer.get_untracked();
        if self.is_on.get_untracked() {
            self.view.session().set_ducking(&layer, settings, touch);
        } else {
            self.view.session().prepare_ducking(&layer, settings, touch);
        }
    }

    fn change(&self, knob: Knob, change: Change) {
        let settings = knob.put(self.settings.get_untracked(), change.value);
        self.set(settings, Touch { begins: change.begins, ends: change.ends });
    }

    fn switch(&self, on: bool) {
        let layer = self.view.layer.get_untracked();
        if on {
            self.view.session().ducking_on(&layer, self.settings.get_untracked());
        } else {
            self.view.session().ducking_off(&layer);
        }
    }

    fn value(&self, knob: Knob) -> Signal<i32> {
        let settings = self.settings;
        Signal::derive(move || knob.get(settings.get()))
    }
}

/// The room.
#[component]
pub fn Ducking() -> impl IntoView {
    let view = View::new();
    let control = Control::new(view);
    view! {
        <section class="ducking" aria-label="Ducking" {..view.blind()}>
            <header class="desk-bar">
                <ListenerPicker/>
                <Scope view=view/>
                <History/>
                <Show when=move || view.obstacle.get().is_none()>
                    <BlindSwitch view/>
                </Show>
            </header>
            <Bars view/>
            {part(move || match view.obstacle.get() {
                Some(obstacle) => view! { <Hindered obstacle=obstacle/> }.into_any(),
                None => view! { <Lab control=control/> }.into_any(),
            })}
        </section>
    }
}

#[component]
fn Lab(
    /// What it sets.
    control: Control,
) -> impl IntoView {
    let is_on = control.is_on;
    let switch = Callback::new(move |on| control.switch(on));
    view! {
        <div class="ducking-lab" data-off=move || (!is_on.get()).then_some("true")>
            <div class="ducking-head">
                <Locked why=control.view.hindrance>
                    <Switch label="Ducking" is_on=is_on on_toggle=switch/>
                </Locked>
                <p class="desk-hint">
                    {text(move || {
                        if is_on.get() {
                            "While a source with its Ducks key talks, the others give way"
                        } else {
                            "Off: nothing set here is sent before it is on"
                        }
                        .to_owned()
                    })}
                </p>
                <Locked why=control.view.hindrance>
                    <Presets control=control/>
                </Locked>
            </div>
            <Curve control=control/>
            <div class="ducking-foot">
                <Locked why=control.view.hindrance>
                    <Figures control=control/>
                </Locked>
                <div class="ducking-words">
                    <p id="ducking-summary">{text(move || summary(control.settings.get()))}</p>
                    <ul class="ducking-warnings" aria-label="Worth knowing">
                        {part(move || {
                            warnings(control.settings.get())
                                .into_iter()
                                .map(|warning| view! { <li>{warning}</li> })
                                .collect_view()
                                .into_any()
                        })}
                    </ul>
                </div>
            </div>
            <Locked why=control.view.hindrance>
                <Duckers view=control.view/>
            </Locked>
        </div>
    }
}

#[component]
fn Presets(
    /// What they set.
    control: Control,
) -> impl IntoView {
    view! {
        <div class="ducking-presets" role="group" aria-label="Presets">
            {PRESETS
                .map(|(name, preset)| {
                    view! {
                        <Toggle
                            label=name
                            is_on=Signal::derive(move || control.settings.get() == preset)
                            on_toggle=move |_: bool| control.set(preset, Touch::ONCE)
                        >
                            {name}
                        </Toggle>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn Figures(
    /// What they set.
    control: Control,
) -> impl IntoView {
    view! {
        <div class="ducking-figures">
            {Knob::ALL
                .map(|knob| {
                    let change = move |change: Change| {
                        let limits = knob.limits(control.settings.get_untracked());
                        let value = change.value.clamp(limits.0, limits.1.max(limits.0));
                        control.change(knob, Change { value, ..change });
                    };
                    view! {
                        <div class="figure">
                            <span class="figure-label" aria-hidden="true">{knob.name()}</span>
                            <NumberBox
                                label=Signal::stored(format!("{}, {}", knob.name(), knob.unit_words()))
                                value=control.value(knob)
                                scale=knob.scale()
                                reader=knob.reader()
                                on_change=Callback::new(change)
                                unit=knob.unit_words()
                            />
                            <span class="figure-unit" aria-hidden="true">{knob.unit()}</span>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}
