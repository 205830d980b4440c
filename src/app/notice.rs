//! What stands above or instead of a room: lost connection, signed out, call over.

use foldback_model::{CallKey, call::CallPhase};
use leptos::prelude::*;

use crate::{
    app::default_call,
    icon::Icon,
    link::CallSummary,
    reactive::{For, Show, effect, part},
    route::{self, Room, Route},
    session::{Connection, Session, use_session},
    ui::{Button, text},
    view::view,
};

/// A calm line above the room while what is shown may be old.
#[component]
pub fn Banner() -> impl IntoView {
    let session = use_session();
    let mut was_lost = false;
    effect(move || {
        let lost = matches!(session.connection.get(), Connection::Lost { .. });
        match (std::mem::replace(&mut was_lost, lost), lost) {
            (false, true) => session.say("Connection lost. Trying again."),
            (true, false) if session.connection.get_untracked().is_live() => {
                session.say("Connected again.");
            }
            _ => {}
        }
    });
    let ended =
        move || session.connection.get() == Connection::Ended && session.call.read().is_some();
    view! {
        {part(move || match session.connection.get() {
            Connection::Lost { since_ms, .. } => {
                let known = session.call.read().is_some();
                    view! {
                        <div class="banner" data-tone="warn">
                            <Icon name="offline"/>
                            <p>
                                <strong>"Connection lost. "</strong>
                                {if known {
                                    format!("This is how it stood at {}. ", clock(since_ms))
                                } else {
                                    String::new()
                                }} "Trying again by itself."
                            </p>
                            <Button on_press=move |()| {
                                session.wake.update(|n| *n = n.wrapping_add(1));
                            }>"Try now"</Button>
                        </div>
                    }.into_any()
            }
            _ => ().into_any(),
        })}
        {part(move || match waiting(session) {
            Some((title, words)) => view! {
                <div class="banner">
                    <Icon name="ring"/>
                    <p><strong>{title}</strong>{words}</p>
                </div>
            }.into_any(),
            None => ().into_any(),
        })}
        <Show when=move || session.paused.get() && session.connection.get().is_live()>
            <div class="banner" data-tone="warn">
                <Icon name="triangle"/>
                <p>
                    <strong>"The call service keeps failing. "</strong>
                    "Foldback sends it nothing for half a minute, then looks again. The call itself may go on."
                </p>
            </div>
        </Show>
        <Show when=ended>
            <div class="banner">
                <Icon name="door"/>
                <p>
                    <strong>"The call has ended. "</strong>
                    {text(move || {
                        let call = session.call.read();
                        let why = call.as_ref().and_then(|call| call.ended.clone());
                        why.map_or_else(String::new, |why| format!("{why} "))
                    })}
                    "This is how it stood last; nothing can be changed any more."
                </p>
            </div>
        </Show>
    }
}

/// Foldback is not in the conversation yet: what it waits for.
fn waiting(session: Session) -> Option<(&'static str, &'static str)> {
    if !session.connection.get().is_live() {
        return None;
    }
    let call = session.call.read();
    let call = call.as_ref()?;
    let roster = session.roster.read();
    let own = call.own_participant.as_ref().and_then(|own| roster.get(own));
    match call.state {
        CallPhase::Establishing => Some(("Joining the call. ", "Nothing reaches it yet.")),
        CallPhase::Established if own.is_some_and(|own| own.in_lobby) => {
            Some(("Waiting in the lobby. ", "Somebody in the meeting has to let Foldback in."))
        }
        _ => None,
    }
}

/// The call is over or was never there.
#[component]
pub fn EndedView() -> impl IntoView {
    let session = use_session();
    let others = move || {
        let key = session.key.get();
        let calls = session.calls.read();
        let calls = calls.as_deref().unwrap_or_default();
        let is_other =
            |call: &&CallSummary| Some(&call.id) != key.as_ref() && call.state != CallPhase::Ended;
        let others = calls.iter().filter(is_other);
        others.map(|call| (call.id.clone(), call.title_among(calls))).collect::<Vec<_>>()
    };
    let show_current = move |()| {
        let call = session.calls.read_untracked().as_deref().and_then(default_call).cloned();
        route::go(Route { call, ..Route::default() });
    };
    view! {
        <section class="notice">
            <Icon name="door"/>
            <h2>"This call is over"</h2>
            <p>"It has ended, or it never had this address."</p>
            <ul class="choices">
                <For each=others key=|(id, _): &(CallKey, String)| id.to_string() let:call>
                    <li>
                        <a
                            class="button"
                            data-look="primary"
                            href=Route { call: Some(call.0), ..Route::default() }.hash()
                        >
                            <bdi>{call.1}</bdi>
                        </a>
                    </li>
                </For>
            </ul>
            <Button on_press=show_current>"Show the current call"</Button>
        </section>
    }
}

/// The call is not open to the operator.
#[component]
pub fn ShutView() -> impl IntoView {
    let session = use_session();
    let again = move |()| {
        session.connection.set(Connection::Connecting);
        session.comings.update(|n| *n = n.wrapping_add(1));
    };
    view! {
        <section class="notice">
            <Icon name="key"/>
            <h2>"This call is not open to you"</h2>
            <p>
                "Whoever runs Foldback says who may see which call, and this one is open to others now. \
                 Nothing of it is shown, and nothing you do here reaches it."
            </p>
            <a
                class="button"
                data-look="primary"
                href=Route { room: Room::Calls, ..Route::default() }.hash()
            >
                "Your calls"
            </a>
            <Button on_press=again>
                <Icon name="retry"/>
                "Try again"
            </Button>
        </section>
    }
}

/// Starts the page anew.
pub fn reload() {
    if window().location().reload().is_err() {
        leptos::logging::warn!("this page cannot reload itself");
    }
}

/// A moment: the time of day, with the day before it unless that is today.
pub fn moment(at_ms: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay exact for ages")]
    let date = js_sys::Date::new(&(at_ms as f64).into());
    let day = |date: &js_sys::Date| (date.get_full_year(), date.get_month() + 1, date.get_date());
    let (year, month, of_month) = day(&date);
    if (year, month, of_month) == day(&js_sys::Date::new_0()) {
        return clock(at_ms);
    }
    format!("{year}-{month:02}-{of_month:02} {}", clock(at_ms))
}

/// The time of day in the operator's own zone and manner.
pub fn clock(at_ms: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay exact for ages")]
    let date = js_sys::Date::new(&(at_ms as f64).into());
    format!("{:02}:{:02}:{:02}", date.get_hours(), date.get_minutes(), date.get_seconds())
}
