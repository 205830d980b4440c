//! Sections of a WebAssembly module, read and written as the core specification describes them.

use anyhow::{Context, Result, bail};

/// Number of sections that other specifications describe; each begins with its name.
pub const CUSTOM: u8 = 0;
/// Number of the section that says what a module needs.
pub const IMPORTS: u8 = 2;
/// Number of the section that says what a module offers.
pub const EXPORTS: u8 = 7;
/// Number of the section with the bodies of functions.
pub const CODE: u8 = 10;

/// What every module begins with: the magic word and version 1.
const HEAD: [u8; 8] = *b"\0asm\x01\0\0\0";

/// The sections of a module in order: number and content.
///
/// # Errors
/// When it is no module.
pub fn sections(module: &[u8]) -> Result<Vec<(u8, &[u8])>> {
    let rest = module.strip_prefix(&HEAD).context("this is no WebAssembly module of version 1")?;
    let mut reader = Reader(rest);
    let mut sections = Vec::new();
    while !reader.0.is_empty() {
        sections.push((reader.byte()?, reader.bytes()?));
    }
    Ok(sections)
}

/// A module of these sections.
pub fn module<'a>(sections: impl IntoIterator<Item = (u8, &'a [u8])>) -> Vec<u8> {
    let mut module = HEAD.to_vec();
    for (number, content) in sections {
        module.push(number);
        write_bytes(&mut module, content);
    }
    module
}

/// Reads a section's content from its front.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// One byte.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().context("the module ends too early")?;
        self.0 = rest;
        Ok(*first)
    }

    /// An unsigned number in LEB128.
    ///
    /// # Errors
    /// When it does not end or is too large.
    pub fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!("a number of the module is too large")
    }

    /// Bytes behind their number.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length).context("the module ends too early")?;
        self.0 = rest;
        Ok(bytes)
    }

    /// A name.
    ///
    /// # Errors
    /// When it is cut or no UTF-8.
    pub fn name(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).context("a name of the module is no text")
    }

    /// What stands behind the name of an import: its kind and type, as bytes.
    ///
    /// # Errors
    /// When the kind is unknown.
    pub fn import_type(&mut self) -> Result<&'a [u8]> {
        let begin = self.0;
        match self.byte()? {
            // A function's type.
            0 => drop(self.number()?),
            // A table's type of element and limits; a memory's limits.
            kind @ (1 | 2) => {
                if kind == 1 {
                    self.byte()?;
                }
                let flags = self.byte()?;
                self.number()?;
                if flags & 1 == 1 {
                    self.number()?;
                }
            }
            // A global's type and whether it can change.
            3 => drop((self.byte()?, self.byte()?)),
            kind => bail!("an import of unknown kind {kind}"),
        }
        let length = begin.len() - self.0.len();
        begin.get(..length).context("the module ends too early")
    }
}

/// Writes an unsigned number in LEB128.
pub fn write_number(out: &mut Vec<u8>, mut number: usize) {
    loop {
        #[expect(clippy::cast_possible_truncation, reason = "seven bits are kept")]
        let byte = (number & 0x7F) as u8;
        number >>= 7;
        if number == 0 {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

/// Writes bytes behind their number.
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written() {
        for number in [0, 1, 127, 128, 300, 16_383, 16_384, 0xFFFF_FFFF] {
            let mut bytes = Vec::new();
            write_number(&mut bytes, number);
            let mut reader = Reader(&bytes);
            assert_eq!(reader.number().unwrap(), number);
            assert!(reader.0.is_empty());
        }
        assert!(Reader(&[0xFF; 6]).number().is_err());
        assert!(Reader(&[0x80]).number().is_err());
    }

    #[test]
    fn a_module_comes_back_whole() {
        let parts: [(u8, &[u8]); 2] = [(1, &[0]), (0, &[4, b'n', b'a', b'm', b'e', 7])];
        let whole = module(parts);
        assert_eq!(sections(&whole).unwrap(), parts);
        assert!(sections(&whole[1..]).is_err());
        assert!(sections(&whole[..whole.len() - 1]).is_err());
    }
}
