//! `cargo xtask test`: every test there is, stage by stage, and one line at the end that adds up.

use std::{
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::Result;

use crate::{
    browser::{self, Browser},
    clients, panel, paths,
    run::{self, say},
    sizes,
    tally::Tally,
    tidy, tools,
};

/// A stage: its name on the command line, what it is, and how to run it.
type Stage = (&'static str, &'static str, fn(&[String]) -> Result<Tally>);

const STAGES: [Stage; 6] = [
    ("tidy", "rules of the house", |_| tidy::check()),
    ("unit", "Rust tests: every crate, the proxy over real sockets", unit),
    ("clients", "Microsoft's own clients against the embedded call service", clients::test),
    ("wasm", "the panel's tests in a browser, and the engine's word for word", wasm),
    ("size", "the first load and the whole panel stay within their limits", |_| size()),
    ("e2e", "Playwright: panel, proxy and embedded call service together", e2e),
];

/// Runs all stages, or the one that the first argument names with the other arguments for its runner.
///
/// # Errors
/// When there is no such stage. What a stage finds is in the exit code and the last line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let (only, rest) = match arguments.split_first() {
        Some((name, rest)) => (Some(name.as_str()), rest),
        None => (None, arguments),
    };
    if let Some(name) = only
        && !STAGES.iter().any(|(stage, ..)| *stage == name)
    {
        let names: Vec<_> = STAGES.iter().map(|(stage, ..)| *stage).collect();
        anyhow::bail!("there is no stage {name}; the stages are {}", names.join(", "));
    }
    let mut sum = Tally::default();
    for (name, what, stage) in STAGES {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        say(format!("\n== {name}: {what}"));
        let started = Instant::now();
        let tally = stage(rest).unwrap_or_else(|error| {
            say(format!("{error:#}"));
            Tally::one(false)
        });
        let skipped = match tally.skipped {
            0 => String::new(),
            number => format!(", {number} skipped"),
        };
        say(format!("   {name}: {tally}{skipped} ({:.0} s)", started.elapsed().as_secs_f64()));
        sum.add(tally);
    }
    say(format!("\n{sum}"));
    Ok(if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn unit(rest: &[String]) -> Result<Tally> {
    let mut cargo = run::cargo();
    cargo.args(["test", "--workspace", "--locked", "--no-fail-fast"]).args(rest);
    let (status, lines) = run::filtered(&mut cargo, run::noteworthy)?;
    Ok(Tally::of_rust(lines.iter().map(String::as_str)).judged(status.success()))
}

fn wasm(rest: &[String]) -> Result<Tally> {
    let tools = tools::for_wasm_tests()?;
    let browser = Browser::find()?;
    // What the engine says natively is compared with what it says in the browser.
    let transcript = paths::transcript();
    let mut write = run::cargo();
    write.args(["run", "--locked", "--quiet", "--package", "foldback-callservice"]);
    write.args(["--example", "transcript", "--"]).arg(&transcript);
    run::loud(&mut write)?;
    let mut tally = Tally::default();
    for (package, test) in [("foldback-panel", "panel"), ("foldback-callservice", "parity")] {
        let mut cargo = run::cargo();
        cargo.args(["test", "--locked", "--no-fail-fast", "--package", package, "--test", test]);
        cargo.args(["--target", "wasm32-unknown-unknown"]).args(rest);
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        cargo.env("FOLDBACK_TRANSCRIPT", &transcript);
        // Seconds; minutes of rehearsal take longer than a click.
        cargo.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
        let command = browser.lend(tools.lend(&mut cargo));
        let (status, lines) = run::filtered(command, run::noteworthy)?;
        let one = Tally::of_rust(lines.iter().map(String::as_str));
        // A filter may leave nothing of one of them; without one both have something to say.
        let silent = status.success() && !rest.is_empty();
        tally.add(if silent { one } else { one.judged(status.success()) });
    }
    // Neither may a filter that fits nothing pass for a success.
    Ok(tally.judged(true))
}

fn size() -> Result<Tally> {
    panel::build()?;
    sizes::print()?;
    let sizes = sizes::measure()?;
    let mut tally = Tally::one(sizes::first_load(&sizes).brotli <= sizes::BUDGET);
    tally.add(Tally::one(sizes::whole(&sizes).brotli <= sizes::WHOLE));
    Ok(tally)
}

fn e2e(rest: &[String]) -> Result<Tally> {
    let playwright = playwright()?;
    let mut tally = types()?;
    tally.add(played(playwright, rest)?);
    Ok(tally)
}

/// Playwright with everything it needs in place.
///
/// # Errors
/// When something is missing and cannot be installed, or does not build.
pub fn playwright() -> Result<Command> {
    let browser = Browser::find()?;
    browser::packages()?;
    panel::build()?;
    panel::build_debug()?;
    panel::build_curve()?;
    let mut playwright = npx("playwright");
    playwright.arg("test");
    playwright.env("FOLDBACK_BINARY", paths::foldback("debug"));
    playwright.env("FOLDBACK_CURVE", paths::curve());
    browser.lend(&mut playwright);
    Ok(playwright)
}

/// Runs Playwright and counts what it found.
///
/// # Errors
/// When it cannot be started or leaves no report.
pub fn played(mut playwright: Command, arguments: &[String]) -> Result<Tally> {
    let report = paths::e2e().join("results/report.json");
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    let status = playwright.args(arguments).status()?;
    Ok(Tally::of_playwright(&report)?.judged(status.success()))
}

/// Playwright strips types without checking them.
fn types() -> Result<Tally> {
    let (status, _) = run::filtered(&mut npx("tsc"), run::noteworthy)?;
    Ok(Tally::one(status.success()))
}

fn npx(name: &str) -> Command {
    let mut npx = run::program("npx");
    npx.current_dir(paths::e2e()).args(["--no-install", name]);
    npx
}
