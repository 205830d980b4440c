//! The table `credential` of `[graph]`: how the app proves who it is.

use std::{sync::Arc, time::SystemTime};

use toml::{Table, Value};

use super::{section::Problems, surroundings::Found};
use crate::{
    secret::Secret,
    upstream::token::{Proof, assertion::Certificate, managed::Identity},
};

const KEY: &str = "graph.credential";

/// What may stand there.
pub(super) const HOW: &str = "write { secret_file = \"path\" }, { secret_env = \"NAME\" }, \
                              { certificate_file = \"path\", key_file = \"path\" }, \
                              { federated_token_file = \"path\" } or { managed_identity = \"user\" }";

/// Reads it; none when something is wrong, which is told.
pub(super) fn read(mut table: Table, found: &Found<'_>, problems: &mut Problems) -> Option<Proof> {
    let ways = ["certificate_file", "federated_token_file", "managed_identity"];
    let named: Vec<&str> = ways.into_iter().filter(|way| table.contains_key(*way)).collect();
    let with_secret = table.contains_key("secret_file") || table.contains_key("secret_env");
    let proof = match named.as_slice() {
        [] => {
            let secret = found.secret(KEY, table, "secret", HOW, problems)?;
            return Some(Proof::Secret(Secret::new(secret)));
        }
        [way] if !with_secret => match *way {
            "certificate_file" => certificate(&mut table, found, problems),
            "federated_token_file" => federated(&mut table, found, problems),
            _ => managed(&mut table, found, problems),
        },
        _ => {
            problems.add(KEY, &format!("names two ways to sign in; keep one: {HOW}"));
            return None;
        }
    };
    for other in table.keys() {
        let message = format!("is not a key Foldback knows beside {}; {HOW}", named.join(""));
        problems.add(&format!("{KEY}.{other}"), &message);
    }
    if found.embedded.is_some() {
        problems.add(KEY, "the embedded service of a rehearsal knows secrets only; give it one");
        return None;
    }
    proof
}

/// The text of a file named by `key`.
fn file(
    table: &mut Table,
    key: &str,
    found: &Found<'_>,
    problems: &mut Problems,
) -> Option<(std::path::PathBuf, String)> {
    let Some(Value::String(name)) = table.remove(key) else {
        problems.add(&format!("{KEY}.{key}"), &format!("is no path; {HOW}"));
        return None;
    };
    let path = found.base.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Some((path, text)),
        Ok(_) => {
            problems.add(&format!("{KEY}.{key}"), &format!("{} is empty", path.display()));
            None
        }
        Err(error) => {
            let message = format!("{} cannot be read: {error}", path.display());
            problems.add(&format!("{KEY}.{key}"), &message);
            None
        }
    }
}

fn certificate(table: &mut Table, found: &Found<'_>, problems: &mut Problems) -> Option<Proof> {
    let certificate = file(table, "certificate_file", found, problems);
    // Both may stand in one file.
    let key = if table.contains_key("key_file") {
        file(table, "key_file", found, problems)
    } else {
        certificate.clone()
    };
    let ((at, certificate), (key_at, key)) = (certificate?, key?);
    match Certificate::read(certificate.as_bytes(), key.as_bytes(), SystemTime::now()) {
        Ok(certificate) => Some(Proof::Certificate(Arc::new(certificate))),
        Err(words) => {
            let at = if words.contains("certificate;") { at } else { key_at };
            problems.add(KEY, &format!("{} {words}", at.display()));
            None
        }
    }
}

fn federated(table: &mut Table, found: &Found<'_>, problems: &mut Problems) -> Option<Proof> {
    file(table, "federated_token_file", found, problems).map(|(path, _)| Proof::Federated(path))
}

fn managed(table: &mut Table, found: &Found<'_>, problems: &mut Problems) -> Option<Proof> {
    let key = format!("{KEY}.managed_identity");
    let assigned = match table.remove("managed_identity") {
        Some(Value::String(word)) if word == "user" => true,
        Some(Value::String(word)) if word == "system" => false,
        _ => {
            let words = "is \"user\" for the identity whose id is client_id, or \"system\" for the \
                         machine's own";
            problems.add(&key, words);
            return None;
        }
    };
    match Identity::found(assigned, found.environment) {
        Ok(identity) => Some(Proof::Managed(identity)),
        Err(words) => {
            problems.add(&key, &words);
            None
        }
    }
}
