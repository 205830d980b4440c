//! Names in the order of the operator's language.

use std::cmp::Ordering;

use crate::roster::collate::Collator;

/// The places of `names` (each with what tells it from its namesakes) in the order in which they are
/// to be shown.
pub fn in_order(names: &[(&str, &str)]) -> Vec<usize> {
    let collator = Collator::new();
    sorted(names.len(), &|a, b| match (names.get(a), names.get(b)) {
        (Some(a), Some(b)) => collator.compare(a.0, b.0).then_with(|| a.1.cmp(b.1)),
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
