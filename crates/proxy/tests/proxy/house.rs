//! A proxy where people sign in with their organization's accounts, in front of an embedded service; and
//! browsers that come to it.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use foldback_callservice::{engine, http};
use foldback_proxy::{app::Limits, config::Config, serve, server::Server};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde_json::{Value, json};

use crate::{
    kill::Folder,
    provider::{CLIENT, Provider, SECRET},
    stage::{Service, client},
};

/// What values of the claim `roles` make of somebody.
pub const ROLES: [(&str, &str); 4] =
    [("Look", "viewer"), ("Mute", "moderator"), ("Mix", "producer"), ("Run", "administrator")];

/// See the module.
pub struct House {
    pub provider: Arc<Provider>,
    pub server: Server,
    pub base: String,
    pub glass: Service,
    /// What lasts as long as the house.
    kept: (http::Service, Folder),
    config: PathBuf,
}

/// Somebody with one role, in the group `ours`.
pub fn person(role: &str) -> Value {
    json!({"sub": format!("{role}-1"), "name": role, "roles": [role], "groups": ["ours"]})
}

/// A Graph call of the meeting with this thread. The first that is named is the one that stands ready.
pub fn graph(thread: &str) -> Value {
    json!({"graph": {"chatInfo": {"threadId": thread}}})
}

impl House {
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// With more lines in `[sign_in]`.
    pub async fn with(lines: &str) -> Self {
        Self::limited(lines, |_| {}).await
    }

    /// The same, with other limits.
    pub async fn limited(lines: &str, limit: impl Fn(&mut Limits)) -> Self {
        let provider = Provider::start().await;
        let service = http::Service::start(http::Options {
            rehearsal: engine::Options { speed: 0.0, ..engine::Options::default() },
            inspect: true,
            ..http::Options::new(SocketAddr::from(([127, 0, 0, 1], 0)))
        })
        .await
        .unwrap();
        let folder = Folder::new();
        std::fs::write(folder.path("secret"), service.client_secret()).unwrap();
        std::fs::write(folder.path("key"), service.acs_access_key()).unwrap();
        std::fs::write(folder.path("sign-in"), SECRET).unwrap();
        let roles = ROLES.map(|(claim, role)| format!("\"{claim}\" = \"{role}\"")).join(", ");
        let text = format!(
            "listen = \"127.0.0.1:0\"\n\
             [graph]\ntenant = \"{}\"\nclient_id = \"{}\"\ncredential = {{ secret_file = \"secret\" }}\n\
             [acs]\ncredential = {{ access_key_file = \"key\" }}\nresource_id = \"{}\"\n\
             [sign_in]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\nclient_secret_file = \"sign-in\"\n\
             roles = {{ {roles} }}\n{lines}\n\
             [rehearsal]\nenabled = true\ncall_service = \"{}\"\n",
            service.tenant(),
            service.client_id(),
            service.acs_resource(),
            provider.issuer,
            service.base_url(),
        );
        let config = folder.path("foldback.toml");
        std::fs::write(&config, text).unwrap();
        let mut read = Config::load(&config).unwrap();
        // Tests that end it do not wait, unless they ask to.
        read.limits.stream_spread = Duration::ZERO;
        limit(&mut read.limits);
        let server = serve::start(read).await.unwrap();
        let base = server.app.origin.clone();
        let glass = Service {
            http: client(),
            base: service.base_url(),
            call: service.graph_call_id().to_owned(),
        };
        Self { provider, server, base, glass, kept: (service, folder), config }
    }

    /// The same proxy, ended and started again at the same address.
    pub async fn again(self) -> Self {
        let Self { provider, server, base, glass, kept, config } = self;
        server.stop().await.unwrap();
        let mut read = Config::load(&config).unwrap();
        read.listen = base.strip_prefix("http://").unwrap().parse().unwrap();
        read.limits.stream_spread = Duration::ZERO;
        let server = serve::start(read).await.unwrap();
        Self { provider, server, base, glass, kept, config }
    }

    /// What the journal keeps on the disk.
    pub fn files(&self) -> Vec<PathBuf> {
        let names = ["foldback.sqlite", "foldback.sqlite-wal"].map(|name| self.kept.1.path(name));
        names.into_iter().filter(|file| file.exists()).collect()
    }

    pub fn browser(&self) -> Browser {
        Browser::at(&self.base)
    }

    /// A browser in which this person has signed in.
    pub async fn signed_in(&self, person: &Value) -> Browser {
        *self.provider.person.lock().unwrap() = person.clone();
        let mut browser = self.browser();
        let reply = browser.sign_in("").await;
        assert_eq!(
            (reply.status().as_u16(), &reply.headers()["location"]),
            (303, &"/".parse().unwrap())
        );
        browser
    }

    /// A request by token of this person.
    pub fn ask(&self, person: &Value, method: Method, path: &str) -> RequestBuilder {
        let request = self.glass.http.request(method, format!("{}{path}", self.base));
        request.bearer_auth(self.provider.bearer(person))
    }

    /// Opens a call to a group, as an administrator, and gives its name.
    pub async fn open(&self, mut meeting: Value, group: &str) -> String {
        meeting["access"] = json!({"groups": [group]});
        let ask = self.ask(&person("Run"), Method::POST, "/foldback/v1/calls");
        let reply = ask.body(meeting.to_string()).send().await.unwrap();
        assert_eq!(reply.status(), 201);
        reply.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// What reached the service and is no reading that the proxy does for itself.
    pub async fn reached(&self) -> Vec<Value> {
        let url = format!("{}/rehearsal/v1/requests", self.glass.base);
        let all: Vec<Value> = self.glass.http.get(url).send().await.unwrap().json().await.unwrap();
        all.into_iter()
            .filter(|request| {
                let path = request["path"].as_str().unwrap();
                let segments = path.split('/').filter(|it| !it.is_empty()).count();
                let of_itself = segments <= 3 || path.ends_with("/participants");
                let notice = path.contains("openid") || path.contains("keys");
                !(request["method"] == "GET" && (of_itself || segments == 4 || notice))
            })
            .collect()
    }
}

/// A browser with its cookies: those for the own page alone, and those that also come along when
/// another site leads here.
#[derive(Clone)]
pub struct Browser {
    http: Client,
    base: String,
    pub cookies: BTreeMap<String, (String, bool)>,
}

impl Browser {
    /// One that nobody has used.
    pub fn at(base: &str) -> Self {
        Self { http: client(), base: base.to_owned(), cookies: BTreeMap::new() }
    }

    pub fn header(&self, from_elsewhere: bool) -> String {
        let sent = self.cookies.iter().filter(|(_, (_, strict))| !(from_elsewhere && *strict));
        sent.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// The cookie of the session, if there is one.
    pub fn session(&self) -> Option<String> {
        let found = self.cookies.iter().find(|(name, _)| !name.ends_with("_sign_in"));
        found.map(|(name, (value, _))| format!("{name}={value}"))
    }

    /// A request as the panel sends it.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("cookie", self.header(false))
            .header("sec-fetch-site", "same-origin")
    }

    pub async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    /// Goes to an address of the proxy by hand, or led there by another site.
    pub async fn go(&mut self, url: &str, from_elsewhere: bool) -> Response {
        let url = if url.starts_with('/') { format!("{}{url}", self.base) } else { url.to_owned() };
        let site = if from_elsewhere { "cross-site" } else { "none" };
        let request = self.http.get(url).header("cookie", self.header(from_elsewhere));
        let reply = request.header("sec-fetch-site", site).send().await.unwrap();
        self.keep(&reply);
        reply
    }

    fn keep(&mut self, reply: &Response) {
        for cookie in reply.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly") && cookie.contains("; Path=/"), "{cookie}");
            assert!(!cookie.contains("Domain"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                let strict = cookie.contains("SameSite=Strict");
                assert!(strict || cookie.contains("SameSite=Lax; Path=/; Max-Age=600"), "{cookie}");
                self.cookies.insert(name.to_owned(), (value.to_owned(), strict));
            }
        }
    }

    /// To the issuer; gives the address that leads back.
    pub async fn begin(&mut self, query: &str) -> Url {
        let reply = self.go(&format!("/sign-in{query}"), false).await;
        assert_eq!(reply.status(), 303);
        let at = reply.headers()["location"].to_str().unwrap().to_owned();
        let reply = self.http.get(&at).send().await.unwrap();
        assert_eq!(reply.status(), 302, "{at}");
        Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap()
    }

    /// There and back again.
    pub async fn sign_in(&mut self, query: &str) -> Response {
        let back = self.begin(query).await;
        self.go(back.as_str(), true).await
    }
}
