//! Who takes part: the fixed cast first, then people named from parts.

use std::collections::BTreeSet;

use super::{
    chance::Chance,
    names::{AREA_CODES, CAST, CULTURES},
    person::{Identity, Kind},
};

/// `count` people besides the app, in the order they came.
pub(super) fn people(chance: &mut Chance, count: usize) -> Vec<Identity> {
    let fixed = CAST.iter().take(count).map(|(kind, name)| (*kind, (*name).to_owned()));
    let mut people: Vec<Identity> = Vec::with_capacity(count);
    for (kind, name) in fixed {
        let id = if kind == Kind::Phone { name.clone() } else { chance.uuid() };
        people.push(Identity { kind, id, name });
    }
    let mut taken: BTreeSet<String> = people.iter().map(|person| person.id.clone()).collect();
    while people.len() < count {
        let person = newcomer(chance);
        // Telephone numbers are few, and one line calls once.
        if taken.insert(person.id.clone()) {
            people.push(person);
        }
    }
    chance.shuffle(&mut people);
    people
}

/// Somebody new.
pub(super) fn newcomer(chance: &mut Chance) -> Identity {
    match chance.below(100) {
        0..5 => {
            let number = phone(chance);
            Identity { kind: Kind::Phone, id: number.clone(), name: number }
        }
        5..13 => named(chance, Kind::Guest),
        _ => named(chance, Kind::User),
    }
}

fn named(chance: &mut Chance, kind: Kind) -> Identity {
    Identity { kind, id: chance.uuid(), name: name(chance) }
}

/// A name whose parts belong together.
pub(super) fn name(chance: &mut Chance) -> String {
    let Some(culture) = chance.pick(CULTURES) else {
        return String::new();
    };
    let given = chance.pick(culture.given).copied().unwrap_or_default();
    let family = chance.pick(culture.family).copied().unwrap_or_default();
    let (first, last) = if culture.family_first { (family, given) } else { (given, family) };
    [first, last].join(culture.space)
}

fn phone(chance: &mut Chance) -> String {
    let area = chance.pick(&AREA_CODES).copied().unwrap_or(206);
    format!("+1{area}55501{:02}", chance.below(100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{chance::Stream, names};

    fn cast(count: usize) -> Vec<Identity> {
        people(&mut Chance::new(7, Stream::Cast), count)
    }

    #[test]
    fn the_default_cast_has_everybody_a_page_must_survive() {
        let cast = cast(42);
        let has = |name: &str| cast.iter().filter(|p| p.name == name).count();
        assert_eq!((has(names::LONG), has(names::BIDI), has("Alex Kim")), (1, 1, 2));
        assert!(names::LONG.chars().count() > 64);
        assert!(names::BIDI.contains('\u{202e}') && names::BIDI.contains('\u{2066}'));
        let kind = |kind| cast.iter().filter(|p| p.kind == kind).count();
        assert_eq!((kind(Kind::Phone), kind(Kind::Guest), kind(Kind::User)), (3, 4, 35));
        for script in ['α', 'я', 'ل', 'נ', 'श', 'க', 'ก', '王', '花', '김', 'ሰ', 'ნ', 'Ա']
        {
            assert!(cast.iter().any(|p| p.name.contains(script)), "{script}");
        }
        let mut ids: Vec<_> = cast.iter().map(|p| &p.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 42);
    }

    #[test]
    fn a_thousand_people_stay_plausible() {
        let cast = cast(999);
        assert_eq!(cast.len(), 999);
        for person in &cast {
            assert!(!person.name.trim().is_empty());
            if person.kind == Kind::Phone {
                assert!(person.id.starts_with('+') && person.id.len() <= 16, "{}", person.id);
                assert!(person.id[1..].bytes().all(|b| b.is_ascii_digit()), "{}", person.id);
            }
        }
        let users = cast.iter().filter(|p| p.kind == Kind::User).count();
        assert!((800..950).contains(&users), "{users}");
        let ids: BTreeSet<_> = cast.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(ids.len(), 999);
        let mut names: Vec<_> = cast.iter().map(|p| p.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert!(names.len() > 600, "{} different names", names.len());
    }
}
