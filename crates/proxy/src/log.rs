//! Structured logs on standard error: text on a terminal, JSON lines elsewhere. One line a record,
//! whatever names and words of others it holds, and none of them longer than it may be.

mod record;
mod seldom;

use std::io::{self, IsTerminal as _, Stderr, Write};

use tracing_subscriber::EnvFilter;

pub use seldom::Seldom;

/// Names the environment variable that sets how much Foldback logs: `error`, `warn`, `info`,
/// `debug` or `trace`.
pub const LEVEL_VARIABLE: &str = "FOLDBACK_LOG";

/// Starts logging. Only Foldback's own modules can be made talkative: libraries below it would write
/// down headers and with them tokens.
pub fn start() {
    let level = std::env::var(LEVEL_VARIABLE).unwrap_or_default();
    let level = match level.as_str() {
        "error" | "warn" | "debug" | "trace" => level.as_str(),
        _ => "info",
    };
    let filter = EnvFilter::new(format!(
        "warn,foldback={level},foldback_proxy={level},foldback_callservice={level}"
    ));
    // What cannot be written is lost: telling so on the same stream fails as well, with a panic.
    let builder = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    let started = if io::stderr().is_terminal() {
        // Colors would be escape characters, which are then not to be told from those of others: the
        // formatter takes them out of messages, and leaves them in fields.
        let builder = builder.with_ansi(false).fmt_fields(record::fields());
        builder.with_writer(|| OneLine::<Stderr>(io::stderr())).try_init()
    } else {
        // JSON has no line breaks of its own.
        builder.with_writer(io::stderr).event_format(record::Json).try_init()
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
}

/// Writes each record, which comes in one piece, as one line without controls.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let (line, end) = match record.split_last() {
            Some((b'\n', line)) => (line, "\n"),
            _ => (record, ""),
        };
        let mut text = String::with_capacity(line.len());
        for c in String::from_utf8_lossy(line).chars() {
            if c.is_control() {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        self.0.write_all(text.as_bytes())?;
        self.0.write_all(end.as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::{
        record::{FIELD, MESSAGE},
        *,
    };

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// What is logged meanwhile, as a terminal shows it.
    fn on_terminal(logging: impl FnOnce()) -> String {
        let page = Page::default();
        let written = page.clone();
        let builder = tracing_subscriber::fmt().with_ansi(false).fmt_fields(record::fields());
        let subscriber = builder.with_writer(move || OneLine(written.clone())).finish();
        tracing::subscriber::with_default(subscriber, logging);
        page.text()
    }

    /// The same as JSON.
    fn as_json(logging: impl FnOnce()) -> Vec<Value> {
        let page = Page::default();
        let written = page.clone();
        let builder = tracing_subscriber::fmt().event_format(record::Json);
        let subscriber = builder.with_writer(move || written.clone()).finish();
        tracing::subscriber::with_default(subscriber, logging);
        let read = |line: &str| serde_json::from_str(line).unwrap();
        page.text().lines().map(read).collect()
    }

    /// Names in every way that one gets into a record.
    fn told(name: &str) {
        let error = io::Error::other(name.to_owned());
        tracing::warn!(%name, "said");
        tracing::warn!(name, "said");
        tracing::warn!(?name, "said");
        tracing::warn!(name = &error as &dyn std::error::Error, "said");
        tracing::warn!(name = ?vec![name; 3], "said");
        tracing::warn!("{name}");
    }

    #[test]
    fn a_long_name_is_cut() {
        for c in ['x', 'ä', '🎚', '"', '\u{1b}'] {
            let name = c.to_string().repeat(10_000);
            let text = on_terminal(|| told(&name));
            assert_eq!(text.lines().count(), 6);
            for line in text.lines() {
                // What a terminal must not see is written out, in six characters.
                let most = 100 + 6 * if line.contains("said") { FIELD } else { MESSAGE };
                assert!(line.chars().count() <= most, "{line}");
                assert!(line.ends_with('…'), "{line}");
            }
            let records = as_json(|| told(&name));
            for record in &records[..5] {
                let field = record["name"].as_str().unwrap();
                assert!(field.chars().count() == FIELD && field.ends_with('…'), "{record}");
                assert_eq!(record["message"], "said");
            }
            let message = records[5]["message"].as_str().unwrap();
            assert!(message.chars().count() == MESSAGE && message.ends_with('…'), "{message}");
        }
    }

    #[test]
    fn what_is_short_enough_is_whole() {
        let fits = "ö".repeat(FIELD);
        let text = on_terminal(|| tracing::warn!(%fits, count = 3, "said"));
        assert!(text.ends_with(&format!(": said fits={fits} count=3\n")), "{text}");
        let records = as_json(|| {
            tracing::warn!(fits, whole = -3, part = 0.5, sure = true, list = ?[1, 2], "said");
            tracing::info!("{}", "x".repeat(MESSAGE));
        });
        let expected = json!({
            "timestamp": records[0]["timestamp"], "level": "WARN", "message": "said",
            "fits": fits, "whole": -3, "part": 0.5, "sure": true, "list": "[1, 2]",
            "target": module_path!(),
        });
        assert_eq!(records[0], expected);
        let when = records[0]["timestamp"].as_str().unwrap();
        assert!(when.starts_with("20") && when.ends_with('Z'), "{when}");
        assert_eq!(records[1]["message"], "x".repeat(MESSAGE));
    }

    #[test]
    fn a_record_is_one_line_on_a_terminal_too() {
        let name = "x\r\n2026-11-26T00:00:00Z ERROR forged\u{1b}[31m\u{1b}]0;title\u{7}";
        let text = on_terminal(|| {
            tracing::warn!(%name, "said {name}");
            tracing::warn!(name, "said");
            tracing::warn!("{name}");
        });
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']), "{text:?}");
    }
}
