//! Moments of the log, in the browser's own zone.

use foldback_panel::{
    app::notice::{clock, moment},
    session::now_ms,
};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn a_day_stands_before_the_time_unless_it_is_today() {
    // Midnight may pass between two looks at the clock; the day of the later one is the same then.
    let told = (0..2).any(|_| {
        let now = now_ms();
        moment(now) == clock(now)
    });
    assert!(told, "{}", moment(now_ms()));
    // Noon in most zones, and in every zone of this year.
    let past = moment(1_614_858_301_000);
    let (day, time) = past.split_once(' ').unwrap();
    assert!(["2021-03-04", "2021-03-05"].contains(&day), "{past}");
    assert_eq!(time, clock(1_614_858_301_000));
    assert!(time.len() == 8 && time.ends_with(":01"), "{past}");
}
