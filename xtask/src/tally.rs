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

    /// Reads the last line of pytest, such as `1 failed, 4 passed, 2 skipped in 5.67s`.
    pub fn of_pytest<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sum = Self::default();
        let last =
            lines.into_iter().filter_map(|line| line.trim_matches('=').rsplit_once(" in ")).last();
        for part in last.map_or("", |(counts, _)| counts).split(',') {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => sum.passed += number,
                // A test expected to fail that passes is wrong about something.
                "failed" | "error" | "errors" | "xpassed" => sum.failed += number,
                "skipped" | "xfailed" | "deselected" => sum.skipped += number,
                _ => {}
            }
        }
        sum
    }

    /// Adds up the counts at the end of a TAP report, as Node.js writes them: `# pass 9`.
    pub fn of_tap<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sum = Self::default();
        for line in lines {
            let mut words = line.split_whitespace();
            let (Some("#"), Some(what), Some(number), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "pass" => sum.passed += number,
                "fail" | "cancelled" => sum.failed += number,
                "skipped" | "todo" => sum.skipped += number,
                _ => {}
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
    fn the_last_line_of_pytest_counts() {
        let of = |line| Tally::of_pytest(["FAILED a.py::b - it was 3 in 4 cases", line]);
        assert_eq!(
            of("1 failed, 4 passed, 2 skipped, 9 warnings in 5.67s"),
            Tally { passed: 4, failed: 1, skipped: 2 }
        );
        assert_eq!(
            of("=== 3 errors, 1 xpassed in 0.22s ==="),
            Tally { failed: 4, ..Tally::default() }
        );
        assert_eq!(Tally::of_pytest(["no tests ran in 0.01s"]), Tally::default());
    }

    #[test]
    fn the_counts_of_a_tap_report() {
        let lines = [
            "ok 1 - a",
            "# Subtest: pass 3",
            "# tests 12",
            "# pass 9",
            "# fail 1",
            "# cancelled 1",
            "# skipped 1",
        ];
        assert_eq!(Tally::of_tap(lines), Tally { passed: 9, failed: 2, skipped: 1 });
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
