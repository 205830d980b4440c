//! Which of a combobox's choices the keys point at. Pure.

/// Most choices listed at once; typing narrows the rest.
pub const LISTED_MAX: usize = 200;

/// Where a key moves in a list of `n` choices, from the choice pointed at now. None for keys that do
/// not move.
pub fn by_key(key: &str, now: Option<usize>, n: usize) -> Option<usize> {
    let last = n.checked_sub(1)?;
    Some(match (key, now) {
        ("ArrowDown", None) | ("Home", _) => 0,
        ("ArrowDown", Some(at)) => {
            if at >= last {
                0
            } else {
                at + 1
            }
        }
        ("ArrowUp", None) | ("End", _) => last,
        ("ArrowUp", Some(at)) => at.checked_sub(1).unwrap_or(last),
        ("PageDown", at) => at.unwrap_or(0).saturating_add(10).min(last),
        ("PageUp", at) => at.unwrap_or(0).saturating_sub(10),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_round() {
        for (key, now, n, next) in [
            ("ArrowDown", None, 3, Some(0)),
            ("ArrowDown", Some(2), 3, Some(0)),
            ("ArrowUp", None, 3, Some(2)),
            ("ArrowUp", Some(0), 3, Some(2)),
            ("PageDown", Some(1), 40, Some(11)),
            ("PageDown", Some(35), 40, Some(39)),
            ("PageUp", Some(3), 40, Some(0)),
            ("End", Some(0), 3, Some(2)),
            ("ArrowDown", None, 0, None),
            ("Tab", Some(0), 3, None),
        ] {
            assert_eq!(by_key(key, now, n), next, "{key} {now:?} {n}");
        }
    }
}
