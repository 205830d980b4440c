//! Text out of values, as `serde_json` prints it with indentation.

use std::fmt::Write as _;

/// An object that is being written, two spaces to a step.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    depth: usize,
    /// Something stands already between the brackets that are open.
    is_filled: bool,
}

/// Writes what stands between two brackets.
pub type Fill<'f> = &'f mut dyn FnMut(&mut Writer);

/// An object with these members.
pub fn write(fill: Fill<'_>) -> String {
    let mut writer = Writer::default();
    writer.between('{', '}', fill);
    writer.text
}

impl Writer {
    /// A member of text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.quoted(value);
    }

    /// A member of a whole number.
    pub fn number(&mut self, name: &str, value: i64) {
        self.name(name);
        // Writing to a string cannot fail.
        write!(self.text, "{value}").unwrap_or_default();
    }

    /// A member that is true or false.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.text.push_str(if value { "true" } else { "false" });
    }

    /// A member that is an object.
    pub fn object(&mut self, name: &str, fill: Fill<'_>) {
        self.name(name);
        self.between('{', '}', fill);
    }

    /// A member that is a list; [`Writer::item`] fills it.
    pub fn list(&mut self, name: &str, fill: Fill<'_>) {
        self.name(name);
        self.between('[', ']', fill);
    }

    /// An object in a list.
    pub fn item(&mut self, fill: Fill<'_>) {
        self.line();
        self.between('{', '}', fill);
    }

    #[inline(never)]
    fn between(&mut self, open: char, close: char, fill: Fill<'_>) {
        self.text.push(open);
        self.depth += 1;
        self.is_filled = false;
        fill(self);
        self.depth -= 1;
        if self.is_filled {
            self.begin_line();
        }
        self.text.push(close);
        self.is_filled = true;
    }

    fn begin_line(&mut self) {
        self.text.push('\n');
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }

    fn line(&mut self) {
        if self.is_filled {
            self.text.push(',');
        }
        self.is_filled = true;
        self.begin_line();
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.line();
        self.quoted(name);
        self.text.push_str(": ");
    }

    #[inline(never)]
    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            let short = match c {
                '"' => '"',
                '\\' => '\\',
                '\u{8}' => 'b',
                '\u{c}' => 'f',
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                ..' ' => {
                    // Two digits are enough for a control character.
                    write!(self.text, "\\u00{:02x}", u32::from(c)).unwrap_or_default();
                    continue;
                }
                _ => {
                    self.text.push(c);
                    continue;
                }
            };
            self.text.push('\\');
            self.text.push(short);
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_serde_prints(
            (first, second) in any::<(String, String)>(),
            items in proptest::collection::vec(any::<(i64, bool)>(), 0..3),
        ) {
            let text = write(&mut |it| {
                it.text("a\n", &first);
                it.list("list", &mut |list| {
                    for (number, flag) in &items {
                        list.item(&mut |it| {
                            it.number("number", *number);
                            it.flag("flag", *flag);
                        });
                    }
                });
                it.object("object", &mut |it| it.text("z", &second));
            });
            let list: Vec<_> =
                items.iter().map(|(number, flag)| json!({"flag": flag, "number": number})).collect();
            let expected = json!({"a\n": first, "list": list, "object": {"z": second}});
            prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &expected);
            // Serde sorts members here, so only the printed form of what has one order is compared.
            let alone = write(&mut |it| it.text(&first, &second));
            let map = Map::from_iter([(first.clone(), Value::from(second.clone()))]);
            prop_assert_eq!(alone, serde_json::to_string_pretty(&map).unwrap());
        }
    }

    #[test]
    fn what_is_empty_takes_one_line() {
        assert_eq!(write(&mut |_| {}), "{}");
        let text = write(&mut |it| it.list("list", &mut |_| {}));
        assert_eq!(text, "{\n  \"list\": []\n}");
    }
}
