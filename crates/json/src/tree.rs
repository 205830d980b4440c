//! JSON text as a tree that borrows what it can from the text.

use std::borrow::Cow;

use crate::Error;

/// Nesting that is still read; the deepest answer of the proxy has seven.
const DEEPEST: usize = 64;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// As it is written.
    Number(&'t str),
    /// A string, its escapes resolved.
    Text(Cow<'t, str>),
    /// An array.
    List(Vec<Node<'t>>),
    /// An object, in the order of the text.
    Members(Vec<(Cow<'t, str>, Node<'t>)>),
}

/// Reads one value and nothing behind it.
///
/// # Errors
/// When the text is no JSON or nested more than 64 deep; the words tell the byte.
pub fn parse(text: &str) -> Result<Node<'_>, Error> {
    let mut parser = Parser { text, at: 0 };
    let node = parser.value(0)?;
    match parser.next() {
        None => Ok(node),
        Some(_) => Err(parser.flaw("text behind the value")),
    }
}

struct Parser<'t> {
    text: &'t str,
    /// Where it stands, in bytes; always between two characters when text is taken.
    at: usize,
}

impl<'t> Parser<'t> {
    fn flaw(&self, what: &str) -> Error {
        Error(format!("{what} at byte {}", self.at))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte behind white space.
    fn next(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.byte()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let takes = self.next() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.takes(byte) { Ok(()) } else { Err(self.flaw("unexpected text")) }
    }

    /// The text from `begin` to where the parser stands.
    fn since(&self, begin: usize) -> &'t str {
        self.text.get(begin..self.at).unwrap_or_default()
    }

    fn value(&mut self, depth: usize) -> Result<Node<'t>, Error> {
        if depth == DEEPEST {
            return Err(self.flaw("nested too deep"));
        }
        match self.next() {
            Some(b'{') => self.members(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            _ => Err(self.flaw("no value")),
        }
    }

    fn word(&mut self, word: &str, node: Node<'t>) -> Result<Node<'t>, Error> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.flaw("no value"));
        }
        self.at += word.len();
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Node<'t>, Error> {
        let mut items = Vec::new();
        self.expect(b'[')?;
        if !self.takes(b']') {
            loop {
                items.push(self.value(depth + 1)?);
                if !self.takes(b',') {
                    break;
                }
            }
            self.expect(b']')?;
        }
        Ok(Node::List(items))
    }

    fn members(&mut self, depth: usize) -> Result<Node<'t>, Error> {
        let mut members = Vec::new();
        self.expect(b'{')?;
        if !self.takes(b'}') {
            loop {
                self.next();
                let name = self.string()?;
                self.expect(b':')?;
                members.push((name, self.value(depth + 1)?));
                if !self.takes(b',') {
                    break;
                }
            }
            self.expect(b'}')?;
        }
        Ok(Node::Members(members))
    }

    fn digits(&mut self) -> Result<(), Error> {
        let begin = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == begin { Err(self.flaw("a digit is missing")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Node<'t>, Error> {
        let begin = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        let leads_with_zero = self.byte() == Some(b'0');
        let whole = self.at;
        self.digits()?;
        if leads_with_zero && self.at > whole + 1 {
            return Err(self.flaw("a number begins with 0"));
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Node::Number(self.since(begin)))
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Error> {
        self.expect(b'"')?;
        let mut text = Cow::Borrowed("");
        let mut begin = self.at;
        loop {
            match self.byte() {
                Some(b'"') => {
                    text += self.since(begin);
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    text += self.since(begin);
                    self.at += 1;
                    text.to_mut().push(self.escape()?);
                    begin = self.at;
                }
                Some(0x20..) => self.at += 1,
                _ => return Err(self.flaw("a string does not end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let byte = self.byte();
        self.at += 1;
        Ok(match byte {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => return self.code_point(),
            _ => return Err(self.flaw("an unknown escape")),
        })
    }

    /// Four digits, or twice four for what lies beyond the first plane.
    fn code_point(&mut self) -> Result<char, Error> {
        let first = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&first) {
            self.word("\\u", Node::Null)?;
            let low = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400);
            low.map(|low| 0x1_0000 + ((first - 0xD800) << 10) + low)
        } else {
            Some(first)
        };
        code.and_then(char::from_u32).ok_or_else(|| self.flaw("half a character"))
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|it| u32::from_str_radix(it, 16).ok());
        self.at += 4;
        code.ok_or_else(|| self.flaw("an unknown escape"))
    }
}
