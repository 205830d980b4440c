//! Cleaning of untrusted text that operators read: display names, subjects, words of the service.
//!
//! A name must not reorder, hide or stretch what stands around it. Letters of every script stay;
//! composing them (NFC) is left to the browser, which carries the tables for it.

/// Longest cleaned name in characters.
pub const NAME_MAX: usize = 64;

/// Longest line of the service's words in characters.
pub const LINE_MAX: usize = 512;

/// Most combining marks kept on one base character.
pub const MARKS_MAX: usize = 3;

/// Drops controls, bidi formats and invisible characters, folds white space, limits stacked marks and
/// cuts at [`NAME_MAX`] characters with an ellipsis.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut marks = 0;
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() {
            space = !out.is_empty();
            continue;
        }
        if c.is_control() || is_invisible(c) {
            continue;
        }
        if is_mark(c) {
            marks += 1;
            if marks > MARKS_MAX || out.is_empty() {
                continue;
            }
        } else {
            marks = 0;
        }
        if space {
            out.push(' ');
            space = false;
        }
        out.push(c);
    }
    if out.chars().count() > NAME_MAX {
        let cut: String = out.chars().take(NAME_MAX - 1).collect();
        return format!("{}…", cut.trim_end());
    }
    out
}

/// As [`clean`], with `fallback` when nothing is left.
pub fn clean_or(text: &str, fallback: &str) -> String {
    let cleaned = clean(text);
    if cleaned.is_empty() { fallback.to_owned() } else { cleaned }
}

/// The service's words as one line of at most 512 characters, without controls and invisible turns of
/// the writing direction.
pub fn line(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !hidden(*c)).take(LINE_MAX).collect()
}

/// Formats that reorder, join or hide text without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0E}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{E000}'..='\u{F8FF}')
}

/// The blocks whose characters stack on their base and are used to overflow a row.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(clean(input), expect, "cleaning {input:?}");
    }

    #[test]
    fn hostile_names_become_readable() {
        check("  Ada\u{202E} evil \u{202C}", "Ada evil");
        check("Bo\u{0000}\u{0007}b\n\tLind", "Bob Lind");
        check("Z\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}oe", "Z\u{0301}\u{0301}\u{0301}oe");
        check("\u{2066}עדה לב\u{2069}", "עדה לב");
        check("李\u{200B}小龍", "李小龍");
        check("\u{200B}\u{3164}", "");
        assert_eq!(clean_or("\u{200B}", "Unnamed"), "Unnamed");
        assert_eq!(clean(&"x".repeat(500)).chars().count(), NAME_MAX);
    }

    proptest! {
        #[test]
        fn cleaning_is_bounded_and_final(text in "\\PC*|[\u{0}-\u{10FFFF}]{0,200}") {
            let once = clean(&text);
            prop_assert!(once.chars().count() <= NAME_MAX);
            prop_assert!(!once.chars().any(|c| c.is_control() || is_invisible(c)));
            prop_assert_eq!(clean(&once), once.clone());
        }
    }
}
