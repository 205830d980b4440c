//! Coming and going: signing in, going on after a session is over without losing the desk, signing out.

use leptos::{prelude::*, task::spawn_local};

use super::notice::{clock, reload};
use crate::{
    icon::Icon,
    link::{self, Failure, Who, token},
    reactive::{Show, effect, part},
    session::{Connection, Session, now_ms, use_session},
    ui::{Button, text},
    view::view,
};

/// Milliseconds before the end of a session from which the operator is asked to sign in again.
const SOON_MS: u64 = 15 * 60_000;

/// Looks whether somebody is signed in again, for example in another window. The same operator goes on
/// where they were, with all that waited to be sent; another one gets a fresh page.
pub fn come_back(session: Session) {
    if session.operator.with_untracked(Option::is_none) {
        return;
    }
    spawn_local(async move {
        let base = session.config.with_untracked(|config| config.base.clone());
        // Who is not signed in is told by what they do.
        if let Ok(who) = link::session(&base).await {
            take_up(session, who);
        }
    });
}

/// Takes up what the proxy says of whoever is signed in. Somebody else gets a fresh page.
pub fn take_up(session: Session, who: Who) {
    let Who { operator, directory_id, rights, until } = who;
    let before = session.operator.get_untracked();
    if before.as_ref().is_some_and(|before| *before != operator) {
        return reload();
    }
    if session.rights.with_untracked(|before| *before != rights) {
        session.rights.set(rights);
    }
    // A page that gives tokens sees to the next one itself.
    let is_soon =
        !token::is_given() && until.is_some_and(|until| now_ms().saturating_add(SOON_MS) >= until);
    let ended_soon = session.ends_soon.get_untracked();
    if session.until.get_untracked() != until {
        session.until.set(until);
    }
    if ended_soon != is_soon {
        session.ends_soon.set(is_soon);
    }
    if before.is_none() {
        link::act_as(&operator.id);
        session.directory_id.set(directory_id);
        session.operator.set(Some(operator));
    }
    let is_out = session.connection.get_untracked() == Connection::SignedOut;
    if is_out {
        session.connection.set(Connection::Connecting);
        session.comings.update(|n| *n = n.wrapping_add(1));
    }
    if is_out || (ended_soon && !is_soon) {
        session.say("Signed in again");
    }
}

/// Where to sign in, and then go on at `back`; none where it is a link of the terminal that signs in.
fn address(session: Session, back: &str) -> Option<String> {
    let config = session.config.read();
    let path = config.sign_in.as_ref().filter(|path| path.starts_with('/'))?;
    let back = String::from(js_sys::encode_uri_component(back));
    Some(format!("{}{path}?return_to={back}", config.base))
}

/// Asks to sign in again while there is time: nothing stops for it.
#[component]
pub fn EndsSoon() -> impl IntoView {
    let session = use_session();
    let shown = move || {
        let is_in = session.connection.get() != Connection::SignedOut;
        let until = session.until.get().filter(|_| is_in && session.ends_soon.get())?;
        Some((until, address(session, "done")?))
    };
    effect(move || {
        if let Some((until, _)) = shown() {
            session.say(format!("Your session ends at {}. Sign in again", clock(until)));
        }
    });
    part(move || {
        match shown() {
        Some((until, address)) => view! {
            <div class="banner" data-tone="warn">
                <Icon name="key"/>
                <p>
                    <strong>{format!("Your session ends at {}. ", clock(until))}</strong>
                    "Sign in again in a window of its own, then close it. Nothing here is interrupted."
                </p>
                <a class="button" href=address target="_blank">"Sign in again"</a>
            </div>
        }
        .into_any(),
        None => ().into_any(),
    }
    })
}

/// Ends the session, here and at the issuer where it has a place for that.
pub fn sign_out(session: Session) {
    spawn_local(async move {
        let base = session.config.with_untracked(|config| config.base.clone());
        match link::sign_out(&base).await {
            Ok(Some(address)) => {
                if window().location().set_href(&address).is_err() {
                    session.tell("You are signed out here, but the issuer could not be asked");
                }
            }
            Ok(None) | Err(Failure::SignedOut) => session.connection.set(Connection::SignedOut),
            Err(failure) => {
                session.tell(format!("You are still signed in: {}", failure.message()));
            }
        }
    });
}

/// Who is signed in, and the way out; absent while nobody is known.
#[component]
pub fn WhoIsHere() -> impl IntoView {
    let session = use_session();
    let name = move || {
        session.operator.with(|it| it.as_ref().map_or_else(String::new, |it| it.name.clone()))
    };
    let role = move || session.rights.with(|rights| rights.role().to_owned());
    view! {
        <Show when=move || session.operator.read().is_some()>
            <p class="account">
                <span>
                    "Signed in as " <bdi>{text(name)}</bdi>
                    {text(move || match role() {
                        role if role.is_empty() => String::new(),
                        role => format!(", {role}"),
                    })}
                </span>
                // With tokens it is the page around the panel that signs people in and out.
                <Show when=|| !token::is_given()>
                    <Button on_press=move |()| sign_out(session)>"Sign out"</Button>
                </Show>
            </p>
        </Show>
    }
}

/// Nobody is signed in. Where there is something to lose the way in is a window of its own.
#[component]
pub fn SignedOutView() -> impl IntoView {
    let session = use_session();
    let is_known = session.operator.with_untracked(Option::is_some);
    let address = move || {
        if is_known {
            address(session, "done")
        } else {
            address(session, &session.route.read().hash())
        }
    };
    view! {
        <section class="notice">
            <Icon name="key"/>
            <h2>{if is_known { "You are signed out" } else { "You are not signed in" }}</h2>
            {part(move || match address() {
                Some(address) => {
                    view! {
                        <p>
                            {if is_known {
                                "Nothing is lost: the call goes on, and what you prepared is still here. \
                                 Signing in opens a window of its own; close it when it is done."
                            } else {
                                "Sign in with your organization’s account."
                            }}
                        </p>
                        <a
                            class="button"
                            data-look="primary"
                            href=address
                            target=is_known.then_some("_blank")
                        >
                            "Sign in"
                        </a>
                    }
                        .into_any()
                }
                None if token::is_given() => {
                    view! {
                        <p>
                            "This page has no token for you, or Foldback does not take it. Sign in with the page \
                             that shows the panel, then go on here."
                        </p>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p>
                            "Open a new sign-in link. "
                            "The terminal in which Foldback runs prints one on the line that starts with "
                            <code>"sign-in:"</code> "; each link works once."
                        </p>
                    }
                        .into_any()
                }
            })}
            <Button on_press=move |()| {
                if is_known { come_back(session) } else { reload() }
            }>
                <Icon name="retry"/>
                "I have signed in: go on"
            </Button>
        </section>
    }
}
