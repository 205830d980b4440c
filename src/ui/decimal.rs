//! Fractions as text. The standard library prints every number to the last digit of its shortest or
//! exact form, which weighs 12 KB; the panel prints at most five digits behind the point.

/// `value` with `places` digits behind the point, rounded. What is no number is 0.
pub fn decimal(value: f64, places: u32) -> String {
    let scale = 10_u64.pow(places.min(6));
    let scaled = (value.abs() * f64::from(10_u32.pow(places.min(6)))).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casting saturates, NaN becomes 0"
    )]
    let scaled = scaled as u64;
    let sign = if value < 0.0 && scaled > 0 { "-" } else { "" };
    let (whole, part) = (scaled / scale, scaled % scale);
    match places.min(6) as usize {
        0 => format!("{sign}{whole}"),
        width => format!("{sign}{whole}.{part:0width$}"),
    }
}

/// `value` with as many of three digits behind the point as it needs.
pub fn shortest(value: f64) -> String {
    let text = decimal(value, 3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn figures_of_the_panel() {
        for (value, places, text) in [
            (0.5, 2, "0.50"),
            (1.0, 4, "1.0000"),
            (-6.0206, 1, "-6.0"),
            (-0.04, 1, "0.0"),
            (0.999, 2, "1.00"),
            (749.5, 0, "750"),
            (f64::NAN, 2, "0.00"),
        ] {
            assert_eq!(decimal(value, places), text, "{value}");
        }
        for (value, text) in
            [(1.5, "1.5"), (2.0, "2"), (312.25, "312.25"), (100.0, "100"), (0.0, "0")]
        {
            assert_eq!(shortest(value), text);
        }
    }

    proptest! {
        #[test]
        fn it_is_what_the_standard_library_prints(value in -1e6..1e6_f64, places in 0_u32..6) {
            let ours: f64 = decimal(value, places).parse().unwrap();
            let theirs: f64 = format!("{value:.*}", places as usize).parse().unwrap();
            // Halves may go the other way.
            prop_assert!((ours - theirs).abs() <= 1.000_001 / 10_f64.powi(places.cast_signed()));
            prop_assert!((ours - value).abs() <= 0.500_001 / 10_f64.powi(places.cast_signed()));
        }
    }
}
