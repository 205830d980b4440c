//! Scenes: saved from the desk as it stands, by whoever saw what is there.

use foldback_model::{Event, Layer};
use futures_util::future::join_all;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::stage::{Operator, Stage, Stream};

impl Operator {
    fn scene(&self, id: &str) -> String {
        format!("/foldback/v1/calls/graph.{}/scenes{id}", self.call)
    }

    async fn save(&self, id: &str, seen: (&str, &str), body: &Value) -> Response {
        let request = self.ask(Method::PUT, &self.scene(id)).header(seen.0, seen.1);
        request.json(body).send().await.unwrap()
    }

    async fn scenes(&self) -> Vec<Value> {
        let listed: Value = self.get(&self.scene("")).await.json().await.unwrap();
        listed["scenes"].as_array().unwrap().clone()
    }
}

const NEW: (&str, &str) = ("if-none-match", "*");

fn named(name: &str) -> Value {
    json!({"name": name})
}

#[tokio::test]
async fn the_desk_is_saved_shown_to_all_and_outlives_what_comes_later() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let people = operator.open_microphones().await;
    let mut stream = operator.stream(operator.snapshot().await.sequence).await;
    let mix = json!({"clientContext": "c", "participantMixerLevels": [{
        "participant": people[0], "exclusive": false,
        "sourceLevels": [{"participant": people[1], "level": 30, "duckOthers": false}],
    }]});
    let set = async |mix: &Value, stream: &mut Stream| {
        let reply = operator.command("participants/configureMixer", mix).send().await.unwrap();
        assert!(reply.status().is_success());
        stream.facts_until(|fact| matches!(fact.event, Event::MixChanged(_))).await
    };
    set(&mix, &mut stream).await;
    let reply = operator.save("/qa", NEW, &named(" Q&\u{202E}A ")).await;
    assert_eq!(reply.status(), StatusCode::CREATED);
    let tag = reply.headers()["etag"].to_str().unwrap().to_owned();
    let saved: Value = reply.json().await.unwrap();
    assert_eq!(tag, format!("\"{}\"", saved["revision"]));
    assert_eq!(saved["scene"]["name"], "Q&A");
    let fact = stream.facts_until(|fact| matches!(fact.event, Event::SceneSaved(_))).await;
    let Event::SceneSaved(scene) = &fact.last().unwrap().event else { panic!("{fact:?}") };
    let state = operator.snapshot().await;
    assert_eq!(scene.on(&state.roster), state.desk);
    let level = state.desk.layer(&Layer::Listener(people[0].clone())).cell(&people[1]).level;
    assert_eq!(level, Some(30));

    // The desk goes on, the scene stays until it is saved over.
    let mut mix = mix;
    mix["participantMixerLevels"][0]["sourceLevels"][0]["level"] = json!(70);
    set(&mix, &mut stream).await;
    assert_eq!(operator.scenes().await, std::slice::from_ref(&saved));
    let reply = operator.save("/qa", ("if-match", &tag), &named("Q&A")).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let again: Value = reply.json().await.unwrap();
    assert_eq!(again["scene"]["layers"][0]["cells"][0]["level"], 70);
    assert_eq!(operator.scenes().await, std::slice::from_ref(&again));
    let state = operator.snapshot().await;
    assert_eq!(serde_json::to_value(state.scenes.iter().next()).unwrap(), again);
}

#[tokio::test]
async fn whoever_changes_a_scene_says_which_one_they_saw() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let other = house.operator().await;
    let body = named("Music");
    let saved: Value = operator.save("/m", NEW, &body).await.json().await.unwrap();
    let tag = format!("\"{}\"", saved["revision"]);
    // The same id once more, a revision that is over, one that never was, and none at all.
    assert_eq!(other.save("/m", NEW, &body).await.status(), 412);
    assert_eq!(other.save("/m", ("if-match", &tag), &body).await.status(), 200);
    for stale in [tag.as_str(), "\"999999\""] {
        let reply = operator.save("/m", ("if-match", stale), &body).await;
        assert_eq!(reply.status(), 412);
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
        let problem: Value = reply.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("by now"), "{problem}");
    }
    let none = operator.ask(Method::PUT, &operator.scene("/m")).json(&body).send().await.unwrap();
    assert_eq!(none.status(), 428);
    let delete = async |tag: &str| {
        let request = operator.ask(Method::DELETE, &operator.scene("/m"));
        request.header("if-match", tag).send().await.unwrap().status()
    };
    assert_eq!(delete(&tag).await, 412);
    let now = format!("\"{}\"", operator.scenes().await[0]["revision"]);
    assert_eq!(delete(&now).await, 204);
    assert_eq!(delete(&now).await, 412);
    assert_eq!(operator.scenes().await, Vec::<Value>::new());
    assert_eq!(operator.save("/m", ("if-match", &now), &body).await.status(), 412);
}

/// Of many who save over the same scene at the same moment, one does.
#[tokio::test]
async fn of_many_at_once_one_saves() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let saved: Value = operator.save("/s", NEW, &named("S")).await.json().await.unwrap();
    let tag = format!("\"{}\"", saved["revision"]);
    let bodies: Vec<_> = (0..12).map(|n| named(&format!("S {n}"))).collect();
    let tries = bodies.iter().map(|body| operator.save("/s", ("if-match", &tag), body));
    let statuses: Vec<_> = join_all(tries).await.iter().map(Response::status).collect();
    assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|it| **it == 412).count(), 11, "{statuses:?}");
    let facts = operator.replay().await;
    assert_eq!(facts.iter().filter(|it| matches!(it.event, Event::SceneSaved(_))).count(), 2);
}

#[tokio::test]
async fn what_is_no_scene_is_refused_with_the_way_to_mend_it() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    let long = "x".repeat(65);
    for body in [
        json!({}),
        json!([]),
        json!({"name": 7}),
        json!({"name": " \u{200B} "}),
        json!({"name": long}),
        json!({"name": "S", "layers": []}),
    ] {
        let reply = operator.save("/s", NEW, &body).await;
        assert_eq!(reply.status(), 400, "{body}");
        let problem: Value = reply.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("send {\"name\""), "{problem}");
    }
    for (header, value) in [("if-match", "7"), ("if-match", "\"x\""), ("if-none-match", "\"7\"")] {
        assert_eq!(
            operator.save("/s", (header, value), &named("S")).await.status(),
            400,
            "{value}"
        );
    }
    for id in ["/a%20b", &format!("/{}", "x".repeat(65)), "/%C3%A4"] {
        assert_eq!(operator.save(id, NEW, &named("S")).await.status(), 400, "{id}");
    }
    let elsewhere = operator.get("/foldback/v1/calls/graph.nobody/scenes").await;
    assert_eq!(elsewhere.status(), 404);
    assert_eq!(operator.scenes().await, Vec::<Value>::new());
}

#[tokio::test]
async fn there_is_an_end_to_scenes() {
    let house = Stage::start().await;
    let operator = house.operator().await;
    for n in 0..foldback_model::scene::SCENES_MAX {
        assert_eq!(operator.save(&format!("/s{n}"), NEW, &named("S")).await.status(), 201);
    }
    let reply = operator.save("/more", NEW, &named("S")).await;
    assert_eq!(reply.status(), 409);
    let problem: Value = reply.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("200 scenes"), "{problem}");
}
