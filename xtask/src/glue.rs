//! Short names between the panel's module and its JavaScript.
//!
//! wasm-bindgen calls what passes between them by long names that end in a hash, once on each side;
//! hashes do not pack. The module also offers streams that Leptos' server functions would use: the
//! panel has no such function, and without the offer the code behind it goes.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use wasm_encoder::{
    ExportSection, ImportSection,
    reencode::{self, Reencode},
};
use wasmparser::{Export, Import, ImportSectionReader, Parser};

use crate::{engine_size, fingerprint, paths, run, tools::Tools};

/// What the unused offers have in their names.
const UNUSED: &str = "intounderlying";

/// How the names begin of what Trunk makes of the panel.
const BEGIN: &str = "foldback-panel-";

/// What the linker offers and nobody takes.
const LINKERS: [&str; 2] = ["__data_end", "__heap_base"];

/// Shortens the names in both files of `dist/`, lets wasm-opt take out what nothing reaches now, and
/// minifies the script.
///
/// # Errors
/// When the files are not what Trunk makes, or wasm-opt or esbuild fails.
pub fn shorten(dist: &Path, tools: &Tools) -> Result<()> {
    let (module, script) = (module(dist)?, script(dist)?);
    let (shorter, names) = rewrite(&fs::read(&module)?)?;
    fs::write(&module, shorter)?;
    let text = fs::read_to_string(&script)?;
    fs::write(&script, replaced(&without_unused(&text)?, &names))?;
    let page = fs::read_to_string(paths::root().join("index.html"))?;
    let mut optimize = run::program("wasm-opt");
    optimize.arg(&module).arg("-o").arg(&module).args(engine_size::wasm_opt(&page)?);
    run::output(tools.lend(&mut optimize))?;
    let mut minify = run::program("esbuild");
    minify.args(["--minify", "--legal-comments=none", "--log-level=warning", "--allow-overwrite"]);
    minify.arg(&script).arg(format!("--outfile={}", script.display()));
    run::output(tools.lend(&mut minify))?;
    rename(dist, &[module, script])
}

/// Names both files by what they hold now: browsers keep them for good under their names.
fn rename(dist: &Path, files: &[PathBuf; 2]) -> Result<()> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file)?.hash(&mut hasher);
    }
    let new = format!("{:016x}", hasher.finish());
    let old = files.iter().find_map(|file| trunks_hash(file.file_stem()?.to_str()?));
    let old = old.context("Trunk gave the panel a name without a hash")?.to_owned();
    for file in files {
        let name = file.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        fs::rename(file, file.with_file_name(name.replace(&old, &new)))?;
    }
    let page = dist.join("index.html");
    let text = fs::read_to_string(&page)?;
    fs::write(&page, text.replace(&old, &new)).context("cannot write the page")
}

/// Gives these files of `dist/` names that say what they hold, and tells the page.
///
/// # Errors
/// When one is missing or cannot be renamed.
pub fn hash_names(dist: &Path, files: &[&str]) -> Result<()> {
    let page = dist.join("index.html");
    let mut text = fs::read_to_string(&page)?;
    for name in files {
        let file = dist.join(name);
        let mut hasher = DefaultHasher::new();
        let content = fs::read(&file).with_context(|| format!("{name} is missing in dist/"))?;
        content.hash(&mut hasher);
        let (stem, extension) = name.split_once('.').context("a file without extension")?;
        let new = format!("{stem}-{:016x}.{extension}", hasher.finish());
        fs::rename(&file, dist.join(&new))?;
        text = text.replace(name, &new);
    }
    fs::write(&page, text).context("cannot write the page")
}

/// What Trunk put behind the panel's name: up to sixteen figures, because it leaves zeros in front out.
fn trunks_hash(stem: &str) -> Option<&str> {
    let hash = stem.strip_prefix(BEGIN)?.split('_').next()?;
    (hash.len() >= 8 && hash.bytes().all(|it| it.is_ascii_hexdigit())).then_some(hash)
}

/// The hash in a name that wasm-bindgen gives.
fn hash_in(name: &str) -> Option<&str> {
    name.split(['-', '_', '.']).find(|it| is_hash(it))
}

fn is_hash(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// The panel's main module.
///
/// # Errors
/// When there is none, or more than one.
pub fn module(dist: &Path) -> Result<PathBuf> {
    only(dist, "_bg.wasm")
}

/// The panel's script.
///
/// # Errors
/// As [`module`].
pub fn script(dist: &Path) -> Result<PathBuf> {
    only(dist, ".js")
}

/// The only file of its kind that Trunk makes of the panel.
fn only(dist: &Path, end: &str) -> Result<PathBuf> {
    let mut files = fingerprint::files(dist)?;
    files.retain(|file| {
        let name = file.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        name.starts_with(BEGIN) && name.ends_with(end)
    });
    match <[PathBuf; 1]>::try_from(files) {
        Ok([file]) => Ok(file),
        Err(files) => bail!("{} files end in {end} where one should", files.len()),
    }
}

/// Long names and the short ones they get.
type Names = BTreeMap<String, String>;

/// The module with short names and without unused offers.
fn rewrite(module: &[u8]) -> Result<(Vec<u8>, Names)> {
    let mut shorten = Shorten(Names::new());
    let mut out = wasm_encoder::Module::new();
    shorten
        .parse_core_module(&mut out, Parser::new(0), module)
        .map_err(|error| anyhow!("the panel's module cannot be rewritten: {error}"))?;
    Ok((out.finish(), shorten.0))
}

/// Copies a module under short names, which it keeps.
struct Shorten(Names);

impl Reencode for Shorten {
    type Error = Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for import in section.into_imports() {
            let Import { module, name, ty } = import?;
            imports.import(module, &short(name, &mut self.0), self.entity_type(ty)?);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), reencode::Error> {
        if export.name.contains(UNUSED) || LINKERS.contains(&export.name) {
            return Ok(());
        }
        let name = short(export.name, &mut self.0);
        let export = Export { name: &name, ..export };
        reencode::utils::parse_export(self, exports, export)
    }
}

/// A short name for one that has a hash in it; all others stay.
fn short(name: &str, names: &mut Names) -> String {
    if hash_in(name).is_none() {
        return name.to_owned();
    }
    let next = format!("${}", names.len());
    names.entry(name.to_owned()).or_insert(next).clone()
}

/// The script without the classes of unused offers and what belongs to them. Whatever begins at the
/// margin and names one goes, to its end at the margin or its semicolon.
fn without_unused(script: &str) -> Result<String> {
    let mut kept = String::with_capacity(script.len());
    let mut until = None;
    for line in script.lines() {
        if line.to_ascii_lowercase().contains(UNUSED) {
            let is_class = line.starts_with("export class");
            until = until.or(Some(if is_class { "}" } else { ";" }));
        }
        match until {
            Some(end) if line == end || (end == ";" && line.ends_with(end)) => until = None,
            Some(_) => {}
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    match until {
        None => Ok(kept),
        Some(end) => bail!("an unused part of the script does not end with {end}"),
    }
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

    use wasm_encoder::{EntityType, ExportKind, TypeSection};
    use wasmparser::Payload;

    use super::*;

    #[test]
    fn both_sides_get_the_same_short_names() {
        let (long, other) = ("__wbg_append_0123456789abcdef", "__wbg_append_fedcba9876543210");
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("m", long, EntityType::Function(0));
        imports.import("m", other, EntityType::Function(0));
        let mut exports = ExportSection::new();
        exports.export("intounderlyingsink_close", ExportKind::Func, 0);
        exports.export("run", ExportKind::Func, 1);
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&imports).section(&exports);

        let (shorter, names) = rewrite(&module.finish()).unwrap();
        let mut found = Vec::new();
        for part in Parser::new(0).parse_all(&shorter) {
            match part.unwrap() {
                Payload::ImportSection(section) => {
                    found.extend(section.into_imports().map(|it| it.unwrap().name.to_owned()));
                }
                Payload::ExportSection(section) => {
                    found.extend(section.into_iter().map(|it| it.unwrap().name.to_owned()));
                }
                _ => {}
            }
        }
        assert_eq!(found, ["$0", "$1", "run"]);
        let script = format!("{{{long}:e=>e,\"{other}\":1,{long}2:2}}");
        assert_eq!(replaced(&script, &names), format!("{{$0:e=>e,\"$1\":1,{long}2:2}}"));
        assert!(rewrite(b"no module").is_err());
    }

    #[test]
    fn the_hash_of_a_file_is_found() {
        assert_eq!(hash_in("__wbg_append_70c75cedb70b5d3a"), Some("70c75cedb70b5d3a"));
        assert_eq!(hash_in("__wbindgen_start"), None);
        assert_eq!(trunks_hash("foldback-panel-70c75cedb70b5d3a_bg"), Some("70c75cedb70b5d3a"));
        assert_eq!(trunks_hash("foldback-panel-c75cedb70b5d3a"), Some("c75cedb70b5d3a"));
        assert_eq!(trunks_hash("foldback-panel"), None);
    }

    #[test]
    fn unused_classes_go_with_what_belongs_to_them() {
        let script = "export class IntoUnderlyingSink {\n    free() {\n    }\n}\n\
                      if (IntoUnderlyingSink) IntoUnderlyingSink.free();\nlet a = 1;\n\
                      const IntoUnderlyingSinkFinalization = {\n    ptr: 1,\n    of: a };\nlet b = 2;\n";
        assert_eq!(without_unused(script).unwrap(), "let a = 1;\nlet b = 2;\n");
        assert!(without_unused("export class IntoUnderlyingSink {\n").is_err());
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
