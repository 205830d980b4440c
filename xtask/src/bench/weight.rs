//! What weighs in the panel's module: bytes of code by the crate they come from.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    fs,
};

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

use crate::{
    lean, paths,
    run::{self, say},
};

/// Parts of the module and how the names of their functions begin or, with a star, what they hold.
const PARTS: [(&str, &[&str]); 7] = [
    ("reading and writing JSON", &["*foldback_json::", "*serde_core::"]),
    ("the panel: rooms, controls, session", &["foldback_panel"]),
    ("rules shared with the proxy", &["foldback_model", "foldback_wire", "foldback_mix"]),
    ("Leptos: components and views", &["leptos", "leptos_dom", "tachys", "either_of"]),
    ("Leptos: the reactive graph", &["reactive_graph", "any_spawner", "slotmap", "indexmap"]),
    ("the browser's interfaces", &["wasm_bindgen", "js_sys", "web_sys"]),
    (
        "the standard library",
        &["core", "alloc", "std", "dlmalloc", "hashbrown", "str", "f64", "u8", "compiler_builtins"],
    ),
];

/// Builds the panel with the names of its functions and gives the section of the page.
///
/// # Errors
/// When it does not build or the module cannot be read.
pub fn section() -> Result<String> {
    say("building the panel with names (the first time about 4 minutes)");
    let mut cargo = run::cargo();
    cargo.args(["build", "--locked", "--quiet", "--package", "foldback-panel"]);
    cargo.args(["--bin", "foldback-panel", "--profile", "web-release"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    lean::fetch()?;
    run::output(lean::apply_with(&mut cargo, &["-Csymbol-mangling-version=v0"])?)?;
    let file = paths::target().join("wasm32-unknown-unknown/web-release/foldback-panel.wasm");
    let module = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    page(&functions(&module)?)
}

fn page(functions: &[(String, usize)]) -> Result<String> {
    let mut parts = BTreeMap::<&str, (usize, usize)>::new();
    for (name, bytes) in functions {
        let (n, sum) = parts.entry(part(name)).or_default();
        *n += 1;
        *sum += bytes;
    }
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|(_, (_, bytes))| std::cmp::Reverse(*bytes));
    let all: usize = functions.iter().map(|(_, bytes)| bytes).sum();
    let mut page = String::from(
        "\n## What weighs\n\nBytes of code of the whole panel, before it is split and wasm-opt runs, by \
         the crate that a function's name begins \
         with; what a crate compiles for the types of another counts for the first.\n\n\
         | part | functions | bytes | of all |\n|---|--:|--:|--:|\n",
    );
    for (part, (n, bytes)) in parts {
        writeln!(page, "| {part} | {n} | {bytes} | {} % |", (bytes * 100 + all / 2) / all.max(1))?;
    }
    writeln!(page, "| **together** | {} | {all} | |", functions.len())?;
    Ok(page)
}

/// The part that a function belongs to.
fn part(name: &str) -> &'static str {
    let begins = name.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    // `<&mut T>`, `<dyn T>`, and `<_ as T>` for a method of whatever type.
    let before = ["mut ", "dyn ", "as "];
    let begins = before.iter().find_map(|it| begins.strip_prefix(it)).unwrap_or(begins);
    let end = begins.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let of_crate = begins.get(..end.unwrap_or(begins.len())).unwrap_or_default();
    let is_of = |what: &&str| match what.strip_prefix('*') {
        Some(inside) => name.contains(inside),
        None => of_crate == *what,
    };
    let found = PARTS.iter().find(|(_, names)| names.iter().any(is_of));
    found.map_or("other crates, and what the compiler adds", |(part, _)| part)
}

/// Every function of a module: its name as people write it, and the bytes of its code.
fn functions(module: &[u8]) -> Result<Vec<(String, usize)>> {
    let (mut n_imported, mut sizes, mut names) = (0, Vec::new(), HashMap::new());
    for part in Parser::new(0).parse_all(module) {
        match part? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    n_imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.as_bytes().len()),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    names.extend(function_names(section)?);
                }
            }
            _ => {}
        }
    }
    let functions = sizes.into_iter().enumerate().map(|(at, size)| {
        let name = names.get(&(at + n_imported)).copied().unwrap_or_default();
        // `core[1c2d…]::fmt` without what tells two crates of one name apart.
        let mut plain = String::new();
        for piece in rustc_demangle::demangle(name).to_string().split('[') {
            let is_hash = |(inside, _): &(&str, &str)| inside.len() == 16;
            match piece.split_once(']').filter(is_hash) {
                Some((_, rest)) => plain.push_str(rest),
                None => plain.push_str(piece),
            }
        }
        (plain, size)
    });
    Ok(functions.collect())
}

fn function_names(section: NameSectionReader<'_>) -> Result<HashMap<usize, &str>> {
    let mut names = HashMap::new();
    for part in section {
        if let Name::Function(functions) = part? {
            for naming in functions {
                let naming = naming?;
                names.insert(usize::try_from(naming.index)?, naming.name);
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, EntityType, Function, FunctionSection, ImportSection, Instruction, NameMap,
        NameSection, TypeSection,
    };

    use super::*;

    #[test]
    fn a_function_belongs_to_the_crate_its_name_begins_with() {
        for (name, expected) in [
            ("foldback_panel::app::App", "the panel: rooms, controls, session"),
            ("<&mut alloc::vec::Vec<u8>>::push", "the standard library"),
            ("<foldback_model::desk::Desk>::apply", "rules shared with the proxy"),
            (
                "<foldback_model::by::By as foldback_json::read::Read>::read",
                "reading and writing JSON",
            ),
            ("<_ as tachys::view::any_view::IntoAny>::into_any", "Leptos: components and views"),
            ("__wbindgen_malloc", "other crates, and what the compiler adds"),
            ("", "other crates, and what the compiler adds"),
        ] {
            assert_eq!(part(name), expected, "{name}");
        }
    }

    #[test]
    fn functions_are_found_with_their_names() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("m", "f", EntityType::Function(0));
        let mut functions_of = FunctionSection::new();
        functions_of.function(0).function(0);
        let mut code = CodeSection::new();
        for n_extra in 0..2 {
            let mut body = Function::new([]);
            for _ in 0..n_extra {
                body.instruction(&Instruction::Nop);
            }
            body.instruction(&Instruction::End);
            code.function(&body);
        }
        let (mut map, mut names) = (NameMap::new(), NameSection::new());
        map.append(1, "_RNvC1a1fx");
        map.append(2, "main");
        names.functions(&map);
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&imports).section(&functions_of).section(&code);
        module.section(&names);

        let found = functions(&module.finish()).unwrap();
        assert_eq!(found.iter().map(|it| it.1).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(found[1].0, "main");
        let page = page(&found).unwrap();
        assert!(page.contains("| **together** | 2 | 5 | |"), "{page}");
    }
}
