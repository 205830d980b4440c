//! Services behind TLS: whom the proxy trusts, and whom it does not.

use std::{net::SocketAddr, sync::Arc};

use foldback_callservice::{engine, http};
use foldback_proxy::{config::Config, serve, server::Server};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::Method;
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{
    kill::Folder,
    stage::{Operator, Service, client},
};

/// An embedded service that is reached through TLS alone, with a certificate for `name` of an
/// authority that nobody knows.
struct Front {
    service: http::Service,
    glass: Service,
    /// The authority's certificate, in PEM.
    authority: String,
    port: u16,
}

impl Front {
    async fn start(name: &str) -> Self {
        let service = http::Service::start(http::Options {
            rehearsal: engine::Options { speed: 0.0, ..engine::Options::default() },
            inspect: true,
            ..http::Options::new(SocketAddr::from(([127, 0, 0, 1], 0)))
        })
        .await
        .unwrap();
        let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let pem = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let behind = service.base_url().strip_prefix("http://").unwrap().to_owned();
        tokio::spawn(pass_on(listener, TlsAcceptor::from(Arc::new(tls)), behind));
        let glass = Service {
            http: client(),
            base: service.base_url(),
            call: service.acs_connection_id().to_owned(),
        };
        Self { service, glass, authority: pem, port }
    }

    /// A proxy that knows the service by its address under https; `upstream` is the section of that
    /// name, and `authority` stands in `ca.pem`.
    async fn proxy(&self, folder: &Folder, upstream: &str, authority: &str) -> (Server, Operator) {
        let file = folder.path("foldback.toml");
        std::fs::write(folder.path("key"), self.service.acs_access_key()).unwrap();
        std::fs::write(folder.path("ca.pem"), authority).unwrap();
        let (resource, port) = (self.service.acs_resource(), self.port);
        let text = format!(
            "listen = \"127.0.0.1:0\"\npublic_url = \"https://foldback.example\"\n{upstream}\n\
             [acs]\nendpoint = \"https://localhost:{port}\"\nresource_id = \"{resource}\"\n\
             credential = {{ access_key_file = \"key\" }}\n\
             openid_configuration = \"https://localhost:{port}/calling/.well-known/acsopenidconfiguration\"\n"
        );
        std::fs::write(&file, text).unwrap();
        let server = serve::start(Config::load(&file).unwrap()).await.unwrap();
        let (origin, link) = (server.app.origin.clone(), server.sign_in_url());
        let operator = Operator::sign_in(&origin, &link, &self.glass.call).await;
        (server, operator)
    }
}

async fn pass_on(listener: TcpListener, tls: TlsAcceptor, behind: String) {
    loop {
        let Ok((socket, _)) = listener.accept().await else { return };
        let (tls, behind) = (tls.clone(), behind.clone());
        tokio::spawn(async move {
            // Whoever does not trust the certificate hangs up.
            let Ok(mut socket) = tls.accept(socket).await else { return };
            let mut service = TcpStream::connect(behind).await.unwrap();
            drop(tokio::io::copy_bidirectional(&mut socket, &mut service).await);
        });
    }
}

async fn join(operator: &Operator) -> (u16, Value) {
    let body = json!({"acs": {"groupCallId": uuid::Uuid::new_v4()}});
    let ask = operator.ask(Method::POST, "/foldback/v1/calls").body(body.to_string());
    let reply = ask.send().await.unwrap();
    (reply.status().as_u16(), reply.json().await.unwrap())
}

const NAMED: &str = "[upstream]\nca_file = \"ca.pem\"";

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let front = Front::start("localhost").await;
    let folder = Folder::new();
    let (_server, operator) = front.proxy(&folder, NAMED, &front.authority).await;
    let (status, call) = join(&operator).await;
    assert_eq!(status, 201, "{call}");
    let path = format!("/calling/callConnections/{}", front.glass.call);
    let reply = operator.get(&path).await;
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    let front = Front::start("localhost").await;
    let other = Front::start("localhost").await;
    let misnamed = Front::start("other.example").await;
    for (front, upstream, authority) in [
        (&front, "", &front.authority),
        (&front, NAMED, &other.authority),
        (&misnamed, NAMED, &misnamed.authority),
    ] {
        let folder = Folder::new();
        let (_server, operator) = front.proxy(&folder, upstream, authority).await;
        let (status, body) = join(&operator).await;
        assert_eq!(status, 502, "{body}");
        let told = body["detail"].as_str().unwrap();
        assert!(told.contains("nothing was sent") && told.contains("certificate"), "{told}");
        let asked = front.glass.requests("POST", "/callConnections:connect").await;
        assert!(asked.is_empty(), "{asked:?}");
    }
}
