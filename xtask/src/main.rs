//! `cargo xtask`: build, test, demo and measure Foldback with one command each.
//!
//! Everything a command needs and does not find is installed first, pinned, into the user's cache
//! folder; see [`tools`] and [`browser`].

mod apt;
mod bench;
mod browser;
mod clients;
mod demo;
mod engine_size;
mod fingerprint;
mod glue;
mod kit;
mod lean;
mod packages;
mod panel;
mod paths;
mod pictures;
mod run;
mod sizes;
mod split;
mod styles;
mod tally;
mod test;
mod tidy;
mod tools;
mod worklet;

use std::{env, process::ExitCode};

use anyhow::Result;
use run::say;

const USAGE: &str = "\
cargo xtask demo [arguments of `foldback demo`]   build everything, open a rehearsal on http://127.0.0.1:8080
cargo xtask test [stage] [arguments]              all tests, or one stage: tidy, unit, clients, wasm, size, e2e
cargo xtask build                                 dist/ (static files) and target/release/foldback (carries them)
cargo xtask bench [panel|controls|callservice|proxy|edge]   measure, and write docs/benchmarks*.md
cargo xtask kit                                   every control in every state, built anew when a file changes
cargo xtask pictures                              docs/pictures anew: every room, size and theme
cargo xtask tidy                                  the rules of the house that no compiler checks
cargo xtask styles                                target/panel/: the style sheet, and what is listened to (Trunk calls this)";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            say(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        say(USAGE);
        return Ok(ExitCode::from(2));
    };
    match command.as_str() {
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "build" => {
            panel::build()?;
            panel::build_release()?;
            sizes::print()?;
            Ok(ExitCode::SUCCESS)
        }
        "bench" => bench::run(rest),
        "kit" => kit::run(),
        "pictures" => pictures::run(),
        "tidy" => tidy::run(),
        "styles" => {
            styles::write()?;
            worklet::write()?;
            Ok(ExitCode::SUCCESS)
        }
        "help" | "--help" | "-h" => {
            say(USAGE);
            Ok(ExitCode::SUCCESS)
        }
        other => {
            say(format!("there is no command {other}\n\n{USAGE}"));
            Ok(ExitCode::from(2))
        }
    }
}
