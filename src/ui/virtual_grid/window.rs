//! Which rows of a long list stand in the page: arithmetic only.

use std::ops::Range;

/// Rows kept ready above and below what is seen.
pub const SPARE: usize = 10;

/// The rows to draw, for a list of `total` rows of `row_px` scrolled down by `scroll_px` in a view of
/// `view_px`.
pub fn rows(scroll_px: f64, view_px: f64, row_px: f64, total: usize) -> Range<usize> {
    if row_px <= 0.0 || total == 0 {
        return 0..0;
    }
    let first = whole(scroll_px / row_px);
    let last = whole(((scroll_px + view_px) / row_px).ceil());
    let end = last.saturating_add(SPARE).min(total);
    first.saturating_sub(SPARE).min(end)..end
}

/// Where to scroll so that `row` is seen as a whole; none when it is.
pub fn reveal(row: usize, scroll_px: f64, view_px: f64, row_px: f64) -> Option<f64> {
    let top = px(row, row_px);
    if top < scroll_px {
        Some(top)
    } else if top + row_px > scroll_px + view_px {
        Some((top + row_px - view_px).max(0.0))
    } else {
        None
    }
}

/// Rows a page key moves by.
pub fn page(view_px: f64, row_px: f64) -> usize {
    if row_px > 0.0 { whole(view_px / row_px).saturating_sub(1).max(1) } else { 1 }
}

/// Where a row starts, in pixels.
#[expect(clippy::cast_precision_loss, reason = "a page holds far fewer than 2^52 rows")]
pub fn px(row: usize, row_px: f64) -> f64 {
    row as f64 * row_px
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "kept at 0 or more; casting saturates"
)]
fn whole(rows: f64) -> usize {
    rows.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_is_seen_and_some_spare() {
        assert_eq!(rows(0.0, 320.0, 32.0, 10_000), 0..20);
        assert_eq!(rows(3200.0, 320.0, 32.0, 10_000), 90..120);
        assert_eq!(rows(0.0, 320.0, 32.0, 3), 0..3);
        assert_eq!(rows(0.0, 320.0, 32.0, 0), 0..0);
        assert_eq!(rows(-50.0, 320.0, 32.0, 100), 0..19);
        // Scrolled beyond a list that became shorter.
        assert_eq!(rows(99_999.0, 320.0, 32.0, 5), 5..5);
    }

    #[test]
    fn a_row_is_revealed_by_the_shortest_way() {
        assert_eq!(reveal(5, 0.0, 320.0, 32.0), None);
        assert_eq!(reveal(10, 0.0, 320.0, 32.0), Some(32.0));
        assert_eq!(reveal(0, 100.0, 320.0, 32.0), Some(0.0));
        assert_eq!(page(320.0, 32.0), 9);
        assert_eq!(page(10.0, 32.0), 1);
    }

    proptest! {
        #[test]
        fn what_is_seen_is_drawn(scroll in 0.0..50_000.0, view in 1.0..2_000.0, total in 1_usize..2_000) {
            let drawn = rows(scroll, view, 32.0, total);
            for row in 0..total {
                let top = px(row, 32.0);
                if top < scroll + view && top + 32.0 > scroll {
                    prop_assert!(drawn.contains(&row));
                }
            }
            prop_assert!(drawn.len() <= whole(view / 32.0) + 2 + 2 * SPARE);
        }
    }
}
