//! Reads ordered maps. The map's own reader takes lists of pairs too and sorts what comes out of
//! order; that is compiled for every map, and the panel does without. Its writer writes an object, but
//! an empty map as an empty list.

use std::{fmt, marker::PhantomData};

use litemap::LiteMap;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// Reads a map from an object, or an empty one from an empty list. Members in order, as they are written, cost a comparison each.
///
/// # Errors
/// The deserializer's error when it is neither or a member does not fit.
pub(crate) fn read<'de, K, V, D>(deserializer: D) -> Result<LiteMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Entries(PhantomData))
}

struct Entries<K, V>(PhantomData<fn() -> (K, V)>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
    type Value = LiteMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut access: M) -> Result<Self::Value, M::Error> {
        let mut map = LiteMap::new();
        while let Some((key, value)) = access.next_entry()? {
            map.insert(key, value);
        }
        Ok(map)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut access: S) -> Result<Self::Value, S::Error> {
        match access.next_element::<IgnoredAny>()? {
            None => Ok(LiteMap::new()),
            Some(_) => Err(S::Error::custom("a list with something in it where an object stands")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Held(#[serde(deserialize_with = "read")] LiteMap<String, u8>);

    #[test]
    fn any_order_gives_the_same_map() {
        let read = |text| serde_json::from_str::<Held>(text).map(|it| it.0);
        let ordered = read(r#"{"a":1,"b":2,"c":3}"#).unwrap();
        assert_eq!(read(r#"{"c":3,"a":7,"b":2,"a":1}"#).unwrap(), ordered);
        assert_eq!(ordered.len(), 3);
        assert_eq!(read("[]").unwrap().len(), 0);
        assert!(read(r#"[["a",1]]"#).unwrap_err().to_string().contains("an object"));
        assert!(read("7").unwrap_err().to_string().contains("an object"));
    }
}
