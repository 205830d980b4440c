//! A large call living for a while, to be measured from outside (`time`, `valgrind`):
//! `crowd [participants] [minutes] [full|delta]`, by default 10,000 people, ten minutes, delta form.
//!
//! Says what it did; on Linux also how much memory it took at most.

#![expect(clippy::print_stdout, reason = "this program's output is its text")]

use std::{env, fs};

use foldback_callservice::engine::{Form, Options, Rehearsal};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let number = |place: usize, usual: usize| words.get(place).map_or(Ok(usual), |it| it.parse());
    let participants = number(0, 10_000)?;
    let minutes = u64::try_from(number(1, 10)?)?;
    let full = words.get(2).is_some_and(|word| word == "full");
    let mut engine = Rehearsal::new(Options { participants, ..Options::default() })?;
    engine.join(if full { Form::Full } else { Form::Delta })?;
    let (mut steps, mut notifications, mut talk, mut now) = (0_u64, 0, 0, 0);
    while let Some(at) = engine.next_at().filter(|at| *at < minutes * 60_000) {
        // As the service does it: never sooner than 20 ms after the last step.
        now = at.max(now + 20);
        engine.advance(now);
        notifications += engine.take_notifications().len();
        talk += engine.take_talk().len();
        steps += 1;
    }
    println!("participants: {participants}, simulated minutes: {minutes}");
    println!("steps: {steps}, notifications: {notifications}, levels: {talk}");
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        println!("peak memory: {}", peak.unwrap_or("unknown").trim());
    }
    Ok(())
}
