//! Nothing that arrives may cause a panic, and nothing read may change on its way back out.

#[path = "strategies.rs"]
mod strategies;

use foldback_wire::{
    acs::{CommunicationIdentifierModel, Identifier},
    graph::{CommsNotification, ConfigureMixer, Envelope, ExclusiveMember, int64_as_text},
};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};
use strategies::{any_json, extra, identifier, request};

use super::shapes::{GOLDENS, READERS, oracle::says_the_same};

/// Reads the bytes as everything there is. What is accepted has to say what the bytes said.
fn read_as_everything(bytes: &[u8]) {
    let said: Option<Value> = serde_json::from_slice(bytes).ok();
    for reader in READERS {
        let found = (reader.read)(bytes).unwrap_or_else(|fault| panic!("{}: {fault}", reader.name));
        match (found, &said) {
            (Ok(understood), Some(said)) => says_the_same(said, &understood)
                .unwrap_or_else(|what| panic!("{}: {what}", reader.name)),
            // An empty body is a mute without a context.
            (Ok(_), None) => {
                assert!(reader.name == "MuteRequest" && bytes.trim_ascii().is_empty());
            }
            (Err(_), _) => {}
        }
    }
}

/// Every place in a JSON value, the root first.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{i}"), into);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(item, &format!("{at}/{name}"), into);
            }
        }
        _ => {}
    }
}

/// Takes away what stands at `pointer`; false at the root.
fn remove(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    match value.pointer_mut(parent) {
        Some(Value::Array(items)) => {
            items.remove(name.parse().unwrap());
        }
        Some(Value::Object(members)) => {
            let name = name.replace("~1", "/").replace("~0", "~");
            assert!(members.remove(&name).is_some(), "{pointer}");
        }
        other => panic!("{pointer} is below {other:?}"),
    }
    true
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..256)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        read_as_everything(value.to_string().as_bytes());
    }

    #[test]
    fn cut_and_bent_goldens_are_read_or_refused(
        which in 0..GOLDENS.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let bytes = GOLDENS[which].1.as_bytes();
        let at = at.index(bytes.len());
        read_as_everything(&bytes[..at]);
        let mut bent = bytes.to_vec();
        bent[at] = byte;
        read_as_everything(&bent);
    }

    #[test]
    fn mutated_goldens_are_read_or_refused(
        which in 0..GOLDENS.len(), at in any::<prop::sample::Index>(), other in option::of(any_json()),
    ) {
        let mut value: Value = serde_json::from_str(GOLDENS[which].1).unwrap();
        let mut places = Vec::new();
        pointers(&value, "", &mut places);
        let pointer = &places[at.index(places.len())];
        match other {
            Some(other) => *value.pointer_mut(pointer).unwrap() = other,
            None => {
                remove(&mut value, pointer);
            }
        }
        read_as_everything(value.to_string().as_bytes());
    }

    #[test]
    fn a_mix_survives_writing_and_reading(request in request()) {
        let text = serde_json::to_vec(&request).unwrap();
        let again = ConfigureMixer::read(&text);
        prop_assert_eq!(again.as_ref(), Ok(&request));
        prop_assert_eq!(serde_json::to_vec(&again.unwrap()).unwrap(), text);
    }

    #[test]
    fn a_level_out_of_range_is_refused_at_its_place(
        request in request(), at in any::<prop::sample::Index>(), level in prop_oneof![i64::MIN..0, 101..=i64::MAX],
    ) {
        let mut request = request;
        let places: Vec<(usize, usize)> = request
            .participant_mixer_levels
            .iter()
            .enumerate()
            .flat_map(|(i, l)| (0..l.source_levels.len()).map(move |j| (i, j)))
            .collect();
        if places.is_empty() {
            return Ok(());
        }
        let (i, j) = places[at.index(places.len())];
        request.participant_mixer_levels[i].source_levels[j].level = Some(level);
        let error = ConfigureMixer::read(&serde_json::to_vec(&request).unwrap()).unwrap_err();
        let path = format!("$.participantMixerLevels[{i}].sourceLevels[{j}].level");
        prop_assert_eq!(error.path(), path);
        prop_assert!(error.to_string().contains(&level.to_string()));
    }

    #[test]
    fn unknown_members_survive(which in 0..GOLDENS.len(), extra in extra()) {
        let (name, text) = GOLDENS[which];
        let mut value: Value = serde_json::from_str(text).unwrap();
        let place = if value.is_array() { "/0" } else { "" };
        value.pointer_mut(place).unwrap().as_object_mut().unwrap().extend(extra.clone());
        for reader in READERS.iter().filter(|reader| reader.goldens.contains(&name)) {
            let written = (reader.read)(value.to_string().as_bytes()).unwrap().unwrap();
            for (member, value) in &extra {
                let found = written.pointer(place).unwrap().get(member);
                prop_assert_eq!(found, Some(value), "{} {}", name, member);
            }
        }
    }

    #[test]
    fn the_ways_of_writing_a_mix_mean_the_same(request in request(), mode in any::<bool>()) {
        let member =
            if mode { ExclusiveMember::ExclusiveMode } else { ExclusiveMember::Exclusive };
        let mut written = json!(request.clone().spelled(member));
        int64_as_text(&mut written);
        let read = ConfigureMixer::read(written.to_string().as_bytes());
        // Unknown members may be called as the numbers are; they are text then.
        let mut expected = json!(request.spelled(ExclusiveMember::Exclusive));
        int64_as_text(&mut expected);
        let mut found = json!(read.unwrap().spelled(ExclusiveMember::Exclusive));
        int64_as_text(&mut found);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn every_envelope_leads_to_the_same_topic(
        which in 0..GOLDENS.len(), at in any::<prop::sample::Index>(), other in option::of(any_json()),
    ) {
        let mut value: Value = serde_json::from_str(GOLDENS[which].1).unwrap();
        let Some(item) = value.pointer_mut("/value/0").filter(|_| GOLDENS[which].0.ends_with("notification")) else {
            return Ok(());
        };
        let mut places = Vec::new();
        pointers(&item["resourceData"], "/resourceData", &mut places);
        if let Some(other) = other {
            *item.pointer_mut(&places[at.index(places.len())]).unwrap() = other;
        }
        let item: CommsNotification = serde_json::from_value(item.clone()).unwrap();
        let current = item.in_form(Envelope::Current);
        for form in [Envelope::Both, Envelope::Old] {
            let written = current.clone().in_form(form);
            prop_assert_eq!(written.call_id().ok(), current.call_id().ok());
            let back = written.clone().in_form(Envelope::Current);
            prop_assert_eq!(back.topic().ok(), current.topic().ok());
            prop_assert_eq!(written.topic().is_ok(), current.topic().is_ok());
        }
    }

    #[test]
    fn two_members_never_name_different_people(
        first in identifier(), second in identifier(), member in 0..3_usize,
    ) {
        // One member of a full model comes from another person.
        let (whole, other) = (json!(first.model()), json!(second.model()));
        let mut mixed = whole.clone();
        let members = mixed.as_object_mut().unwrap();
        match member {
            0 => {
                members.insert("kind".to_owned(), other["kind"].clone());
            }
            1 => {
                members.insert("rawId".to_owned(), other["rawId"].clone());
            }
            _ => {
                members.retain(|name, _| name == "kind" || name == "rawId");
                let theirs = other.as_object().unwrap().clone();
                members.extend(theirs.into_iter().filter(|(name, _)| *name != "kind" && *name != "rawId"));
            }
        }
        let model: CommunicationIdentifierModel = serde_json::from_value(mixed.clone()).unwrap();
        match model.identify("$") {
            // Nothing was exchanged, as far as the members tell.
            Ok(who) if mixed == whole => prop_assert_eq!(who, first),
            Ok(who) => {
                let unknown = [&first, &second].iter().any(|who| matches!(who, Identifier::Unknown(_)));
                prop_assert!(unknown, "{} was read as {:?}", mixed, who);
            }
            Err(error) => prop_assert!(error.path().starts_with('$')),
        }
    }
}
