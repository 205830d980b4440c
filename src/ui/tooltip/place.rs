//! Where a tooltip stands: arithmetic only.

/// Pixels between it and what it explains, and between it and the window's edge.
const GAP_PX: f64 = 6.0;

/// A box in the window, in pixels from its upper left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sides {
    /// Its left side.
    pub left: f64,
    /// Its upper side.
    pub top: f64,
    /// Its right side.
    pub right: f64,
    /// Its lower side.
    pub bottom: f64,
}

/// Where a tooltip of a size (width, height) has its upper left: under `about`, else above, else beside it,
/// the first of them that the window has room for. Where there is room for none it stands in the
/// window's lower end.
pub fn place(about: Sides, size: (f64, f64), window: (f64, f64)) -> (f64, f64) {
    let (width, height) = size;
    let within =
        |at: f64, size: f64, window: f64| at.clamp(GAP_PX, (window - size - GAP_PX).max(GAP_PX));
    let x = within((about.left + about.right - width) / 2.0, width, window.0);
    let y = within((about.top + about.bottom - height) / 2.0, height, window.1);
    let (under, above) = (about.bottom + GAP_PX, about.top - GAP_PX - height);
    let (right, left) = (about.right + GAP_PX, about.left - GAP_PX - width);
    if under + height <= window.1 {
        (x, under.max(0.0))
    } else if above >= 0.0 {
        (x, above)
    } else if right + width <= window.0 {
        (right.max(0.0), y)
    } else if left >= 0.0 {
        (left, y)
    } else {
        (x, within(window.1, height, window.1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: (f64, f64) = (1000.0, 600.0);

    fn sides(left: f64, top: f64, width: f64, height: f64) -> Sides {
        Sides { left, top, right: left + width, bottom: top + height }
    }

    #[test]
    fn under_its_control_and_above_at_the_end_of_the_page() {
        let size = (200.0, 20.0);
        assert_eq!(place(sides(400.0, 100.0, 100.0, 30.0), size, WINDOW), (350.0, 136.0));
        assert_eq!(place(sides(400.0, 570.0, 100.0, 30.0), size, WINDOW), (350.0, 544.0));
        assert_eq!(place(sides(0.0, 0.0, 50.0, 600.0), size, WINDOW), (56.0, 290.0));
        assert_eq!(place(sides(900.0, 0.0, 100.0, 600.0), size, WINDOW), (694.0, 290.0));
        assert_eq!(place(sides(0.0, 0.0, 1000.0, 600.0), size, WINDOW), (400.0, 574.0));
    }

    proptest! {
        #[test]
        fn inside_the_window_and_beside_what_it_explains(
            left in 0.0..980.0, top in 0.0..580.0, width in 1.0..300.0, height in 1.0..200.0,
            tip_width in 10.0..350.0, tip_height in 10.0..90.0,
        ) {
            let about = sides(left, top, width, height);
            let (x, y) = place(about, (tip_width, tip_height), WINDOW);
            prop_assert!(x >= 0.0 && y >= 0.0);
            prop_assert!(x + tip_width <= WINDOW.0 && y + tip_height <= WINDOW.1);
            let beside = x >= about.right
                || x + tip_width <= about.left
                || y >= about.bottom
                || y + tip_height <= about.top;
            prop_assert!(beside);
        }
    }
}
