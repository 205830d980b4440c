//! Names in the order of the operator's language.

use std::cmp::Ordering;

use foldback_model::{Participant, ParticipantId};

use super::collate::Collator;

/// People and what they are called.
pub type Named = Vec<(ParticipantId, String)>;

/// What these people are called. To be remembered apart from their order: a roster that is read anew
/// mostly names the same people, and putting them in order asks the browser very often.
pub fn of(people: &mut dyn Iterator<Item = &Participant>) -> Named {
    people.map(|person| (person.id.clone(), person.name.clone())).collect()
}

/// Their places in the order in which they are to be shown; ids tell namesakes apart.
pub fn in_order(people: &[(ParticipantId, String)]) -> Vec<usize> {
    let collator = Collator::new();
    sorted(people.len(), &|a, b| match (people.get(a), people.get(b)) {
        (Some(a), Some(b)) => collator.compare(&a.1, &b.1).then_with(|| a.0.cmp(&b.0)),
        _ => Ordering::Equal,
    })
}

/// The numbers below `n` in order. Comparing asks the browser and is what costs: this asks no more
/// often than sorting would.
fn sorted(n: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order = Vec::with_capacity(n);
    for it in 0..n {
        let at = order.partition_point(|other| compare(*other, it) != Ordering::Greater);
        order.insert(at, it);
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorted_as_the_library_sorts(values in prop::collection::vec(0..50_u8, 0..80)) {
            let mut expected: Vec<_> = (0..values.len()).collect();
            expected.sort_by_key(|at| values[*at]);
            prop_assert_eq!(sorted(values.len(), &|a, b| values[a].cmp(&values[b])), expected);
        }
    }
}
