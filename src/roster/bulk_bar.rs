//! Under the grid while a bulk mute is held back, runs, or has something to tell.

use foldback_model::{ParticipantId, Roster};
use leptos::prelude::*;

use crate::{
    reactive::{Memo, Show, effect},
    session::{
        Bulk,
        bulk::{self, HOLD_MS, Progress},
        use_session,
    },
    ui::{Hold, HoldBar, Phase},
    view::view,
};

/// The bar; takes no place while there is nothing to say.
#[component]
pub fn BulkBar() -> impl IntoView {
    let session = use_session();
    let progress = Memo::new(move |_| {
        let bulk = session.bulk.read();
        bulk.as_ref().map(|bulk| bulk.progress(&session.roster.read(), &session.intents.read()))
    });
    let hold = Memo::new(move |_| {
        let bulk = session.bulk.read();
        let Some(bulk) = bulk.as_ref() else { return Hold::default() };
        match progress.get() {
            Some(progress) if bulk.seconds_left == 0 => running(progress, &session.roster.read()),
            _ => held(bulk),
        }
    });
    effect(move || {
        if hold.with(|hold| hold.phase == Phase::Over) {
            session.say(hold.with(|hold| hold.words.clone()));
        }
    });
    let retry = move |()| {
        let failed = progress.get_untracked().map(|it| it.failed).unwrap_or_default();
        bulk::retry(session, failed.into_iter().map(|(id, _)| id).collect());
    };
    view! {
        <Show when=move || session.bulk.read().is_some()>
            <HoldBar
                label="Muting several people"
                hold
                on_cancel=move |()| bulk::cancel(session)
                on_retry=retry
                on_dismiss=move |()| session.bulk.set(None)
            />
        </Show>
    }
}

/// What is shown while it can be taken back.
fn held(bulk: &Bulk) -> Hold {
    let seconds = bulk.seconds_left;
    let total = HOLD_MS / 1000;
    Hold {
        phase: Phase::Held,
        words: format!("Muting {} in {seconds} s", bulk.people.len()),
        done: total.saturating_sub(seconds).try_into().unwrap_or_default(),
        total: total.try_into().unwrap_or_default(),
        failed: Vec::new(),
    }
}

/// What is shown once it is being sent.
fn running(progress: Progress, roster: &Roster) -> Hold {
    let name =
        |id: &ParticipantId| roster.get(id).map_or_else(String::new, |person| person.name.clone());
    Hold {
        phase: if progress.is_over() { Phase::Over } else { Phase::Running },
        words: summary(&progress),
        done: progress.confirmed,
        total: progress.total,
        failed: progress.failed.into_iter().map(|(id, why)| (name(&id), why)).collect(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_the_roster_confirmed() {
        let mut progress = Progress { total: 4, confirmed: 3, failed: Vec::new() };
        assert_eq!(summary(&progress), "3/4 confirmed");
        progress.failed.push((ParticipantId::parse("ada").unwrap(), "no".to_owned()));
        assert_eq!(summary(&progress), "3/4 confirmed, 1 failed");
        let hold = running(progress, &Roster::default());
        assert_eq!((hold.phase, hold.done, hold.total, hold.failed.len()), (Phase::Over, 3, 4, 1));
    }

    #[test]
    fn what_is_held_counts_down() {
        let bulk = Bulk { people: Vec::new(), seconds_left: 1 };
        let hold = held(&bulk);
        assert_eq!((hold.phase, hold.done, hold.total), (Phase::Held, 1, 2));
    }
}
