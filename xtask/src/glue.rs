//! Short names between the panel's module and its JavaScript.
//!
//! wasm-bindgen calls what passes between them by long names that end in a hash, once on each side;
//! hashes do not pack. The module also offers streams that Leptos' server functions would use: the
//! panel has no such function, and without the offer the code behind it goes.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    engine_size, fingerprint, paths, run,
    tools::Tools,
    wasm::{self, Reader},
};

/// What the unused offers have in their names.
const UNUSED: &str = "intounderlying";

/// Shortens the names in both files of `dist/` and lets wasm-opt take out what nothing reaches now.
///
/// # Errors
/// When the files are not what Trunk makes, or wasm-opt fails.
pub fn shorten(dist: &Path, tools: &Tools) -> Result<()> {
    let (module, script) = (only(dist, "wasm")?, only(dist, "js")?);
    let (shorter, names) = rewrite(&fs::read(&module)?)?;
    fs::write(&module, shorter)?;
    let text = fs::read_to_string(&script)?;
    fs::write(&script, lean(&replaced(&text, &names))?)?;
    let page = fs::read_to_string(paths::root().join("index.html"))?;
    let mut optimize = run::program("wasm-opt");
    optimize.arg(&module).arg("-o").arg(&module).args(engine_size::wasm_opt(&page)?);
    run::output(tools.lend(&mut optimize))?;
    rename(dist, [module, script])
}

/// Names both files by what they hold now: browsers keep them for good under their names.
fn rename(dist: &Path, files: [PathBuf; 2]) -> Result<()> {
    let mut hasher = DefaultHasher::new();
    for file in &files {
        fs::read(file)?.hash(&mut hasher);
    }
    let new = format!("{:016x}", hasher.finish());
    let old = files.iter().find_map(|file| hash_in(file.file_stem()?.to_str()?));
    let old = old.context("Trunk gave the panel a name without a hash")?.to_owned();
    for file in &files {
        let name = file.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        fs::rename(file, file.with_file_name(name.replace(&old, &new)))?;
    }
    let page = dist.join("index.html");
    let text = fs::read_to_string(&page)?;
    fs::write(&page, text.replace(&old, &new)).context("cannot write the page")
}

/// The hash in a file's name.
fn hash_in(name: &str) -> Option<&str> {
    name.split(['-', '_', '.']).find(|it| is_hash(it))
}

fn is_hash(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// The only file of its kind.
fn only(dist: &Path, extension: &str) -> Result<PathBuf> {
    let mut files = fingerprint::files(dist)?;
    files.retain(|file| file.extension().is_some_and(|it| it == extension));
    match <[PathBuf; 1]>::try_from(files) {
        Ok([file]) => Ok(file),
        Err(files) => bail!("{} files end in .{extension} where one should", files.len()),
    }
}

/// Long names and the short ones they get.
type Names = BTreeMap<String, String>;

/// The module with short names and without unused offers.
fn rewrite(module: &[u8]) -> Result<(Vec<u8>, Names)> {
    let mut names = Names::new();
    let mut sections = Vec::new();
    for (number, content) in wasm::sections(module)? {
        let content = match number {
            wasm::IMPORTS => imports(content, &mut names)?,
            wasm::EXPORTS => exports(content, &mut names)?,
            _ => content.to_vec(),
        };
        sections.push((number, content));
    }
    let parts = sections.iter().map(|(number, content)| (*number, content.as_slice()));
    Ok((wasm::module(parts), names))
}

fn imports(content: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    let mut reader = Reader(content);
    let count = reader.number()?;
    let mut out = Vec::new();
    wasm::write_number(&mut out, count);
    for _ in 0..count {
        wasm::write_bytes(&mut out, reader.bytes()?);
        let name = short(reader.name()?, names);
        wasm::write_bytes(&mut out, name.as_bytes());
        out.extend_from_slice(reader.import_type()?);
    }
    Ok(out)
}

fn exports(content: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    let mut reader = Reader(content);
    let mut kept = Vec::new();
    let mut n_kept = 0;
    for _ in 0..reader.number()? {
        let name = reader.name()?;
        let (kind, index) = (reader.byte()?, reader.number()?);
        if !name.contains(UNUSED) {
            wasm::write_bytes(&mut kept, short(name, names).as_bytes());
            kept.push(kind);
            wasm::write_number(&mut kept, index);
            n_kept += 1;
        }
    }
    let mut out = Vec::new();
    wasm::write_number(&mut out, n_kept);
    out.extend_from_slice(&kept);
    Ok(out)
}

/// A short name for one that ends in a hash; all others stay.
fn short(name: &str, names: &mut Names) -> String {
    let end = name.len().checked_sub(16).and_then(|at| name.get(at..)).unwrap_or_default();
    if !is_hash(end) {
        return name.to_owned();
    }
    let next = format!("${}", names.len());
    names.entry(name.to_owned()).or_insert(next).clone()
}

/// The script without indentation, empty lines and comments, which stand on lines of their own.
fn lean(script: &str) -> Result<String> {
    let mut kept = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines().map(str::trim) {
        if line.matches('`').count() % 2 == 1 {
            bail!("a text of the script goes over several lines: {line}");
        }
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    Ok(kept)
}

/// The text with short names. A name that begins like another is not taken for it: names are whole
/// words.
fn replaced(text: &str, names: &Names) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        let (before, word) = rest.split_at(begin);
        let (word, behind) = word.split_at(word.find(|c| !is_part(c)).unwrap_or(word.len()));
        out.push_str(before);
        out.push_str(names.get(word).map_or(word, String::as_str));
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn entry(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn both_sides_get_the_same_short_names() {
        let text = |name: &str| {
            let mut out = Vec::new();
            wasm::write_bytes(&mut out, name.as_bytes());
            out
        };
        let (long, other) = ("__wbg_append_0123456789abcdef", "__wbg_append_fedcba9876543210");
        let imports = entry(&[&[3], &text("m"), &text(long), &[0, 1], &text("m"), &text(other)]);
        let imports = entry(&[&imports, &[0, 2], &text("m"), &text("memory"), &[2, 0, 1]]);
        let exports = entry(&[&[2], &text("intounderlyingsink_close"), &[0, 7], &text("run")]);
        let exports = entry(&[&exports, &[0, 9]]);
        let module = wasm::module([(wasm::IMPORTS, &*imports), (wasm::EXPORTS, &*exports)]);
        let (shorter, names) = rewrite(&module).unwrap();
        let sections = wasm::sections(&shorter).unwrap();
        let [(2, imports), (7, exports)] = sections[..] else { panic!("two sections") };
        assert_eq!(imports, b"\x03\x01m\x02$0\0\x01\x01m\x02$1\0\x02\x01m\x06memory\x02\0\x01");
        assert_eq!(exports, b"\x01\x03run\0\x09");
        let script = format!("{{{long}:e=>e,\"{other}\":1,{long}2:2}}");
        assert_eq!(replaced(&script, &names), format!("{{$0:e=>e,\"$1\":1,{long}2:2}}"));
    }

    #[test]
    fn the_hash_of_a_file_is_found() {
        assert_eq!(hash_in("foldback-panel-70c75cedb70b5d3a_bg"), Some("70c75cedb70b5d3a"));
        assert_eq!(hash_in("foldback-panel"), None);
    }

    #[test]
    fn a_script_is_left_with_its_statements() {
        let script =
            "/* @ts */\nlet a = `x // y`;\n\n    // why\n    /**\n     * b\n     */\n    b(a);\n";
        assert_eq!(lean(script).unwrap(), "let a = `x // y`;\nb(a);\n");
        assert!(lean("let a = `\n`;").is_err());
    }

    #[test]
    fn no_short_name_is_given_twice() {
        let mut names = Names::new();
        for n in 0..200 {
            short(&format!("name_{n:016x}"), &mut names);
            short(&format!("name_{n:016x}"), &mut names);
        }
        let given: BTreeSet<_> = names.values().collect();
        assert_eq!(given.len(), 200);
        assert_eq!(short("__wbindgen_malloc", &mut names), "__wbindgen_malloc");
    }
}
