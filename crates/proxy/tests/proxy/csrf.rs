//! Requests that another page has a browser send, with the cookie of whoever sits at it.

use foldback_proxy::routes::{Access, TABLE};
use reqwest::Method;
use serde_json::json;

use crate::house::{House, graph, person};

#[tokio::test]
async fn matrix() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let acs = house.open(json!({"acs": {"groupCallId": uuid::Uuid::new_v4()}}), "ours").await;
    let victim = house.signed_in(&person("Run")).await;
    let cookie = victim.session().unwrap();
    let before = house.reached().await;
    let host = house.base.strip_prefix("http://").unwrap();
    let foreign = [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none")],
        vec![("sec-fetch-site", "SAME-ORIGIN")],
        vec![("origin", "null")],
        vec![("origin", "http://evil.example")],
        vec![("origin", "http://127.0.0.1:1")],
        vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
        vec![("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")],
        vec![("origin", house.base.as_str()), ("sec-fetch-site", "cross-site")],
        vec![("origin", house.base.as_str()), ("origin", "http://evil.example")],
        vec![("referer", house.base.as_str())],
        vec![("x-forwarded-host", host), ("x-forwarded-proto", "https")],
    ];
    let mut asked = 0;
    for row in TABLE.iter().filter(|row| row.method != Method::GET) {
        if row.access == Access::Secret {
            continue;
        }
        let path = row.path.replacen('*', "v1.0/communications/calls", 1);
        let path = path
            .replace("{key}", &call)
            .replace("{call}", call.strip_prefix("graph.").unwrap())
            .replace("{connection}", acs.strip_prefix("acs.").unwrap())
            .replace("{person}", "somebody");
        for headers in &foreign {
            for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
                let mut ask =
                    house.glass.http.request(row.method.clone(), format!("{}/{path}", house.base));
                ask = ask.header("cookie", &cookie).header("content-type", kind).body("{}");
                for (name, value) in headers {
                    ask = ask.header(*name, *value);
                }
                let reply = ask.send().await.unwrap();
                assert_eq!(reply.status(), 403, "{} /{path} {headers:?}", row.method);
                assert!(
                    reply.headers().keys().all(|it| !it.as_str().starts_with("access-control"))
                );
                asked += 1;
            }
        }
        // Not by another method's name either.
        let url = format!("{}/{path}?_method={}", house.base, row.method);
        let ask = house.glass.http.get(url).header("cookie", &cookie);
        let ask = ask.header("x-http-method-override", row.method.as_str());
        let reply = ask.header("sec-fetch-site", "cross-site").send().await.unwrap();
        assert_eq!(reply.status(), 403, "GET {path}");
    }
    assert!(asked > 300, "{asked}");
    assert_eq!(house.reached().await, before, "nothing reached the service");
    for call in house.server.app.calls.all() {
        assert_eq!(call.read().state.operations.iter().count(), 0, "nothing was written down");
    }
    assert_eq!(house.server.app.calls.all().len(), 2);
    assert_eq!(victim.get("/foldback/v1/session").await.status(), 200, "nobody was signed out");
}
