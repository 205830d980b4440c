//! Structured logs on standard error: text on a terminal, JSON lines elsewhere. One line a record,
//! whatever names and words of others it holds.

use std::io::{self, IsTerminal as _, Stderr, Write};

use tracing_subscriber::EnvFilter;

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
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    let started = if io::stderr().is_terminal() {
        // Colors would be escape characters, which are then not to be told from those of others: the
        // formatter takes them out of messages, and leaves them in fields.
        builder.with_ansi(false).with_writer(|| OneLine::<Stderr>(io::stderr())).try_init()
    } else {
        // JSON has no line breaks of its own.
        builder.with_writer(io::stderr).json().flatten_event(true).try_init()
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

    use super::*;

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

    #[test]
    fn a_record_is_one_line_on_a_terminal_too() {
        let page = Page::default();
        let written = page.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || OneLine(written.clone()))
            .finish();
        let name = "x\r\n2026-11-26T00:00:00Z ERROR forged\u{1b}[31m\u{1b}]0;title\u{7}";
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(%name, "said {name}");
            tracing::warn!(name, "said");
            tracing::warn!("{name}");
        });
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']), "{text:?}");
    }
}
