//! Where dependencies come from, that nobody can change them there, and what they allow.
//!
//! The lock files say the first two, `cargo metadata` the third. Whether somebody has found a fault in
//! one of them is written elsewhere and not asked here: tests do without a network.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;
use spdx::{Expression, LicenseReq, ParseMode};
use toml::Table;

use super::File;
use crate::run;

const LOCK: &str = "Cargo.lock";

/// What Cargo calls crates.io, whatever stands in for it on a machine.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Licenses under which dependencies may be: they ask for their text to be kept, and nothing of who uses
/// them. Another one is added here once somebody has read it.
const LICENSES: [&str; 9] = [
    "Apache-2.0",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Of the crates of each group there is one, in one version: a second one is a second reading of the
/// same bytes, or a second place where a fault has to be mended.
const ALONE: [&[&str]; 10] = [
    &["ring", "aws-lc-rs", "openssl"],
    &["rustls", "native-tls"],
    &["rustls-webpki"],
    &["jsonwebtoken"],
    &["hmac"],
    &["subtle"],
    &["hyper"],
    &["httparse"],
    &["http"],
    &["reqwest"],
];

/// What Cargo knows of all packages, those of other systems included.
///
/// # Errors
/// When Cargo fails: the lock file is out of date, or a package is not on this machine and cannot be
/// had.
pub(super) fn metadata() -> Result<Value> {
    let told = run::output(run::cargo().args(["metadata", "--locked", "--format-version", "1"]))?;
    serde_json::from_str(&told).context("cargo metadata does not end as JSON")
}

/// What is wrong with the dependencies.
pub(super) fn check(files: &[File], metadata: &Value) -> Vec<String> {
    let mut findings = licenses(metadata);
    match files.iter().find(|it| it.path == LOCK) {
        Some(lock) => findings.extend(crates(&lock.text, &own(metadata))),
        None => findings.push(format!("{LOCK} is missing")),
    }
    for file in files.iter().filter(|it| it.path.ends_with("package-lock.json")) {
        findings.extend(npm(&file.text).into_iter().map(|it| format!("{}: {it}", file.path)));
    }
    for file in files.iter().filter(|it| it.path.ends_with("requirements.txt")) {
        findings.extend(python(&file.text).into_iter().map(|it| format!("{}: {it}", file.path)));
    }
    findings.into_iter().map(|it| format!("  {it}")).collect()
}

/// Names of the workspace's own packages.
fn own(metadata: &Value) -> BTreeSet<&str> {
    let members: BTreeSet<_> =
        list(metadata, "workspace_members").filter_map(Value::as_str).collect();
    let ours = list(metadata, "packages").filter(|it| members.contains(text(it, "id")));
    ours.map(|it| text(it, "name")).collect()
}

/// Packages that come from elsewhere than crates.io, can be changed there, or stand beside another
/// where one is to be alone.
fn crates(lock: &str, own: &BTreeSet<&str>) -> Vec<String> {
    let lock = match lock.parse::<Table>() {
        Ok(lock) => lock,
        Err(error) => return vec![format!("{LOCK} cannot be read: {error}")],
    };
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let packages: Vec<_> =
        packages.into_iter().flatten().filter_map(toml::Value::as_table).collect();
    let mut findings = Vec::new();
    if packages.is_empty() {
        findings.push(format!("{LOCK} names no package"));
    }
    let mut alone = ALONE.map(|_| BTreeSet::new());
    for package in packages {
        let of = |key: &str| package.get(key).and_then(toml::Value::as_str);
        let name = of("name").unwrap_or_default();
        let label = format!("{name} {}", of("version").unwrap_or_default());
        match of("source") {
            Some(CRATES_IO) if of("checksum").is_none_or(|sum| sum.len() != 64) => {
                findings.push(format!("{label} has no checksum"));
            }
            Some(CRATES_IO) => {}
            Some(source) => findings.push(format!("{label} comes from {source}")),
            None if own.contains(name) => {}
            None => findings.push(format!("{label} comes from a folder outside the workspace")),
        }
        for (group, found) in ALONE.iter().zip(&mut alone) {
            if group.contains(&name) {
                found.insert(label.clone());
            }
        }
    }
    let crowds = alone.iter().filter(|found| found.len() > 1);
    findings.extend(crowds.map(|found| {
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        format!("{} stand beside each other; one is enough", found.join(" and "))
    }));
    findings
}

/// Packages whose license is none of the list.
fn licenses(metadata: &Value) -> Vec<String> {
    let wrong = |package: &Value| {
        let label = format!("{} {}", text(package, "name"), text(package, "version"));
        let license = text(package, "license");
        // Some still write a slash for OR.
        match Expression::parse_mode(license, ParseMode::LAX) {
            Ok(it) if it.evaluate(allowed) => None,
            Ok(_) => Some(format!("{label} is under {license}, which is not on the list")),
            Err(_) => Some(format!("{label} is under {license:?}, which is no license")),
        }
    };
    let packages: Vec<_> = list(metadata, "packages").collect();
    if packages.is_empty() {
        return vec!["Cargo tells of no package".to_owned()];
    }
    packages.into_iter().filter_map(wrong).collect()
}

fn allowed(license: &LicenseReq) -> bool {
    let id = license.license.id().map(|it| it.name);
    license.addition.is_none() && id.is_some_and(|id| LICENSES.contains(&id))
}

/// Packages of npm that can be changed where they come from, or come from elsewhere than the registry
/// npm is set up with, which its lock files do not name.
fn npm(lock: &str) -> Vec<String> {
    let lock: Value = match serde_json::from_str(lock) {
        Ok(lock) => lock,
        Err(error) => return vec![format!("it cannot be read: {error}")],
    };
    let Some(packages) = lock.get("packages").and_then(Value::as_object) else {
        return vec!["it names no packages".to_owned()];
    };
    let mut findings = Vec::new();
    // The one without a name is whose lock file it is.
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        if !text(package, "integrity").starts_with("sha512-") {
            findings.push(format!("{name} has no checksum"));
        }
        if let Some(source) = package.get("resolved") {
            findings.push(format!("{name} comes from {source}"));
        }
    }
    findings
}

/// Packages of Python without one exact version and a checksum, and lines that name a place or an
/// option of pip, which could be another index.
fn python(requirements: &str) -> Vec<String> {
    let joined = requirements.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
    let wrong = |line: &str| {
        let mut words = line.split_whitespace();
        let package = words.next().unwrap_or_default();
        let Some((name, version)) = package.split_once("==") else {
            return Some(format!("{line:?} is no package in one exact version"));
        };
        let is_plain = |it: &str, more: &str| {
            !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        if !is_plain(name, "-_.") || !is_plain(version, ".+!") {
            return Some(format!("{package} is no package in one exact version"));
        }
        let sums: Vec<_> = words.collect();
        let is_sum = |word: &&str| {
            let sum = word.strip_prefix("--hash=sha256:");
            sum.is_some_and(|it| it.len() == 64 && it.bytes().all(|it| it.is_ascii_hexdigit()))
        };
        match sums.iter().find(|it| !is_sum(it)) {
            Some(other) => Some(format!("{package} has {other:?}, which is no checksum")),
            None if sums.is_empty() => Some(format!("{package} has no checksum")),
            None => None,
        }
    };
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return vec!["it names no packages".to_owned()];
    }
    lines.filter_map(wrong).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
