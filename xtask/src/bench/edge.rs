//! `cargo xtask bench edge`: measures what the gate and a sign-in cost, what open streams take, and how
//! long slow clients are waited for, and writes `docs/benchmarks-edge.md`.

use std::{fmt::Write, fs};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Figure, machine};
use crate::{
    apt, packages, panel, paths,
    run::{self, say},
};

/// Most KiB of an idle stream.
const STREAM: f64 = 20.0;
/// Most milliseconds at the 99th percentile beside streams and slow readers.
const BESIDE: f64 = 50.0;

/// The unit of what is counted and not timed.
const INSTRUCTIONS: &str = "instructions";

/// Sections: as the measurement names them, their title, and what was done.
const SECTIONS: [(&str, &str, &str); 5] = [
    (
        "gate",
        "What a request costs",
        "wrk with one thread and 64 connections, 3 seconds a run; the processor time is the proxy's. \
         `/healthz` needs nobody and answers nothing: what it costs is connection, head, host, address and \
         headers. `/foldback/v1/session` is looked up by the hash of its cookie, pays, is compared with the \
         table, and is told who it is and what it may.",
    ),
    (
        "instructions",
        "What a request costs in instructions",
        "`foldback serve` under valgrind's callgrind, which counts the instructions of all its threads, \
         without those of the system. 1,000 requests follow one another on one connection; what was counted \
         is divided by them. The gate alone is the round's difference to `/healthz`, and with it what is \
         answered: nearly nothing of `/foldback/v1/calls`, all that an operator may of \
         `/foldback/v1/session`. The cookie is of a session by OpenID Connect, the token is signed with a \
         key of 2,048 bits (RS256). Hashes and signatures are counted as on a processor without \
         instructions for SHA and for long numbers (ADX), since the one that valgrind plays has none.",
    ),
    (
        "sign-in",
        "Signing in",
        "From `GET /sign-in` through an OpenID provider (`oidc-provider` of npm) and back at \
         `/sign-in/callback` until `GET /foldback/v1/session` is answered 200. Client and provider are one \
         program of Node.js on loopback; the client keeps cookies and connections as a browser does, knows \
         nobody at first, and fills in the provider's pages for who it is and for its consent, so that nobody \
         is waited for. Each round is another person. `/sign-in/callback` has the code exchanged at the \
         provider's token endpoint, which tells how long it took itself, and writes the session down; the \
         provider's configuration and keys were read before.",
    ),
    (
        "streams",
        "Open streams",
        "Raw sockets, one session. Memory is the process's resident set before and after, without what the \
         system keeps of a socket. Then 5,000 streams are told of two mutes a second while 100 connections have asked for 40 \
         snapshots of 1,000 people each and take none of it, a new one in place of the oldest every 60 ms; about 200 requests/s of \
         somebody else are timed with 8 connections of wrk. Whoever reads the streams runs on the same \
         cores.",
    ),
    (
        "slow",
        "Slow clients",
        "Twenty at once of each kind, with the times that hold when nothing else is said. Who takes nothing \
         has asked for more than all buffers on the way hold; it counts from the asking.",
    ),
];

/// Builds the release binary, measures, writes the page.
///
/// # Errors
/// When something does not build or a measurement cannot be made.
pub fn run() -> Result<()> {
    for (tool, time) in [("wrk", "10 seconds"), ("valgrind", "half a minute")] {
        if paths::on_path(tool).is_none() {
            apt::install(&[tool], time, &format!("measuring the edge needs {tool} on PATH"))?;
        }
    }
    packages::npm(&paths::clients(), "the clients that measure")?;
    panel::build_release()?;
    say("measuring the edge (about 6 minutes; it needs 20,000 open files)");
    let mut measure = run::program("node");
    measure.arg("tests/clients/bench/edge.mjs");
    measure.env("FOLDBACK_BINARY", paths::foldback("release"));
    let figures: Vec<Value> =
        serde_json::from_str(&run::output(&mut measure)?).context("the measurement is no JSON")?;
    let valgrind = run::output(run::program("valgrind").arg("--version"))?;
    let tools = format!("wrk and Node.js as clients; {}", valgrind.trim().replace('-', " "));
    let page = page(&figures, &machine(&tools)?)?;
    fs::write(paths::root().join("docs/benchmarks-edge.md"), &page)?;
    say(page);
    Ok(())
}

/// The page, from figures as `tests/clients/bench/edge.mjs` prints them.
fn page(figures: &[Value], machine: &str) -> Result<String> {
    let mut page = String::from(
        "# Benchmarks of the edge\n\nWritten by `cargo xtask bench edge`, with the release binary's `foldback \
         serve` and `foldback callservice` on loopback; they share the machine's cores with their \
         clients.\n\n",
    );
    writeln!(page, "{machine}")?;
    for (name, title, what) in SECTIONS {
        writeln!(page, "\n## {title}\n\n{what}\n")?;
        page.push_str("| what | median | lowest | highest | runs |\n|---|--:|--:|--:|--:|\n");
        let mut of_section =
            figures.iter().filter(|it| it.get("section").is_some_and(|it| it == name)).peekable();
        ensure!(of_section.peek().is_some(), "nothing was measured of {name}");
        for it in of_section {
            let Figure { what, unit, median, low, high, runs } = Figure::read(it)?;
            // Of tens of thousands of instructions no hundredth means anything.
            let digits = if unit == INSTRUCTIONS { 0 } else { 2 };
            writeln!(
                page,
                "| {what} | {median:.digits$} {unit} | {low:.digits$} | {high:.digits$} | {runs} |"
            )?;
        }
    }
    page.push_str("\n## Aims\n\n| aim | found | |\n|---|--:|---|\n");
    for (aim, starts, most) in [
        (
            format!("an idle stream: at most {STREAM} KiB"),
            "memory of an idle stream, 10,000",
            STREAM,
        ),
        (format!("p99 beside streams and slow readers: below {BESIDE} ms"), "p99 beside", BESIDE),
        ("no byte: closed after 5 s".to_owned(), "no byte", 6.0),
        ("half a head: closed after 10 s".to_owned(), "half a head", 11.0),
        ("half a body: closed after 15 s".to_owned(), "half a body", 16.0),
    ] {
        let named = |it: &&Value| {
            let what = it.get("what").and_then(Value::as_str);
            what.is_some_and(|what| what.starts_with(starts))
        };
        let found = figures.iter().find(named).with_context(|| format!("no figure {starts}"))?;
        let found = Figure::read(found)?.median;
        let met = if found < most { "met" } else { "**missed**" };
        writeln!(page, "| {aim} | {found:.2} | {met} |")?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn figure(section: &str, what: &str, unit: &str, median: f64) -> Value {
        json!({"section": section, "what": what, "unit": unit, "median": median, "low": 0,
            "high": median, "runs": 3})
    }

    fn all() -> Vec<Value> {
        vec![
            figure("gate", "nobody asks", "/s", 80_000.125),
            figure("instructions", "nobody asks", INSTRUCTIONS, 24_000.75),
            figure("sign-in", "the whole trip", "ms", 18.0),
            figure("streams", "memory of an idle stream, 10,000 in all", "KiB", 19.0),
            figure("streams", "p99 beside 5,000 streams", "ms", 51.0),
            figure("slow", "no byte: closed after", "s", 5.0),
            figure("slow", "half a head: closed after", "s", 10.0),
            figure("slow", "half a body: closed after", "s", 15.0),
        ]
    }

    #[test]
    fn what_is_missed_is_said() {
        let page = page(&all(), "Machine: one.").unwrap();
        assert_eq!(page.matches("**missed**").count(), 1);
        assert_eq!(page.matches("| met |").count(), 4);
    }

    #[test]
    fn a_section_or_an_aim_without_a_figure_is_an_error() {
        for missing in 0..all().len() {
            let mut figures = all();
            figures.remove(missing);
            assert!(page(&figures, "").is_err(), "{missing}");
        }
    }

    #[test]
    fn what_is_counted_has_no_fractions() {
        let page = page(&all(), "").unwrap();
        assert!(page.contains("| nobody asks | 24001 instructions | 0 | 24001 | 3 |"), "{page}");
        assert!(page.contains("| nobody asks | 80000.12 /s | 0.00 | 80000.12 | 3 |"), "{page}");
    }
}
