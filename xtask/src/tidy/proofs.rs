//! The page of threats and faults names tests that exist.

use super::File;

const PAGE: &str = "docs/threats.md";

/// What is wrong with the page: rows without a proof, and tests that are nowhere.
pub(super) fn check(files: &[File]) -> Vec<String> {
    let Some(page) = files.iter().find(|it| it.path == PAGE) else {
        return vec![format!("  {PAGE} is missing")];
    };
    let mut findings = Vec::new();
    for (number, line) in page.text.lines().enumerate() {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let rule = line.starts_with("|--") || matches!(cells.first(), Some(&("fault" | "attack")));
        if !line.starts_with('|') || rule {
            continue;
        }
        let at = number + 1;
        let [_, _, proof] = cells[..] else {
            findings.push(format!("  {PAGE}: line {at} has {} cells instead of 3", cells.len()));
            continue;
        };
        let named: Vec<_> = proof.split('`').skip(1).step_by(2).collect();
        let open = proof.strip_prefix("**open**: ").is_some_and(|reason| !reason.trim().is_empty());
        if named.is_empty() && !open {
            findings.push(format!("  {PAGE}: line {at} names no test and gives no reason"));
        }
        let lost = named.iter().filter(|name| !exists(files, name));
        findings.extend(lost.map(|name| format!("  {PAGE}: line {at}: there is no test {name}")));
    }
    findings
}

/// Whether a file of this name holds the test.
fn exists(files: &[File], name: &str) -> bool {
    if let Some((file, title)) = name.split_once(": ") {
        let path = format!("tests/e2e/specs/{file}");
        let quoted = [format!("test('{title}'"), format!("test(\"{title}\"")];
        return files
            .iter()
            .any(|it| it.path == path && quoted.iter().any(|test| it.text.contains(test)));
    }
    let Some((module, test)) = name.split_once("::") else { return false };
    let ends = [format!("/{module}.rs"), format!("/{module}/tests.rs")];
    let sources = files.iter().filter(|it| ends.iter().any(|end| it.path.ends_with(end)));
    sources.into_iter().any(|it| tests(&it.text).any(|found| found == test))
}

/// Names of functions marked as tests, and of properties.
fn tests(text: &str) -> impl Iterator<Item = &str> {
    let mut marked = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with("#[") {
            marked |= line == "#[test]" || line.starts_with("#[tokio::test");
            return None;
        }
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        let name = rest.and_then(|rest| rest.split_once('(')).map(|(name, _)| name);
        std::mem::take(&mut marked).then_some(name).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    fn findings(rows: &str) -> Vec<String> {
        let page = format!("# Faults\n\n| fault | what happens | proof |\n|---|---|---|\n{rows}\n");
        check(&[
            file(PAGE, &page),
            file(
                "crates/a/tests/a/kill.rs",
                "#[tokio::test]\nasync fn twice() {}\nfn helper() {}\n#[test]\n#[ignore]\nfn once(\n) {}\n",
            ),
            file("crates/a/src/b/tests.rs", "    #[test]\n    fn deep() {}\n"),
            file("tests/e2e/specs/two.spec.ts", "test('a mute', async () => {});\n"),
        ])
    }

    #[test]
    fn named_tests_exist_or_the_row_says_why_not() {
        let good = "| a | b | `kill::twice`, `kill::once` |\n| a | b | `b::deep` |\n\
                    | a | b | `two.spec.ts: a mute` |\n| a | b | **open**: nobody has time |";
        assert_eq!(findings(good), [""; 0]);
        for (row, words) in [
            ("| a | b | `kill::thrice` |", "line 5: there is no test kill::thrice"),
            ("| a | b | `kill::helper` |", "no test kill::helper"),
            ("| a | b | `lost::twice` |", "no test lost::twice"),
            ("| a | b | `ill::twice` |", "no test ill::twice"),
            ("| a | b | `twice` |", "no test twice"),
            ("| a | b | `two.spec.ts: another` |", "no test two.spec.ts: another"),
            ("| a | b | **open**: see `kill::thrice` |", "no test kill::thrice"),
            ("| a | b | **open**:  |", "names no test"),
            ("| a | b | soon |", "names no test"),
            ("| a | b |", "has 2 cells"),
        ] {
            let found = findings(row);
            assert!(found.len() == 1 && found[0].contains(words), "{row}: {found:?}");
        }
        assert_eq!(check(&[]).len(), 1);
    }
}
