//! What somebody wants to see of the audit.

use axum::http::Uri;
use foldback_model::{By, Timestamp};

use super::{Cursor, Entry, Kind, Order, write::Form};
use crate::{problem::Fault, routes};

/// Most entries of one answer in JSON, and of one piece of an export.
pub(super) const MOST: usize = 1_000;

/// Entries of one answer in JSON when nobody says how many.
pub(super) const USUAL: usize = 100;

const OUTCOMES: [&str; 4] = ["completed", "failed", "unconfirmed", "pending"];

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    operator: Option<String>,
    kind: Option<Kind>,
    outcome: Option<&'static str>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    cursor: Option<Cursor>,
    pub(super) order: Order,
    pub(super) limit: Option<usize>,
    pub(super) format: Option<Form>,
}

impl Asked {
    /// Reads the query.
    ///
    /// # Errors
    /// 400 with the member that is wrong and what it may be.
    pub(super) fn read(uri: &Uri) -> Result<Self, Fault> {
        let mut asked = Self {
            operator: None,
            kind: None,
            outcome: None,
            from: None,
            until: None,
            cursor: None,
            order: Order::default(),
            limit: None,
            format: None,
        };
        let mut names = Vec::new();
        for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // Which of two counts is nothing to guess.
            if names.contains(&name) {
                return Err(Fault::bad_request(format!("{name} is there twice; say it once")));
            }
            names.push(name);
            let value = routes::decode(value).ok_or_else(|| {
                Fault::bad_request(format!("{name} holds a percent sign that encodes no text"))
            })?;
            asked.take(name, value)?;
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: String) -> Result<(), Fault> {
        let wrong = |what: String| Fault::bad_request(format!("{name} is {what}"));
        match name {
            "operator" => self.operator = Some(value),
            "kind" => {
                let known = || Kind::ALL.map(Kind::name).join(", ");
                let kind = Kind::ALL.into_iter().find(|kind| kind.name() == value);
                self.kind = Some(kind.ok_or_else(|| wrong(format!("one of {}", known())))?);
            }
            "outcome" => {
                let outcome = OUTCOMES.into_iter().find(|outcome| *outcome == value);
                let words = || wrong(format!("one of {}", OUTCOMES.join(", ")));
                self.outcome = Some(outcome.ok_or_else(words)?);
            }
            "from" | "until" => {
                let at = value.parse().map(Timestamp);
                let at = at.map_err(|_| wrong("milliseconds since 1970".to_owned()))?;
                *(if name == "from" { &mut self.from } else { &mut self.until }) = Some(at);
            }
            "cursor" => {
                let words =
                    || wrong("what `next` or `cursor` of an earlier answer says".to_owned());
                self.cursor = Some(Cursor::parse(&value).ok_or_else(words)?);
            }
            "order" => {
                self.order = match value.as_str() {
                    "oldest" => Order::Oldest,
                    "newest" => Order::Newest,
                    _ => return Err(wrong("oldest or newest".to_owned())),
                };
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                let words = || wrong(format!("a whole number from 1 to {MOST}"));
                self.limit = Some(limit.ok_or_else(words)?);
            }
            "format" => {
                let words = || wrong("json, jsonl or csv".to_owned());
                self.format = Some(Form::parse(&value).ok_or_else(words)?);
            }
            _ => {
                return Err(Fault::bad_request(
                    "the audit is asked for by operator, kind, outcome, from, until, order, cursor, \
                     limit and format",
                ));
            }
        }
        Ok(())
    }

    /// The place after which the answer begins, in the order asked for.
    pub(super) fn beyond(&self) -> Cursor {
        self.cursor.unwrap_or_else(|| self.order.start())
    }

    /// Whether an entry is among what is asked for; `from` is part of it, `until` is not.
    pub(super) fn fits(&self, entry: &Entry) -> bool {
        let operator = match &entry.by {
            By::Operator { id, .. } => Some(id.as_str()),
            By::Service | By::Foldback => None,
        };
        self.operator.as_deref().is_none_or(|wanted| operator == Some(wanted))
            && self.kind.is_none_or(|wanted| entry.kind == wanted)
            && self.outcome.is_none_or(|wanted| entry.end.name() == wanted)
            && self.from.is_none_or(|from| entry.at >= from)
            && self.until.is_none_or(|until| entry.at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_is_told_with_what_can() {
        let read = |query: &str| Asked::read(&format!("/audit?{query}").parse().unwrap());
        let good =
            "operator=a%20b&kind=mute&outcome=failed&from=1&until=2&cursor=3.4&limit=5&format=csv";
        let asked = read(good).unwrap();
        assert_eq!(asked.operator.as_deref(), Some("a b"));
        assert_eq!((asked.beyond().sequence.0, asked.beyond().part, asked.limit), (3, 4, Some(5)));
        let usual = read("").unwrap();
        assert_eq!(
            (usual.limit, usual.order, usual.beyond()),
            (None, Order::Oldest, Cursor::default())
        );
        assert_eq!(read("order=newest").unwrap().beyond(), Order::Newest.start());
        for (query, words) in [
            ("kind=x", "kind is one of mute, "),
            ("outcome=good", "outcome is one of completed"),
            ("from=yesterday", "from is milliseconds"),
            ("until=-1", "until is milliseconds"),
            ("cursor=3", "cursor is what"),
            ("cursor=a.b", "cursor is what"),
            ("order=new", "order is oldest or newest"),
            ("limit=0", "from 1 to 1000"),
            ("limit=1001", "from 1 to 1000"),
            ("format=xml", "json, jsonl or csv"),
            ("limit=1&kind=mute&limit=2", "limit is there twice"),
            ("format=csv&format=csv", "format is there twice"),
            ("operator=%zz", "percent sign"),
            ("who=me", "by operator, kind"),
        ] {
            let fault = read(query).unwrap_err();
            assert!(fault.status == 400 && fault.message.contains(words), "{query}: {fault}");
        }
    }
}
