//! What is for whoever runs Foldback, and for nobody else.

use std::sync::Arc;

use foldback_proxy::{config::Config, serve};

use crate::{
    kill::Folder,
    stage::{Stage, client},
};

#[tokio::test]
async fn not_on_public_port() {
    let stage = Stage::start().await;
    let operator = stage.operator().await;
    for path in
        ["/metrics", "/metrics/", "/foldback/v1/metrics", "/Metrics", "/%6detrics", "/debug"]
    {
        let reply = operator.get(path).await;
        assert_eq!(reply.status(), 404, "{path}");
        assert!(!reply.text().await.unwrap().contains("foldback_requests"), "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        let reply = operator.get(path).await;
        assert_eq!(reply.status(), 200, "{path}");
        assert!(reply.text().await.unwrap().is_empty(), "{path} says nothing more");
    }
}

#[tokio::test]
async fn the_metrics_have_a_port_of_their_own_and_nothing_else_on_it() {
    let stage = Stage::start().await;
    let folder = Folder::new();
    std::fs::write(folder.path("secret"), stage.demo.service.client_secret()).unwrap();
    let text = format!(
        "listen = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n\
         [graph]\ntenant = \"{}\"\nclient_id = \"{}\"\ncredential = {{ secret_file = \"secret\" }}\n\
         [rehearsal]\nenabled = true\ncall_service = \"{}\"\n",
        stage.demo.service.tenant(),
        stage.demo.service.client_id(),
        stage.service.base
    );
    std::fs::write(folder.path("foldback.toml"), text).unwrap();
    let config = Config::load(&folder.path("foldback.toml")).unwrap();
    let server = serve::start(config).await.unwrap();
    let (admin, http) = (server.admin.unwrap(), client());
    let metrics = Arc::clone(&server.app.metrics);
    metrics.notification("applied");
    let reply = http.get(format!("http://{admin}/metrics")).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert!(reply.headers()["content-type"].to_str().unwrap().contains("openmetrics"));
    assert!(
        reply.text().await.unwrap().contains("foldback_notifications_total{kind=\"applied\"} 1")
    );
    for path in ["/", "/healthz", "/foldback/v1/calls", "/sign-in"] {
        let reply = http.get(format!("http://{admin}{path}")).send().await.unwrap();
        assert_eq!(reply.status(), 404, "{path}");
    }
    let reply = http.post(format!("http://{admin}/metrics")).send().await.unwrap();
    assert_eq!(reply.status(), 405);
    // A page whose name was made to point here reads nothing.
    for (host, expected) in
        [("localhost:9100", 200), ("evil.example", 421), ("127.0.0.1.evil.example:9100", 421)]
    {
        let ask = http.get(format!("http://{admin}/metrics")).header("host", host);
        let reply = ask.send().await.unwrap();
        assert_eq!(reply.status(), expected, "{host}");
        let text = reply.text().await.unwrap();
        assert_eq!(text.contains("foldback_notifications"), expected == 200, "{host}");
    }
    server.stop().await.unwrap();
}
