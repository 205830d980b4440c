//! Who is signed in now, and ending somebody's sessions everywhere.

use foldback_json::{Node, Read, write};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    app::notice::moment,
    link,
    reactive::{For, RwSignal, Signal, effect},
    session::{Session, use_session},
    ui::{Button, text},
    view::view,
    withheld::{Withheld, use_withheld},
};

/// Seconds in which ending somebody's sessions can be taken back.
const HOLD_S: usize = 5;

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    id: String,
    name: String,
    role: String,
    /// In how many browsers.
    sessions: usize,
    /// When one of them was last used, in milliseconds since 1970.
    used: u64,
}

impl Read for Person {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let operator: link::Operator = node.field("operator")?;
        Ok(Self {
            id: operator.id,
            name: operator.name,
            role: node.field("role")?,
            sessions: node.field("sessions")?,
            used: node.field("used")?,
        })
    }
}

impl Person {
    /// Names them while they stand in the list: what changes of them changes in its place.
    fn key(&self) -> String {
        self.id.clone()
    }

    fn browsers(&self) -> String {
        match self.sessions {
            1 => "one browser".to_owned(),
            n => format!("{n} browsers"),
        }
    }

    fn words(&self) -> String {
        format!("{}, {}, last used at {}", self.role, self.browsers(), moment(self.used))
    }
}

/// All of them.
struct People(Vec<Person>);

impl Read for People {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        node.field("people").map(Self)
    }
}

/// The list.
#[component]
pub fn SignedIn(
    /// Counts the readings of the log: the list is read with it.
    readings: RwSignal<u32>,
) -> impl IntoView {
    let session = use_session();
    let people = RwSignal::new(Vec::<Person>::new());
    let ending = use_withheld();
    effect(move || {
        readings.track();
        spawn_local(async move {
            let base = session.config.with_untracked(|config| config.base.clone());
            match link::read_at::<People>(&format!("{base}/foldback/v1/people")).await {
                Ok(People(mut all)) => {
                    all.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
                    people.try_set(all);
                }
                Err(failure) => {
                    session
                        .say(format!("Who is signed in could not be read: {}", failure.message()));
                }
            }
        });
    });
    view! {
        <section class="signed-in" aria-label="Signed in now">
            <h3>"Signed in now"</h3>
            <ul>
                <For each=move || people.get() key=Person::key let:person>
                    <Line person people ending readings/>
                </For>
            </ul>
        </section>
    }
}

#[component]
fn Line(
    /// Who.
    person: Person,
    /// Everybody as they were last read.
    people: RwSignal<Vec<Person>>,
    /// Ends their sessions.
    ending: Withheld,
    /// Counts what is to be read again.
    readings: RwSignal<u32>,
) -> impl IntoView {
    let session = use_session();
    let id = person.id.clone();
    let is_me =
        session.operator.with_untracked(|me| me.as_ref().is_some_and(|me| me.id == person.id));
    let label = Signal::stored(format!("End the sessions of {}", person.name));
    let why = is_me.then_some("this is you; you sign out under Calls");
    let name = person.name.clone();
    let words = {
        let person = person.clone();
        move || {
            let now =
                people.with(|all| all.iter().find(|it| it.id == person.id).map(Person::words));
            now.unwrap_or_else(|| person.words())
        }
    };
    view! {
        <li>
            <bdi class="name">{person.name.clone()}</bdi>
            <span class="signed-in-more">{text(words)}</span>
            <Button
                label
                tip="In all browsers and with every token issued so far; what they prepared there is lost"
                hindrance=Signal::stored(why)
                on_press=move |()| end(session, id.clone(), name.clone(), ending, readings)
            >
                "End sessions"
            </Button>
        </li>
    }
}

/// Ends all sessions of somebody, unless that is taken back.
fn end(session: Session, id: String, name: String, ending: Withheld, readings: RwSignal<u32>) {
    let what = format!("Ending the sessions of {name}");
    let act = move || {
        spawn_local(async move {
            let base = session.config.with_untracked(|config| config.base.clone());
            let body = write(&mut |body| body.text("operator", &id));
            let url = format!("{base}/foldback/v1/revocations");
            match link::ask("POST", &url, &body).await {
                Ok(()) => session.say(format!("{name} is signed out everywhere")),
                Err(failure) => {
                    session.tell(format!("{name} is still signed in: {}", failure.message()));
                }
            }
            // The room may be gone by now.
            if let Some(n) = readings.try_get_untracked() {
                readings.set(n.wrapping_add(1));
            }
        });
    };
    ending.hold("Ending sessions", what, HOLD_S, act);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_signed_in_is_read() {
        let text = r#"{"people":[
            {"operator":{"id":"a","name":"Ada King"},"role":"producer","sessions":1,"used":1000},
            {"operator":{"id":"g","name":"Grace"},"role":"viewer","sessions":3,"used":2000}]}"#;
        let People(people) = foldback_json::read(text).unwrap();
        let [ada, grace] = people.as_slice() else { panic!("two people") };
        assert_eq!((ada.role.as_str(), ada.browsers().as_str()), ("producer", "one browser"));
        assert_eq!((grace.name.as_str(), grace.browsers().as_str()), ("Grace", "3 browsers"));
        assert_ne!(ada.key(), grace.key());
    }
}
