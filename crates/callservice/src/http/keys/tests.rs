//! Tokens checked by what is published.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::*;

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// The claims, when a published key signed them.
async fn believed(keys: &Keys, face: Face, token: &str) -> Option<Value> {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{token}")
    };
    assert_eq!((&part(header)["alg"], &part(header)["typ"]), (&json!("RS256"), &json!("JWT")));
    let set = keys.key_set(face).await.unwrap();
    let key = set["keys"].as_array().unwrap().iter().find(|k| k["kid"] == part(header)["kid"]);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(key?[name].as_str()?).ok();
    let key = RsaPublicKeyComponents { n: bytes("n")?, e: bytes("e")? };
    let signed = &token.as_bytes()[..header.len() + 1 + claims.len()];
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, &signature).ok().map(|()| part(claims))
}

fn recipient() -> Recipient {
    Recipient { audience: "client".to_owned(), tenant: "tenant".to_owned() }
}

#[tokio::test]
async fn each_family_signs_with_its_own_key() {
    let keys = Keys::start().unwrap();
    let graph = keys.token(Face::Graph, &recipient(), None).await.unwrap().unwrap();
    let claims = believed(&keys, Face::Graph, &graph).await.unwrap();
    assert_eq!(claims["iss"], "https://api.botframework.com");
    assert_eq!((&claims["aud"], &claims["tid"]), (&json!("client"), &json!("tenant")));
    let span = |claims: &Value| claims["exp"].as_u64().unwrap() - claims["nbf"].as_u64().unwrap();
    assert_eq!((span(&claims), &claims["iat"]), (3_900, &claims["nbf"]));
    assert!(token::now_s() - claims["iat"].as_u64().unwrap() <= REUSED_S);
    assert_eq!(believed(&keys, Face::Acs, &graph).await, None);
    let acs = keys.token(Face::Acs, &recipient(), None).await.unwrap().unwrap();
    let claims = believed(&keys, Face::Acs, &acs).await.unwrap();
    assert_eq!(claims["iss"], "https://acscallautomation.communication.azure.com");
    assert_eq!((span(&claims), claims.get("tid")), (300, None));
    assert_eq!(believed(&keys, Face::Graph, &acs).await, None);
}

#[tokio::test]
async fn a_rotation_keeps_the_key_before_published_once() {
    let keys = Keys::start().unwrap();
    let token = async || keys.token(Face::Graph, &recipient(), None).await.unwrap().unwrap();
    let first = token().await;
    assert_eq!(token().await, first);
    let kid = keys.rotate(Face::Graph).await.unwrap();
    let second = token().await;
    assert_eq!(part(second.split('.').next().unwrap())["kid"], kid.as_str());
    for token in [&first, &second] {
        assert!(believed(&keys, Face::Graph, token).await.is_some());
    }
    keys.rotate(Face::Graph).await.unwrap();
    assert_eq!(believed(&keys, Face::Graph, &first).await, None);
    assert!(believed(&keys, Face::Graph, &second).await.is_some());
    // The other family and other services keep theirs.
    assert_eq!(keys.key_set(Face::Acs).await.unwrap()["keys"].as_array().unwrap().len(), 1);
    let other = Keys::start().unwrap();
    assert!(believed(&other, Face::Graph, &first).await.is_some());
}

#[tokio::test]
async fn flawed_tokens_have_one_flaw() {
    let keys = Keys::start().unwrap();
    let to = recipient();
    for (face, other) in [(Face::Graph, Face::Acs), (Face::Acs, Face::Graph)] {
        let token = async |flaw| keys.token(face, &to, Some(flaw)).await.unwrap();
        assert_eq!(token(Flaw::Missing).await, None);
        let foreign = token(Flaw::ForeignKey).await.unwrap();
        for face in [face, other] {
            assert_eq!(believed(&keys, face, &foreign).await, None);
        }
        let swapped = token(Flaw::OtherFamily).await.unwrap();
        assert_eq!(believed(&keys, face, &swapped).await, None);
        let claims = believed(&keys, other, &swapped).await.unwrap();
        assert_eq!(
            (&claims["iss"], &claims["aud"]),
            (&json!(token::issuer(other)), &json!("client"))
        );
        let expired = token(Flaw::Expired).await.unwrap();
        let claims = believed(&keys, face, &expired).await.unwrap();
        assert!(claims["exp"].as_u64().unwrap() + 3_600 < token::now_s());
        let stranger = token(Flaw::WrongAudience).await.unwrap();
        let claims = believed(&keys, face, &stranger).await.unwrap();
        assert_ne!(claims["aud"], "client");
        assert!(claims["exp"].as_u64().unwrap() > token::now_s());
    }
}

#[test]
fn the_configurations_name_their_keys() {
    for (face, keys) in [(Face::Graph, "/v1/keys"), (Face::Acs, "/calling/keys")] {
        let configuration = openid_configuration(face, "http://127.0.0.1:9");
        assert_eq!(configuration["jwks_uri"], format!("http://127.0.0.1:9{keys}"));
        assert_eq!(configuration["issuer"], token::issuer(face));
    }
}
