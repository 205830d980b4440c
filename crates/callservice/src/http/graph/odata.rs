//! OData's query options on readings: `$top`, `$skip`, `$count` and `$select` do what they say, the
//! others are refused, parameters without a dollar sign are ignored.

use serde_json::{Map, Value, json};

use crate::http::{answer::Answer, text};

/// Most items a page can be asked for.
const TOP_MAX: usize = 999;

/// What a reading asks for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Query {
    top: Option<usize>,
    skip: usize,
    count: bool,
    select: Option<Vec<String>>,
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    One,
    Many,
}

impl Query {
    /// Reads the part of an address after the question mark.
    ///
    /// # Errors
    /// 400 for a broken escape, an option given twice, unknown, not served here, or out of its limit.
    pub(super) fn read(query: Option<&str>, kind: Kind) -> Result<Self, Answer> {
        let fields = text::form(query.unwrap_or_default()).ok_or_else(|| {
            Answer::bad("The query has a broken escape or an option given twice.")
        })?;
        let mut read = Self::default();
        for (name, value) in fields {
            if !name.starts_with('$') {
                continue;
            }
            match (name.to_ascii_lowercase().as_str(), kind) {
                ("$select", _) => {
                    let names = value.split(',').map(|name| name.trim().to_owned());
                    read.select = Some(names.filter(|name| !name.is_empty()).collect());
                }
                ("$top", Kind::Many) => read.top = Some(number(&name, &value, 1, TOP_MAX)?),
                ("$skip", Kind::Many) => read.skip = number(&name, &value, 0, usize::MAX)?,
                ("$count", Kind::Many) => {
                    read.count = value.parse().map_err(|_| {
                        Answer::bad(format!("{name}: {value:?} is not allowed; true or false"))
                    })?;
                }
                ("$format", _) if value.eq_ignore_ascii_case("json") => {}
                ("$top" | "$skip" | "$count", Kind::One) => {
                    return Err(Answer::bad(format!(
                        "The query option '{name}' makes sense for collections only."
                    )));
                }
                _ => {
                    let name: String = name.chars().take(64).collect();
                    return Err(Answer::bad(format!(
                        "The query option '{name}' is not supported here; use $top, $skip, $count or $select."
                    )));
                }
            }
        }
        Ok(read)
    }

    /// The page asked for. `address` is that of the collection; `show` writes one item and is asked
    /// for no others than those of the page.
    ///
    /// # Errors
    /// What `show` says.
    pub(super) fn page<T, E>(
        &self,
        context: &str,
        items: Vec<T>,
        address: &str,
        show: impl Fn(T) -> Result<Value, E>,
    ) -> Result<Value, E> {
        let all = items.len();
        let taken = items.into_iter().skip(self.skip).take(self.top.unwrap_or(usize::MAX));
        let shown = taken.map(|item| show(item).map(|item| self.selected(item)));
        let value = shown.collect::<Result<Vec<Value>, E>>()?;
        let next = self.skip.saturating_add(value.len());
        let mut page = json!({"@odata.context": context, "value": value});
        if let Value::Object(members) = &mut page {
            if self.count {
                members.insert("@odata.count".to_owned(), json!(all));
            }
            if let Some(top) = self.top.filter(|_| next < all) {
                let mut link = format!("{address}?$top={top}&$skip={next}");
                if self.count {
                    link.push_str("&$count=true");
                }
                if let Some(names) = &self.select {
                    // Names that need an escape select nothing.
                    let plain = |name: &&String| name.chars().all(|c| c.is_ascii_alphanumeric());
                    let names: Vec<&str> = names.iter().filter(plain).map(String::as_str).collect();
                    link.push_str("&$select=");
                    link.push_str(&names.join(","));
                }
                members.insert("@odata.nextLink".to_owned(), json!(link));
            }
        }
        Ok(page)
    }

    /// An object with the members asked for, and OData's own.
    pub(super) fn selected(&self, item: Value) -> Value {
        match (&self.select, item) {
            (Some(names), Value::Object(members)) if !names.iter().any(|name| name == "*") => {
                let kept: Map<String, Value> = members
                    .into_iter()
                    .filter(|(name, _)| name.starts_with('@') || names.contains(name))
                    .collect();
                Value::Object(kept)
            }
            (_, item) => item,
        }
    }
}

fn number(name: &str, value: &str, least: usize, most: usize) -> Result<usize, Answer> {
    value.parse().ok().filter(|n| (least..=most).contains(n)).ok_or_else(|| {
        let value: String = value.chars().take(64).collect();
        let most = if most == usize::MAX { String::new() } else { format!(" to {most}") };
        Answer::bad(format!("{name}: {value:?} is not allowed; a whole number from {least}{most}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: Option<&str>) -> Value {
        let query = Query::read(query, Kind::Many).unwrap();
        query.page("c", items(5), "a", Ok::<Value, std::convert::Infallible>).unwrap()
    }

    fn items(n: usize) -> Vec<Value> {
        (0..n).map(|n| json!({"id": n, "isMuted": false})).collect()
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let mut query = Some("$top=2&$count=true&$select=id".to_owned());
        let mut seen = Vec::new();
        while let Some(text) = query.take() {
            let page = page(Some(&text));
            assert_eq!(page["@odata.count"], 5);
            seen.extend(page["value"].as_array().unwrap().clone());
            query = page["@odata.nextLink"]
                .as_str()
                .map(|it| it.strip_prefix("a?").unwrap().to_owned());
        }
        assert_eq!(seen, (0..5).map(|n| json!({"id": n})).collect::<Vec<_>>());
        let whole = page(None);
        assert_eq!(whole, json!({"@odata.context": "c", "value": items(5)}));
        let past = page(Some("$skip=9"));
        assert_eq!(past["value"], json!([]));
    }

    #[test]
    fn what_is_not_served_is_refused() {
        for (query, kind, words) in [
            ("$filter=isMuted%20eq%20true", Kind::Many, "'$filter' is not supported"),
            ("$expand=participants", Kind::One, "'$expand' is not supported"),
            ("$orderby=id", Kind::Many, "'$orderby'"),
            ("$top=0", Kind::Many, "from 1 to 999"),
            ("$top=1000", Kind::Many, "from 1 to 999"),
            ("$skip=-1", Kind::Many, "from 0"),
            ("$count=maybe", Kind::Many, "true or false"),
            ("$top=1", Kind::One, "collections only"),
            ("$top=1&$top=2", Kind::Many, "twice"),
            ("a=%zz", Kind::One, "broken escape"),
        ] {
            let refused = format!("{:?}", Query::read(Some(query), kind).unwrap_err());
            assert!(refused.contains(words), "{query}: {refused}");
        }
        for query in ["", "x=1&y", "$format=json", "%24top=3"] {
            assert!(Query::read(Some(query), Kind::Many).is_ok(), "{query}");
        }
    }

    #[test]
    fn a_star_selects_everything() {
        let query = Query::read(Some("$select=*"), Kind::One).unwrap();
        assert_eq!(query.selected(json!({"id": 1})), json!({"id": 1}));
        let none = Query::read(Some("$select=other"), Kind::One).unwrap();
        assert_eq!(
            none.selected(json!({"@odata.context": "c", "id": 1})),
            json!({"@odata.context": "c"})
        );
    }
}
