//! Finding people by the starts of their words, whatever the accents.

/// A search as typed, taken apart once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
}

impl Search {
    /// Takes apart what was typed. `decompose` is lower case in Unicode's canonical decomposition,
    /// which the browser has tables for.
    pub fn new(typed: &str, decompose: impl Fn(&str) -> String) -> Self {
        Self { words: words(&fold(&decompose(typed))).map(str::to_owned).collect() }
    }

    /// Finds everybody.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether every word of the search starts a word of a folded name. Scripts written without
    /// spaces have no word starts, so there any place counts.
    pub fn finds(&self, folded: &str) -> bool {
        self.words.iter().all(|wanted| {
            words(folded).any(|word| word.starts_with(wanted.as_str()))
                || (wanted.chars().all(is_spaceless) && folded.contains(wanted.as_str()))
        })
    }
}

/// Letters without accents, from decomposed lower case.
pub fn fold(decomposed: &str) -> String {
    let mut folded = String::with_capacity(decomposed.len());
    for c in decomposed.chars().filter(|c| !is_mark(*c)) {
        match plain(c) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(c),
        }
    }
    folded
}

/// What people type for letters that Unicode does not take apart.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        // The end of a search need not be the end of the word.
        'ς' => "σ",
        _ => return None,
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty())
}

/// Whether a character belongs to a word. Beyond ASCII that is all but signs, arrows, pictures of lines
/// and spaces: the tables of all letters would weigh, and emoji may as well be searched for.
fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || !matches!(c,
            '\0'..='\u{BF}' | '\u{D7}' | '\u{F7}' | '\u{2000}'..='\u{206F}' | '\u{2190}'..='\u{25FF}'
            | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{FF00}'..='\u{FF0F}')
}

/// Marks that decomposition takes off letters of Latin, Greek, Cyrillic, Hebrew and Arabic script.
/// Elsewhere marks carry vowels and stay.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05BD}' | '\u{064B}'..='\u{0655}'
        | '\u{0670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Han, kana, Hangul and the scripts of mainland South-East Asia.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}'
        | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Stands in for the browser, for the letters used here.
    fn decompose(text: &str) -> String {
        text.replace('É', "E\u{0301}")
            .replace('é', "e\u{0301}")
            .replace('ü', "u\u{0308}")
            .replace('ñ', "n\u{0303}")
            .to_lowercase()
    }

    #[track_caller]
    fn check(typed: &str, name: &str, finds: bool) {
        let search = Search::new(typed, decompose);
        assert_eq!(search.finds(&fold(&decompose(name))), finds, "{typed:?} in {name:?}");
    }

    #[test]
    fn accents_and_case_do_not_matter() {
        check("eloise", "Éloïse Núñez".replace('ï', "i").as_str(), true);
        check("ÉLOISE", "Eloise Nunez", true);
        check("mul", "Jörg Müller", true);
        check("müll", "Jorg Muller", true);
        check("ostergard", "Bo Østergard", true);
        check("wegrzynowska", "Łucja Wegrzynowska", true);
        check("lucja", "Łucja Wegrzynowska", true);
        check("strasse", "Straße", true);
        check("ΝΙΚΟΣ", "Νίκος Νικοσίας".replace('ί', "ι\u{0301}").as_str(), true);
        check("νικος", "Νικοσίας".replace('ί', "ι\u{0301}").as_str(), true);
    }

    #[test]
    fn words_are_found_from_their_start_in_any_order() {
        check("okaf dar", "Dara Okafor", true);
        check("afor", "Dara Okafor", false);
        check("dara x", "Dara Okafor", false);
        check("neil", "Aoife O'Neil-Byrne", true);
        check("byr", "Aoife O'Neil-Byrne", true);
    }

    #[test]
    fn numbers_and_scripts_without_spaces() {
        check("+49 30", "+49 30 5550100", true);
        check("555", "+49 30 5550100", true);
        check("龍", "李小龍", true);
        check("ישראל", "דנה ישראלי", true);
        check("راسا", "ساراسا", false);
    }

    #[test]
    fn an_empty_search_finds_everybody() {
        for typed in ["", "  ", "…", "-"] {
            assert!(Search::new(typed, decompose).is_empty());
            check(typed, "Ada", true);
        }
    }

    proptest! {
        #[test]
        fn everybody_is_found_by_their_own_name(name in "[\\PC]{0,20}") {
            prop_assert!(Search::new(&name, str::to_owned).finds(&fold(&name)));
        }
    }
}
