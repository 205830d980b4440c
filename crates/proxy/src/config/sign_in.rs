//! The section `[sign_in]`: with whose accounts people sign in, what their roles are, and which other
//! pages may use their tokens.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use reqwest::Url;
use toml::{Table, Value};

use super::{
    section::{Problems, Section},
    surroundings::Found,
};
use crate::{
    access::{CallAccess, Calls},
    role::Role,
    secret::Secret,
    session::Lifetimes,
    sign_in::{People, SignIn},
    upstream::Trust,
};

const SECRET: &str = "client_secret";
const HOW: &str = "give client_secret_file with the path of a file or client_secret_env with the name of a \
                   variable, not both";
const ROLES: &str = "viewer, moderator, producer and administrator";

/// Minutes a session may stay unused, and hours it lasts at most.
const IDLE: RangeInclusive<i64> = 1..=1_440;
const WHOLE: RangeInclusive<i64> = 1..=168;

/// Reads the section; none when something in it is wrong, which is told.
pub(super) fn read(
    top: &mut Section,
    found: &Found<'_>,
    problems: &mut Problems,
) -> Option<SignIn> {
    let rehearsal = found.embedded.is_some();
    let mut section = top.section("sign_in", problems);
    let before = problems.found.len();
    let issuer = section.need_text(
        "issuer",
        "the address that tokens name as iss, like \"https://login.microsoftonline.com/{tenant}/v2.0\"",
        problems,
    );
    if let Some(text) = &issuer
        && !is_issuer(text, rehearsal)
    {
        let message = format!(
            "{} cannot be used; write the https address that tokens name as iss, letter by letter and \
             without spaces",
            super::shown(text)
        );
        problems.add("sign_in.issuer", &message);
    }
    let client_id = section.need_text("client_id", "what tokens name as aud", problems);
    let client_secret = secret(&mut section, found, problems);
    let mut scopes = section
        .take_texts("scopes", problems)
        .unwrap_or_else(|| vec!["openid".to_owned(), "profile".to_owned()]);
    if !scopes.iter().any(|scope| scope == "openid") {
        scopes.insert(0, "openid".to_owned());
    }
    let people = people(&mut section, problems);
    let lifetimes = lifetimes(&mut section, problems);
    let calls = calls(&mut section, problems);
    let origins = section.take_texts("origins", problems).unwrap_or_default();
    for text in origins.iter().filter(|text| !is_origin(text, rehearsal)) {
        let message = format!(
            "{text:?} is no origin of a page; write one like \"https://panel.example\", without a \
             slash at the end"
        );
        problems.add("sign_in.origins", &message);
    }
    section.finish(problems);
    let (issuer, client_id) = (issuer?, client_id?);
    (problems.found.len() == before).then_some(SignIn {
        issuer,
        client_id,
        client_secret,
        scopes,
        people,
        lifetimes,
        calls,
        origins,
        trust: Trust::default(),
    })
}

/// Whether the section has what browsers sign in with, read or not.
pub(super) fn lets_browsers_in(top: &Section) -> bool {
    let section = top.table.get("sign_in").and_then(Value::as_table);
    section.is_some_and(|it| {
        ["file", "env"].iter().any(|way| it.contains_key(&format!("{SECRET}_{way}")))
    })
}

/// The secret browsers sign in with; without it only tokens are taken.
fn secret(section: &mut Section, found: &Found<'_>, problems: &mut Problems) -> Option<Secret> {
    let mut table = Table::new();
    for key in [format!("{SECRET}_file"), format!("{SECRET}_env")] {
        if let Some(value) = section.table.remove(&key) {
            table.insert(key, value);
        }
    }
    if section.table.remove(SECRET).is_some() {
        problems.add("sign_in.client_secret", &format!("secrets do not stand in this file; {HOW}"));
    }
    let key = table.keys().next().map(|key| section.key(key))?;
    found.secret(&key, table, SECRET, HOW, problems).map(Secret::new)
}

fn people(section: &mut Section, problems: &mut Problems) -> People {
    let claim = |section: &mut Section, key, standard: &str, problems: &mut Problems| {
        section.take_text(key, problems).unwrap_or_else(|| standard.to_owned())
    };
    let roles_claim = claim(section, "roles_claim", "roles", problems);
    let groups_claim = claim(section, "groups_claim", "groups", problems);
    let default_role = section.take_text("default_role", problems).and_then(|name| {
        let role = Role::parse(&name);
        if role.is_none() {
            problems
                .add("sign_in.default_role", &format!("{name:?} is no role; there are {ROLES}"));
        }
        role
    });
    let mut roles = BTreeMap::new();
    let stated = section.table.remove("roles");
    let none_stated = match &stated {
        None => true,
        Some(Value::Table(table)) => table.is_empty(),
        Some(_) => false,
    };
    match stated {
        _ if none_stated && default_role.is_none() => {
            let message = format!(
                "is missing or empty, so nobody could do anything; write what values of {roles_claim} mean, like \
                 roles = {{ \"Foldback.Producer\" = \"producer\" }}, or default_role = \"viewer\" for \
                 everybody"
            );
            problems.add("sign_in.roles", &message);
        }
        None => {}
        Some(Value::Table(table)) => {
            for (name, value) in table {
                let Some(role) = value.as_str().and_then(Role::parse) else {
                    let message = format!("{name:?} is given {value}; there are {ROLES}");
                    problems.add("sign_in.roles", &message);
                    continue;
                };
                roles.insert(name, role);
            }
        }
        Some(other) => {
            let message = format!(
                "{other} is no table; write one like {{ \"Foldback.Producer\" = \"producer\" }}"
            );
            problems.add("sign_in.roles", &message);
        }
    }
    People { roles_claim, roles, default_role, groups_claim }
}

fn lifetimes(section: &mut Section, problems: &mut Problems) -> Lifetimes {
    let standard = Lifetimes::default();
    let mut number = |key, range, problems: &mut Problems| {
        section.take_number(key, range, problems).and_then(|it| u64::try_from(it).ok())
    };
    Lifetimes {
        idle: number("idle_minutes", IDLE, problems).map_or(standard.idle, Duration::from_mins),
        whole: number("session_hours", WHOLE, problems)
            .map_or(standard.whole, Duration::from_hours),
    }
}

/// Who may see calls that nobody says it of.
fn calls(section: &mut Section, problems: &mut Problems) -> Calls {
    let table = match section.table.remove("calls") {
        None => return Calls::default(),
        Some(Value::Table(table)) => table,
        Some(other) => {
            let message = format!("{other} is no table; write one like {{ open_to = \"viewer\" }}");
            problems.add("sign_in.calls", &message);
            return Calls::default();
        }
    };
    let mut calls = Section { name: "sign_in.calls", table };
    let standard = Calls::default();
    // Naming groups closes calls to everybody else; what says nothing of who may see them does not.
    let says_who = ["open_to", "groups"].iter().any(|key| calls.table.contains_key(*key));
    let open_to = calls.take_text("open_to", problems).and_then(|name| {
        let role = Role::parse(&name);
        if role.is_none() {
            let message = format!("{name:?} is no role; there are {ROLES}");
            problems.add("sign_in.calls.open_to", &message);
        }
        role
    });
    let open_to = if says_who { open_to } else { standard.access.open_to };
    let groups = calls.take_texts("groups", problems).unwrap_or_default();
    let organizer = calls.take_bool("organizer", problems).unwrap_or(standard.organizer);
    calls.finish(problems);
    Calls { access: CallAccess { open_to, groups, people: Vec::new() }, organizer }
}

/// Whether the keys behind it can be trusted: nobody between can change what https brings, and in a
/// rehearsal nothing leaves this machine.
fn is_trusted(url: &Url, rehearsal: bool) -> bool {
    let loopback = || {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    };
    match url.scheme() {
        "https" => url.host_str().is_some(),
        "http" => rehearsal && loopback(),
        _ => false,
    }
}

/// An address as tokens name it. Reading one passes over spaces, and comparing it does not.
fn is_issuer(text: &str, rehearsal: bool) -> bool {
    let plain = !text.chars().any(|it| it.is_whitespace() || it.is_control());
    plain
        && Url::parse(text).is_ok_and(|url| {
            is_trusted(&url, rehearsal)
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        })
}

/// Browsers write an origin in one way only.
fn is_origin(text: &str, rehearsal: bool) -> bool {
    Url::parse(text)
        .is_ok_and(|url| is_trusted(&url, rehearsal) && url.origin().ascii_serialization() == text)
}
