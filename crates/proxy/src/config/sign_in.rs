//! The section `[sign_in]`: whose tokens operators may bring, and which other pages may use them.

use reqwest::Url;

use super::section::{Problems, Section};
use crate::{bearer::SignIn, upstream::Trust};

/// Reads the section; none when something in it is wrong, which is told.
pub(super) fn read(top: &mut Section, rehearsal: bool, problems: &mut Problems) -> Option<SignIn> {
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
            "{text:?} cannot be used; write the https address that tokens name as iss, letter by letter"
        );
        problems.add("sign_in.issuer", &message);
    }
    let client_id = section.need_text("client_id", "what tokens name as aud", problems);
    let roles_claim = section.take_text("roles_claim", problems);
    let origins = section.take_texts("origins", problems).unwrap_or_default();
    for text in origins.iter().filter(|text| !is_origin(text, rehearsal)) {
        let message = format!(
            "{text:?} is no origin of a page; write one like \"https://panel.example\", without a \
             slash at the end"
        );
        problems.add("sign_in.origins", &message);
    }
    for (key, message) in [
        ("roles", "this version has no roles yet: every good token may do everything; take it out"),
        (
            "client_secret_file",
            "this version takes tokens and gets none for anybody, so it needs no secret; take it out",
        ),
    ] {
        if section.table.remove(key).is_some() {
            problems.add(&section.key(key), message);
        }
    }
    section.finish(problems);
    let (issuer, client_id) = (issuer?, client_id?);
    (problems.found.len() == before).then_some(SignIn {
        issuer,
        client_id,
        roles_claim,
        origins,
        trust: Trust::default(),
    })
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

fn is_issuer(text: &str, rehearsal: bool) -> bool {
    Url::parse(text).is_ok_and(|url| {
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
