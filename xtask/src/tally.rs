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
    /// Of those that held: how many did so at a second try only.
    pub again: u64,
}

/// How many browser tests may need a second try. Two browsers on two cores are late now and then; more
/// than these few are no accident.
const AGAIN_MOST: u64 = 2;

impl Tally {
    /// One check.
    pub fn one(holds: bool) -> Self {
        Self { passed: u64::from(holds), failed: u64::from(!holds), ..Self::default() }
    }

    /// Takes what another stage counted.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.again += other.again;
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

    /// Reads Playwright's JSON report. A few tests may pass at a second try only, which is told; more of
    /// them have failed.
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
        let again = count("flaky");
        let (held, not) = if again <= AGAIN_MOST { (again, 0) } else { (0, again) };
        Ok(Self {
            passed: count("expected") + held,
            failed: count("unexpected") + not + u64::try_from(errors)?,
            skipped: count("skipped"),
            again: held,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.again > 0 {
            write!(f, ", {} of the passed at a second try only: look into them", self.again)?;
        }
        Ok(())
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
        assert_eq!(Tally::of_rust(lines), Tally { passed: 15, failed: 2, skipped: 1, again: 0 });
    }

    #[test]
    fn the_last_line_of_pytest_counts() {
        let of = |line| Tally::of_pytest(["FAILED a.py::b - it was 3 in 4 cases", line]);
        assert_eq!(
            of("1 failed, 4 passed, 2 skipped, 9 warnings in 5.67s"),
            Tally { passed: 4, failed: 1, skipped: 2, again: 0 }
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
        assert_eq!(Tally::of_tap(lines), Tally { passed: 9, failed: 2, skipped: 1, again: 0 });
    }

    #[test]
    fn silence_is_a_failure() {
        assert_eq!(Tally::default().judged(true).failed, 1);
        assert_eq!(Tally { passed: 4, ..Tally::default() }.judged(false).failed, 1);
        assert_eq!(Tally { passed: 4, ..Tally::default() }.judged(true).failed, 0);
        assert_eq!(Tally { passed: 4, failed: 2, ..Tally::default() }.judged(false).failed, 2);
    }

    #[test]
    fn a_report_is_read_and_a_few_may_need_a_second_try() {
        let file =
            std::env::temp_dir().join(format!("foldback-report-{}.json", std::process::id()));
        let read = |flaky: u64| {
            let report = format!(
                r#"{{"errors":[{{}}],"stats":{{"expected":7,"unexpected":1,"flaky":{flaky},"skipped":3}}}}"#
            );
            std::fs::write(&file, report).unwrap();
            Tally::of_playwright(&file).unwrap()
        };
        let few = read(2);
        assert_eq!(few, Tally { passed: 9, failed: 2, skipped: 3, again: 2 });
        assert!(few.to_string().ends_with("2 of the passed at a second try only: look into them"));
        assert_eq!(read(3), Tally { passed: 7, failed: 5, skipped: 3, again: 0 });
        assert_eq!(read(0).to_string(), "7 passed, 2 failed");
        std::fs::remove_file(&file).unwrap();
        assert!(Tally::of_playwright(&file).is_err());
    }
}
