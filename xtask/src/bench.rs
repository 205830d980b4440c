//! `cargo xtask bench`: measures the release binary and writes `docs/benchmarks.md`,
//! `docs/benchmarks-controls.md`, `docs/benchmarks-callservice.md`, `docs/benchmarks-proxy.md` and
//! `docs/benchmarks-edge.md`.

mod callservice;
mod controls;
mod edge;
mod peers;
mod proxy;
mod weight;

use std::{fmt::Write, fs, process::ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    browser::{self, Browser},
    panel, paths,
    run::{self, say},
    sizes,
};

/// What was done about the first load, `sizes::BUDGET` keeps it from growing back.
const TRIED: &str = "
## What was tried

The first panel that did everything weighed 427 KB. What helped: erasing views at component borders
(-37 KB); one boxed value type for all signals and memos, refusals read without the wire types and
shared sorting (-67 KB together); boxed text, attributes and listeners in the controls (-3 KB); flat
ordered maps instead of trees (-12 KB); the standard library compiled along for size, panics that only
stop, and JSON read through a tree (about -50 KB together); elements written as calls instead of types,
and fractions printed without the exact printer (-31 KB together). Undo, the sheet of keys, messages,
tooltips, log travel and the speech to try took about 25 KB of it back. Then: one kind of list and of
signal everywhere, short names between the module and its JavaScript, and no streams for server
functions (-11 KB together); values taken from the JSON tree by plain code instead of derived readers
(-13 KB); requests written by the panel itself, lengths counted instead of printed, and one kind of
reference to elements (-5 KB). Scenes, blind mode, listening, roles and signing in brought it to 218 KB;
then the panel was split: what the first screen does not need comes after it (-44 KB, and 27 KB more in
all). What did not help: other settings of wasm-opt, other thresholds of inlining, merging of similar
functions, and minifying the style sheet beyond its comments and indentation (below 1 % each).
";

/// A part: a name, and what measures it and writes its page.
type Part = (&'static str, fn() -> Result<()>);

const PARTS: [Part; 5] = [
    ("panel", panel_page),
    ("controls", controls::run),
    ("callservice", callservice::run),
    ("proxy", proxy::run),
    ("edge", edge::run),
];

/// Everything, or the one part that the argument names.
///
/// # Errors
/// When there is no such part, something does not build or a measurement cannot be made.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let part = arguments.first();
    let is_wanted = |name: &str| part.is_none_or(|part| part == name);
    if arguments.len() > 1 || !PARTS.iter().any(|(name, _)| is_wanted(name)) {
        bail!("cargo xtask bench takes nothing, {}", PARTS.map(|(name, _)| name).join(" or "));
    }
    for (_, measure) in PARTS.iter().filter(|(name, _)| is_wanted(name)) {
        measure()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds, measures, writes the panel's page.
fn panel_page() -> Result<()> {
    let browser = Browser::find()?;
    browser::packages()?;
    panel::build()?;
    panel::build_release()?;
    say("measuring (about 2 minutes; leave the machine alone meanwhile)");
    let mut measure = run::program("node");
    measure.arg("tests/e2e/bench/measure.mjs").env("FOLDBACK_BINARY", paths::foldback("release"));
    let text = run::output(browser.lend(&mut measure))?;
    let figures: Value = serde_json::from_str(&text).context("the measurement is no JSON")?;
    let mut page = page(&figures, &sizes::measure()?, &machine(&browser.version()?)?)?;
    page.push_str(&weight::section()?);
    fs::create_dir_all(paths::root().join("docs"))?;
    fs::write(paths::root().join("docs/benchmarks.md"), &page)?;
    say(page);
    Ok(())
}

/// The page, from figures as `tests/e2e/bench/measure.mjs` prints them:
/// `[{"what", "unit", "median", "low", "high", "runs"}]`.
fn page(figures: &Value, sizes: &[sizes::Size], machine: &str) -> Result<String> {
    let mut page = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, with the release binary's `foldback demo` on \
         loopback.\n\n",
    );
    writeln!(page, "{machine}\n")?;
    page.push_str("| what | median | lowest | highest | runs |\n|---|--:|--:|--:|--:|\n");
    for it in figures.as_array().context("the measurement is no list")? {
        Figure::read(it)?.write(&mut page)?;
    }
    page.push_str("\n## First load\n\nBytes over the wire before the panel is usable.\n\n");
    weights(&mut page, sizes.iter().filter(|it| !it.is_later()))?;
    together(&mut page, &sizes::first_load(sizes))?;
    writeln!(
        page,
        "\nThe budget is {} bytes of brotli. `benchmarks-controls.md` has what pages of other libraries \
         weigh.",
        sizes::BUDGET
    )?;
    page.push_str(
        "\n## What follows\n\nFetched when a room is opened, or ahead of that once the page is at \
         rest; then rooms open without the network.\n\n",
    );
    weights(&mut page, sizes.iter().filter(|it| it.is_later()))?;
    together(&mut page, &sizes::whole(sizes))?;
    writeln!(page, "\nThe limit of the whole is {} bytes of brotli.", sizes::WHOLE)?;
    page.push_str(TRIED);
    Ok(page)
}

/// The head of a table of sizes, and a line for each file.
fn weights<'a>(page: &mut String, sizes: impl Iterator<Item = &'a sizes::Size>) -> Result<()> {
    page.push_str("| file | raw | gzip | brotli |\n|---|--:|--:|--:|\n");
    for it in sizes {
        writeln!(page, "| {} | {} | {} | {} |", kind(&it.name), it.raw, it.gzip, it.brotli)?;
    }
    Ok(())
}

/// The line under them.
fn together(page: &mut String, it: &sizes::Size) -> Result<()> {
    writeln!(page, "| **{}** | {} | {} | **{}** |", it.name, it.raw, it.gzip, it.brotli)?;
    Ok(())
}

/// One line of a table of measurements.
struct Figure<'a> {
    what: &'a str,
    unit: &'a str,
    median: f64,
    low: f64,
    high: f64,
    runs: f64,
}

impl<'a> Figure<'a> {
    /// Reads a figure as the measuring scripts print it.
    fn read(it: &'a Value) -> Result<Self> {
        let text = |name: &str| {
            it.get(name).and_then(Value::as_str).with_context(|| format!("a figure without {name}"))
        };
        let number = |name: &str| {
            it.get(name).and_then(Value::as_f64).with_context(|| format!("a figure without {name}"))
        };
        Ok(Self {
            what: text("what")?,
            unit: text("unit")?,
            median: number("median")?,
            low: number("low")?,
            high: number("high")?,
            runs: number("runs")?,
        })
    }

    fn write(&self, page: &mut String) -> Result<()> {
        let Self { what, unit, median, low, high, runs } = self;
        writeln!(page, "| {what} | {median:.1} {unit} | {low:.1} | {high:.1} | {runs} |")?;
        Ok(())
    }
}

/// A file's name without the hash that changes with every build.
fn kind(name: &str) -> String {
    let hash = |part: &str| part.len() >= 12 && part.chars().all(|it| it.is_ascii_hexdigit());
    name.split('-')
        .map(|part| match part.find(['.', '_']) {
            Some(end) if part.get(..end).is_some_and(hash) => {
                format!("*{}", part.get(end..).unwrap_or_default())
            }
            _ => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("-")
}

/// The machine in one sentence, without a name that would lead to it; `more` is what else counts.
fn machine(more: &str) -> Result<String> {
    let of_file = |file: &str, key: &str| -> Result<String> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        let value = text.lines().find_map(|line| line.strip_prefix(key)?.split_once(':'));
        Ok(value.map_or("unknown", |(_, value)| value.trim()).to_owned())
    };
    let memory = of_file("/proc/meminfo", "MemTotal")?;
    let kilobytes: u64 = memory.split(' ').next().unwrap_or_default().parse()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!(
        "Machine: {}, {} cores, {} GiB of memory, Linux {}; {}; {}.",
        of_file("/proc/cpuinfo", "model name")?,
        std::thread::available_parallelism()?,
        (kilobytes + (1 << 19)) >> 20,
        kernel.trim().split('-').next().unwrap_or_default(),
        more,
        run::output(run::program("rustc").arg("--version"))?.trim(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_is_written_from_figures() {
        let figures = json!([{"what": "click to confirmed", "unit": "ms", "median": 12.34, "low": 9,
            "high": 20, "runs": 15}]);
        let size = |name: &str| sizes::Size { name: name.into(), raw: 9, gzip: 6, brotli: 5 };
        let sizes = [size("main-0123456789abcdef.css"), size("pieces-0123456789abcdef.wasm")];
        let page = page(&figures, &sizes, "Machine: one.").unwrap();
        assert!(page.contains("| click to confirmed | 12.3 ms | 9.0 | 20.0 | 15 |"));
        assert!(page.contains("| main-*.css | 9 | 6 | 5 |\n| **first load** | 9 | 6 | **5** |"));
        assert!(
            page.contains("| pieces-*.wasm | 9 | 6 | 5 |\n| **whole panel** | 18 | 12 | **10** |")
        );
    }

    #[test]
    fn a_figure_without_a_median_is_an_error() {
        let figures = json!([{"what": "x", "unit": "ms"}]);
        assert!(page(&figures, &[], "").is_err());
    }
}
