//! Coming and going: signing in, going on after a session is over without losing the desk, signing out.

use leptos::{prelude::*, task::spawn_local};

use super::notice::reload;
use crate::{
    icon::Icon,
    link::{self, Failure, token},
    reactive::{Show, part},
    session::{Connection, Session, use_session},
    ui::{Button, text},
    view::view,
};

/// Looks whether somebody is signed in again, for example in another window. The same operator goes on
/// where they were, with all that waited to be sent; another one gets a fresh page.
pub fn come_back(session: Session) {
    if session.connection.get_untracked() != Connection::SignedOut {
        return;
    }
    spawn_local(async move {
        let base = session.config.with_untracked(|config| config.base.clone());
        let Ok(who) = link::session(&base).await else { return };
        if session.operator.with_untracked(|old| old.as_ref() != Some(&who.operator)) {
            return reload();
        }
        session.rights.set(who.rights);
        session.connection.set(Connection::Connecting);
        session.comings.update(|n| *n = n.wrapping_add(1));
        session.say("Signed in again");
    });
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
        let config = session.config.read();
        let path = config.sign_in.clone().filter(|path| path.starts_with('/'))?;
        let back = if is_known { "done".to_owned() } else { session.route.read().hash() };
        let back = String::from(js_sys::encode_uri_component(&back));
        Some(format!("{}{path}?return_to={back}", config.base))
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
