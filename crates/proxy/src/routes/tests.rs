//! What the table takes and what it does not.

use proptest::prelude::*;

use super::*;

const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";

#[test]
fn the_four_roots_lead_to_the_same_call() {
    for root in [
        "/v1.0/communications/calls",
        "/beta/communications/calls",
        "/beta/app/calls",
        "/beta/applications/0123/calls",
    ] {
        let upper = CALL.replace('-', "").to_uppercase();
        for action in ["mute", "microsoft.graph.mute", "Microsoft.Graph.Mute"] {
            let path = format!("{root}/{upper}/participants/p%3A1/{action}");
            let route = find(&Method::POST, &path).unwrap();
            assert_eq!(route.action, Action::MuteParticipant);
            assert_eq!(route.call.unwrap().id().as_str(), CALL);
            assert_eq!(route.person.unwrap().as_str(), "p:1");
            assert_eq!(route.root, root);
            assert_eq!(route.access, MODERATOR);
        }
    }
}

#[test]
fn what_is_not_in_the_table() {
    for (method, path, status) in [
        (Method::GET, "/v1.0/users", 404),
        (Method::GET, "/v1.0/app/calls/x", 404),
        (Method::POST, "/v1.0/communications/calls", 404),
        (Method::DELETE, "/v1.0/communications/calls/x", 405),
        (Method::GET, "/beta/communications/calls/x/mute", 405),
        (Method::POST, "/beta/communications/calls/x/participants/muteAll", 405),
        (Method::GET, "/beta/communications/calls/x/audioRoutingGroups", 404),
        (Method::DELETE, "/calling/callConnections/x", 405),
        (Method::GET, "/calling/callConnections", 404),
        (Method::POST, "/calling/callConnections:connect", 404),
        (Method::POST, "/calling/callConnections/x:terminate", 405),
        (Method::POST, "/calling/callConnections/x/participants:remove", 404),
        (Method::POST, "/calling/callConnections/x/participants:unmute", 404),
        (Method::POST, "/calling/callConnections/x/microsoft.graph.participants:mute", 404),
        (Method::GET, "/calling/callConnections/x/participants:mute", 405),
        (Method::GET, "/calling/callConnections/x/participants/8%3Aacs%2fu", 400),
        (Method::GET, "/calling/callConnections/../participants", 400),
        (Method::GET, "/foldback/v2/calls", 404),
        (Method::GET, "/foldback/v1/microsoft.graph.session", 404),
        (Method::POST, "/microsoft.graph.notifications/graph/x", 405),
        (Method::GET, "/foldback", 404),
        (Method::PUT, "/foldback/v1/session", 405),
        (Method::POST, "/foldback/v1/people", 405),
        (Method::GET, "/foldback/v1/revocations", 405),
        (Method::DELETE, "/foldback/v1/calls/graph.x/access", 405),
        (Method::HEAD, "/sign-in/callback", 405),
        (Method::GET, "/foldback/v1/calls/teams.x", 400),
        (Method::DELETE, "/foldback/v1/calls/teams.x", 400),
        (Method::DELETE, "/foldback/v1/calls", 405),
        (Method::GET, "/v1.0/communications/calls/..", 400),
        (Method::GET, "/v1.0/communications/calls/%2e%2e", 400),
        (Method::GET, "/v1.0/communications/calls/a%2fb", 400),
        (Method::GET, "/v1.0/communications/calls/a%5cb", 400),
        (Method::GET, "/v1.0/communications/calls/a%00", 400),
        (Method::GET, "/v1.0/communications/calls/a%", 400),
        (Method::GET, "/v1.0/communications/calls/%ff", 400),
        (Method::GET, "/v1.0/communications/calls/a%20b", 400),
        (Method::GET, "/v1.0/communications/calls/%252e%252e", 400),
        (Method::GET, "/assets/../secret", 400),
        (Method::POST, "/index.html", 405),
    ] {
        let fault = find(&method, path).unwrap_err();
        assert_eq!(fault.status.as_u16(), status, "{method} {path}: {fault}");
    }
}

#[test]
fn a_namespace_opens_no_second_door() {
    for path in [
        "/microsoft.graph.foldback/v1/session",
        "/microsoft.graph.notifications/graph/x",
        "/microsoft.graph.sign-in",
        "/Microsoft.Graph.config.json",
    ] {
        let route = find(&Method::GET, path).unwrap();
        assert_eq!((route.action, route.access), (Action::Asset, Access::Open), "{path}");
    }
}

#[test]
fn every_method_of_a_path_is_named() {
    for (path, allow) in [
        ("/foldback/v1/session", "GET, DELETE"),
        ("/foldback/v1/calls", "GET, POST"),
        ("/foldback/v1/calls/graph.x", "GET, DELETE"),
        ("/v1.0/communications/calls/x/mute", "POST"),
        ("/healthz", "GET, HEAD"),
        ("/sign-in", "GET"),
        ("/sign-in/callback", "GET"),
        ("/foldback/v1/calls/graph.x/access", "GET, PUT"),
        ("/index.html", "GET, HEAD"),
    ] {
        let fault = find(&Method::PATCH, path).unwrap_err();
        assert_eq!(fault.allow.as_deref(), Some(allow), "{path}");
    }
}

#[test]
fn faces_are_told_by_the_first_segment() {
    for (path, expected) in [
        ("/", Face::Page),
        ("/foldback/x", Face::Foldback),
        ("/%66oldback/x", Face::Foldback),
        ("//foldback/x", Face::Foldback),
        ("/FOLDBACK", Face::Foldback),
        ("/v1.0/x", Face::Graph),
        ("/beta", Face::Graph),
        ("/calling/x", Face::Acs),
        ("/notifications/graph/x", Face::Webhook),
    ] {
        assert_eq!(face(path), expected, "{path}");
    }
}

#[test]
fn only_pages_and_notifications_are_open() {
    for row in TABLE {
        let fits =
            match (face(&format!("/{}", row.path.replace('*', "beta/app/calls"))), row.access) {
                (Face::Page, access) => access == Access::Open,
                (Face::Webhook, access) => access == Access::Secret,
                // What changes something is not for those who only look, but to go.
                (_, Access::Role(role)) => {
                    row.method == Method::GET
                        || role > Role::Viewer
                        || row.action == Action::SignOut
                }
                (_, Access::Open | Access::Secret) => false,
            };
        assert!(fits, "{row:?}");
    }
}

proptest! {
    #[test]
    fn no_path_leaves_its_segment(path in "(/[a-zA-Z0-9.%/\\\\~:+@ -]{0,24}){1,4}") {
        if let Ok(route) = find(&Method::GET, &path) {
            prop_assert!(!route.text.split('/').any(|part| part == ".." || part == "."));
            if let Some(call) = route.call {
                prop_assert!(!call.to_string().contains(['/', '%', '\\']));
            }
        }
    }
}
