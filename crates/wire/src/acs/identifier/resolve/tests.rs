//! Which members of an identifier agree, and whom they name.

use serde_json::{Value, json};

use super::*;

const USER: &str =
    "8:acs:b9614373-fd0b-480c-8fd2-cb58b70eab9f_da7be3a9-8788-42a6-85c6-56b2cf784fce";

fn model(body: &Value) -> CommunicationIdentifierModel {
    serde_json::from_value(body.clone()).unwrap()
}

fn who(body: &Value) -> Result<Identifier, Error> {
    model(body).identify("$.x")
}

fn teams(user_id: &str, is_anonymous: bool, cloud: &str) -> Identifier {
    let (user_id, cloud) = (user_id.to_owned(), cloud.to_owned());
    Identifier::TeamsUser { user_id, is_anonymous, cloud }
}

fn app(app_id: &str, cloud: &str) -> Identifier {
    Identifier::TeamsApp { app_id: app_id.to_owned(), cloud: cloud.to_owned() }
}

fn extension(cloud: &str) -> Identifier {
    let [user_id, tenant_id, resource_id] = ["u", "t", "r"].map(str::to_owned);
    Identifier::TeamsExtensionUser { user_id, tenant_id, resource_id, cloud: cloud.to_owned() }
}

#[test]
fn whom_the_members_name() {
    let user = Identifier::User(USER.to_owned());
    let phone = Identifier::Phone("+15550100".to_owned());
    for (body, expected) in [
        (json!({"kind": "communicationUser", "communicationUser": {"id": USER}}), user.clone()),
        (json!({"rawId": USER, "communicationUser": {"id": USER}}), user.clone()),
        (json!({"rawId": USER}), user.clone()),
        (json!({"kind": "COMMUNICATIONUSER", "rawId": USER}), user.clone()),
        (json!({"kind": "unknown", "rawId": USER, "communicationUser": {"id": USER}}), user),
        (json!({"kind": "unknown", "rawId": USER}), Identifier::Unknown(USER.to_owned())),
        (json!({"rawId": "4:+15550100"}), phone.clone()),
        (json!({"phoneNumber": {"value": "+15550100"}}), phone.clone()),
        (json!({"rawId": "4:+15550100_a1", "phoneNumber": {"value": "+15550100"}}), phone),
        (json!({"rawId": "8:orgid:u"}), teams("u", false, "public")),
        (json!({"rawId": "8:gcch:u"}), teams("u", false, "gcch")),
        (json!({"rawId": "8:teamsvisitor:u"}), teams("u", true, "public")),
        (json!({"microsoftTeamsUser": {"userId": "u"}}), teams("u", false, "public")),
        (
            json!({"rawId": "8:orgid:u", "microsoftTeamsUser": {"userId": "u", "cloud": "PUBLIC"}}),
            teams("u", false, "public"),
        ),
        // What the sub-object leaves open, the raw id says.
        (
            json!({"rawId": "8:dod:u", "microsoftTeamsUser": {"userId": "u"}}),
            teams("u", false, "dod"),
        ),
        (
            json!({"rawId": "8:teamsvisitor:u", "microsoftTeamsUser": {"userId": "u", "cloud": "dod"}}),
            teams("u", true, "dod"),
        ),
        (json!({"rawId": "28:dod:a"}), app("a", "dod")),
        (json!({"rawId": "28:a", "microsoftTeamsApp": {"appId": "a"}}), app("a", "public")),
        (json!({"kind": "teamsExtensionUser", "rawId": "8:gcch-acs:r_t_u"}), extension("gcch")),
        (
            json!({"teamsExtensionUser": {"userId": "u", "tenantId": "t", "resourceId": "r"}}),
            extension("public"),
        ),
        (json!({"rawId": "9:new:x"}), Identifier::Unknown("9:new:x".to_owned())),
        (json!({"kind": "robot", "rawId": USER}), Identifier::Unknown(USER.to_owned())),
        (
            json!({"rawId": "8:moon:u", "microsoftTeamsUser": {"userId": "u", "cloud": "moon"}}),
            Identifier::Unknown("8:moon:u".to_owned()),
        ),
    ] {
        assert_eq!(who(&body), Ok(expected), "{body}");
    }
}

#[test]
fn what_is_refused_and_where() {
    for (body, path, words) in [
        (json!({}), "$.x", "nobody"),
        (json!({"kind": "communicationUser", "rawId": ""}), "$.x", "nobody"),
        (
            json!({"communicationUser": {"id": USER}, "phoneNumber": {"value": "+1"}}),
            "$.x",
            "several kinds",
        ),
        (
            json!({"kind": "phoneNumber", "communicationUser": {"id": USER}}),
            "$.x.kind",
            "contradicts",
        ),
        (json!({"kind": "robot", "communicationUser": {"id": USER}}), "$.x.kind", "contradicts"),
        (json!({"kind": "phoneNumber", "rawId": USER}), "$.x.kind", "contradicts rawId"),
        (
            json!({"rawId": "8:acs:other", "communicationUser": {"id": USER}}),
            "$.x.rawId",
            "contradicts",
        ),
        (json!({"rawId": "4:+2", "phoneNumber": {"value": "+1"}}), "$.x.rawId", "contradicts"),
        (json!({"rawId": USER, "phoneNumber": {"value": "+1"}}), "$.x.rawId", "contradicts"),
        (
            json!({"rawId": "8:dod:u", "microsoftTeamsUser": {"userId": "u", "cloud": "public"}}),
            "$.x.rawId",
            "contradicts",
        ),
        (
            json!({"rawId": "8:orgid:u", "microsoftTeamsUser": {"userId": "u", "isAnonymous": true}}),
            "$.x.rawId",
            "contradicts",
        ),
        (json!({"rawId": "28:b", "microsoftTeamsApp": {"appId": "a"}}), "$.x.rawId", "contradicts"),
        (
            json!({"microsoftTeamsUser": {"userId": "u", "cloud": "moon"}}),
            "$.x.microsoftTeamsUser.cloud",
            "public, dod or gcch",
        ),
        (
            json!({"communicationUser": {"id": "8:orgid:u"}}),
            "$.x.communicationUser.id",
            "contradicts",
        ),
        (json!({"rawId": "8:acs:../x"}), "$.x.rawId", "an id has 1 to 256"),
        (json!({"communicationUser": {"id": ""}}), "$.x.communicationUser.id", "an id has"),
        (
            json!({"teamsExtensionUser": {"userId": "u"}}),
            "$.x.teamsExtensionUser.tenantId",
            "an id has",
        ),
        (json!({"RawId": USER}), "$.x.RawId", "`rawId`"),
    ] {
        let error = who(&body).expect_err(&body.to_string());
        assert_eq!(error.path(), path, "{body}: {error}");
        assert!(error.to_string().contains(words), "{body}: {error}");
    }
}

#[test]
fn completed_means_kind_raw_id_and_sub_object() {
    for (body, expected) in [
        (
            json!({"communicationUser": {"id": USER, "x": 1}, "y": 2}),
            json!({"kind": "communicationUser", "rawId": USER,
                "communicationUser": {"id": USER, "x": 1}, "y": 2}),
        ),
        (
            json!({"rawId": "8:orgid:u", "microsoftTeamsUser": {"userId": "u", "cloud": "PUBLIC"}}),
            json!({"kind": "microsoftTeamsUser", "rawId": "8:orgid:u",
                "microsoftTeamsUser": {"userId": "u", "isAnonymous": false, "cloud": "public"}}),
        ),
        (
            json!({"kind": "PHONENUMBER", "rawId": "4:+1_a", "phoneNumber": {"value": "+1"}}),
            json!({"kind": "phoneNumber", "rawId": "4:+1_a", "phoneNumber": {"value": "+1"}}),
        ),
        (
            json!({"rawId": "28:orgid:a"}),
            json!({"kind": "microsoftTeamsApp", "rawId": "28:orgid:a",
                "microsoftTeamsApp": {"appId": "a", "cloud": "public"}}),
        ),
        (
            json!({"kind": "teamsExtensionUser", "rawId": "8:acs:r_t_u"}),
            json!({"kind": "teamsExtensionUser", "rawId": "8:acs:r_t_u", "teamsExtensionUser":
                {"userId": "u", "tenantId": "t", "resourceId": "r", "cloud": "public"}}),
        ),
        (json!({"kind": "robot", "rawId": "9:x"}), json!({"kind": "robot", "rawId": "9:x"})),
        (json!({"rawId": "9:x"}), json!({"kind": "unknown", "rawId": "9:x"})),
    ] {
        let full = model(&body).completed("$").unwrap();
        assert_eq!(json!(full), expected, "{body}");
        assert_eq!(full.clone().completed("$"), Ok(full));
    }
}

#[test]
fn a_meaning_and_its_model_are_the_same() {
    for who in [
        Identifier::User(USER.to_owned()),
        Identifier::Phone("+15550100".to_owned()),
        teams("u", false, "public"),
        teams("u", false, "dod"),
        teams("u", false, "gcch"),
        teams("u", true, "public"),
        app("a", "public"),
        app("a", "dod"),
        app("a", "gcch"),
        extension("public"),
        extension("dod"),
        Identifier::Unknown("9:x".to_owned()),
    ] {
        let model = who.model();
        assert_eq!(model.identify("$"), Ok(who.clone()));
        assert_eq!(model.clone().completed("$"), Ok(model.clone()));
        let by_raw = CommunicationIdentifierModel {
            kind: model.kind,
            raw_id: model.raw_id,
            ..CommunicationIdentifierModel::default()
        };
        assert_eq!(by_raw.identify("$"), Ok(who));
    }
}
