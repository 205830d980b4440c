//! The bar at the top: which call, how the panel stands with it, its figures, who else is here.

use foldback_model::{CallKey, live::Presence};
use leptos::prelude::*;

use crate::{
    help::HelpButton,
    icon::Icon,
    layout::DrawerOpen,
    link::{CallSummary, service},
    palette::PaletteButton,
    reactive::{For, Memo, Show, Signal, part},
    roster::collate::finds,
    route::{self, Room, Route},
    session::{Connection, Session, microphone::Counts, use_session},
    ui::{Choice, Combobox, attr, case::upper, drawer::DrawerButton, fixed, text},
    view::view,
};

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    let session = use_session();
    let title = Memo::new(move |_| {
        let call = session.call.read();
        call.as_ref().map(|call| call.subject.clone().unwrap_or_else(|| "Untitled call".to_owned()))
    });
    let several =
        Memo::new(move |_| session.calls.read().as_ref().is_some_and(|calls| calls.len() > 1));
    let open = expect_context::<DrawerOpen>().0;
    view! {
        <header class="top-bar">
            <span class="brand" data-tip="Foldback">
                <Icon name="brand"/>
            </span>
            <a
                class="button"
                data-look="icon"
                {..fixed("aria-label", "Calls".to_owned())}
                {..fixed("aria-description", "Other calls, and joining one".to_owned())}
                {..attr("href", move || Some(session.route.read().to_room(Room::Calls).hash()))}
            >
                <Icon name="plus"/>
            </a>
            <h1 class="call-name" class:visually-hidden=move || several.get()>
                {part(move || match title.get() {
                    Some(title) => view! { <bdi>{title}</bdi> }.into_any(),
                    None => view! { <span class="skeleton">"Opening the call"</span> }.into_any(),
                })}
            </h1>
            <Show when=move || several.get()>
                <CallChoice/>
            </Show>
            <Badge/>
            <State/>
            <Figures/>
            <Present/>
            <PaletteButton/>
            <HelpButton/>
            <DrawerButton label="Details" tip="Payload and operations" open/>
        </header>
    }
}

/// Goes to another call, in the same room.
pub fn show_call(session: Session, key: &str) {
    // Somebody who picks a call on the start page wants to see it.
    let room = match session.route.with_untracked(|route| route.room) {
        Room::Calls => Room::Roster,
        room => room,
    };
    route::go(Route { room, call: CallKey::parse(key), listener: None });
}

/// Which call, when there are several.
#[component]
fn CallChoice() -> impl IntoView {
    let session = use_session();
    let choices = Memo::new(move |_| {
        let calls = session.calls.get().unwrap_or_default();
        let choice = |call: &CallSummary| Choice {
            key: call.id.to_string(),
            name: call.title_among(&calls),
            hint: call.service().to_owned(),
        };
        calls.iter().map(choice).collect::<Vec<_>>()
    });
    let picked = Memo::new(move |_| {
        session.key.with(|key| key.as_ref().map_or_else(String::new, ToString::to_string))
    });
    let on_pick = move |key: String| show_call(session, &key);
    view! {
        <div class="call-choice">
            <Combobox label="Call" id="call" choices picked finds on_pick/>
        </div>
    }
}

/// Whether anybody real hears it, and which service carries it.
#[component]
fn Badge() -> impl IntoView {
    let session = use_session();
    part(move || match session.call.read().as_ref() {
        None => view! { <span class="badge skeleton" aria-hidden="true">"Rehearsal Graph"</span> }
            .into_any(),
        Some(call) => {
            let service = service(call.kind);
            let (word, tone, hint) = if call.rehearsal {
                ("Rehearsal", "rehearsal", "Everybody here is simulated; nobody real hears it")
            } else {
                ("Live", "live", "Real people hear what is done here")
            };
            view! {
                <span class="badge" data-tone=tone data-tip=hint>
                    {word} <span class="badge-service">{service}</span>
                </span>
            }
            .into_any()
        }
    })
}

/// The connection, by shape and word.
#[component]
fn State() -> impl IntoView {
    let session = use_session();
    let icon = Signal::derive(move || match session.connection.get() {
        Connection::Connecting => "ring",
        Connection::Live => "live",
        Connection::Lost { .. } => "offline",
        Connection::SignedOut | Connection::Shut => "key",
        Connection::Ended => "door",
    });
    let token = Signal::derive(move || match session.connection.get() {
        Connection::Connecting => "connecting",
        Connection::Live => "live",
        Connection::Lost { .. } => "lost",
        Connection::SignedOut | Connection::Shut => "signed-out",
        Connection::Ended => "ended",
    });
    view! {
        <span class="connection" {..attr("data-state", move || Some(token.get().to_owned()))}>
            <Icon name=icon/>
            <span>{text(move || session.connection.get().word().to_owned())}</span>
        </span>
    }
}

/// People, open microphones, what is pending and what failed.
#[component]
fn Figures() -> impl IntoView {
    let session = use_session();
    let counts = Memo::new(move |_| {
        Counts::of(&session.roster.read(), session.call.read().as_ref(), &session.intents.read())
    });
    let known = Memo::new(move |_| session.call.read().is_some());
    let figure = move |name: &'static str, tone: &'static str, of: fn(&Counts) -> usize| {
        let value = move || of(&counts.read());
        view! {
            <div
                data-tone=tone
                class="bar-figure"
                {..attr("data-zero", move || (value() == 0).then(String::new))}
            >
                <dd>
                    {text(move || if known.get() { value().to_string() } else { "–".to_owned() })}
                </dd>
                <dt>{name}</dt>
            </div>
        }
    };
    view! {
        <dl class="figures">
            {figure("people", "plain", |counts| counts.people)}
            {figure("open mics", "plain", |counts| counts.open)}
            {figure("pending", "pending", |counts| counts.pending)}
            {figure("failed", "bad", |counts| counts.failed)}
        </dl>
    }
}

/// Operators who have the call open.
#[component]
fn Present() -> impl IntoView {
    const SHOWN: usize = 4;
    let session = use_session();
    let shown = move || {
        let mut operators = session.operators.get();
        operators.truncate(SHOWN);
        operators
    };
    let more = move || session.operators.read().len().saturating_sub(SHOWN);
    view! {
        <ul class="operators" aria-label="Operators here">
            <For each=shown key=|operator: &Presence| operator.id.to_string() let:operator>
                {
                    let is_me = session.is_me(&operator.id);
                    view! {
                        <li class="operator" data-me=is_me.then_some("") data-tip=operator.name.clone()>
                            <bdi>{initials(&operator.name)}</bdi>
                            <span class="visually-hidden">
                                {operator.name.clone()} {is_me.then_some(" (you)")}
                            </span>
                        </li>
                    }
                }
            </For>
            <Show when=move || { more() > 0 }>
                <li class="operator">{text(move || format!("+{}", more()))}</li>
            </Show>
        </ul>
    }
}

/// At most two letters that stand for a name.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    upper(&first.into_iter().chain(words.next_back()).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_first_and_last() {
        assert_eq!(initials("Ana María Ruiz"), "AR");
        assert_eq!(initials("operator"), "O");
        assert_eq!(initials("李小龍"), "李");
        assert_eq!(initials(" "), "");
    }
}
