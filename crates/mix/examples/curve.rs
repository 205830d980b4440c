//! Prints the corners of a ducking curve, one `milliseconds percent` a line:
//! `curve RAMP_ACTIVE RAMP_INACTIVE LOWER UPPER SPEECH_FROM SPEECH_TO UNTIL`.
//!
//! The browser tests hold the drawn curve against it.

use std::{error::Error, str::FromStr};

use foldback_mix::{
    curve::{Span, points},
    duck::Ducking,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let settings = Ducking::new(
        next(&mut arguments)?,
        next(&mut arguments)?,
        next(&mut arguments)?,
        next(&mut arguments)?,
    )?;
    let speech = Span { from_ms: next(&mut arguments)?, to_ms: next(&mut arguments)? };
    for point in points(settings, &[speech], next(&mut arguments)?) {
        #[expect(clippy::print_stdout, reason = "printing is what this example is for")]
        {
            println!("{} {}", point.at_ms, point.percent);
        }
    }
    Ok(())
}

fn next<T: FromStr<Err: Error + 'static>>(
    arguments: &mut impl Iterator<Item = String>,
) -> Result<T, Box<dyn Error>> {
    Ok(arguments.next().ok_or("seven numbers are needed")?.parse()?)
}
