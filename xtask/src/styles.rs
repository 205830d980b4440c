//! One style sheet for delivery: `style/main.css` with its imports put in their places.
//!
//! A browser would fetch imports one after the other, and a file's hashed name would not change with
//! what it imports.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::paths;

/// Writes `target/panel/main.css`, and touches it only when it changes.
///
/// # Errors
/// When an import is missing, doubled or unreadable.
pub fn write() -> Result<()> {
    let bundle = lean(&bundle(&paths::root().join("style/main.css"), &mut Vec::new())?);
    let file = paths::panel_work().join("main.css");
    if fs::read_to_string(&file).is_ok_and(|old| old == bundle) {
        return Ok(());
    }
    fs::create_dir_all(paths::panel_work())?;
    fs::write(&file, bundle).with_context(|| format!("cannot write {}", file.display()))
}

fn bundle(file: &Path, seen: &mut Vec<PathBuf>) -> Result<String> {
    if seen.iter().any(|it| it == file) {
        bail!("{} is imported twice", file.display());
    }
    seen.push(file.to_owned());
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if let Some(name) = imported(line)? {
            out.push_str(&bundle(&file.with_file_name(name), seen)?);
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    Ok(out)
}

/// Without what only people read: comments, indentation and empty lines. A line's end stays, because
/// it may stand for a space.
fn lean(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    let mut quote = None;
    while let Some(it) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let mut taken = it.len_utf8();
        match quote {
            // What is escaped ends nothing.
            Some(_) if it == '\\' => {
                taken += rest.chars().nth(1).map_or(0, char::len_utf8);
            }
            Some(open) if open == it => quote = None,
            None if matches!(it, '"' | '\'') => quote = Some(it),
            _ => {}
        }
        let (part, after) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        kept.push_str(part);
        rest = after;
    }
    let lines = kept.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// The file of an `@import "name.css";` line.
fn imported(line: &str) -> Result<Option<&str>> {
    let Some(rest) = line.trim().strip_prefix("@import") else { return Ok(None) };
    let name = rest.trim().strip_suffix(';').and_then(|it| {
        let it = it.trim();
        it.strip_prefix('"')?
            .strip_suffix('"')
            .or_else(|| it.strip_prefix('\'')?.strip_suffix('\''))
    });
    match name {
        Some(name) if !name.contains("//") => Ok(Some(name)),
        _ => bail!("only imports of the form @import \"name.css\"; can be bundled: {line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_read_or_refused() {
        assert_eq!(imported("body { margin: 0 }").unwrap(), None);
        assert_eq!(imported("  @import \"ui/fader.css\";").unwrap(), Some("ui/fader.css"));
        assert!(imported("@import url(fader.css) layer(ui);").is_err());
        assert!(imported("@import \"https://example.org/a.css\";").is_err());
    }

    #[test]
    fn only_what_people_read_is_left_out() {
        let css = "/* Why. */\na,\nb {\n  content: \"/* kept */\";\n\n  color: red; /* so */\n}\n";
        assert_eq!(lean(css), "a,\nb {\ncontent: \"/* kept */\";\ncolor: red;\n}");
        assert_eq!(lean("a { } /* never closed"), "a { }");
    }

    #[test]
    fn imports_stand_where_they_were_named_and_only_once() {
        let folder = std::env::temp_dir().join(format!("foldback-styles-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let main = folder.join("main.css");
        fs::write(folder.join("a.css"), "a { }\n").unwrap();
        fs::write(&main, "@import \"a.css\";\nb { }\n").unwrap();
        let good = bundle(&main, &mut Vec::new()).unwrap();
        fs::write(&main, "@import \"a.css\";\n@import \"a.css\";\n").unwrap();
        let doubled = bundle(&main, &mut Vec::new());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(good, "a { }\nb { }\n");
        assert!(doubled.unwrap_err().to_string().contains("twice"));
    }
}
