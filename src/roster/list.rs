//! The order of the rows: by name, and frozen while somebody works with it.
//!
//! Invariant: while the list is frozen no row that stands in it moves. Who joins is appended, who
//! leaves or no longer fits the filter keeps a place until the list settles.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use foldback_model::{ParticipantId, Roster};

use super::{filter::Filter, search::Search};

/// One person in the order.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub id: ParticipantId,
    /// As shown, also after they left.
    pub name: String,
    /// For searching: lower case, without accents.
    pub folded: String,
}

/// Everybody, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order(Vec<Arc<Entry>>);

impl Order {
    /// The order after a change of the roster, taking over from `previous` what still stands.
    pub fn next(
        previous: Option<&Self>,
        roster: &Roster,
        compare: impl Fn(&str, &str) -> Ordering,
        fold: impl Fn(&str) -> String,
    ) -> Self {
        let by_name = |a: &Arc<Entry>, b: &Arc<Entry>| {
            compare(&a.name, &b.name).then_with(|| a.id.cmp(&b.id))
        };
        let mut kept: Vec<_> = previous
            .into_iter()
            .flat_map(|order| &order.0)
            .filter(|entry| roster.get(&entry.id).is_some_and(|it| it.name == entry.name))
            .cloned()
            .collect();
        if kept.len() == roster.len() {
            return Self(kept);
        }
        let known: BTreeSet<&ParticipantId> = kept.iter().map(|entry| &entry.id).collect();
        let new: Vec<_> = roster
            .iter()
            .filter(|person| !known.contains(&person.id))
            .map(|person| {
                Arc::new(Entry {
                    id: person.id.clone(),
                    name: person.name.clone(),
                    folded: fold(&person.name),
                })
            })
            .collect();
        // Comparing asks the browser and is what costs: this asks no more often than sorting would.
        for entry in new {
            let at = kept.partition_point(|other| by_name(other, &entry) == Ordering::Less);
            kept.insert(at, entry);
        }
        Self(kept)
    }
}

/// What the operator wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The pressed filter button.
    pub filter: Option<Filter>,
    /// The search box.
    pub search: Search,
    /// Grows whenever the list may settle.
    pub settled: u32,
}

/// The rows of the grid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// In the order of the screen.
    pub rows: Vec<Arc<Entry>>,
    /// Rows from here on joined since the list settled; equal to the length when nobody did.
    pub joined_at: usize,
    query: Query,
}

impl List {
    /// The list after a change. `fits` tells whether somebody fits the query; `frozen` that the
    /// operator's hand is on it.
    pub fn next(
        previous: Option<&Self>,
        order: &Order,
        query: &Query,
        frozen: bool,
        fits: impl Fn(&Entry) -> bool,
    ) -> Self {
        let fitting = order.0.iter().filter(|entry| fits(entry));
        let Some(previous) = previous.filter(|list| frozen && list.query == *query) else {
            let rows: Vec<_> = fitting.cloned().collect();
            return Self { joined_at: rows.len(), rows, query: query.clone() };
        };
        let known: BTreeSet<_> = previous.rows.iter().map(|entry| &entry.id).collect();
        let joined = fitting.filter(|entry| !known.contains(&entry.id));
        let rows: Vec<_> = previous.rows.iter().chain(joined).cloned().collect();
        Self { rows, ..previous.clone() }
    }

    /// Where somebody stands.
    pub fn position(&self, id: &ParticipantId) -> Option<usize> {
        self.rows.iter().position(|entry| entry.id == *id)
    }

    /// How many rows wait for the list to settle: who joined, and who left.
    pub fn unsettled(&self, roster: &Roster) -> usize {
        let left = self.rows.iter().filter(|entry| !roster.contains(&entry.id)).count();
        self.rows.len() - self.joined_at + left
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::{Participant, PersonKey, PersonKind};
    use proptest::prelude::*;

    use super::*;

    fn roster(names: &[&str]) -> Roster {
        let mut roster = Roster::default();
        for name in names {
            let person = Participant {
                id: ParticipantId::parse(&format!("id-{}", name.to_lowercase())).unwrap(),
                person: PersonKey {
                    tenant: String::new(),
                    kind: "user".into(),
                    id: (*name).into(),
                },
                name: (*name).to_owned(),
                kind: PersonKind::User,
                muted: false,
                server_muted: false,
                in_lobby: false,
                roster_sequence: None,
            };
            roster.upsert(&[person], None);
        }
        roster
    }

    fn order(previous: Option<&Order>, names: &[&str]) -> Order {
        Order::next(previous, &roster(names), Ord::cmp, str::to_lowercase)
    }

    fn names(rows: &[Arc<Entry>]) -> Vec<&str> {
        rows.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn settled_rows_are_by_name() {
        let first = order(None, &["Cyd", "Ada"]);
        let second = order(Some(&first), &["Cyd", "Ada", "Bob"]);
        let list = List::next(None, &second, &Query::default(), true, |_| true);
        assert_eq!(names(&list.rows), ["Ada", "Bob", "Cyd"]);
        assert_eq!(list.joined_at, 3);
    }

    #[test]
    fn frozen_rows_do_not_move() {
        let first = order(None, &["Bob", "Cyd"]);
        let list = List::next(None, &first, &Query::default(), true, |_| true);
        let second = order(Some(&first), &["Ada", "Cyd"]);
        let now = roster(&["Ada", "Cyd"]);
        let frozen = List::next(Some(&list), &second, &Query::default(), true, |_| true);
        assert_eq!(names(&frozen.rows), ["Bob", "Cyd", "Ada"]);
        assert_eq!((frozen.joined_at, frozen.unsettled(&now)), (2, 2));
        let settled = List::next(Some(&frozen), &second, &Query::default(), false, |_| true);
        assert_eq!(names(&settled.rows), ["Ada", "Cyd"]);
        assert_eq!(settled.unsettled(&now), 0);
    }

    #[test]
    fn who_no_longer_fits_stays_until_asked_anew() {
        let order = order(None, &["Ada", "Bob"]);
        let open = Query { filter: Some(Filter::OpenMics), ..Query::default() };
        let list = List::next(None, &order, &open, true, |_| true);
        let frozen = List::next(Some(&list), &order, &open, true, |entry| entry.name == "Bob");
        assert_eq!(names(&frozen.rows), ["Ada", "Bob"]);
        let asked = Query { settled: 1, ..open };
        let list = List::next(Some(&frozen), &order, &asked, true, |entry| entry.name == "Bob");
        assert_eq!(names(&list.rows), ["Bob"]);
    }

    proptest! {
        #[test]
        fn an_order_taken_over_is_the_order_made_anew(
            before in prop::collection::btree_set("[A-Z][a-z]{0,2}", 0..60),
            after in prop::collection::btree_set("[A-Z][a-z]{0,2}", 0..60),
        ) {
            let before: Vec<_> = before.iter().map(String::as_str).collect();
            let after: Vec<_> = after.iter().map(String::as_str).collect();
            let taken = order(Some(&order(None, &before)), &after);
            prop_assert_eq!(&taken, &order(None, &after));
            prop_assert_eq!(names(&taken.0), after);
        }

        #[test]
        fn a_frozen_list_only_grows_at_its_end(
            steps in prop::collection::vec(prop::collection::btree_set("[A-Z]", 0..12), 1..6),
        ) {
            let mut shown: Option<(Order, List)> = None;
            for step in &steps {
                let people: Vec<_> = step.iter().map(String::as_str).collect();
                let next = order(shown.as_ref().map(|it| &it.0), &people);
                let list = List::next(
                    shown.as_ref().map(|it| &it.1), &next, &Query::default(), true, |_| true,
                );
                if let Some((_, before)) = &shown {
                    prop_assert_eq!(&list.rows[..before.rows.len()], &before.rows[..]);
                }
                for name in &people {
                    prop_assert_eq!(names(&list.rows).iter().filter(|it| *it == name).count(), 1);
                }
                shown = Some((next, list));
            }
        }
    }
}
