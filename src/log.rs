//! The log: who did what to whom, when, from where and with what result, on this call; and who signed in
//! and out. The proxy keeps it; this room reads it, finds in it, and hands it out as a file.

mod entry;
mod people;
mod save;

use std::time::Duration;

use foldback_model::CallKey;
use leptos::{prelude::*, task::spawn_local};
use web_sys::Event;

use self::{
    entry::{Entry, Page},
    people::SignedIn,
};
use crate::{
    icon::Icon,
    link::{self, token},
    reactive::{For, Memo, RwSignal, Show, Signal, effect, part},
    roster::collate::finds,
    session::{Right, Session, now_ms, use_session},
    ui::{
        Button, SearchBox, Toggle, attr, on,
        tabs::{Tabs, panel_id, tab_id},
        text,
    },
    view::view,
};

/// How far back the list goes, in milliseconds; all of it with 0.
const SPANS: [(&str, u64); 3] = [("Last hour", 3_600_000), ("Last day", 86_400_000), ("All", 0)];

/// Milliseconds between two readings.
const PAUSE_MS: u64 = 500;

/// What the room shows one of: what was done on the call, and what is of no call.
const PARTS: [&str; 2] = ["Call", "Sign-ins"];

const COLUMNS: [&str; 6] = ["When", "Who", "What", "Whom", "Result", "From"];

/// Seconds between two readings of what no stream tells of.
const AGAIN_S: u64 = 10;

/// What is shown of the log. A handle: copying it copies no state.
#[derive(Debug, Clone, Copy)]
struct Log {
    session: Session,
    /// Which of [`PARTS`] is shown.
    part: RwSignal<usize>,
    span_ms: RwSignal<u64>,
    typed: RwSignal<String>,
    page: RwSignal<Page>,
    /// Why it could not be read.
    failed: RwSignal<String>,
    is_reading: RwSignal<bool>,
    /// Something happened while it was read.
    is_stale: RwSignal<bool>,
    /// Counts what asks for reading again beside what the call tells.
    readings: RwSignal<u32>,
}

impl Log {
    fn new() -> Self {
        Self {
            session: use_session(),
            part: RwSignal::new(0),
            span_ms: RwSignal::new(3_600_000),
            typed: RwSignal::default(),
            page: RwSignal::default(),
            failed: RwSignal::default(),
            is_reading: RwSignal::new(false),
            is_stale: RwSignal::new(false),
            readings: RwSignal::default(),
        }
    }

    /// What is looked at: the part of the room, and which call's.
    fn of(self) -> (usize, Option<CallKey>) {
        let part = self.part.get_untracked();
        (part, self.session.key.get_untracked().filter(|_| part == 0))
    }

    fn is_of_call(self) -> bool {
        self.part.get() == 0
    }

    /// The address of the log with the span that is chosen.
    fn url(self, format: &str) -> String {
        let mut url = self.session.config.with(|config| config.base.clone());
        url.push_str("/foldback/v1");
        if self.is_of_call() {
            let key = self.session.key.with(|key| key.as_ref().map(ToString::to_string));
            url.push_str("/calls/");
            url.push_str(&key.unwrap_or_default());
        }
        url.push_str("/audit?order=newest");
        let span_ms = self.span_ms.get();
        if span_ms > 0 {
            url.push_str("&from=");
            url.push_str(&now_ms().saturating_sub(span_ms).to_string());
        }
        if format.is_empty() {
            url.push_str("&limit=1000");
        } else {
            // Files go to the end.
            url.push_str("&format=");
            url.push_str(format);
        }
        url
    }

    /// Reads it, and once more when something happened meanwhile.
    fn read(self) {
        let of = self.of();
        if of == (0, None) {
            // It is read as soon as it is known of which call.
            return;
        }
        if self.is_reading.get_untracked() {
            self.is_stale.set(true);
            return;
        }
        self.is_reading.set(true);
        self.is_stale.set(false);
        let url = untrack(|| self.url(""));
        spawn_local(async move {
            let read = link::read_at::<Page>(&url).await;
            // The room may be gone by now.
            if self.is_reading.try_get_untracked().is_none() {
                return;
            }
            match read {
                // Something else is looked at by now; that is read next.
                _ if self.of() != of => {}
                Ok(page) => {
                    self.failed.set(String::new());
                    self.page.set(page);
                }
                Err(failure) => self.failed.set(failure.message()),
            }
            // Somebody who drags a fader makes news ten times a second.
            let again = move || {
                if self.is_reading.try_get_untracked().is_some() {
                    self.is_reading.set(false);
                    if self.is_stale.get_untracked() {
                        self.read();
                    }
                }
            };
            set_timeout(again, Duration::from_millis(PAUSE_MS));
        });
    }

    /// What is listed, the newest first.
    fn shown(self) -> Vec<Entry> {
        let typed = self.typed.get();
        let mut shown = self.page.with(|page| page.entries.clone());
        shown.retain(|entry| typed.trim().is_empty() || finds(&typed, &entry.words()));
        shown
    }
}

/// The room.
#[component]
pub fn LogRoom() -> impl IntoView {
    let session = use_session();
    let hindrance = Memo::new(move |_| session.hindrance(Right::Audit));
    view! {
        <section class="log" aria-label="Log">
            {part(move || match hindrance.get() {
                Some(why) => {
                    view! {
                        <div class="notice">
                            <Icon name="log"/>
                            <h3>"The log is not yours to read"</h3>
                            <p>{format!("It shows where people worked from: {why}.")}</p>
                        </div>
                    }
                        .into_any()
                }
                None => view! { <Entries/> }.into_any(),
            })}
        </section>
    }
}

#[component]
fn Entries() -> impl IntoView {
    let log = Log::new();
    // What operators do shows in the operations and scenes of the call: then there is more to read.
    effect(move || {
        if log.is_of_call() {
            log.session.operations.track();
            log.session.scenes.track();
            log.session.key.track();
        }
        log.readings.track();
        log.span_ms.track();
        log.read();
    });
    effect(move || {
        log.part.track();
        log.session.key.track();
        log.page.set(Page::default());
        log.failed.set(String::new());
    });
    look_again(log);
    let shown = Memo::new(move |_| log.shown());
    let panel = move || PARTS.get(log.part.get()).copied().unwrap_or_default();
    view! {
        <header class="desk-bar">
            <Tabs label="What the log is of" names=PARTS.to_vec() chosen=log.part/>
            <SearchBox label="Search the log" text=log.typed/>
            <div class="slot-keys" role="group" aria-label="How far back">
                {SPANS
                    .map(|(name, ms)| {
                        view! {
                            <Toggle
                                label=name
                                is_on=Signal::derive(move || log.span_ms.get() == ms)
                                on_toggle=move |_: bool| log.span_ms.set(ms)
                            >
                                {name}
                            </Toggle>
                        }
                    })
                    .collect_view()}
            </div>
            <div class="log-files">
                <FileLink log name="CSV" format="csv"/>
                <FileLink log name="JSON Lines" format="jsonl"/>
            </div>
        </header>
        {part(move || match log.failed.get() {
            words if words.is_empty() => ().into_any(),
            words => {
                view! {
                    <div class="kept" role="group" aria-label="The log could not be read">
                        <p class="kept-text">{words}</p>
                        <Button on_press=move |()| log.read()>"Try again"</Button>
                    </div>
                }
                    .into_any()
            }
        })}
        <div
            class="log-list"
            tabindex="0"
            role="tabpanel"
            {..attr("id", move || Some(panel_id(panel())))}
            {..attr("aria-labelledby", move || Some(tab_id(panel())))}
        >
            <Show when=move || !log.is_of_call()>
                <SignedIn readings=log.readings/>
            </Show>
            // With roles of its own: on a telephone it is no table to the style sheet.
            <table role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        {COLUMNS
                            .map(|name| view! { <th role="columnheader" scope="col">{name}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || shown.get() key=Entry::key let:entry>
                        <Line entry/>
                    </For>
                </tbody>
            </table>
            <Show when=move || shown.with(Vec::is_empty)>
                <p class="room-empty">
                    {text(move || {
                        if !log.failed.with(String::is_empty) {
                            return String::new();
                        }
                        match (!log.is_reading.get(), log.page.with(|page| page.entries.is_empty())) {
                            (false, true) => "Reading the log…",
                            (true, true) => if log.is_of_call() {
                                "Nobody did anything in this period."
                            } else {
                                "Nobody came or went in this period."
                            },
                            _ => "No entry fits.",
                        }
                        .to_owned()
                    })}
                </p>
            </Show>
            <Show when=move || log.page.with(|page| page.has_more)>
                <p class="room-empty">
                    "There is more than fits here: the files have all of it."
                </p>
            </Show>
        </div>
    }
}

/// All of the span as a file.
#[component]
fn FileLink(
    /// Of which log.
    log: Log,
    /// What the form is called.
    name: &'static str,
    /// How the proxy knows it.
    format: &'static str,
) -> impl IntoView {
    let file = format!("foldback-log.{format}");
    let to_save = file.clone();
    // A link takes no token along: then the file is read, and saved from here.
    let save = move |event: Event| {
        if token::is_given() {
            event.prevent_default();
            let url = untrack(|| log.url(format));
            let file = to_save.clone();
            spawn_local(async move {
                if let Err(failure) = save::save(&url, &file).await {
                    log.session.tell(format!("{file} was not saved: {}", failure.message()));
                }
            });
        }
    };
    view! {
        <a
            class="button"
            download=file
            // From the same time on as the list beside it.
            href=move || {
                log.page.track();
                log.url(format)
            }
            {..on("click", save)}
        >
            {name}
        </a>
    }
}

/// Reads what no stream tells of now and then, while it is looked at.
fn look_again(log: Log) {
    let again = move || {
        if log.part.get_untracked() != 0 {
            log.readings.update(|n| *n = n.wrapping_add(1));
        }
    };
    if let Ok(timer) = set_interval_with_handle(again, Duration::from_secs(AGAIN_S)) {
        on_cleanup(move || timer.clear());
    }
}

#[component]
fn Line(
    /// What was done.
    entry: Entry,
) -> impl IntoView {
    let (icon, tone) = entry.mark();
    view! {
        <tr role="row" data-tone=tone>
            <td role="cell" class="log-when">{entry.when()}</td>
            <td role="cell"><bdi>{entry.who().to_owned()}</bdi></td>
            <td role="cell">{entry.what()}</td>
            <td role="cell"><bdi>{entry.whom()}</bdi></td>
            <td role="cell" class="log-result">
                <Icon name=icon/>
                {entry.result()}
            </td>
            <td role="cell" class="log-from">{entry.from.clone().unwrap_or_default()}</td>
        </tr>
    }
}
