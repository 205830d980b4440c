//! G5 to G11 and G13: reading, muting, inviting and removing people.

use foldback_wire::graph::{OperationStatus, Topic};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn beta(bench: &Bench, below: &str) -> String {
    bench.path(below).replace("v1.0", "beta")
}

async fn mute_all(bench: &Bench, participants: Value) -> Answer {
    let body = json!({"participants": participants, "clientContext": "c-9"});
    bench.post(&beta(bench, "/participants/muteAll"), &body).await
}

async fn lobby(bench: &Bench) -> Vec<String> {
    let people = bench.people().await;
    let waiting = people.iter().filter(|person| person["isInLobby"] == true);
    waiting.map(|person| person["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_muted_person_shows_whose_mute_it_is() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let one = bench.path(&format!("/participants/{}", open[0]));
    let flags =
        |body: &Value| (body["isMuted"] == true, body["mediaStreams"][0]["serverMuted"] == true);
    bench.pull("people", json!({"mute": open[0]})).await;
    assert_eq!(flags(&bench.get(&one).await.body), (true, false), "muted by themselves");
    bench.mute(&open[0]).await;
    assert_eq!(flags(&bench.get(&one).await.body), (true, true), "by the server besides");
    // The app cannot lift it, not even by the way it has for itself.
    assert_eq!(bench.post(&bench.path("/unmute"), &json!({})).await.status, 200);
    let unmute = bench.post(&format!("{one}/unmute"), &json!({})).await;
    assert_eq!(unmute.code(), (404, "ResourceNotFound"));
    assert_eq!(unmute.message(), "Resource not found for the segment 'unmute'.");
    assert_eq!(flags(&bench.get(&one).await.body), (true, true));
    bench.pull("people", json!({"unmute": open[0]})).await;
    assert_eq!(flags(&bench.get(&one).await.body), (false, false), "they lift both");
}

#[tokio::test]
async fn a_mute_answers_as_its_page_does() {
    let mut bench = Bench::joined(true).await;
    let open = bench.open().await;
    let muted = bench.mute(&open[0]).await;
    let base = bench.service.base_url();
    let id = muted.body["id"].as_str().unwrap();
    assert_eq!(
        muted.body,
        json!({
            "@odata.type": "#microsoft.graph.muteParticipantOperation",
            "@odata.context": format!("{base}/v1.0/$metadata#muteParticipantOperation"),
            "id": id,
            "status": "completed",
            "clientContext": "c-1",
        })
    );
    assert_eq!(
        muted.header("location"),
        format!("{base}{}", bench.path(&format!("/operations/{id}")))
    );
    assert!(matches!(bench.receiver.topic().await, Topic::Delta(_)));
    let again = bench.mute(&open[0]).await;
    assert_eq!((again.status, &again.body["status"]), (200, &json!("completed")));
    let unmuted = bench.post(&bench.path("/unmute"), &json!({})).await.body;
    assert_eq!(unmuted["@odata.type"], "#microsoft.graph.unmuteParticipantOperation");
    assert_eq!(
        unmuted["@odata.context"],
        format!("{base}/v1.0/$metadata#unmuteParticipantOperation")
    );
    // Neither changed anybody: the next to be told of is somebody else.
    bench.mute(&open[1]).await;
    let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
    assert_eq!(delta.participants[0].id, open[1]);
}

#[tokio::test]
async fn all_are_muted_by_an_empty_list() {
    for empty in [json!([]), json!([""])] {
        let mut bench = Bench::joined(true).await;
        let waiting = lobby(&bench).await;
        let me = bench.get(&bench.path("")).await.body["myParticipantId"].clone();
        let muted = mute_all(&bench, empty).await;
        assert_eq!((muted.status, &muted.body["status"]), (200, &json!("completed")));
        assert_eq!(muted.body["@odata.type"], "#microsoft.graph.muteParticipantsOperation");
        assert_eq!(muted.body["clientContext"], "c-9");
        let meant = muted.body["participants"].as_array().unwrap();
        assert_eq!(meant.len(), 40);
        assert!(!meant.contains(&me) && waiting.iter().all(|id| !meant.contains(&json!(id))));
        let path = muted.header("location").replace(&bench.service.base_url(), "");
        assert_eq!(bench.get(&path).await.body["id"], muted.body["id"]);
        let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
        assert_eq!(delta.participants.len(), 40);
        assert!(delta.participants.iter().all(foldback_wire::graph::Participant::is_server_muted));
        assert!(bench.open().await.is_empty());
    }
}

#[tokio::test]
async fn named_people_are_muted_or_nobody_is() {
    let bench = Bench::joined(false).await;
    let open = bench.open().await;
    let refused = mute_all(&bench, json!([open[0], NOBODY])).await;
    assert_eq!(refused.code(), (404, "8522"));
    for wrong in [json!("all"), json!([7]), json!(["a/b"]), json!([open[0], ""])] {
        let refused = mute_all(&bench, wrong.clone()).await;
        assert_eq!(refused.code(), (400, "badRequest"), "{wrong}");
        assert!(refused.message().contains("$.participants"), "{}", refused.message());
    }
    assert_eq!(bench.open().await, open);
    let waiting = lobby(&bench).await;
    assert_eq!(mute_all(&bench, json!([open[0], waiting[0]])).await.status, 200);
    assert_eq!(bench.open().await, open[1..]);
    let released = bench.post(&bench.path("/participants/muteAll"), &json!({})).await;
    assert_eq!(
        released.code(),
        (404, "ResourceNotFound"),
        "the released version has no such action"
    );
}

#[tokio::test]
async fn somebody_in_the_lobby_is_muted_and_later_let_in() {
    let bench = Bench::joined(false).await;
    let waiting = lobby(&bench).await;
    assert_eq!(bench.mute(&waiting[0]).await.status, 200);
    let one = bench.path(&format!("/participants/{}", waiting[0]));
    let before = bench.get(&one).await.body;
    assert_eq!((&before["isMuted"], &before["mediaStreams"]), (&json!(true), &json!([])));
    bench.pull("people", json!({"admit": waiting[0]})).await;
    let after = bench.get(&one).await.body;
    assert_eq!((&after["isInLobby"], &after["isMuted"]), (&json!(false), &json!(true)));
    assert_eq!(after["mediaStreams"][0]["serverMuted"], true);
    let again = bench.post("/rehearsal/v1/people", &json!({"admit": waiting[0]})).await;
    assert_eq!(again.status, 400, "{again:?}");
}

#[tokio::test]
async fn a_removed_person_is_gone_with_the_notification() {
    let mut bench = Bench::joined(true).await;
    let open = bench.open().await;
    let one = bench.path(&format!("/participants/{}", open[0]));
    let removed = bench.delete(&one).await;
    assert_eq!((removed.status, &removed.body), (204, &Value::Null));
    let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
    assert_eq!(delta.participants[0].id, open[0]);
    let state = delta.participants[0].removed_state.as_ref().unwrap();
    assert_eq!(state.reason.as_deref(), Some("removed"));
    assert_eq!(bench.get(&one).await.code(), (404, "8522"));
    assert_eq!(bench.delete(&one).await.code(), (404, "8522"));
    let me = bench.get(&bench.path("")).await.body["myParticipantId"].clone();
    let own = bench.delete(&bench.path(&format!("/participants/{}", me.as_str().unwrap()))).await;
    assert_eq!(own.code(), (400, "badRequest"));
    assert!(own.message().contains("DELETE of the call"), "{}", own.message());
    bench.pull("switches", json!({"remove_participants": false})).await;
    let other = bench.path(&format!("/participants/{}", open[1]));
    let refused = bench.delete(&other).await;
    assert_eq!(refused.code(), (403, "7504"));
    assert!(refused.message().contains("does not allow"), "{}", refused.message());
    assert_eq!(bench.get(&other).await.status, 200);
    assert_eq!(bench.post(&other, &json!({})).await.header("allow"), "GET, DELETE");
}

#[tokio::test]
async fn a_removed_person_is_missing_in_the_full_form() {
    let mut bench = Bench::joined(false).await;
    let open = bench.open().await;
    bench.delete(&bench.path(&format!("/participants/{}", open[0]))).await;
    let roster = bench.receiver.roster().await;
    assert_eq!(roster.len(), 42);
    assert!(!roster.iter().any(|(id, _)| *id == open[0]));
}

#[tokio::test]
async fn those_invited_come_after_the_operation() {
    let mut bench = Bench::joined(true).await;
    let body = json!({"clientContext": "c-5", "participants": [
        {"@odata.type": "#microsoft.graph.invitationParticipantInfo",
            "identity": {"user": {"id": "u-1", "identityProvider": "AAD"}}},
        {"identity": {"phone": {"id": "+12065550199"}}},
    ]});
    let invited = bench.post(&bench.path("/participants/invite"), &body).await;
    assert_eq!((invited.status, &invited.body["status"]), (200, &json!("Running")));
    assert_eq!(invited.body["@odata.type"], "#microsoft.graph.inviteParticipantsOperation");
    assert_eq!(invited.body["resultInfo"], Value::Null);
    let first = &invited.body["participants"][0];
    assert_eq!(first["identity"]["user"]["identityProvider"], "AAD");
    for name in ["endpointType", "id", "replacesCallId"] {
        assert!(first.get(name).is_some_and(Value::is_null), "{name}");
    }
    let location = invited.header("location").to_owned();
    let done = bench.receiver.next().await;
    assert!(done.is_deleted() && location.ends_with(done.url().unwrap()), "{done:?}");
    assert_eq!(done.resource_data["@odata.type"], invited.body["@odata.type"]);
    assert_eq!(done.resource_data["participants"][1], body["participants"][1]);
    let Topic::Operation(operation) = done.topic().unwrap() else { panic!("{done:?}") };
    assert_eq!(operation.status, Some(OperationStatus::Completed));
    assert_eq!(operation.client_context.as_deref(), Some("c-5"));
    let Topic::Delta(delta) = bench.receiver.topic().await else { panic!("no delta") };
    assert_eq!(delta.participants.len(), 2);
    let people = bench.people().await;
    assert_eq!(people.len(), 45);
    assert_eq!(people[43]["info"]["identity"]["user"]["id"], "u-1");
    let path = location.replace(&bench.service.base_url(), "");
    assert_eq!(bench.get(&path).await.body["status"], "completed");
}

#[tokio::test]
async fn five_people_are_invited_at_most() {
    let bench = Bench::joined(false).await;
    let person = json!({"identity": {"user": {"id": "u-1"}}});
    let path = bench.path("/participants/invite");
    for (people, words) in [
        (json!([]), "1 to 5"),
        (json!(vec![person.clone(); 6]), "1 to 5"),
        (json!([person, {}]), "$.participants[1].identity"),
        (json!([{"identity": {"spaceship": {"id": "z"}}}]), "a user, a guest or a phone"),
    ] {
        let refused = bench.post(&path, &json!({"participants": people})).await;
        assert_eq!(refused.code(), (400, "badRequest"), "{people}");
        assert!(refused.message().contains(words), "{}", refused.message());
    }
    assert_eq!(bench.get(&path).await.header("allow"), "POST");
}

#[tokio::test]
async fn an_invitation_is_taken_back_by_its_leg() {
    let mut bench = Bench::joined(true).await;
    let body = json!({"participants": [
        {"identity": {"user": {"id": "u-1"}}, "participantId": "leg-1"}]});
    let invited = bench.post(&bench.path("/participants/invite"), &body).await;
    assert_eq!(invited.status, 200);
    assert_eq!(bench.delete(&bench.path("/participants/leg-1")).await.status, 204);
    let Topic::Operation(operation) = bench.receiver.topic().await else { panic!("no operation") };
    assert_eq!(operation.status, Some(OperationStatus::Failed));
    assert_eq!(bench.people().await.len(), 43);
}
