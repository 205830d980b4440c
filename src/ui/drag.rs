//! The arithmetic of a drag. It is relative: where the control is taken hold of does not matter.

/// Pixels the pointer travels before a press becomes a drag, so that a click moves nothing.
pub const THRESHOLD_PX: f64 = 3.0;

/// What part of the way counts in a fine drag.
pub const FINE: f64 = 0.1;

/// A drag from press to release. Positions are pixels that grow as the value does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drag {
    /// Where the present stretch begins; each change of fineness begins a new one.
    anchor_px: f64,
    anchor_value: f64,
    fine: bool,
    per_px: f64,
    has_moved: bool,
}

impl Drag {
    /// A press at `px` on a control that stands at `value`; `per_px` is the value of one pixel.
    pub fn new(px: f64, value: f64, per_px: f64, fine: bool) -> Self {
        Self { anchor_px: px, anchor_value: value, fine, per_px, has_moved: false }
    }

    /// The pointer is at `px`: the value there, not rounded, or none before the threshold.
    /// When `fine` changes the value goes on from where it is within `limits`.
    pub fn to(&mut self, px: f64, fine: bool, limits: (f64, f64)) -> Option<f64> {
        if !self.has_moved {
            let way = px - self.anchor_px;
            if way.abs() < THRESHOLD_PX {
                return None;
            }
            self.has_moved = true;
            self.fine = fine;
            self.anchor_px += THRESHOLD_PX.copysign(way);
        }
        if fine != self.fine {
            self.anchor_value = self.value(px).clamp(limits.0, limits.1.max(limits.0));
            self.anchor_px = px;
            self.fine = fine;
        }
        Some(self.value(px))
    }

    fn value(&self, px: f64) -> f64 {
        let factor = if self.fine { FINE } else { 1.0 };
        self.anchor_value + (px - self.anchor_px) * self.per_px * factor
    }
}

/// The whole value nearest to `value` within `limits`; a broken number is the lower limit.
pub fn whole(value: f64, limits: (i32, i32)) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "casting saturates, NaN becomes 0")]
    let whole = value.round() as i32;
    whole.clamp(limits.0, limits.1.max(limits.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: (f64, f64) = (0.0, 100.0);
    const WHOLE: (i32, i32) = (0, 100);

    #[test]
    fn a_press_is_no_drag() {
        let mut drag = Drag::new(50.0, 40.0, 0.5, false);
        assert_eq!(drag.to(52.9, false, LIMITS), None);
        assert_eq!(drag.to(47.1, false, LIMITS), None);
        assert_eq!(drag.to(53.0, false, LIMITS), Some(40.0));
        assert_eq!(drag.to(73.0, false, LIMITS), Some(50.0));
        assert_eq!(drag.to(52.0, false, LIMITS), Some(39.5));
    }

    #[test]
    fn fine_drags_go_on_from_where_they_are() {
        let mut drag = Drag::new(0.0, 40.0, 1.0, false);
        assert_eq!(drag.to(13.0, false, LIMITS), Some(50.0));
        assert_eq!(drag.to(13.0, true, LIMITS), Some(50.0));
        assert_eq!(drag.to(33.0, true, LIMITS), Some(52.0));
        assert_eq!(drag.to(33.0, false, LIMITS), Some(52.0));
        assert_eq!(drag.to(43.0, false, LIMITS), Some(62.0));
        // Beyond the end, a new stretch begins at the end.
        assert_eq!(drag.to(143.0, true, LIMITS), Some(100.0));
        assert_eq!(drag.to(133.0, true, LIMITS), Some(99.0));
    }

    #[test]
    fn a_drag_is_fine_from_its_first_pixel() {
        let mut drag = Drag::new(0.0, 40.0, 1.0, false);
        assert_eq!(drag.to(53.0, true, LIMITS), Some(45.0));
    }

    #[test]
    fn whole_values_stay_within_limits() {
        assert_eq!(whole(49.5, WHOLE), 50);
        assert_eq!(whole(-3.0, WHOLE), 0);
        assert_eq!(whole(f64::INFINITY, WHOLE), 100);
        assert_eq!(whole(f64::NAN, (10, 20)), 10);
        assert_eq!(whole(5.0, (30, 20)), 30);
    }

    proptest! {
        #[test]
        fn no_change_of_fineness_jumps(
            start in 0..=100_i32,
            moves in prop::collection::vec((-200.0..200.0_f64, any::<bool>()), 1..30),
        ) {
            let mut drag = Drag::new(0.0, f64::from(start), 0.5, false);
            let mut fine = false;
            for (px, next_fine) in moves {
                let before = drag.to(px, fine, LIMITS);
                let after = drag.to(px, next_fine, LIMITS);
                if let (Some(before), Some(after)) = (before, after) {
                    prop_assert_eq!(whole(before, WHOLE), whole(after, WHOLE));
                }
                fine = next_fine;
            }
        }
    }
}
