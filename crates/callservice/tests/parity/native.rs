//! Natively: the text is worth comparing.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use foldback_callservice::engine::Face;
use foldback_model::{CallState, Participant, call::CallPhase};

use super::transcript::{self, PLANS, Plan};

fn text(plan: &Plan) -> Vec<String> {
    transcript::write(plan).unwrap()
}

#[test]
fn a_text_depends_on_nothing_but_its_plan() {
    for plan in PLANS.iter().filter(|plan| plan.participants < 100) {
        assert_eq!(text(plan), text(plan), "{}", plan.name);
        let other = text(&Plan { seed: plan.seed.wrapping_add(1), ..*plan });
        assert_ne!(text(plan)[1..], other[1..], "{}: another seed says the same", plan.name);
    }
}

#[test]
fn every_kind_of_fact_is_in_it() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in PLANS.iter().flat_map(text) {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let (what, value) = line.as_object().unwrap().iter().next().unwrap();
        let kind = match what.as_str() {
            "fact" => value["event"].as_object().unwrap().keys().next().unwrap(),
            other => other,
        };
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    for (kind, least) in [
        ("plan", PLANS.len()),
        ("roster", PLANS.len()),
        ("state", PLANS.iter().filter(|plan| plan.face == Face::Graph).count()),
        ("event", 100),
        ("talk", 10_000),
        ("callChanged", 20),
        ("participantsChanged", 500),
        ("participantsLeft", 50),
        ("rosterReplaced", 20),
        ("operationRequested", 100),
        ("operationAccepted", 100),
        ("operationFinished", 100),
        ("mixChanged", 50),
    ] {
        let found = kinds.get(kind).copied().unwrap_or(0);
        assert!(found >= least, "{kind}: {found} of at least {least}; {kinds:?}");
    }
}

/// The facts of a whole rehearsal fold into what the service itself says.
#[test]
fn facts_fold_into_the_roster_of_the_service() {
    for plan in PLANS.iter().filter(|plan| plan.face == Face::Graph) {
        let text = text(plan);
        let mut state: serde_json::Value = serde_json::from_str(text.last().unwrap()).unwrap();
        let state: CallState = serde_json::from_value(state["state"].take()).unwrap();
        let roster = text.iter().rev().find(|line| line.starts_with("{\"roster\":")).unwrap();
        let mut roster: serde_json::Value = serde_json::from_str(roster).unwrap();
        let mut roster: Vec<Participant> = serde_json::from_value(roster["roster"].take()).unwrap();
        roster.sort_by(|a, b| a.id.cmp(&b.id));
        let folded: Vec<Participant> = state.roster.iter().cloned().collect();
        assert!(folded.len() >= plan.participants / 2, "{}: {}", plan.name, folded.len());
        assert_eq!(folded, roster, "{}", plan.name);
        assert_eq!(state.call.unwrap().state, CallPhase::Ended, "{}", plan.name);
    }
}
