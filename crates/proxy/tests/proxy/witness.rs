//! A `foldback serve` of an organization as a process of its own, with everything it says written down.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use foldback_callservice::{engine, http};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use crate::{
    house::{Browser, ROLES},
    kill::Folder,
    provider::{CLIENT, Provider, SECRET},
    relay::Relay,
    stage::{PATIENCE, Service, client, eventually},
};

/// See the module.
pub struct Witness {
    pub provider: Arc<Provider>,
    pub relay: Arc<Relay>,
    pub glass: Service,
    pub service: http::Service,
    pub base: String,
    metrics: String,
    /// Heads and bodies of answers, without the cookies that are set.
    answers: Mutex<String>,
    folder: Folder,
    process: std::process::Child,
}

impl Drop for Witness {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Witness {
    /// Logging as much as can be.
    pub async fn start() -> Self {
        let provider = Provider::start().await;
        let service = http::Service::start(http::Options {
            rehearsal: engine::Options { speed: 0.0, ..engine::Options::default() },
            inspect: true,
            ..http::Options::new(SocketAddr::from(([127, 0, 0, 1], 0)))
        })
        .await
        .unwrap();
        let relay = Relay::start(&service.base_url()).await;
        let folder = Folder::new();
        std::fs::write(folder.path("secret"), service.client_secret()).unwrap();
        std::fs::write(folder.path("key"), service.acs_access_key()).unwrap();
        std::fs::write(folder.path("sign-in"), SECRET).unwrap();
        let roles = ROLES.map(|(claim, role)| format!("\"{claim}\" = \"{role}\"")).join(", ");
        let text = format!(
            "listen = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n\
             [graph]\ntenant = \"{}\"\nclient_id = \"{}\"\ncredential = {{ secret_file = \"secret\" }}\n\
             [acs]\ncredential = {{ access_key_file = \"key\" }}\nresource_id = \"{}\"\n\
             [sign_in]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\nclient_secret_file = \"sign-in\"\n\
             roles = {{ {roles} }}\n\
             [rehearsal]\nenabled = true\ncall_service = \"{}\"\n",
            service.tenant(),
            service.client_id(),
            service.acs_resource(),
            provider.issuer,
            relay.base,
        );
        let config = folder.path("foldback.toml");
        std::fs::write(&config, text).unwrap();
        let file = |name: &str| Stdio::from(std::fs::File::create(folder.path(name)).unwrap());
        let process = Command::new(env!("CARGO_BIN_EXE_foldback"))
            .args(["serve", "--config"])
            .arg(&config)
            .env("FOLDBACK_LOG", "trace")
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        let said = eventually("it says where it is", || async {
            let said = std::fs::read_to_string(folder.path("stdout")).unwrap();
            said.contains("metrics: ").then_some(said)
        })
        .await;
        let said = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap().to_owned()
        };
        let glass = Service {
            http: client(),
            base: service.base_url(),
            call: service.graph_call_id().to_owned(),
        };
        let (base, metrics) = (said("address"), said("metrics"));
        let answers = Mutex::default();
        Self { provider, relay, glass, service, base, metrics, answers, folder, process }
    }

    /// A browser in which this person has signed in.
    pub async fn signed_in(&self, person: &Value) -> Browser {
        *self.provider.person.lock().unwrap() = person.clone();
        let mut browser = Browser::at(&self.base);
        let reply = browser.sign_in("").await;
        assert_eq!(reply.status(), 303);
        self.heard(reply).await;
        browser
    }

    /// Sends a request and writes down what is answered; gives the status and the body.
    pub async fn ask(&self, request: RequestBuilder) -> (u16, String) {
        self.heard(request.send().await.unwrap()).await
    }

    async fn heard(&self, reply: Response) -> (u16, String) {
        let status = reply.status().as_u16();
        let mut headers = reply.headers().clone();
        headers.remove("set-cookie");
        let mut reply = reply;
        let mut body = Vec::new();
        // Of a stream, what comes at once.
        while let Ok(Ok(Some(chunk))) =
            tokio::time::timeout(Duration::from_millis(200), reply.chunk()).await
        {
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        let told = format!("{status} {headers:?}\n{body}\n");
        self.answers.lock().unwrap().push_str(&told);
        (status, body)
    }

    /// What it printed, logged, answered and counted so far, and what it keeps, each with its name.
    pub async fn outputs(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut outputs = vec![
            ("metrics", self.metrics().await.into_bytes()),
            ("answers", self.answers.lock().unwrap().clone().into_bytes()),
        ];
        for name in ["stdout", "stderr", "foldback.sqlite", "foldback.sqlite-wal"] {
            outputs.push((name, std::fs::read(self.file(name)).unwrap_or_default()));
        }
        outputs
    }

    /// What it counts and measures.
    pub async fn metrics(&self) -> String {
        let asked = self.glass.http.get(&self.metrics).timeout(PATIENCE);
        asked.send().await.unwrap().text().await.unwrap()
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }
}
