//! In the browser: what was written natively is written again.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use wasm_bindgen_test::wasm_bindgen_test;

use super::transcript::{self, PLANS};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Written by the native engine just before.
const NATIVE: &str =
    include_str!(env!("FOLDBACK_TRANSCRIPT", "run cargo xtask test wasm, which writes the text"));

/// The part of a line where it begins to differ.
fn from(line: Option<&str>, place: usize) -> String {
    match line {
        Some(line) => line.chars().skip(place.saturating_sub(60)).take(240).collect(),
        None => "nothing".to_owned(),
    }
}

fn same(index: usize) {
    let plan = PLANS.get(index).expect("the plan exists");
    let here = transcript::write(plan).expect("the plan can be followed");
    let title = here.first().expect("a text has a title");
    let mut native = NATIVE.lines().skip_while(|line| line != title);
    for (number, line) in here.iter().enumerate() {
        let there = native.next();
        if there != Some(line) {
            let place = there.map_or(0, |there| {
                there.chars().zip(line.chars()).take_while(|(a, b)| a == b).count()
            });
            panic!(
                "{}, line {}: the machine says …{}… and the browser …{}…",
                plan.name,
                number + 1,
                from(there, place),
                from(Some(line), place)
            );
        }
    }
    // The text of the next plan begins, or there is no more.
    let rest = native.next();
    let over = rest.is_none_or(|line| line.starts_with("{\"plan\":"));
    assert!(over, "{}: the machine says more: …{}…", plan.name, from(rest, 0));
}

macro_rules! plans {
    ($($test:ident $index:literal)*) => {
        $(#[wasm_bindgen_test]
        fn $test() {
            same($index);
        })*

        #[wasm_bindgen_test]
        fn no_plan_is_left_out() {
            assert_eq!([$($index),*], std::array::from_fn::<usize, { PLANS.len() }, _>(|i| i));
            let native = NATIVE.lines().filter(|line| line.starts_with("{\"plan\":"));
            assert_eq!(native.count(), PLANS.len());
        }
    };
}

plans! {
    the_default_call_in_deltas 0
    the_default_call_in_full 1
    the_default_call_by_changes 2
    a_fast_call 3
    a_very_fast_call 4
    a_frozen_call 5
    a_thousand_people_in_deltas 6
    a_thousand_people_in_full 7
    an_acs_call 8
    a_fast_acs_call 9
}
