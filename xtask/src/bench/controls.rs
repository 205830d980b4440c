//! `cargo xtask bench controls`: measures the panel's faders and its loading beside other pages, and
//! writes `docs/benchmarks-controls.md`.

use std::{fmt::Write, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Figure, callservice::grouped, machine, peers};
use crate::{
    browser::{self, Browser},
    panel, paths,
    run::{self, say},
};

/// What a reader has to know to judge the figures of a moved fader.
const MOVES: &str = "
## Moving a fader

A drag of 300 moves by real input, at 60 frames a second 5 seconds long; what one move costs is a 300th
of what the page's thread did meanwhile, by the thread's own clock. For the panel that is all of it: the
fader, the mix, the text of the request and its sending, ten times a second, to everybody in the call,
and the facts that come back. The other page is as little as a slider can be: as many of the browser's own
sliders, one of which writes its value into one text and sends nothing.
";

/// The same of loading.
const LOADS: &str = "
## Loading

Usable is the first frame with everybody counted in which the controls in the window lie open to a click,
once it is drawn. Blocking time is what every task takes beyond 50 ms, from the navigation to rest. Every
load begins with an empty cache in a context of its own, the pages take turns, and all files come packed as
brotli from loopback. The peers make their people up in the page; the panel asks for its session, its
calls and its roster, and opens its stream. The tiles are React with Fluent UI, a switch and a slider a
person, the list is the participant list of Azure's UI library; neither library draws only what is in
sight by itself.
";

/// Why aims are missed, and what was done about it.
const TRIED: &str = "
## What was tried

A moved fader costs more than twice a bare slider, because more than a fader moves: a bare slider sends
nothing, and the panel writes, sends and shows a request to everybody ten times a second, reads four
facts about each from the stream and lists it. In a profile of a drag with 43 people a third of the script
is the panel's own code; the browser's `fetch` alone is a sixth. What helped: the mix follows a moving fader
at the pace of sending; strips that do not change are not woken; the listener picker puts names in order
only when they change; operations are shared instead of copied; only the part of a request that is in sight
is laid out; a listed operation is drawn once; strips out of sight are not drawn; talk meters have no
transition. What did not help: containing the size of the texts that a fader changes.

Of the time until the panel is usable about a third lies between its last file and its first request: the
browser compiles and starts the WebAssembly, whoever is in the call. That is why it takes nearly as long
for 100 people as for 1,000, and why few people are where the peers do best.
";

/// What a figure of the panel is to be, compared with a peer's: at most so many times as much.
const AIMS: [(&str, &str, f64); 3] =
    [("script", "range", 2.0), ("usable", "fluent", 0.33), ("usable", "acsui", 0.1)];

/// Builds, measures, writes the page.
///
/// # Errors
/// When something does not build or a measurement cannot be made.
pub fn run() -> Result<()> {
    let browser = Browser::find()?;
    browser::packages()?;
    panel::build()?;
    panel::build_release()?;
    let peers = peers::build()?;
    say("measuring the controls (about 5 minutes; leave the machine alone meanwhile)");
    let mut measure = run::program("node");
    measure.arg("tests/e2e/bench/controls.mjs");
    measure.env("FOLDBACK_BINARY", paths::foldback("release")).env("FOLDBACK_PEERS", peers);
    let text = run::output(browser.lend(&mut measure))?;
    let figures: Value = serde_json::from_str(&text).context("the measurement is no JSON")?;
    let page = page(&figures, &machine(&browser.version()?)?)?;
    fs::write(paths::root().join("docs/benchmarks-controls.md"), &page)?;
    say(page);
    Ok(())
}

/// A figure of one page, with so many people in it.
struct Told<'a> {
    page: &'a str,
    people: u64,
    figure: Figure<'a>,
}

impl<'a> Told<'a> {
    fn read(it: &'a Value) -> Result<Self> {
        let page = it.get("page").and_then(Value::as_str).context("a figure without a page")?;
        let people = it.get("people").and_then(Value::as_u64).context("a figure without people")?;
        Ok(Self { page, people, figure: Figure::read(it)? })
    }

    /// Bytes are the same in every run and stand in a table of their own.
    fn is_weight(&self) -> bool {
        self.figure.unit == "bytes"
    }
}

/// The page, from figures as `tests/e2e/bench/controls.mjs` prints them: those of a panel's benchmark
/// in `moves` and `loads`, with `page` and `people`.
fn page(figures: &Value, machine: &str) -> Result<String> {
    let part = |name: &str| -> Result<Vec<Told<'_>>> {
        let all = figures.get(name).and_then(Value::as_array);
        all.with_context(|| format!("no {name}"))?.iter().map(Told::read).collect()
    };
    let mut page = String::from(
        "# Benchmarks of the controls\n\nWritten by `cargo xtask bench controls` in one run, with the \
         release binary's `foldback demo` on loopback; `bench/peers` has the other pages.\n\n",
    );
    writeln!(page, "{machine}")?;
    let (moves, loads) = (part("moves")?, part("loads")?);
    page.push_str(MOVES);
    tables(&mut page, &moves)?;
    page.push_str(LOADS);
    tables(&mut page, &loads)?;
    weights(&mut page, &loads)?;
    page.push_str(TRIED);
    Ok(page)
}

/// For each number of people what was measured, and how the panel compares.
fn tables(page: &mut String, told: &[Told<'_>]) -> Result<()> {
    let mut sizes: Vec<_> = told.iter().map(|it| it.people).collect();
    sizes.dedup();
    for people in sizes {
        let here: Vec<_> =
            told.iter().filter(|it| it.people == people && !it.is_weight()).collect();
        writeln!(page, "\n### {} people\n", grouped(people))?;
        page.push_str("| page | what | median | lowest | highest | runs |\n");
        page.push_str("|---|---|--:|--:|--:|--:|\n");
        for it in &here {
            write!(page, "| {} ", named(it.page))?;
            it.figure.write(page)?;
        }
        page.push_str(
            "\n| panel compared with | what | times as much | aim |\n|---|---|--:|---|\n",
        );
        for peer in here.iter().filter(|it| it.page != "panel") {
            let what = peer.figure.what;
            let ours = here.iter().find(|it| it.page == "panel" && it.figure.what == what);
            let ours = ours.with_context(|| format!("{what} of the panel is missing"))?;
            let times = ours.figure.median / peer.figure.median;
            let aim = aim(what, peer.page, times);
            let times = if times.is_finite() { format!("{times:.2}") } else { "–".to_owned() };
            writeln!(page, "| {} | {what} | {times} | {aim} |", named(peer.page))?;
        }
    }
    Ok(())
}

fn aim(what: &str, peer: &str, times: f64) -> String {
    let found = AIMS.iter().find(|(of, against, _)| *of == what && *against == peer);
    found.map_or_else(String::new, |(_, _, most)| {
        let word = if times <= *most { "reached" } else { "**missed**" };
        format!("at most {most}: {word}")
    })
}

/// What a first load weighs.
fn weights(page: &mut String, told: &[Told<'_>]) -> Result<()> {
    page.push_str("\n### Weight\n\nBytes of a first load, as they came.\n\n");
    page.push_str("| page | people | what | bytes |\n|---|--:|---|--:|\n");
    for it in told.iter().filter(|it| it.is_weight() && it.figure.median > 0.0) {
        let (people, Figure { what, median, .. }) = (grouped(it.people), &it.figure);
        writeln!(page, "| {} | {people} | {what} | {median:.0} |", named(it.page))?;
    }
    Ok(())
}

fn named(page: &str) -> &str {
    match page {
        "range" => "sliders of the browser",
        "fluent" => "tiles of Fluent UI",
        "acsui" => "Azure's list",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(page: &str, what: &str, unit: &str, median: f64) -> Value {
        json!({"page": page, "people": 1_000, "what": what, "unit": unit, "median": median,
            "low": 1, "high": 9, "runs": 7})
    }

    #[test]
    fn the_panel_is_compared_with_each_peer_and_with_its_aim() {
        let figures = json!({
            "moves": [told("panel", "script", "µs", 90.0), told("range", "script", "µs", 30.0)],
            "loads": [
                told("panel", "usable", "ms", 300.0),
                told("panel", "files", "bytes", 300_000.0),
                told("fluent", "usable", "ms", 1_000.0),
                told("acsui", "total blocking time", "ms", 0.0),
                told("panel", "total blocking time", "ms", 0.0),
            ],
        });
        let page = page(&figures, "Machine: one.").unwrap();
        assert!(
            page.contains("| sliders of the browser | script | 3.00 | at most 2: **missed** |")
        );
        assert!(page.contains("| tiles of Fluent UI | usable | 0.30 | at most 0.33: reached |"));
        assert!(page.contains("| Azure's list | total blocking time | – |  |"));
        assert!(page.contains("| panel | 1,000 | files | 300000 |"));
        assert!(page.contains("| panel | usable | 300.0 ms | 1.0 | 9.0 | 7 |"));
    }

    #[test]
    fn a_peer_is_not_compared_with_nothing() {
        let figures = json!({"moves": [told("range", "script", "µs", 1.0)], "loads": []});
        assert!(page(&figures, "").is_err());
    }
}
