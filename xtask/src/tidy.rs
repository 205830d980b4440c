//! `cargo xtask tidy`: the rules of the house that no compiler checks. Each rule is one check.

mod proofs;
mod supply;

use std::{fs, process::ExitCode};

use anyhow::Result;

use crate::{fingerprint, paths, run::say, tally::Tally};

/// A file of the house: its path from the root with `/`, and its text.
#[derive(Debug)]
struct File {
    path: String,
    text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, it)| it == extension)
    }

    fn is_source(&self) -> bool {
        ["rs", "ts", "mjs", "css", "py"].iter().any(|it| self.is(it))
    }
}

/// A rule's name, and what it finds wrong with one file.
type Rule = (&'static str, Finder);
type Finder = fn(&File) -> Option<String>;

const RULES: [Rule; 8] = [
    ("every Rust file opens with what it is for", opening),
    ("no path of one machine", machine_path),
    ("no host in the npm lock file", lock_host),
    ("no markup from text", markup),
    ("nothing unfinished", unfinished),
    ("no source over 500 lines without a reason", length),
    ("no fixed sleep in a test of the outside", sleep),
    ("no space at the end of a line", trailing_space),
];

const LONGEST: usize = 500;

/// What of `src/ui` is no control but helps several of them.
const HELPERS: [&str; 8] = ["case", "decimal", "drag", "erased", "focus", "grip", "level", "pick"];

/// Checks all rules and says what breaks them.
///
/// # Errors
/// When a file cannot be read, or Cargo cannot tell of the dependencies.
pub fn check() -> Result<Tally> {
    let files = files()?;
    let mut tally = Tally::default();
    for (name, rule) in RULES {
        let findings: Vec<_> = files
            .iter()
            .filter_map(|file| Some(format!("  {}: {}", file.path, rule(file)?)))
            .collect();
        tally.add(report(name, &findings));
    }
    tally.add(report("every style sheet is imported", &orphans(&files)));
    tally.add(report("every control has a style sheet and a test", &controls(&files)));
    tally.add(report("every fault names tests that exist", &proofs::check(&files)));
    let supply = supply::check(&files, &supply::metadata()?);
    tally.add(report("every dependency comes from where it should, and may be used", &supply));
    Ok(tally)
}

/// The command: [`check`], with an exit code.
///
/// # Errors
/// As [`check`].
pub fn run() -> Result<ExitCode> {
    let tally = check()?;
    say(tally.to_string());
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(name: &str, findings: &[String]) -> Tally {
    if !findings.is_empty() {
        say(format!("not so: {name}\n{}", findings.join("\n")));
    }
    Tally::one(findings.is_empty())
}

/// Every text file that is part of the project.
fn files() -> Result<Vec<File>> {
    let mut files = Vec::new();
    for path in fingerprint::files(paths::root())? {
        // A picture is no text.
        let Ok(text) = String::from_utf8(fs::read(&path)?) else { continue };
        let path = path.strip_prefix(paths::root()).unwrap_or(&path);
        files.push(File { path: path.to_string_lossy().replace('\\', "/"), text });
    }
    Ok(files)
}

fn opening(file: &File) -> Option<String> {
    (file.is("rs") && !file.text.starts_with("//! ")).then(|| "no //! line at the top".to_owned())
}

fn machine_path(file: &File) -> Option<String> {
    const PLACES: [&str; 4] = [
        concat!("/", "work/"),
        concat!("/", "root/"),
        concat!("/", "home/"),
        concat!("/", "Users/"),
    ];
    PLACES.iter().find_map(|place| {
        file.text.match_indices(place).find_map(|(at, _)| {
            let before = file.text.get(..at)?.chars().next_back();
            let inside = before.is_some_and(|it| it.is_alphanumeric() || "._-}/*".contains(it));
            (!inside).then(|| format!("{place} in line {}", line_of(file, at)))
        })
    })
}

fn lock_host(file: &File) -> Option<String> {
    let resolved = concat!("\"resolved\": ", "\"http");
    let at = file.path.ends_with("package-lock.json").then(|| file.text.find(resolved))??;
    Some(format!("line {} names a host; .npmrc keeps them out", line_of(file, at)))
}

fn markup(file: &File) -> Option<String> {
    finds(file, &[concat!("inner", "_html"), concat!("insert_adjacent", "_html")])
}

fn unfinished(file: &File) -> Option<String> {
    let at = finds(file, &[concat!("todo", "!("), concat!("unimplemented", "!(")]);
    at.filter(|_| file.is("rs"))
}

fn sleep(file: &File) -> Option<String> {
    finds(
        file,
        &[concat!("waitFor", "Timeout("), concat!("network", "idle"), concat!("time.", "sleep(")],
    )
}

fn length(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    let excused = file.text.contains("// Long because: ") || !file.is_source();
    (lines > LONGEST && !excused).then(|| format!("{lines} lines"))
}

fn trailing_space(file: &File) -> Option<String> {
    let bad = |line: &str| line.ends_with([' ', '\t']);
    let line = file.is_source().then(|| file.text.lines().position(bad))??;
    Some(format!("line {}", line + 1))
}

/// Style sheets below `style/` that no other one imports.
fn orphans(files: &[File]) -> Vec<String> {
    let sheets: Vec<_> =
        files.iter().filter(|it| it.path.starts_with("style/") && it.is("css")).collect();
    let imported = |name: &str| {
        sheets
            .iter()
            .any(|it| it.text.lines().any(|line| line.contains("@import") && line.contains(name)))
    };
    sheets
        .iter()
        .filter_map(|it| it.path.rsplit('/').next().map(|name| (it, name)))
        .filter(|(it, name)| it.path != "style/main.css" && !imported(name))
        .map(|(it, _)| format!("  {}", it.path))
        .collect()
}

/// Controls without a style sheet, a test or a place among the tests, each of the control's name.
fn controls(files: &[File]) -> Vec<String> {
    let has = |path: &str| files.iter().any(|it| it.path == path);
    let wired = files.iter().find(|it| it.path == "tests/panel.rs").map_or("", |it| &it.text);
    let name = |file: &File| {
        let name = file.path.strip_prefix("src/ui/")?.strip_suffix(".rs")?.to_owned();
        (!name.contains('/') && !HELPERS.contains(&name.as_str())).then_some(name)
    };
    let lacks = |name: String| {
        let needs = [format!("style/{name}.css"), format!("tests/panel/{name}.rs")];
        let mut lacks: Vec<_> = needs.into_iter().filter(|path| !has(path)).collect();
        let module = format!("mod {name};");
        if !wired.lines().any(|line| line == module) {
            lacks.push(format!("`{module}` in tests/panel.rs"));
        }
        (!lacks.is_empty()).then(|| format!("  src/ui/{name}.rs lacks {}", lacks.join(", ")))
    };
    files.iter().filter_map(name).filter_map(lacks).collect()
}

fn finds(file: &File, words: &[&str]) -> Option<String> {
    let (word, at) = words.iter().find_map(|word| Some((word, file.text.find(word)?)))?;
    Some(format!("{word} in line {}", line_of(file, at)))
}

fn line_of(file: &File, at: usize) -> usize {
    file.text.get(..at).map_or(0, |before| before.matches('\n').count()) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn each_rule_finds_its_fault_and_nothing_else() {
        let long = "//! x\n".repeat(LONGEST + 1);
        let faults: [(Finder, File); 8] = [
            (opening, file("src/a.rs", "use std::fs;\n")),
            (machine_path, file("a.md", concat!("cd /", "home/ada\n"))),
            (lock_host, file("e/package-lock.json", concat!("\"resolved\": ", "\"https://x\""))),
            (markup, file("src/a.rs", concat!("//! x\n.inner", "_html(text)"))),
            (unfinished, file("src/a.rs", concat!("//! x\ntodo", "!()"))),
            (length, file("src/a.rs", &long)),
            (sleep, file("a.spec.ts", concat!("await page.waitFor", "Timeout(1)"))),
            (trailing_space, file("src/a.rs", "//! x \n")),
        ];
        let good = file("src/b.rs", "//! What it is for.\n\nfn a() {}\n");
        for (rule, fault) in faults {
            assert!(rule(&fault).is_some(), "{fault:?}");
            assert_eq!(rule(&good), None);
        }
        assert_eq!(machine_path(&file("a.md", concat!("https://example.org/", "home/"))), None);
        let excused = format!("{long}// Long because: it is one table.\n");
        assert_eq!(length(&file("src/a.rs", &excused)), None);
    }

    #[test]
    fn a_style_sheet_nobody_imports_is_found() {
        let files = [
            file("style/main.css", "@import \"tokens.css\";\n"),
            file("style/tokens.css", ""),
            file("style/lost.css", ""),
        ];
        assert_eq!(orphans(&files), ["  style/lost.css"]);
    }

    #[test]
    fn a_control_without_style_or_test_is_found() {
        let files = [
            file("src/ui/fader.rs", ""),
            file("style/fader.css", ""),
            file("tests/panel/fader.rs", ""),
            file("tests/panel.rs", "mod fader;\n"),
            file("src/ui/grip.rs", ""),
            file("src/ui/fader/ruler.rs", ""),
            file("src/ui/lost.rs", ""),
        ];
        let lost = "  src/ui/lost.rs lacks style/lost.css, tests/panel/lost.rs, \
                    `mod lost;` in tests/panel.rs";
        assert_eq!(controls(&files), [lost]);
        assert_eq!(
            controls(&files[..3]),
            ["  src/ui/fader.rs lacks `mod fader;` in tests/panel.rs"]
        );
    }
}
