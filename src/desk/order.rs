//! The order of the strips. It holds still: who joins comes last, who leaves leaves a gap, until the
//! operator closes the gaps. Nothing moves under a hand.

use foldback_model::ParticipantId;

/// One place on the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whose strip.
    pub id: ParticipantId,
    /// Their name as last known.
    pub name: String,
    /// They are not in the call any more.
    pub has_left: bool,
}

/// All places from left to right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    places: Vec<Place>,
    /// How often gaps were closed.
    n_closed: u32,
}

impl Order {
    /// Follows the roster: `people` are names by id, in the order of the ids; `by_name` are their
    /// places in the order in which newcomers are added. When `n_closed` grew, gaps are closed and
    /// everybody stands in that order.
    pub fn next(
        old: Option<&Self>,
        people: &[(ParticipantId, String)],
        by_name: &[usize],
        n_closed: u32,
    ) -> Self {
        let kept = old.filter(|old| old.n_closed == n_closed).map_or(&[][..], |old| &old.places);
        let mut places = Vec::with_capacity(people.len());
        let mut has_place = vec![false; people.len()];
        for place in kept {
            let at = people.binary_search_by(|(id, _)| id.cmp(&place.id)).ok();
            let person = at.and_then(|at| people.get(at));
            if let Some(has_place) = at.and_then(|at| has_place.get_mut(at)) {
                *has_place = true;
            }
            places.push(Place {
                id: place.id.clone(),
                has_left: person.is_none(),
                name: person.map_or(&place.name, |(_, name)| name).clone(),
            });
        }
        for at in by_name {
            if let (Some((id, name)), Some(false)) = (people.get(*at), has_place.get(*at)) {
                places.push(Place { id: id.clone(), name: name.clone(), has_left: false });
            }
        }
        Self { places, n_closed }
    }

    /// From left to right.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// How many have left and still keep their place.
    pub fn n_gaps(&self) -> usize {
        self.places.iter().filter(|place| place.has_left).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(names: &[&str]) -> Vec<(ParticipantId, String)> {
        names.iter().map(|name| (ParticipantId::parse(name).unwrap(), (*name).to_owned())).collect()
    }

    fn drawn(order: &Order) -> String {
        let each = order.places().iter().map(|place| {
            if place.has_left { format!("({})", place.name) } else { place.name.clone() }
        });
        each.collect::<Vec<_>>().join(" ")
    }

    /// Newcomers come in the order of their ids.
    fn next(old: Option<&Order>, names: &[&str], n_closed: u32) -> Order {
        let by_name: Vec<_> = (0..names.len()).collect();
        Order::next(old, &people(names), &by_name, n_closed)
    }

    #[test]
    fn nothing_moves_until_gaps_are_closed() {
        let first = next(None, &["ada", "cyd", "dan"], 0);
        assert_eq!(drawn(&first), "ada cyd dan");
        let joined = next(Some(&first), &["ada", "bob", "cyd", "dan"], 0);
        assert_eq!(drawn(&joined), "ada cyd dan bob");
        let left = next(Some(&joined), &["ada", "bob", "dan"], 0);
        assert_eq!(drawn(&left), "ada (cyd) dan bob");
        assert_eq!(left.n_gaps(), 1);
        let back = next(Some(&left), &["ada", "bob", "cyd", "dan"], 0);
        assert_eq!(drawn(&back), "ada cyd dan bob");
        let closed = next(Some(&left), &["ada", "bob", "dan"], 1);
        assert_eq!(drawn(&closed), "ada bob dan");
    }

    #[test]
    fn newcomers_come_in_the_order_of_their_names() {
        let first = Order::next(None, &people(&["ada", "bob", "cyd"]), &[2, 0, 1], 0);
        assert_eq!(drawn(&first), "cyd ada bob");
        let joined =
            Order::next(Some(&first), &people(&["abe", "ada", "cyd", "dan"]), &[3, 2, 0, 1], 0);
        assert_eq!(drawn(&joined), "cyd ada (bob) dan abe");
    }
}
