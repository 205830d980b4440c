//! The section `[acs]`.

use reqwest::Url;
use toml::Value;

use super::{
    section::{Problems, Section},
    surroundings::Found,
};
use crate::{
    acs::{Credential, SCOPE, Target, sign::AccessKey},
    graph,
    upstream::token::Grant,
};

const HOW: &str = "write { access_key_file = \"path\" }, { access_key_env = \"NAME\" }, or \
                   { entra = \"graph\" } for the app of [graph]";

/// Reads the section; none when something in it is wrong, which is told. `app` is what `[graph]`
/// holds.
pub(super) fn read(
    top: &mut Section,
    found: &Found<'_>,
    app: Option<&graph::Target>,
    problems: &mut Problems,
) -> Option<Target> {
    let mut acs = top.section("acs", problems);
    let endpoint = endpoint(&mut acs, found, problems);
    let credential = credential(&mut acs, found, app, problems);
    let resource_id = acs.need_text(
        "resource_id",
        "the resource's immutable id, which its events name as audience",
        problems,
    );
    if let Some(id) = &resource_id
        && uuid::Uuid::try_parse(id).is_err()
    {
        let message = format!(
            "{id:?} is no immutable resource id; give the GUID that the resource's properties show, \
             not its name"
        );
        problems.add("acs.resource_id", &message);
    }
    let (keys, issuers) = found.vouching(&mut acs, problems);
    acs.finish(problems);
    let (endpoint, credential, resource_id) = (endpoint?, credential?, resource_id?);
    let mut target = match &found.embedded {
        Some(_) => Target::embedded(&endpoint, credential, resource_id),
        None => Target::new(&endpoint, credential, resource_id),
    };
    target.family.vouched_by(keys, issuers);
    Some(target)
}

/// Where requests go; in a rehearsal that is the embedded service and nothing else.
fn endpoint(acs: &mut Section, found: &Found<'_>, problems: &mut Problems) -> Option<String> {
    if let Some(embedded) = &found.embedded {
        if acs.table.remove("endpoint").is_some() {
            problems
                .add("acs.endpoint", "in a rehearsal it is rehearsal.call_service; take it out");
        }
        return Some(embedded.clone());
    }
    let what = "the address of the resource, like \"https://name.communication.azure.com\"";
    let text = acs.need_text("endpoint", what, problems)?;
    let fits = Url::parse(&text).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host_str().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !fits {
        let hint = if text.to_ascii_lowercase().contains("accesskey=") {
            // A connection string holds the key: it is not repeated.
            "a connection string cannot be used; write its endpoint here and its key where credential \
             points"
                .to_owned()
        } else {
            format!("{text:?} cannot be used; write {what}")
        };
        problems.add("acs.endpoint", &hint);
    }
    fits.then_some(text)
}

fn credential(
    acs: &mut Section,
    found: &Found<'_>,
    app: Option<&graph::Target>,
    problems: &mut Problems,
) -> Option<Credential> {
    let key = "acs.credential";
    let mut table = Found::credential(acs, HOW, problems)?;
    if let Some(entra) = table.remove("entra") {
        let alone = table.is_empty() && entra == Value::String("graph".to_owned());
        return match app {
            Some(app) if alone => {
                let grant = Grant { scope: SCOPE.to_owned(), ..app.grant.clone() };
                Some(Credential::Entra(grant))
            }
            None if alone => {
                problems.add(
                    key,
                    "entra = \"graph\" uses the app of [graph], which is missing or wrong; mend it \
                     or use an access key",
                );
                None
            }
            _ => {
                problems.add(key, HOW);
                None
            }
        };
    }
    let text = found.secret(key, table, "access_key", HOW, problems)?;
    let parsed = AccessKey::parse(&text);
    if parsed.is_none() {
        problems.add(
            key,
            "is no access key: it is base64 of at least 16 bytes; copy the key alone, not the whole \
             connection string",
        );
    }
    parsed.map(Credential::Key)
}
