//! Reading a table key by key, so that every problem is told and none hides another.

use std::path::PathBuf;

use toml::{Table, Value};

use super::Problem;

/// What was found so far.
pub(super) struct Problems {
    pub(super) file: PathBuf,
    pub(super) found: Vec<Problem>,
}

impl Problems {
    pub(super) fn add(&mut self, key: &str, message: &str) {
        let problem =
            Problem { file: self.file.clone(), key: key.to_owned(), message: message.to_owned() };
        self.found.push(problem);
    }
}

/// A table whose keys are taken out one by one; what is left at the end is unknown.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) table: Table,
}

impl Section {
    pub(super) fn key(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    pub(super) fn section(&mut self, name: &'static str, problems: &mut Problems) -> Self {
        let table = match self.table.remove(name) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                problems.add(name, &format!("{other} is no section; write [{name}]"));
                Table::new()
            }
        };
        Self { name, table }
    }

    pub(super) fn take_text(&mut self, key: &str, problems: &mut Problems) -> Option<String> {
        match self.table.remove(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            Value::String(_) => {
                problems.add(&self.key(key), "is empty; give a value or take the key out");
                None
            }
            other => {
                problems.add(&self.key(key), &format!("{other} is no text; put it in quotes"));
                None
            }
        }
    }

    /// A list of texts, none of them empty.
    pub(super) fn take_texts(&mut self, key: &str, problems: &mut Problems) -> Option<Vec<String>> {
        let found = self.table.remove(key)?;
        let texts = match &found {
            Value::Array(list) if !list.is_empty() => list
                .iter()
                .map(|it| it.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned))
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        if texts.is_none() {
            let message = format!("{found} is no list of texts; write one like [\"a\", \"b\"]");
            problems.add(&self.key(key), &message);
        }
        texts
    }

    pub(super) fn need_text(
        &mut self,
        key: &str,
        what: &str,
        problems: &mut Problems,
    ) -> Option<String> {
        let missing = !self.table.contains_key(key);
        if missing {
            problems.add(&self.key(key), &format!("is missing; it is {what}"));
        }
        self.take_text(key, problems)
    }

    pub(super) fn take_bool(&mut self, key: &str, problems: &mut Problems) -> Option<bool> {
        match self.table.remove(key)? {
            Value::Boolean(value) => Some(value),
            other => {
                problems.add(&self.key(key), &format!("{other} is neither true nor false"));
                None
            }
        }
    }

    pub(super) fn take_number(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
        problems: &mut Problems,
    ) -> Option<i64> {
        match self.table.remove(key)? {
            Value::Integer(value) if range.contains(&value) => Some(value),
            other => {
                let (low, high) = (range.start(), range.end());
                let message =
                    format!("{other} is not allowed; give a whole number from {low} to {high}");
                problems.add(&self.key(key), &message);
                None
            }
        }
    }

    pub(super) fn finish(self, problems: &mut Problems) {
        for key in self.table.keys() {
            let message = "is not a key Foldback knows; correct its spelling or take it out";
            problems.add(&self.key(key), message);
        }
    }
}
