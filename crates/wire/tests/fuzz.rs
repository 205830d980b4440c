//! A million mutated bodies through every reader: none may panic, lose, invent or change anything.
//!
//! Each case has a number, from which alone it is made: golden bodies are bent as JSON and as text.
//! What a reader accepts has to say, written back, what the text said; see `shapes/oracle.rs`. The
//! box of [`BOX`] ends the run early on a slow machine; fewer than [`LEAST`] cases are a failure.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "shapes/shapes.rs"]
mod shapes;

#[path = "fuzz/mutate.rs"]
mod mutate;

use std::{
    io::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use mutate::{Corpus, Dice};
use serde_json::Value;
use shapes::{READERS, oracle::says_the_same};

/// How many cases are wanted.
const CASES: u64 = 1_000_000;

/// How long the run may take.
const BOX: Duration = Duration::from_secs(30);

/// Fewer cases than this within the box prove too little.
const LEAST: u64 = 100_000;

/// Where the dice begin; any other number shakes other bodies.
const SEED: u64 = 0x0F01_DBAC_0000_0003;

/// Shows the case in hand when a reader panics.
struct Witness<'a> {
    case: u64,
    reader: &'a str,
    text: &'a [u8],
}

impl Drop for Witness<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { case, reader, text } = self;
            say(&format!("case {case}, {reader}: {}", String::from_utf8_lossy(text)));
        }
    }
}

/// Writes past the test harness, which would keep the words of a test that passes to itself.
#[expect(clippy::explicit_write, reason = "what is printed by macro would be kept back")]
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap();
}

/// Runs one case; whether the body was accepted.
fn run(corpus: &Corpus, case: u64) -> bool {
    let mut dice = Dice::new(SEED ^ case);
    let reader = &READERS[dice.below(READERS.len())];
    let text = corpus.body(reader.goldens, &mut dice);
    let witness = Witness { case, reader: reader.name, text: &text };
    let understood = match (reader.read)(&text) {
        Ok(Ok(understood)) => understood,
        Ok(Err(_)) => return false,
        Err(fault) => panic!("{fault}"),
    };
    // An empty body is a mute without a context.
    if !(reader.name == "MuteRequest" && text.trim_ascii().is_empty()) {
        let said: Value = serde_json::from_slice(&text).unwrap();
        says_the_same(&said, &understood).unwrap_or_else(|what| panic!("{what}"));
    }
    drop(witness);
    true
}

#[test]
fn a_million_bodies_are_read_or_refused_and_never_misread() {
    let start = Instant::now();
    let (next, run_cases, accepted) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let corpus = Corpus::new();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while start.elapsed() < BOX {
                    let first = next.fetch_add(64, Relaxed);
                    if first >= CASES {
                        break;
                    }
                    let last = CASES.min(first + 64);
                    let good = (first..last).filter(|case| run(&corpus, *case)).count();
                    run_cases.fetch_add(last - first, Relaxed);
                    accepted.fetch_add(u64::try_from(good).unwrap(), Relaxed);
                }
            });
        }
    });
    let (cases, accepted) = (run_cases.into_inner(), accepted.into_inner());
    let seconds = start.elapsed().as_secs_f64();
    say(&format!("{cases} bodies in {seconds:.1} s, {accepted} accepted"));
    assert!(cases >= LEAST, "only {cases} of at least {LEAST} cases fit into {seconds:.1} s");
    // Were nearly all refused, or nearly none, nothing would have been tried.
    let share = accepted * 100 / cases;
    assert!((10..=90).contains(&share), "{share} percent were accepted");
}
