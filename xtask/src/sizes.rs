//! What a first visit to the panel has to load, and the budget for it.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};

use crate::{fingerprint, paths, run::say};

/// Bytes of brotli that the first load of the whole panel may take (200 KB): tests fail above it.
/// `docs/benchmarks.md` says how it came below.
pub const BUDGET: u64 = 200_000;

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

/// The files of the panel: all of `dist/` but the compressed forms.
///
/// # Errors
/// When `dist/` is missing or a compressed form is.
pub fn measure() -> Result<Vec<Size>> {
    let dist = paths::dist();
    let packed = |file: &Path| file.extension().is_some_and(|it| it == "br" || it == "gz");
    fingerprint::files(&dist)?
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
        .collect()
}

/// Bytes of brotli that the first load takes.
pub fn first_load(sizes: &[Size]) -> u64 {
    sizes.iter().filter(|it| !it.is_later()).map(|it| it.brotli).sum()
}

impl Size {
    /// Loaded only when somebody asks for what it does.
    pub fn is_later(&self) -> bool {
        self.name.starts_with("listen")
    }
}

/// Says what the first load weighs, file by file.
///
/// # Errors
/// As [`measure`].
pub fn print() -> Result<()> {
    let sizes = measure()?;
    say(format!("{:>10} {:>10} {:>10}  panel", "raw", "gzip", "brotli"));
    for it in &sizes {
        let when = if it.is_later() { ", when somebody listens" } else { "" };
        say(format!("{:>10} {:>10} {:>10}  {}{when}", it.raw, it.gzip, it.brotli, it.name));
    }
    let first = || sizes.iter().filter(|it| !it.is_later());
    let sum = |part: fn(&Size) -> u64| first().map(part).sum::<u64>();
    say(format!(
        "{:>10} {:>10} {:>10}  first load together; the budget is {BUDGET} of brotli",
        sum(|it| it.raw),
        sum(|it| it.gzip),
        sum(|it| it.brotli),
    ));
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
