//! The audit as JSON Lines and as a table for spreadsheets.

use axum::http::{HeaderMap, header};
use foldback_model::{By, Outcome, Timestamp};

use super::{End, Entry};

/// A form of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One object with some entries and where to go on.
    Json,
    /// An object a line, to the end.
    Lines,
    /// A table, to the end.
    Csv,
}

/// The head of the table. The mark before it has spreadsheets read names as UTF-8.
const COLUMNS: &str =
    "\u{feff}time,operator,name,from,what,to,names,outcome,status,code,message,ended,detail\r\n";

impl Form {
    /// Reads what `?format=` may say.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "jsonl" => Some(Self::Lines),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The form that the query, else `Accept`, asks for: of those it names the one it likes best, the
    /// first where it likes several.
    pub(super) fn asked(format: Option<Self>, headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter();
        let kinds = accepted.filter_map(|value| value.to_str().ok()).flat_map(|it| it.split(','));
        let mut best = None;
        for (form, liking) in kinds.filter_map(accepted_form) {
            if liking > best.map_or(0, |(_, most)| most) {
                best = Some((form, liking));
            }
        }
        format.or_else(|| best.map(|(form, _)| form)).unwrap_or(Self::Json)
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Lines => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// What comes before the first line.
    pub(super) fn head(self) -> Option<&'static str> {
        (self == Self::Csv).then_some(COLUMNS)
    }

    /// An entry with its line break.
    pub(super) fn line(self, entry: &Entry) -> String {
        match self {
            Self::Json | Self::Lines => format!("{}\n", entry.json()),
            Self::Csv => row(entry),
        }
    }
}

/// A form that `Accept` names, and how much whoever asks likes it, in thousandths.
fn accepted_form(kind: &str) -> Option<(Form, u32)> {
    let mut parts = kind.split(';').map(str::trim);
    let form = match parts.next()?.to_ascii_lowercase().as_str() {
        "text/csv" => Form::Csv,
        "application/jsonl" | "application/x-ndjson" => Form::Lines,
        "application/json" => Form::Json,
        _ => return None,
    };
    let named = parts.filter_map(|part| part.split_once('='));
    let mut likings = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    let Some((_, liking)) = likings.next() else { return Some((form, 1_000)) };
    // `1`, or `0` with three decimals at most.
    let (whole, part) = liking.trim().split_once('.').unwrap_or((liking.trim(), ""));
    let thousandths = format!("{part:0<3}").parse::<u32>().ok().filter(|_| part.len() <= 3)?;
    let liking = whole.parse::<u32>().ok()?.saturating_mul(1_000).saturating_add(thousandths);
    Some((form, liking.min(1_000)))
}

fn row(entry: &Entry) -> String {
    let (operator, name) = match &entry.by {
        By::Operator { id, name } => (id.as_str(), name.as_str()),
        By::Service => ("", "(service)"),
        By::Foldback => ("", "(Foldback)"),
    };
    let (mut status, mut code, mut message, mut ended) =
        (String::new(), String::new(), String::new(), String::new());
    if let End::At(at, outcome) = &entry.end {
        ended = time(*at);
        if let Outcome::Failed { status: number, code: word, message: words, .. } = outcome {
            (status, code, message) = (number.to_string(), word.clone(), words.clone());
        }
    }
    let targets: Vec<_> = entry.targets.iter().map(foldback_model::ParticipantId::as_str).collect();
    let from = entry.trace.from.map(|from| from.to_string()).unwrap_or_default();
    let detail = if entry.detail.is_null() { String::new() } else { entry.detail.to_string() };
    let cells = [
        &time(entry.at),
        operator,
        name,
        &from,
        entry.kind.name(),
        &targets.join(" "),
        &entry.trace.whom.join("; "),
        entry.end.name(),
        &status,
        &code,
        &message,
        &ended,
        &detail,
    ];
    format!("{}\r\n", cells.map(cell).join(","))
}

/// What a formula begins with, also in full width.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// What separates cells or rows where a comma does not: quotes mean little there, because the first of
/// a row ends before its comma.
const SEPARATORS: [char; 5] = [';', '\t', '|', '\r', '\n'];

/// A cell in quotes. What a spreadsheet would take for a formula gets an apostrophe before it, which
/// makes it text: at the beginning, and wherever another cell would begin if something else than a
/// comma separated them.
fn cell(text: &str) -> String {
    let mut cell = "\"".to_owned();
    let first = text.chars().find(|character| !matches!(character, ' ' | '"'));
    if first.is_some_and(|it| FORMULA.contains(&it) || matches!(it, '\t' | '\r' | '\n')) {
        cell.push('\'');
    }
    // Quotes and spaces before it change nothing of what a cell begins with.
    let mut begins = false;
    for character in text.chars() {
        if begins && FORMULA.contains(&character) {
            cell.push('\'');
        }
        begins = SEPARATORS.contains(&character) || (begins && matches!(character, ' ' | '"'));
        cell.push(character);
        if character == '"' {
            cell.push('"');
        }
    }
    cell.push('"');
    cell
}

/// A moment as ISO 8601 writes it, in UTC with milliseconds.
fn time(at: Timestamp) -> String {
    let (days, rest) = (at.0 / 86_400_000, at.0 % 86_400_000);
    let (year, month, day) = date(days);
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, millis) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// Year, month and day, so many days after 1970-01-01. Years begin in March here, so that the day a
/// leap year has more is the last one.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + next_year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_form_is_the_one_that_is_liked_best() {
        for (accept, expected) in [
            ("", Form::Json),
            ("*/*", Form::Json),
            ("text/csv", Form::Csv),
            ("text/csv, application/json", Form::Csv),
            ("text/csv;q=0, application/json", Form::Json),
            ("text/csv; q=0.000, application/jsonl;q=0.001", Form::Lines),
            ("text/csv;q=0", Form::Json),
            ("application/json;q=0.5, text/csv;header=present;q=0.75", Form::Csv),
            ("application/json;Q=0.5, application/x-ndjson", Form::Lines),
            ("text/csv;q=much, application/json;q=0.1", Form::Json),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Form::asked(None, &headers), expected, "{accept}");
            assert_eq!(Form::asked(Some(Form::Csv), &headers), Form::Csv, "{accept}");
        }
    }

    #[test]
    fn formulas_are_text() {
        for text in ["=1+1", "+1", "-1", "@sum(a1)", "\tx", "\rx", "\nx", "  =1", "\u{ff1d}1"] {
            assert!(cell(text).starts_with("\"'"), "{text:?}");
        }
        assert_eq!(
            cell("Ada \"Countess\" King, née Byron"),
            "\"Ada \"\"Countess\"\" King, née Byron\""
        );
        assert_eq!(cell(""), "\"\"");
    }

    #[test]
    fn formulas_are_text_wherever_a_locale_splits() {
        for split in [';', '\t', '|', '\n', '\r'] {
            for sign in FORMULA {
                for between in ["", " ", "\"", " \" "] {
                    let cell = cell(&format!("x{split}{between}{sign}HYPERLINK(A1){split}y"));
                    assert!(cell.contains(&format!("'{sign}HYPERLINK")), "{cell}");
                }
            }
        }
        assert_eq!(cell("Grace Hopper; Jean-Luc"), "\"Grace Hopper; Jean-Luc\"");
        assert_eq!(cell("a@b; c=d"), "\"a@b; c=d\"");
    }

    #[test]
    fn moments_are_written_as_everybody_writes_them() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (1_764_140_000_123, "2025-11-26T06:53:20.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(time(Timestamp(millis)), expected);
        }
    }

    #[test]
    fn the_form_is_the_query_s_or_what_is_accepted() {
        let asked = |format, accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept", accept.parse().unwrap());
            Form::asked(format, &headers)
        };
        assert_eq!(asked(None, "text/html, */*"), Form::Json);
        assert_eq!(asked(None, "text/html, Text/CSV;q=0.5"), Form::Csv);
        assert_eq!(asked(None, "application/x-ndjson"), Form::Lines);
        assert_eq!(asked(Some(Form::Json), "text/csv"), Form::Json);
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula_or_leaves_its_quotes(text in any::<String>()) {
            let cell = cell(&text);
            let inside = cell.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap();
            prop_assert!(!inside.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert!(!inside.replace("\"\"", "").contains('"'));
        }
    }
}
