//! What a first visit to the panel has to load, what follows once it can be used, and the budgets.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};

use crate::{fingerprint, paths, run::say, split};

/// Bytes of brotli that the first load may take (200 KB): tests fail above it. It is what has to come
/// before the roster can be used. `docs/benchmarks.md` says how it came below.
pub const BUDGET: u64 = 200_000;

/// Bytes of brotli that the whole panel may take, with the pieces that come later.
pub const WHOLE: u64 = 265_000;

/// One file of the panel, in bytes.
#[derive(Debug)]
pub struct Size {
    /// Path below `dist/`.
    pub name: String,
    /// As it lies there.
    pub raw: u64,
    /// Beside it as `.gz`.
    pub gzip: u64,
    /// Beside it as `.br`.
    pub brotli: u64,
}

impl Size {
    /// Whether the roster can be used without it: it is loaded when somebody asks for what it does.
    pub fn is_later(&self) -> bool {
        [split::PIECES, "listen-"].iter().any(|it| self.name.starts_with(it))
    }
}

/// The files of the panel: all of `dist/` but the compressed forms, those that come later last.
///
/// # Errors
/// When `dist/` is missing or a compressed form is.
pub fn measure() -> Result<Vec<Size>> {
    let dist = paths::dist();
    let packed = |file: &Path| file.extension().is_some_and(|it| it == "br" || it == "gz");
    let sizes: Result<Vec<_>> = fingerprint::files(&dist)?
        .into_iter()
        .filter(|file| !packed(file))
        .map(|file| {
            let name = file.strip_prefix(&dist).unwrap_or(&file).to_string_lossy().into_owned();
            Ok(Size {
                name,
                raw: length(&file)?,
                gzip: length(&paths::beside(&file, "gz"))?,
                brotli: length(&paths::beside(&file, "br"))?,
            })
        })
        .collect();
    let mut sizes = sizes?;
    sizes.sort_by_key(Size::is_later);
    Ok(sizes)
}

/// What some of the files weigh together.
pub fn sum<'a>(name: &str, sizes: impl Iterator<Item = &'a Size>) -> Size {
    let none = Size { name: name.to_owned(), raw: 0, gzip: 0, brotli: 0 };
    sizes.fold(none, |sum, it| Size {
        raw: sum.raw + it.raw,
        gzip: sum.gzip + it.gzip,
        brotli: sum.brotli + it.brotli,
        ..sum
    })
}

/// The first load: what has to come before the roster can be used.
pub fn first_load(sizes: &[Size]) -> Size {
    sum("first load", sizes.iter().filter(|it| !it.is_later()))
}

/// The whole panel.
pub fn whole(sizes: &[Size]) -> Size {
    sum("whole panel", sizes.iter())
}

/// Says what the panel weighs, file by file.
///
/// # Errors
/// As [`measure`].
pub fn print() -> Result<()> {
    let sizes = measure()?;
    let line = |it: &Size, more: &str| {
        say(format!("{:>10} {:>10} {:>10}  {}{more}", it.raw, it.gzip, it.brotli, it.name));
    };
    say(format!("{:>10} {:>10} {:>10}", "raw", "gzip", "brotli"));
    for it in sizes.iter().filter(|it| !it.is_later()) {
        line(it, "");
    }
    line(&first_load(&sizes), &format!("; the budget is {BUDGET} of brotli"));
    for it in sizes.iter().filter(|it| it.is_later()) {
        line(it, ", later");
    }
    line(&whole(&sizes), &format!("; the limit is {WHOLE} of brotli"));
    Ok(())
}

/// Brotli at its highest quality.
///
/// # Errors
/// Only when memory runs out.
pub fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut packed, &settings)?;
    Ok(packed)
}

/// Gzip at its highest quality, without a time, so that equal files stay equal.
///
/// # Errors
/// Only when memory runs out.
pub fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn length(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file)
        .with_context(|| format!("{} is missing; cargo xtask build makes it", file.display()))?
        .len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_belong_to_the_whole_and_not_to_the_first_load() {
        let size = |name: &str| Size { name: name.to_owned(), raw: 9, gzip: 6, brotli: 5 };
        let sizes = [size("index.html"), size("pieces-0123456789abcdef.wasm")];
        assert_eq!(first_load(&sizes).brotli, 5);
        let whole = whole(&sizes);
        assert_eq!((whole.raw, whole.gzip, whole.brotli), (18, 12, 10));
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        let text = "mute ".repeat(1_000).into_bytes();
        let mut from_brotli = Vec::new();
        brotli::BrotliDecompress(&mut &*brotli(&text).unwrap(), &mut from_brotli).unwrap();
        let mut from_gzip = Vec::new();
        let packed = gzip(&text).unwrap();
        std::io::copy(&mut flate2::read::GzDecoder::new(&*packed), &mut from_gzip).unwrap();
        assert_eq!((&from_brotli, &from_gzip), (&text, &text));
        assert!(packed.len() < text.len());
    }
}
