//! The start page: the calls this operator may open, and joining another one.

mod address;

use foldback_model::{CallKey, call::CallPhase};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    app::sign_in::WhoIsHere,
    icon::Icon,
    lazy::{Lazy, Piece, Pieces},
    link::{self, CallSummary},
    reactive::{For, Memo, RwSignal, Show, Signal, part},
    route::{self, Route},
    session::{Right, Session, use_session},
    ui::{Button, Look, TextField, text},
    view::view,
    withheld::{Withheld, use_withheld},
};
use address::Address;

/// Seconds in which leaving a call can be taken back.
const HOLD_S: usize = 5;

/// The page.
#[component]
pub fn Calls(
    /// Where the form comes from.
    pieces: Pieces,
) -> impl IntoView {
    let session = use_session();
    // Those that are over come last.
    let calls = move || {
        let mut calls = session.calls.get().unwrap_or_default();
        calls.sort_by_key(|call| call.state == CallPhase::Ended);
        let titles: Vec<_> = calls.iter().map(|call| call.title_among(&calls)).collect();
        calls.into_iter().zip(titles).collect()
    };
    let leaving = use_withheld();
    // What is shown first may be half a minute old.
    session.wake.update(|n| *n = n.wrapping_add(1));
    view! {
        <section class="calls" aria-label="Calls">
            <Show when=move || session.calls.read().as_ref().is_some_and(Vec::is_empty)>
                <p class="calls-none">
                    "Foldback is in no call. Join one below; a call joined elsewhere appears here by itself."
                </p>
            </Show>
            <ul class="call-list">
                <For each=calls key=described let:call>
                    <CallLine title=call.1 call=call.0 leaving/>
                </For>
            </ul>
            <Lazy piece=Piece::Join pieces/>
            <WhoIsHere/>
        </section>
    }
}

/// A call that looks otherwise is drawn anew; how many people are in it changes in its place.
fn described((call, title): &(CallSummary, String)) -> String {
    format!("{} {} {title}", call.id, state(call))
}

fn state(call: &CallSummary) -> &'static str {
    match call.state {
        CallPhase::Establishing => "Joining",
        CallPhase::Established => "Running",
        CallPhase::Ended => "Over",
    }
}

#[component]
fn CallLine(
    /// The call.
    call: CallSummary,
    /// What it is called here.
    title: String,
    /// Leaves it.
    leaving: Withheld,
) -> impl IntoView {
    let session = use_session();
    let (icon, tone) = match call.state {
        CallPhase::Establishing => ("ring", "pending"),
        CallPhase::Established => ("live", "good"),
        CallPhase::Ended => ("door", "over"),
    };
    let (id, n_people) = (call.id.clone(), call.people);
    let people = move || {
        let calls = session.calls.read();
        let now = calls.iter().flatten().find(|call| call.id == id);
        match now.map_or(n_people, |call| call.people) {
            1 => "1 person".to_owned(),
            n => format!("{n} people"),
        }
    };
    let service = call.service();
    let rehearsal = if call.rehearsal { ", a rehearsal" } else { "" };
    let label = Signal::stored(format!("Leave {title}"));
    let left = (call.id.clone(), title.clone());
    let leave = move |()| leave(session, left.clone(), leaving);
    view! {
        <li class="call-item">
            <a
                class="call-line"
                data-tone=tone
                href=Route { call: Some(call.id.clone()), ..Route::default() }.hash()
            >
                <Icon name=icon/>
                <bdi class="name">{title}</bdi>
                <span class="call-line-more">
                    {state(&call)} ", " {text(people)} ", " {service} {rehearsal}
                </span>
            </a>
            <Show when=move || call.state != CallPhase::Ended>
                <Button
                    label
                    tip="Foldback leaves the call for everybody; it can no longer hear, mute or mix there"
                    hindrance=Signal::derive(move || session.hindrance(Right::Leave))
                    on_press=leave.clone()
                >
                    "Leave"
                </Button>
            </Show>
        </li>
    }
}

/// Has Foldback leave a call, unless that is taken back.
fn leave(session: Session, (id, title): (CallKey, String), leaving: Withheld) {
    let what = format!("Leaving {title} for everybody");
    let act = move || {
        spawn_local(async move {
            let base = session.config.with_untracked(|config| config.base.clone());
            let url = format!("{base}/foldback/v1/calls/{id}");
            match link::ask("DELETE", &url, "").await {
                Ok(()) => {
                    session
                        .calls
                        .update(|calls| calls.get_or_insert_default().retain(|it| it.id != id));
                    session.say(format!("Foldback left {title}"));
                }
                Err(failure) => {
                    session.tell(format!("Foldback did not leave {title}: {}", failure.message()));
                }
            }
        });
    };
    leaving.hold("Leaving a call", what, HOLD_S, act);
}

/// What is being joined. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
struct Joining {
    session: Session,
    typed: RwSignal<String>,
    passcode: RwSignal<String>,
    is_busy: RwSignal<bool>,
    /// Why it was not joined.
    failed: RwSignal<String>,
}

impl Joining {
    fn start(self) {
        if self.is_busy.get_untracked() || !self.session.is_allowed(Right::Join) {
            return;
        }
        let typed = self.typed.get_untracked();
        let Some(address) = Address::of(&typed) else {
            let what = if typed.trim().is_empty() { "Nothing is" } else { "This cannot be" };
            self.failed.set(format!(
                "{what} joined: paste the https link of a Teams meeting, its id, or the id of an ACS group \
                 call or room."
            ));
            return self.session.say(self.failed.get_untracked());
        };
        self.is_busy.set(true);
        self.failed.set(String::new());
        self.session.say("Joining");
        let body = address.body(&typed, &self.passcode.get_untracked());
        spawn_local(async move {
            let base = self.session.config.with_untracked(|config| config.base.clone());
            let joined = link::join(&base, &body).await;
            self.is_busy.try_set(false);
            match joined {
                Ok(call) => self.joined(call),
                Err(failure) => {
                    self.failed.try_set(format!("Not joined: {}", failure.message()));
                    self.session.say(format!("Not joined: {}", failure.message()));
                }
            }
        });
    }

    fn joined(self, call: CallSummary) {
        let call_id = call.id.clone();
        self.session.calls.update(|calls| {
            let calls = calls.get_or_insert_default();
            calls.retain(|it| it.id != call.id);
            calls.push(call);
        });
        route::go(Route { call: Some(call_id), ..Route::default() });
    }
}

/// The form that joins a call.
#[component]
pub fn Join() -> impl IntoView {
    let join = Joining {
        session: use_session(),
        typed: RwSignal::new(String::new()),
        passcode: RwSignal::new(String::new()),
        is_busy: RwSignal::new(false),
        failed: RwSignal::new(String::new()),
    };
    let address = Memo::new(move |_| join.typed.with(|typed| Address::of(typed)));
    let start = move |()| join.start();
    view! {
        <div class="join" role="group" aria-label="Join a call">
            <h3>"Join a call"</h3>
            <TextField label="Meeting link or id, ACS group call or room" text=join.typed on_enter=start/>
            <Show when=move || address.get() == Some(Address::MeetingId)>
                <TextField label="Passcode, if it has one" text=join.passcode on_enter=start/>
            </Show>
            <p class="join-what">
                {text(move || address.get().map_or_else(String::new, |it| format!("This is {}.", it.name())))}
            </p>
            {part(move || match join.failed.get() {
                words if words.is_empty() => ().into_any(),
                words => view! { <p class="join-failed">{words}</p> }.into_any(),
            })}
            <Button
                look=Look::Primary
                on_press=start
                hindrance=Signal::derive(move || {
                    let busy = join.is_busy.get().then_some("Already joining");
                    busy.or_else(|| join.session.hindrance(Right::Join))
                })
            >
                "Join"
            </Button>
        </div>
    }
}
