//! The page: provides the session, keeps it in step with the address and the network, lays out the
//! shell.

pub mod notice;
pub mod sign_in;

use foldback_model::{CallKey, PersonKey, call::CallPhase};
use leptos::{ev, prelude::*, task::spawn_local};

use crate::{
    calls::Calls,
    drawer::Details,
    help::{Help, HelpOpen},
    icon::IconSheet,
    keep,
    layout::{DrawerOpen, NARROW, close_when_narrow, window_is},
    lazy::{Lazy, Piece, Pieces},
    link::{self, CallSummary, Failure, backoff, pause::Pause},
    palette::{Palette, PaletteOpen},
    rail::Rail,
    reactive::{Local, Memo, RwSignal, effect, part},
    roster::Roster,
    route::{self, Room},
    session::{Connection, Session, call::Following, now_ms},
    top_bar::TopBar,
    ui::{StatusLine, ToastStack, Tooltip},
    view::view,
    withheld::{Withheld, WithheldBars},
};
use notice::{Banner, EndedView, ShutView};
use sign_in::{EndsSoon, SignedOutView, come_back};

/// Milliseconds between looks for calls, while one is open and while there is none.
const CALLS_MS: u32 = 30_000;
const NO_CALL_MS: u32 = 3_000;

/// What stands in the middle of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    In(Room),
    /// The call ended before it was ever seen.
    Ended,
    SignedOut,
    /// The call is not open to the operator, or not any more.
    Shut,
}

impl Stage {
    fn of(session: Session) -> Self {
        let is_known = session.call.read().is_some();
        let has_none = session.key.read().is_none()
            && session.calls.read().as_ref().is_some_and(Vec::is_empty);
        match session.connection.get() {
            Connection::SignedOut => Self::SignedOut,
            Connection::Shut if session.route.read().room != Room::Calls => Self::Shut,
            _ if has_none || session.route.read().room == Room::Calls => Self::In(Room::Calls),
            Connection::Ended if !is_known => Self::Ended,
            _ => Self::In(session.route.read().room),
        }
    }
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    provide_context(session);
    provide_context(Withheld::new(session));
    let drawer_open = DrawerOpen(RwSignal::new(!window_is(NARROW)));
    provide_context(drawer_open);
    provide_context(HelpOpen(RwSignal::new(false)));
    provide_context(PaletteOpen(RwSignal::new(false)));
    let pieces = Pieces::new();
    pieces.fetch_ahead();
    keep_in_step(session);
    // Only a change of this builds the room anew: what is typed and where it is scrolled stays through
    // a lost connection.
    let stage = Memo::new(move |_| Stage::of(session));
    close_when_narrow(drawer_open.0);
    view! {
        <IconSheet/>
        <div class="shell" data-drawer=move || if drawer_open.0.get() { "open" } else { "closed" }>
            <TopBar/>
            <Rail/>
            <main class="room" tabindex="-1">
                <Banner/>
                <EndsSoon/>
                {part(move || match stage.get() {
                    Stage::SignedOut => view! { <SignedOutView/> }.into_any(),
                    Stage::Shut => view! { <ShutView/> }.into_any(),
                    Stage::Ended => view! { <EndedView/> }.into_any(),
                    Stage::In(room) => {
                        view! {
                            <h2 class:visually-hidden=move || room != Room::Calls>{room.name()}</h2>
                            {match room {
                                Room::Roster => view! { <Roster/> }.into_any(),
                                Room::Desk => view! { <Lazy piece=Piece::Desk pieces/> }.into_any(),
                                Room::Ducking => view! { <Lazy piece=Piece::Ducking pieces/> }.into_any(),
                                Room::Scenes => view! { <Lazy piece=Piece::Scenes pieces/> }.into_any(),
                                Room::Log => view! { <Lazy piece=Piece::Log pieces/> }.into_any(),
                                Room::Calls => view! { <Calls pieces/> }.into_any(),
                            }}
                        }
                            .into_any()
                    }
                })}
                <WithheldBars/>
                <Tooltip/>
            </main>
            <Details/>
        </div>
        <Help pieces/>
        <Palette/>
        <ToastStack toasts=session.toasts/>
        <StatusLine said=session.announce/>
    }
}

/// The element the panel lives in, emptied of what stood there while it loaded.
pub fn root() -> Option<web_sys::HtmlElement> {
    use wasm_bindgen::JsCast;

    let root = document().get_element_by_id("app")?.dyn_into::<web_sys::HtmlElement>().ok()?;
    root.set_text_content(None);
    root.set_class_name("");
    Some(root)
}

/// Which call is open when the address names none: the first that runs, else the first.
pub fn default_call(calls: &[CallSummary]) -> Option<&CallKey> {
    let running = calls.iter().find(|call| call.state != CallPhase::Ended);
    running.or_else(|| calls.first()).map(|call| &call.id)
}

/// Effects toward the outside: address, stream, network, storage, title.
fn keep_in_step(session: Session) {
    session.route.set(route::current());
    let on_hash = window_event_listener(ev::hashchange, move |_| {
        let route = route::current();
        if session.route.get_untracked() != route {
            session.route.set(route);
        }
    });
    on_cleanup(move || on_hash.remove());

    let pause = Local::new(Pause::default());
    let in_contact = Local::new(false);
    effect(move || {
        session.comings.track();
        let Some(pause) = pause.get().filter(|_| in_contact.get() == Some(false)) else { return };
        in_contact.set(true);
        spawn_local(async move {
            stay_in_contact(session, pause).await;
            in_contact.set(false);
        });
    });

    let key = Memo::new(move |open: Option<&Option<CallKey>>| {
        let named = session.route.read().call.clone();
        let calls = session.calls.read();
        // A call that starts meanwhile does not push the open one away.
        let open = open.cloned().flatten();
        named.or(open).or_else(|| calls.as_deref().and_then(default_call).cloned())
    });
    let ready = Memo::new(move |_| session.operator.read().is_some());
    let following = Local::new(None::<Following>);
    let mut followed = None;
    effect(move || {
        session.comings.track();
        let key = ready.get().then(|| key.get()).flatten();
        following.set(None);
        // Whoever signs in again finds the call as they left it, until the snapshot tells more.
        if followed != key || key.is_none() {
            forget_call(session);
            session.key.set(key.clone());
            followed.clone_from(&key);
        }
        if let Some(key) = key {
            following.set(Some(Following::start(session, key)));
        }
    });
    let wake = move || {
        pause.with(|it| it.wake());
        following.with(|it| it.iter().for_each(Following::wake));
    };
    let mut before = None;
    effect(move || {
        let asked = session.wake.get();
        if before.replace(asked).is_some_and(|before| before != asked) {
            wake();
        }
    });
    let cut = move || {
        following.with(|it| it.iter().for_each(Following::cut));
    };
    let handles = [
        window_event_listener(ev::online, move |_| wake()),
        window_event_listener(ev::offline, move |_| cut()),
        window_event_listener(ev::focus, move |_| come_back(session)),
        window_event_listener(ev::visibilitychange, move |_| {
            if !document().hidden() {
                wake();
                come_back(session);
            }
        }),
    ];
    on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));

    effect(move || {
        if session.connection.get() == Connection::Shut {
            forget_call(session);
        }
    });

    remember_me(session);
    effect(move || {
        let call = session.call.read();
        let subject = call.as_ref().and_then(|call| call.subject.clone());
        document().set_title(&match subject {
            Some(subject) => format!("{subject} – Foldback"),
            None => "Foldback".to_owned(),
        });
    });
}

fn forget_call(session: Session) {
    session.call.set(None);
    session.roster.set(std::sync::Arc::default());
    session.desk.set(std::sync::Arc::default());
    session.operations.set(std::sync::Arc::default());
    session.scenes.set(std::sync::Arc::default());
    session.slots.set(crate::session::slots::Slots::default());
    session.intents.set(foldback_model::Intents::default());
    session.operators.set(Vec::new());
    session.bulk.set(None);
    session.talking.silence();
    if !matches!(session.connection.get_untracked(), Connection::SignedOut | Connection::Shut) {
        session.connection.set(Connection::Connecting);
    }
}

/// Configuration, operator and calls, until nobody is signed in; then which calls there are, as long
/// as the page lives.
async fn stay_in_contact(session: Session, pause: Pause) {
    let mut attempt = 0;
    loop {
        let wait = match first_contact(session).await {
            Ok(()) => {
                attempt = 0;
                let looks = session.route.with_untracked(|route| route.room == Room::Calls);
                if looks || session.key.get_untracked().is_none() { NO_CALL_MS } else { CALLS_MS }
            }
            Err(Failure::SignedOut) => {
                session.connection.set(Connection::SignedOut);
                return;
            }
            Err(failure) => {
                leptos::logging::warn!("no contact: {}", failure.message());
                let wait = backoff::wait_ms(attempt, js_sys::Math::random());
                attempt += 1;
                // An open call tells better than this how the connection stands.
                if session.key.get_untracked().is_none() {
                    let since_ms = match session.connection.get_untracked() {
                        Connection::Lost { since_ms, .. } => since_ms,
                        _ => now_ms(),
                    };
                    session.connection.set(Connection::Lost { since_ms, retry_in_ms: wait });
                }
                wait
            }
        };
        pause.wait(wait).await;
        // The stream is told first. Whoever comes back begins this anew.
        if session.connection.get_untracked() == Connection::SignedOut {
            return;
        }
    }
}

async fn first_contact(session: Session) -> Result<(), Failure> {
    if session.operator.read_untracked().is_none() {
        let config = link::config().await?;
        session.config.set(config);
    }
    // Asked again each time: a role may be another one after somebody signed in again.
    let who = {
        let base = session.config.with_untracked(|config| config.base.clone());
        link::session(&base).await?
    };
    sign_in::take_up(session, who);
    let base = session.config.with_untracked(|config| config.base.clone());
    let calls = Some(link::calls(&base).await?);
    if *session.calls.read_untracked() != calls {
        session.calls.set(calls);
    }
    Ok(())
}

/// Who is signed in is found in the roster by the directory, else "This is me" is chosen once and remembered by this browser.
fn remember_me(session: Session) {
    const NAME: &str = "me";
    session.me.set(keep::read(NAME).and_then(|text| foldback_json::read(&text).ok()));
    // Whom the organization's directory knows needs no choice.
    effect(move || {
        let Some(id) = session.directory_id.get() else { return };
        let roster = session.roster.get();
        let known = roster.iter().find(|it| it.person.kind == "user" && it.person.id == id);
        let me = known.map(|it| it.person.clone());
        if me.is_some() && session.me.get_untracked().is_none() {
            session.me.set(me);
        }
    });
    effect(move || {
        let me = session.me.get().map(|PersonKey { tenant, kind, id }| {
            foldback_json::write(&mut |it| {
                it.text("tenant", &tenant);
                it.text("kind", &kind);
                it.text("id", &id);
            })
        });
        keep::write(NAME, me.as_deref());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_running_call_is_opened() {
        let calls: Vec<CallSummary> = foldback_json::read(
            r#"[{"id":"graph.a","kind":"graph","state":"ended"},
                {"id":"graph.b","kind":"graph","subject":"Town hall","state":"established",
                 "people":43,"rehearsal":true}]"#,
        )
        .unwrap();
        assert_eq!(default_call(&calls).unwrap().to_string(), "graph.b");
        assert_eq!(default_call(&calls[..1]).unwrap().to_string(), "graph.a");
        assert_eq!(default_call(&[]), None);
        assert_eq!(
            (calls[0].title().as_str(), calls[1].title().as_str()),
            ("Graph call a", "Town hall")
        );
    }

    #[test]
    fn calls_of_one_name_are_told_apart() {
        let calls: Vec<CallSummary> = foldback_json::read(
            r#"[{"id":"graph.0a-11ff","kind":"graph","subject":"Town hall","state":"established"},
                {"id":"graph.0a-22ee","kind":"graph","subject":"Town hall","state":"established"},
                {"id":"graph.c","kind":"graph","subject":"Review","state":"established"}]"#,
        )
        .unwrap();
        let titles: Vec<_> = calls.iter().map(|call| call.title_among(&calls)).collect();
        assert_eq!(titles, ["Town hall (…11ff)", "Town hall (…22ee)", "Review"]);
    }
}
