//! Under the grid while a bulk mute is held back, runs, or has something to tell.

use leptos::prelude::*;

use crate::{
    icon::Icon,
    reactive::{For, Memo, Show, Signal, effect, part},
    session::{
        Bulk,
        bulk::{self, Progress},
        use_session,
    },
};

/// The bar; takes no place while there is nothing to say.
#[component]
pub fn BulkBar() -> impl IntoView {
    let session = use_session();
    let progress = Memo::new(move |_| {
        session
            .bulk
            .read()
            .as_ref()
            .map(|bulk| bulk.progress(&session.roster.read(), &session.intents.read()))
            .unwrap_or_default()
    });
    let mut was_over = true;
    effect(move || {
        let running = session.bulk.read().as_ref().is_some_and(|bulk| bulk.seconds_left == 0);
        let progress = progress.read();
        let over = running && progress.is_over();
        if !std::mem::replace(&mut was_over, over) && over {
            session.say(summary(&progress));
        }
    });
    part(move || {
        session.bulk.get().map_or_else(
            || ().into_any(),
            |bulk| {
                if bulk.seconds_left > 0 {
                    view! { <Held bulk/> }.into_any()
                } else {
                    view! { <Running progress/> }.into_any()
                }
            },
        )
    })
}

/// One sentence on how it went.
fn summary(progress: &Progress) -> String {
    let Progress { total, confirmed, failed } = progress;
    if failed.is_empty() {
        format!("{confirmed}/{total} confirmed")
    } else {
        format!("{confirmed}/{total} confirmed, {} failed", failed.len())
    }
}

#[component]
fn Held(
    /// What is held back.
    bulk: Bulk,
) -> impl IntoView {
    let session = use_session();
    let people = bulk.people.len();
    let seconds = bulk.seconds_left;
    view! {
        <div class="bulk" data-phase="held">
            <Icon name="ring"/>
            <p>{format!("Muting {people} in {seconds} s")}</p>
            <button type="button" class="plain" on:click=move |_| bulk::cancel(session)>
                "Cancel"
            </button>
        </div>
    }
}

#[component]
fn Running(
    /// How far it is.
    progress: Memo<Progress>,
) -> impl IntoView {
    let session = use_session();
    let is_over = move || progress.read().is_over();
    let failed = move || {
        let roster = session.roster.read();
        progress
            .get()
            .failed
            .into_iter()
            .map(|(id, message)| {
                let name = roster.get(&id).map_or_else(String::new, |person| person.name.clone());
                (id, name, message)
            })
            .collect::<Vec<_>>()
    };
    let icon = Signal::derive(move || {
        let progress = progress.read();
        match (progress.failed.is_empty(), progress.is_over()) {
            (false, _) => "triangle",
            (true, true) => "check",
            (true, false) => "ring",
        }
    });
    let retry = move |_| {
        let people = progress.get_untracked().failed.into_iter().map(|(id, _)| id).collect();
        bulk::retry(session, people);
    };
    view! {
        <div
            class="bulk"
            data-phase=move || if is_over() { "over" } else { "running" }
            data-failed=move || (!progress.read().failed.is_empty()).then_some("")
        >
            <Icon name=icon/>
            <p>{move || summary(&progress.read())}</p>
            <ul class="bulk-failed">
                <For each=failed key=|(id, _, message)| format!("{id} {message}") let:item>
                    <li>
                        <bdi>{item.1}</bdi>
                        ": "
                        {item.2}
                    </li>
                </For>
            </ul>
            <Show when=move || !progress.read().failed.is_empty()>
                <button type="button" class="plain" on:click=retry>
                    <Icon name="retry"/>
                    "Retry"
                </button>
            </Show>
            <Show when=is_over>
                <button type="button" class="plain" on:click=move |_| session.bulk.set(None)>
                    "Dismiss"
                </button>
            </Show>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::ParticipantId;

    use super::*;

    #[test]
    fn the_summary_counts_what_the_roster_confirmed() {
        let mut progress = Progress { total: 4, confirmed: 3, failed: Vec::new() };
        assert_eq!(summary(&progress), "3/4 confirmed");
        progress.failed.push((ParticipantId::parse("ada").unwrap(), "no".to_owned()));
        assert_eq!(summary(&progress), "3/4 confirmed, 1 failed");
    }
}
