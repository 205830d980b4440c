//! How a record is written: no part of it is longer than it may be, however long the names and words of
//! others are.
//!
//! | | characters at most | |
//! |---|---|---|
//! | a field | 256 | what others wrote stands in fields, and is told apart by far fewer |
//! | the message | 1,024 | a sentence of ours; one that ends a process brings its causes, or what is wrong with a configuration, and is the only word of it |
//!
//! What is cut ends with `…`, which counts. It is cut here and nowhere else, whoever logs it.
//! The library lets fields as text be written by others and not those of its JSON; so the line of JSON is
//! made here.

use std::fmt::{self, Debug, Write as _};

use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    field::MakeExt as _,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Writer, debug_fn},
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

/// Longest field in characters.
pub(super) const FIELD: usize = 256;

/// Longest message in characters.
pub(super) const MESSAGE: usize = 1_024;

/// Fields as text.
pub(super) fn fields() -> impl for<'a> FormatFields<'a> + 'static {
    debug_fn(|writer: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
        let value = cut(value, field);
        match field.name() {
            "message" => writer.write_str(&value),
            name => write!(writer, "{name}={value}"),
        }
    })
    .delimited(" ")
}

/// A record as one line of JSON: when, how grave, what, and where in Foldback. Numbers are numbers.
#[derive(Debug)]
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut now = String::new();
        SystemTime.format_time(&mut Writer::new(&mut now))?;
        let mut line = Line(String::new());
        line.member("timestamp", now);
        line.member("level", event.metadata().level().as_str());
        event.record(&mut line);
        line.member("target", event.metadata().target());
        writeln!(writer, "{{{}}}", line.0)
    }
}

/// Members of an object, with commas between them.
struct Line(String);

impl Line {
    fn member(&mut self, name: &str, value: impl Into<Value>) {
        let comma = if self.0.is_empty() { "" } else { "," };
        self.0.push_str(comma);
        self.0.push_str(&Value::from(name).to_string());
        self.0.push(':');
        self.0.push_str(&value.into().to_string());
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // JSON has quotes of its own.
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.member(field.name(), cut(value, field));
    }
}

/// A value's text as far as its field may hold it; what is beyond is not even made.
fn cut(value: &dyn Debug, field: &Field) -> String {
    let left = if field.name() == "message" { MESSAGE } else { FIELD };
    let mut room = Room { text: String::new(), left };
    if write!(room, "{value:?}").is_err() && room.left == 0 {
        room.text.pop();
        room.text.push('…');
    }
    room.text
}

/// Text with room for so many more characters; writing more fails.
struct Room {
    text: String,
    left: usize,
}

impl fmt::Write for Room {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for c in more.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}
