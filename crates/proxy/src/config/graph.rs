//! The section `[graph]`.

use foldback_wire::graph::ExclusiveMember;

use super::{
    credential,
    section::{Problems, Section},
    surroundings::Found,
};
use crate::{
    graph::{Cloud, Target},
    upstream::token::Proof,
};

/// Reads the section; none when something in it is wrong, which is told.
pub(super) fn read(
    top: &mut Section,
    found: &Found<'_>,
    problems: &mut Problems,
) -> Option<Target> {
    let mut graph = top.section("graph", problems);
    let tenant = graph.need_text("tenant", "the directory (tenant) id of the app", problems);
    if let Some(tenant) = &tenant
        && uuid::Uuid::try_parse(tenant).is_err()
    {
        let message = format!(
            "{tenant:?} is no tenant id; give the directory's id, a GUID, because notifications name \
             it and never the domain"
        );
        problems.add("graph.tenant", &message);
    }
    let client_id = graph.need_text("client_id", "the application id of the app", problems);
    if let Some(id) = &client_id
        && found.embedded.is_none()
        && uuid::Uuid::try_parse(id).is_err()
    {
        let message = format!(
            "{id:?} is no application id; give the GUID that the app registration shows as \
             Application (client) ID, because notifications name it"
        );
        problems.add("graph.client_id", &message);
    }
    let proof = Found::credential(&mut graph, credential::HOW, problems)
        .and_then(|table| credential::read(table, found, problems));
    let cloud = cloud(&mut graph, problems);
    let exclusive_member = exclusive_member(&mut graph, problems);
    let (keys, issuers) = found.vouching(&mut graph, problems);
    graph.finish(problems);
    let (tenant, client_id, proof) = (tenant?, client_id?, proof?);
    let mut target = match (&found.embedded, proof) {
        (Some(base), Proof::Secret(secret)) => Target::embedded(base, &tenant, client_id, secret),
        (Some(_), _) => return None,
        (None, proof) => cloud.target(&tenant, client_id, proof),
    };
    target.exclusive_member = exclusive_member;
    target.family.vouched_by(keys, issuers);
    Some(target)
}

fn cloud(graph: &mut Section, problems: &mut Problems) -> Cloud {
    let Some(text) = graph.take_text("cloud", problems) else { return Cloud::Global };
    let found = Cloud::NAMES.into_iter().find(|(name, _)| *name == text);
    if let Some((_, cloud)) = found {
        return cloud;
    }
    let names: Vec<_> = Cloud::NAMES.iter().map(|(name, _)| format!("{name:?}")).collect();
    let message = format!("{text:?} is no cloud Foldback knows; one of {}", names.join(", "));
    problems.add("graph.cloud", &message);
    Cloud::Global
}

/// Which of the two published names an exclusive mix is written with.
fn exclusive_member(graph: &mut Section, problems: &mut Problems) -> ExclusiveMember {
    match graph.take_text("exclusive_member", problems).as_deref() {
        None | Some("exclusive") => ExclusiveMember::Exclusive,
        Some("exclusiveMode") => ExclusiveMember::ExclusiveMode,
        Some(other) => {
            let message = format!("{other:?} is not its name; \"exclusive\" or \"exclusiveMode\"");
            problems.add("graph.exclusive_member", &message);
            ExclusiveMember::Exclusive
        }
    }
}
