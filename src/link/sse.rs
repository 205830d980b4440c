//! Reads `text/event-stream` piece by piece, as the HTML standard describes it. Knows no network.

/// One event of the stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Its `event:` field, `message` when there was none.
    pub name: String,
    /// Its `data:` lines, joined by line feeds.
    pub data: String,
    /// The last `id:` seen up to here, empty when there was none.
    pub id: String,
}

/// Takes bytes in any split and gives whole events.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed that follows belongs to it.
    after_cr: bool,
    /// The first line was seen; only before it can a byte order mark stand.
    begun: bool,
    name: String,
    data: String,
    has_data: bool,
    id: String,
}

impl Parser {
    /// Reads the next bytes and gives the events they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    events.extend(self.end_line());
                }
                _ => {
                    self.after_cr = false;
                    self.line.push(byte);
                }
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<Event> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let mut line = text.as_ref();
        if !self.begun {
            self.begun = true;
            line = line.strip_prefix('\u{FEFF}').unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            // A comment (empty field), `retry`, and whatever else may come.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        let name = if name.is_empty() { "message".to_owned() } else { name };
        Some(Event { name, data, id: self.id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<Event> {
        Parser::default().push(text.as_bytes())
    }

    fn event(name: &str, data: &str, id: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned(), id: id.to_owned() }
    }

    #[track_caller]
    fn check(text: &str, expect: &[Event]) {
        assert_eq!(all(text), expect, "reading {text:?}");
    }

    #[test]
    fn fields_make_an_event() {
        check("event: fact\nid: 7\ndata: {}\n\n", &[event("fact", "{}", "7")]);
        check("data:a\n\n", &[event("message", "a", "")]);
        check("data\n\n", &[event("message", "", "")]);
        check("data:  two\n\n", &[event("message", " two", "")]);
        check("data: a\ndata: b\ndata:\n\n", &[event("message", "a\nb\n", "")]);
    }

    #[test]
    fn comments_and_unknown_fields_make_none() {
        check(": ping\n\n:\n\nretry: 10\n\nevent: fact\n\n", &[]);
        check(": ping\ndata: x\n\n", &[event("message", "x", "")]);
        check("DATA: x\n\n", &[]);
    }

    #[test]
    fn an_id_stays_until_the_next_and_a_name_does_not() {
        check(
            "id: 1\nevent: fact\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            &[event("fact", "a", "1"), event("message", "b", "1"), event("message", "c", "")],
        );
        check("id: 1\n\nid: 2\0\ndata: a\n\n", &[event("message", "a", "1")]);
    }

    #[test]
    fn every_line_end_ends_a_line_once() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["event: live", "data: a", "data: b", "", "data: c", "", ""].join(end);
            check(&text, &[event("live", "a\nb", ""), event("message", "c", "")]);
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        check("\u{FEFF}data: a\n\n", &[event("message", "a", "")]);
        check("data: a\n\n\u{FEFF}data: b\n\n", &[event("message", "a", "")]);
    }

    #[test]
    fn an_unfinished_event_is_kept_back() {
        check("data: a\n", &[]);
        check("data: a", &[]);
    }

    proptest! {
        #[test]
        fn a_split_anywhere_changes_nothing(
            lines in prop::collection::vec("(data|event|id|:)?:? ?[ü李a:]{0,4}", 0..12),
            ends in prop::collection::vec("\n|\r\n|\r|\n\n", 12),
            cuts in prop::collection::vec(0_usize..100, 0..12),
        ) {
            let pieces = lines.iter().zip(&ends).flat_map(|(line, end)| [line.as_str(), end]);
            let text: String = pieces.collect();
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut parser = Parser::default();
            let mut events = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                events.extend(parser.push(&bytes[from..cut]));
                from = cut;
            }
            prop_assert_eq!(events, all(&text));
        }
    }
}
