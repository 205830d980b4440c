//! Counting what the test runners say, truthfully.

use std::{fmt, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

/// How many checks held and how many did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that held.
    pub passed: u64,
    /// Checks that did not, and stages that could not be run to their end.
    pub failed: u64,
    /// Checks that were left out by their own decision.
    pub skipped: u64,
}

impl Tally {
    /// One check.
    pub fn one(holds: bool) -> Self {
        Self { passed: u64::from(holds), failed: u64::from(!holds), skipped: 0 }
    }

    /// Takes what another stage counted.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// A runner that ends badly without naming a failure has failed, and so has one that ran nothing.
    #[must_use]
    pub fn judged(mut self, ended_well: bool) -> Self {
        let silent = self.failed == 0 && (!ended_well || self.passed == 0);
        self.failed += u64::from(silent);
        self
    }

    /// Adds up the `test result:` lines of Rust's and wasm-bindgen's runners.
    pub fn of_rust<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sum = Self::default();
        for line in lines {
            let Some((_, counts)) = line.split_once("test result: ") else { continue };
            for part in counts.split(['.', ';']) {
                let mut words = part.split_whitespace();
                let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
                let Ok(number) = number.parse::<u64>() else { continue };
                match what {
                    "passed" => sum.passed += number,
                    "failed" => sum.failed += number,
                    "ignored" => sum.skipped += number,
                    _ => {}
                }
            }
        }
        sum
    }

    /// Reads Playwright's JSON report. A test that passed only at a second try has failed.
    ///
    /// # Errors
    /// When there is no report or it is not one.
    pub fn of_playwright(report: &Path) -> Result<Self> {
        let text = std::fs::read(report).context("Playwright left no report")?;
        let report: Value =
            serde_json::from_slice(&text).context("Playwright's report is broken")?;
        let stats = report.get("stats").context("Playwright's report has no stats")?;
        let count = |name: &str| stats.get(name).and_then(Value::as_u64).unwrap_or(0);
        let errors = report.get("errors").and_then(Value::as_array).map_or(0, Vec::len);
        Ok(Self {
            passed: count("expected"),
            failed: count("unexpected") + count("flaky") + u64::try_from(errors)?,
            skipped: count("skipped"),
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_line_counts() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test roster::late ... FAILED",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ];
        assert_eq!(Tally::of_rust(lines), Tally { passed: 15, failed: 2, skipped: 1 });
    }

    #[test]
    fn silence_is_a_failure() {
        assert_eq!(Tally::default().judged(true).failed, 1);
        assert_eq!(Tally { passed: 4, ..Tally::default() }.judged(false).failed, 1);
        assert_eq!(Tally { passed: 4, ..Tally::default() }.judged(true).failed, 0);
        assert_eq!(Tally { passed: 4, failed: 2, skipped: 0 }.judged(false).failed, 2);
    }

    #[test]
    fn a_report_is_read_and_a_flaky_test_has_failed() {
        let file =
            std::env::temp_dir().join(format!("foldback-report-{}.json", std::process::id()));
        let report =
            r#"{"errors":[{}],"stats":{"expected":7,"unexpected":1,"flaky":2,"skipped":3}}"#;
        std::fs::write(&file, report).unwrap();
        let tally = Tally::of_playwright(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(tally, Tally { passed: 7, failed: 4, skipped: 3 });
        assert!(Tally::of_playwright(&file).is_err());
    }
}
