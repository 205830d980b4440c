//! Listening to the ducking before anybody in the call hears it: a voice over music, in this browser
//! alone.

mod player;

use foldback_mix::curve::Span;
use leptos::{prelude::*, task::spawn_local};

use self::player::{Player, Settings};
use super::{
    axis::{SPEECH_MAX_MS, SPEECH_MIN_MS},
    curve::Scene,
};
use crate::{
    reactive::{Local, RwSignal, Signal, effect},
    session::use_session,
    ui::{Toggle, drag},
    view::view,
};

/// Milliseconds of music before the voice; the worklet says so, too.
const LEAD_MS: f64 = 1200.0;

/// How far listening is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Off,
    Starting,
    On,
}

/// The key "Listen". While it is down a line goes over the curve with the sound.
#[component]
pub fn Listen(
    /// What is drawn, and heard.
    scene: Scene,
) -> impl IntoView {
    let session = use_session();
    let standing = RwSignal::new(Standing::Off);
    // It goes with the room, and the sound with it.
    let player = Local::new(None::<Player>);
    let settings = move || {
        let Span { from_ms, to_ms } = scene.speech.get();
        let speech_ms = drag::whole(to_ms - from_ms, (SPEECH_MIN_MS, SPEECH_MAX_MS));
        Settings { ducking: scene.settings.get(), speech_ms }
    };
    let stop = move || {
        standing.set(Standing::Off);
        scene.heard_ms.set(None);
        player.set(None);
    };
    let start = move || {
        standing.set(Standing::Starting);
        spawn_local(async move {
            // A message may still come when the room is gone.
            let follow = move |at_ms| scene.heard_ms.try_set(Some(at_ms - LEAD_MS));
            let started = Player::start(untrack(settings), follow).await;
            if standing.try_get_untracked() != Some(Standing::Starting) {
                // Let go of while it began: dropping it ends it.
                return;
            }
            match started {
                Ok(started) => {
                    // They may have changed meanwhile.
                    started.set(untrack(settings));
                    player.set(Some(started));
                    standing.set(Standing::On);
                }
                Err(words) => {
                    standing.set(Standing::Off);
                    session.tell(format!("There is nothing to hear: {words}"));
                }
            }
        });
    };
    effect(move || {
        let settings = settings();
        player.with(|player| {
            if let Some(player) = player {
                player.set(settings);
            }
        });
    });
    view! {
        <Toggle
            label="Listen"
            is_on=Signal::derive(move || standing.get() != Standing::Off)
            on_toggle=move |on: bool| if on { start() } else { stop() }
            tip="A voice over music, in this browser alone"
        >
            "Listen"
        </Toggle>
    }
}
