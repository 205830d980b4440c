//! The `clients` stage: the vendors' own clients against `foldback callservice`.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{
    packages, panel, paths,
    run::{self, say},
    tally::Tally,
};

/// Runs the Python tests, then the JavaScript ones. Arguments go to pytest; with any, only it runs.
///
/// # Errors
/// When something needed is missing and cannot be installed.
pub fn test(rest: &[String]) -> Result<Tally> {
    let python = packages::python("clients", &paths::clients().join("requirements.txt"))?;
    packages::npm(&paths::clients(), "the vendors' clients")?;
    panel::build_debug()?;
    let mut tally = pytest(&python, rest)?;
    if rest.is_empty() {
        tally.add(node()?);
    }
    Ok(tally)
}

fn pytest(python: &std::path::Path, rest: &[String]) -> Result<Tally> {
    let mut pytest = run::program(python);
    pytest.args(["-m", "pytest", "--quiet", "--tb=short"]).current_dir(paths::clients());
    if rest.is_empty() {
        // A file stays with one process: the page's blocks follow one another.
        pytest.args(["-n", "auto", "--dist", "loadfile", "python"]);
    }
    pytest.args(rest);
    let (status, lines) = run::filtered(lend(&mut pytest), worth_reading)?;
    Ok(Tally::of_pytest(lines.iter().map(String::as_str)).judged(status.success()))
}

fn node() -> Result<Tally> {
    let mut node = run::program("node");
    node.current_dir(paths::clients()).args(["--test", "--test-concurrency=2"]).args(scripts()?);
    let (status, lines) = run::filtered(lend(&mut node), |_| false)?;
    let tally = Tally::of_tap(lines.iter().map(String::as_str)).judged(status.success());
    if tally.failed > 0 {
        lines.iter().for_each(say);
    }
    Ok(tally)
}

/// Every file of JavaScript tests, in order.
fn scripts() -> Result<Vec<PathBuf>> {
    let folder = paths::clients().join("js");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What every client needs to know. A proxy of the machine must not stand between loopback addresses.
fn lend(command: &mut Command) -> &mut Command {
    let loopback = "127.0.0.1,localhost,::1";
    command.env("NO_PROXY", loopback).env("no_proxy", loopback);
    command.env("FOLDBACK_BINARY", paths::foldback("debug"))
}

/// Pytest's lines of dots and processes say nothing that the tally does not say.
fn worth_reading(line: &str) -> bool {
    let dots = line.ends_with("%]") && line.starts_with('.');
    !(line.is_empty() || dots || line.starts_with("bringing up nodes"))
}
