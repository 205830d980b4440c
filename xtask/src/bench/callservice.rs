//! `cargo xtask bench callservice`: measures the call service alone and writes
//! `docs/benchmarks-callservice.md`.

use std::{fmt::Write, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Figure, machine};
use crate::{
    apt, engine_size, panel, paths,
    run::{self, say},
};

/// What a reader has to know to judge the figures.
const HOW: &str = "
Load comes from wrk: one thread, 8 connections, 2 seconds a run (longer where one answer takes longer
than a twelfth of a second), and an answer that is no success is an error.
It shares the machine's cores with the service, so these are lower bounds. The rehearsal is frozen and
nobody has joined, so that only the requests are measured; the two mutes differ in that one changes
nothing and the other changes the roster every time. Notifications are counted at a receiver written for
Node.js, which answers at once, while changes follow one another on one connection and never more than 8
wait: they are posted one at a time, in order, so this is the pace of one call. They are signed. Memory
is resident memory of the process.
";

/// Builds the release binary, measures, writes the page.
///
/// # Errors
/// When something does not build or a measurement cannot be made.
pub fn run() -> Result<()> {
    load_generator()?;
    panel::build_release()?;
    say("measuring the call service (about 5 minutes; leave the machine alone meanwhile)");
    let mut measure = run::program("node");
    measure.arg("tests/clients/bench/measure.mjs");
    measure.env("FOLDBACK_BINARY", paths::foldback("release"));
    let figures: Vec<Value> =
        serde_json::from_str(&run::output(&mut measure)?).context("the measurement is no JSON")?;
    let mut page = page(&figures, &machine(&wrk_version()?)?)?;
    let engine_size::EngineSize { raw, brotli } = engine_size::measure()?;
    writeln!(
        page,
        "\n## The engine in the browser\n\nAs WebAssembly, with all that it needs: {raw} bytes, {brotli} as brotli."
    )?;
    fs::write(paths::root().join("docs/benchmarks-callservice.md"), &page)?;
    say(page);
    Ok(())
}

fn load_generator() -> Result<()> {
    if paths::on_path("wrk").is_some() {
        return Ok(());
    }
    apt::install(&["wrk"], "10 seconds", "measuring the call service needs wrk on PATH")
}

/// Name and version of the load generator; asked for them, it ends as if that were a mistake.
fn wrk_version() -> Result<String> {
    let output = run::program("wrk").arg("-v").output().context("cannot start wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

/// The page, from figures as `tests/clients/bench/measure.mjs` prints them: those of a panel's
/// benchmark, and `people`.
fn page(figures: &[Value], machine: &str) -> Result<String> {
    let mut page = String::from(
        "# Benchmarks of the call service\n\nWritten by `cargo xtask bench callservice`, with the \
         release binary's `foldback callservice` on loopback.\n\n",
    );
    writeln!(page, "{machine}")?;
    page.push_str(HOW);
    let mut last = None;
    for it in figures {
        let people = it.get("people").and_then(Value::as_u64).context("a figure without people")?;
        if last.replace(people) != Some(people) {
            writeln!(page, "\n## {} people\n", grouped(people))?;
            page.push_str("| what | median | lowest | highest | runs |\n|---|--:|--:|--:|--:|\n");
        }
        Figure::read(it)?.write(&mut page)?;
    }
    Ok(page)
}

/// A number with a comma at the thousands.
pub fn grouped(number: u64) -> String {
    let (thousands, rest) = (number / 1_000, number % 1_000);
    if thousands == 0 { rest.to_string() } else { format!("{thousands},{rest:03}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_for_each_size() {
        let figure = |people, what| {
            json!({"people": people, "what": what, "unit": "requests/s", "median": 12.34,
                "low": 9, "high": 20, "runs": 5})
        };
        let figures = [figure(43, "GET"), figure(43, "POST"), figure(1_000, "GET")];
        let page = page(&figures, "Machine: one.").unwrap();
        assert_eq!(page.matches("## 43 people").count(), 1);
        assert_eq!(page.matches("## 1,000 people").count(), 1);
        assert!(page.contains("| POST | 12.3 requests/s | 9.0 | 20.0 | 5 |"));
        assert!(super::page(&[json!({"what": "GET"})], "").is_err());
    }
}
