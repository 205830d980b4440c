//! What a configuration points to beside itself: files, the environment, an embedded service.

use std::path::Path;

use toml::{Table, Value};

use super::section::{Problems, Section};

const KEYS: &str = "openid_configuration";
const ISSUERS: &str = "issuers";

/// Where secrets and services are looked for.
pub(super) struct Found<'a> {
    /// Paths are relative to it.
    pub(super) base: &'a Path,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
    /// The address of the embedded service, in a rehearsal.
    pub(super) embedded: Option<String>,
}

impl Found<'_> {
    /// The table `credential` of a section. Whatever stands there instead may be the secret itself:
    /// it is not repeated.
    pub(super) fn credential(
        section: &mut Section,
        how: &str,
        problems: &mut Problems,
    ) -> Option<Table> {
        let key = section.key("credential");
        match section.table.remove("credential") {
            Some(Value::Table(table)) => Some(table),
            Some(_) => {
                problems.add(&key, &format!("secrets do not stand in this file; {how}"));
                None
            }
            None => {
                problems.add(&key, &format!("is missing; {how}"));
                None
            }
        }
    }

    /// Where the keys of notifications are published and who issues their tokens, where a section
    /// says otherwise than is known. In a rehearsal nothing can.
    pub(super) fn vouching(
        &self,
        section: &mut Section,
        problems: &mut Problems,
    ) -> (Option<String>, Option<Vec<String>>) {
        if self.embedded.is_some() {
            for key in [KEYS, ISSUERS] {
                if section.table.remove(key).is_some() {
                    let words = "in a rehearsal it is the embedded service's own; take it out";
                    problems.add(&section.key(key), words);
                }
            }
        }
        let keys = section.take_text(KEYS, problems).filter(|text| {
            let fits = reqwest::Url::parse(text).is_ok_and(|url| {
                url.scheme() == "https"
                    && url.host_str().is_some()
                    && url.username().is_empty()
                    && url.password().is_none()
                    && url.fragment().is_none()
            });
            if !fits {
                let message = format!(
                    "{text:?} cannot be used; write the https address of the service's OpenID \
                     configuration"
                );
                problems.add(&section.key(KEYS), &message);
            }
            fits
        });
        (keys, section.take_texts(ISSUERS, problems))
    }

    /// The secret that `{what}_file` or `{what}_env` of a credential points to, and nothing else in
    /// it.
    pub(super) fn secret(
        &self,
        key: &str,
        mut table: Table,
        what: &str,
        how: &str,
        problems: &mut Problems,
    ) -> Option<String> {
        let from_file = table.remove(&format!("{what}_file"));
        let from_environment = table.remove(&format!("{what}_env"));
        for other in table.keys() {
            problems.add(&format!("{key}.{other}"), &format!("is not a key Foldback knows; {how}"));
        }
        let text = match (from_file, from_environment) {
            (Some(Value::String(file)), None) => {
                let path = self.base.join(file);
                std::fs::read_to_string(&path)
                    .map_err(|error| format!("{} cannot be read: {error}", path.display()))
            }
            (None, Some(Value::String(name))) => (self.environment)(&name)
                .ok_or_else(|| format!("the environment has no variable {name}; set it")),
            _ => Err(how.to_owned()),
        };
        match text {
            Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Ok(_) => {
                problems.add(key, "the secret is empty");
                None
            }
            Err(message) => {
                problems.add(key, &message);
                None
            }
        }
    }
}
