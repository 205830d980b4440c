//! `cargo xtask bench proxy`: measures the proxy beside nginx, its intake of notifications and what it
//! sends in an outage, and writes `docs/benchmarks-proxy.md`.

use std::{fmt::Write, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Figure, machine};
use crate::{
    apt, panel, paths,
    run::{self, say},
};

/// Lowest share of nginx's requests a second.
const SHARE: f64 = 0.5;
/// Most milliseconds added to the 99th percentile.
const ADDED: f64 = 5.0;
/// Most requests sent for each that was asked for.
const SENT: f64 = 1.2;

/// What a reader has to know to judge the figures.
const HOW: &str = "
Everything runs on this machine over loopback and shares its cores: load generator, proxy, call service.
Load comes from wrk with one thread and 64 connections, 3 seconds a run; an answer that is no success is
an error. Rounds take turns, so that whatever else the machine does strikes all alike. Limits are the
standard ones (commands 1 MiB, notifications 8 MiB, requests to the service 10 s), but for the requests
of a session, since all the load is one session's; the journal is a file
of SQLite in the system's temporary folder, written ahead, with a wait for the disk at each commit.
";

/// Sections: as the measurement names them, their title, and what was done.
const SECTIONS: [(&str, &str, &str); 3] = [
    (
        "mutes",
        "Mutes at 64 connections",
        "One person of a frozen rehearsal of 43 is muted again and again: through `foldback serve` in a \
         rehearsal (signed in by cookie, checked, two facts journaled before the request leaves and after \
         it is answered), through nginx as a bare reverse proxy (`worker_processes auto`, connections kept \
         open) and at the same call service itself. A proxy's processor time is its own, children \
         included. Added p99 is the round's 99th percentile less that of the service itself: at about 400 \
         requests/s, where connections wait at random between two requests, and with every connection \
         asking as fast as it is answered, where it is the length of the queue. Each mute through Foldback \
         waits for the disk twice, before it leaves and before its answer, and mutes that come \
         together share a wait; nginx never waits. One wait is measured beside, with a block of 4 KiB in a \
         file of its own.",
    ),
    (
        "intake",
        "Notifications in",
        "Deltas of Graph with one person each, signed (one token for all, as Graph does), 64 connections; \
         each is news, so each is a fact that is durable before the answer. Notifications of one call are \
         taken one after the other, so they do not share waits for the disk. Then newcomers are told of on \
         64 connections until the proxy is killed with `kill -9` in the middle of it, and after a new start \
         everybody whose notification was answered with success is looked for in the snapshot.",
    ),
    (
        "outage",
        "A total outage",
        "Every request fails; 200 are asked for, 8 at a time, by clients that ask once each. Counted is what \
         arrived at the service, the proxy's tries among it.",
    ),
];

/// Builds the release binary, measures, writes the page.
///
/// # Errors
/// When something does not build or a measurement cannot be made.
pub fn run() -> Result<()> {
    for (tool, package) in [("wrk", "wrk"), ("nginx", "nginx-light")] {
        if paths::on_path(tool).is_none() {
            let otherwise = format!("measuring the proxy needs {tool} on PATH");
            apt::install(&[package], "10 seconds", &otherwise)?;
        }
    }
    panel::build_release()?;
    say("measuring the proxy (about 3 minutes; leave the machine alone meanwhile)");
    let mut measure = run::program("node");
    measure.arg("tests/clients/bench/proxy.mjs");
    measure.env("FOLDBACK_BINARY", paths::foldback("release"));
    let figures: Vec<Value> =
        serde_json::from_str(&run::output(&mut measure)?).context("the measurement is no JSON")?;
    let page = page(&figures, &machine(&versions()?)?)?;
    fs::write(paths::root().join("docs/benchmarks-proxy.md"), &page)?;
    say(page);
    Ok(())
}

/// The tools beside Foldback. Both tell their version on standard error or as if it were a mistake.
fn versions() -> Result<String> {
    let told = |tool: &str| -> Result<String> {
        let output = run::program(tool).arg("-v").output();
        let output = output.with_context(|| format!("cannot start {tool}"))?;
        let text = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    let (wrk, nginx) = (told("wrk")?, told("nginx")?);
    let wrk = wrk.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let nginx = nginx.trim().rsplit(' ').next().unwrap_or_default().replace('/', " ");
    Ok(format!("{wrk}; {nginx}"))
}

/// The page, from figures as `tests/clients/bench/proxy.mjs` prints them: those of a panel's benchmark,
/// and `section`.
fn page(figures: &[Value], machine: &str) -> Result<String> {
    let mut page = String::from(
        "# Benchmarks of the proxy\n\nWritten by `cargo xtask bench proxy`, with the release binary's \
         `foldback serve` and `foldback callservice` on loopback.\n\n",
    );
    writeln!(page, "{machine}")?;
    page.push_str(HOW);
    for (name, title, what) in SECTIONS {
        writeln!(page, "\n## {title}\n\n{what}\n")?;
        page.push_str("| what | median | lowest | highest | runs |\n|---|--:|--:|--:|--:|\n");
        for it in figures.iter().filter(|it| it.get("section").is_some_and(|it| it == name)) {
            let Figure { what, unit, median, low, high, runs } = Figure::read(it)?;
            writeln!(page, "| {what} | {median:.2} {unit} | {low:.2} | {high:.2} | {runs} |")?;
        }
    }
    page.push_str("\n## Aims\n\n| aim | found | |\n|---|--:|---|\n");
    for (aim, found, met) in aims(figures)? {
        writeln!(page, "| {aim} | {found:.2} | {} |", if met { "met" } else { "**missed**" })?;
    }
    Ok(page)
}

/// What was aimed at, what was found, and whether that is good enough.
fn aims(figures: &[Value]) -> Result<Vec<(String, f64, bool)>> {
    let figure = |starts: &str| {
        let named = |it: &&Value| {
            let what = it.get("what").and_then(Value::as_str);
            what.is_some_and(|what| what.starts_with(starts))
        };
        let found = figures.iter().find(named).with_context(|| format!("no figure {starts}"))?;
        Figure::read(found)
    };
    let share = figure("Foldback beside nginx")?.median;
    let paced = figure("Foldback: added p99, about 400")?.median;
    let full = figure("Foldback: added p99, as many")?.median;
    let lost = figure("of these lost")?.high;
    let mut sent = 0.0_f64;
    for it in figures.iter().filter(|it| it.get("section").is_some_and(|it| it == "outage")) {
        sent = sent.max(Figure::read(it)?.high);
    }
    Ok(vec![
        (format!("at least {SHARE} × the requests/s of nginx"), share, share >= SHARE),
        (format!("p99 at 400 requests/s: at most {ADDED} ms more"), paced, paced <= ADDED),
        (format!("p99 at full load: at most {ADDED} ms more"), full, full <= ADDED),
        ("answered notifications lost by `kill -9`: none".to_owned(), lost, lost == 0.0),
        (format!("requests sent in an outage: at most {SENT} for each"), sent, sent <= SENT),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missed_is_said() {
        let figure = |section, what, median: f64| {
            json!({"section": section, "what": what, "unit": "x", "median": median, "low": 0,
                "high": median, "runs": 5})
        };
        let mut figures = vec![
            figure("mutes", "Foldback beside nginx: requests", 0.6),
            figure("mutes", "Foldback: added p99, about 400 requests/s", 4.0),
            figure("mutes", "Foldback: added p99, as many as it takes", 5.1),
            figure("intake", "of these lost", 0.0),
            figure("outage", "200 mutes", 0.1),
        ];
        let page = page(&figures, "Machine: one.").unwrap();
        assert_eq!(page.matches("**missed**").count(), 1);
        assert_eq!(page.matches("| met |").count(), 4);
        assert_eq!(page.matches("| 200 mutes | 0.10 x |").count(), 1);
        figures.pop();
        figures.remove(0);
        assert!(super::page(&figures, "").is_err());
    }
}
