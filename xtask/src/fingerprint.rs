//! What a build depends on, folded into one number, so that nothing is built twice.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The fingerprint of these files and folders (paths and contents) and of some words.
///
/// # Errors
/// When a file cannot be read; one that does not exist counts as absent.
pub fn of(root: &Path, parts: &[&str], words: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    let mut all = BTreeSet::new();
    for part in parts {
        let path = root.join(part);
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.is_file() {
            all.insert(path);
        }
    }
    for file in all {
        file.strip_prefix(root).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Every file below a folder, in order, without what Cargo, Trunk, npm, Python and Git keep there.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    const APART: [&str; 7] =
        [".git", "__pycache__", "dist", "node_modules", "report", "results", "target"];
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        // In a linked worktree `.git` is a file.
        if APART.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files(&entry.path())?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let root = std::env::temp_dir().join(format!("foldback-print-{}", std::process::id()));
        fs::create_dir_all(root.join("src/target")).unwrap();
        fs::write(root.join("src/a.rs"), "one").unwrap();
        let print = |words: &[&str]| of(&root, &["src", "absent"], words).unwrap();
        let first = print(&["w"]);
        fs::write(root.join("src/target/output"), "built").unwrap();
        let output_aside = print(&["w"]);
        let other_word = print(&["v"]);
        fs::write(root.join("src/a.rs"), "two").unwrap();
        let changed = print(&["w"]);
        fs::rename(root.join("src/a.rs"), root.join("src/b.rs")).unwrap();
        let renamed = print(&["w"]);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(first, output_aside);
        let different: BTreeSet<_> = [first, other_word, changed, renamed].into();
        assert_eq!(different.len(), 4);
    }
}
