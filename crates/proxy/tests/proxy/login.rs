//! Signing in with the organization's accounts: nobody gets in by another's sign-in, and nobody is led
//! elsewhere by one.

use std::{collections::BTreeSet, sync::atomic::Ordering};

use foldback_model::Sequence;
use foldback_proxy::sign_in::ReturnTo;
use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};

use crate::{
    house::{Browser, House, graph, person},
    provider::pairs,
    stage::eventually,
};

const WHO: &str = "/foldback/v1/session";

async fn status(browser: &Browser) -> StatusCode {
    browser.get(WHO).await.status()
}

/// Nobody was signed in, and whoever tried is told so with nothing of what they sent.
async fn refused(reply: reqwest::Response, expected: u16, browser: &Browser, what: &str) {
    assert_eq!(reply.status(), expected, "{what}");
    assert_eq!(reply.headers()["cache-control"], "no-store", "{what}");
    let page = reply.text().await.unwrap();
    assert!(page.contains("/sign-in"), "{what}: {page}");
    assert!(!page.contains("evil") && !page.contains("<b>"), "{what}: {page}");
    assert!(browser.session().is_none(), "{what}");
    assert_eq!(status(browser).await, 401, "{what}");
}

/// An address with one member of its query changed; none takes it out.
fn with(back: &Url, name: &str, value: Option<&str>) -> String {
    let mut changed = back.clone();
    let kept: Vec<_> = back.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    changed.query_pairs_mut().clear().extend_pairs(kept);
    if let Some(value) = value {
        changed.query_pairs_mut().append_pair(name, value);
    }
    changed.into()
}

#[tokio::test]
async fn somebody_signs_in_and_is_who_the_issuer_says() {
    let house = House::start().await;
    let config: Value = house.browser().get("/config.json").await.json().await.unwrap();
    assert_eq!(config["signIn"], "/sign-in");
    let reply = house.browser().get(WHO).await;
    assert_eq!(reply.status(), 401);
    let problem: Value = reply.json().await.unwrap();
    assert_eq!(problem["signIn"], "/sign-in");

    *house.provider.person.lock().unwrap() = person("Mix");
    let mut browser = house.browser();
    let back = browser.begin("?return_to=%23%2Fdesk%3Fcall%3Dgraph.ab-1").await;
    let reply = browser.go(back.as_str(), true).await;
    assert_eq!(reply.status(), 303);
    assert_eq!(reply.headers()["location"], "/#/desk?call=graph.ab-1");
    // The one of the sign-in is gone, and scripts of no page and no other site get at the other.
    assert_eq!(browser.cookies.len(), 1);
    assert!(browser.cookies.values().all(|(value, strict)| *strict && value.len() == 43));
    let who: Value = browser.get(WHO).await.json().await.unwrap();
    assert_eq!(who["operator"], json!({"id": "Mix-1", "name": "Mix"}));
    assert_eq!(who["role"], "producer");
    // No token of the issuer is anywhere a browser could see it, nor a link of the terminal taken.
    assert!(!who.to_string().contains("planted"));
    let code = house.server.app.sessions.links().borrow().reveal().to_owned();
    let reply = house.browser().go(&format!("/sign-in?code={code}"), false).await;
    assert!(reply.headers()["location"].to_str().unwrap().starts_with(&house.provider.issuer));
    // A window that was only opened to sign in says that it is done.
    let mut window = browser.clone();
    let reply = window.sign_in("?return_to=done").await;
    assert_eq!(reply.headers()["location"], "/sign-in/done");
    assert_eq!(window.get("/sign-in/done").await.status(), 200);
    assert_eq!(status(&browser).await, 401, "a new id, and the old one is gone");
    assert_eq!(status(&window).await, 200);
}

#[tokio::test]
async fn state() {
    let house = House::start().await;
    *house.provider.person.lock().unwrap() = person("Mix");
    let mut victim = house.browser();
    let mut attacker = house.browser();
    let own = victim.begin("").await;
    let foreign = attacker.begin("").await;
    let state = pairs(own.query().unwrap())["state"].clone();
    let twice = format!("{own}&state=evil");
    let changed = format!("{}x", &state[1..]);
    for (what, back) in [
        ("another's answer", foreign.to_string()),
        ("another's code alone, with no state", with(&foreign, "state", None)),
        ("no state", with(&own, "state", None)),
        ("an empty state", with(&own, "state", Some(""))),
        ("a changed state", with(&own, "state", Some(&changed))),
        ("two states", twice),
        ("nothing", format!("{}/sign-in/callback", house.base)),
    ] {
        let mut browser = victim.clone();
        let reply = browser.go(&back, true).await;
        refused(reply, 400, &browser, what).await;
    }
    // A browser that began nothing, and one whose cookie is no seal of ours.
    let mut stranger = house.browser();
    let reply = stranger.go(own.as_str(), true).await;
    refused(reply, 400, &stranger, "no cookie").await;
    let mut forged = victim.clone();
    forged.cookies.values_mut().for_each(|(value, _)| value.replace_range(..1, "~"));
    let reply = forged.go(own.as_str(), true).await;
    refused(reply, 400, &forged, "a forged cookie").await;
    assert_eq!(house.provider.asked_for_tokens(), 0, "nothing of it reached the issuer");

    let before = victim.clone();
    assert_eq!(victim.go(own.as_str(), true).await.status(), 303);
    assert_eq!(status(&victim).await, 200);
    let mut again = before;
    let reply = again.go(own.as_str(), true).await;
    refused(reply, 400, &again, "the same answer again").await;
}

#[tokio::test]
async fn of_two_at_once_the_later_one_counts_whichever_comes_back_first() {
    let house = House::start().await;
    *house.provider.person.lock().unwrap() = person("Mix");
    let mut browser = house.browser();
    let earlier = browser.begin("?return_to=%23%2Froster").await;
    let later = browser.begin("?return_to=%23%2Fdesk").await;
    let mut other = browser.clone();

    let reply = browser.go(earlier.as_str(), true).await;
    refused(reply, 400, &browser, "the earlier one, first").await;
    let reply = browser.go(later.as_str(), true).await;
    assert_eq!(reply.status(), 303, "the later one goes on");
    assert_eq!(reply.headers()["location"], "/#/desk");
    assert_eq!(status(&browser).await, 200);
    assert_eq!(browser.cookies.len(), 1, "nothing is left of either");

    let mut others = Vec::new();
    for _ in 0..2 {
        others.push(other.begin("").await);
    }
    assert_eq!(other.go(others[1].as_str(), true).await.status(), 303);
    let reply = other.go(others[0].as_str(), true).await;
    assert_eq!(reply.status(), 400);
    assert!(reply.text().await.unwrap().contains("/sign-in"));
    assert_eq!(status(&other).await, 200, "who is signed in stays so");
}

#[tokio::test]
async fn nonce() {
    let house = House::start().await;
    *house.provider.person.lock().unwrap() = person("Mix");
    let other = uuid::Uuid::new_v4().to_string();
    for (twist, expected) in [
        (json!({"nonce": null}), 403),
        (json!({"nonce": ""}), 403),
        (json!({"nonce": other}), 403),
        (json!({"nonce": 7}), 403),
        (json!({"iss": null}), 403),
        (json!({"iss": "https://evil.example"}), 403),
        (json!({"aud": null}), 403),
        (json!({"aud": "evil"}), 403),
        (json!({"aud": ["panel", "evil"]}), 403),
        (json!({"aud": ["panel", "evil"], "azp": "evil"}), 403),
        (json!({"azp": "evil"}), 403),
        (json!({"exp": null}), 403),
        (json!({"exp": 1}), 403),
        (json!({"sub": null}), 403),
        (json!({"nbf": crate::signer::now() + 120}), 403),
        (json!({"aud": ["panel", "api"], "azp": "panel"}), 303),
        (json!({}), 303),
    ] {
        *house.provider.twist.lock().unwrap() = twist.clone();
        let mut browser = house.browser();
        let reply = browser.sign_in("").await;
        if expected == 303 {
            assert_eq!(reply.status(), 303, "{twist}");
            assert_eq!(status(&browser).await, 200, "{twist}");
        } else {
            refused(reply, expected, &browser, &twist.to_string()).await;
        }
    }
}

#[tokio::test]
async fn only_the_issuer_that_was_asked_may_answer() {
    let house = House::start().await;
    *house.provider.person.lock().unwrap() = person("Mix");
    let detour = |detour: Value| *house.provider.detour.lock().unwrap() = detour;
    for (how, expected) in [
        (json!({"iss": "https://evil.example"}), 403),
        (json!({"iss": format!("{}/", house.provider.issuer)}), 403),
        (json!({"code": null, "error": "access_denied", "error_description": "evil"}), 403),
        (json!({"code": null, "error": "<b>evil</b>"}), 403),
        (json!({"code": null}), 400),
        (json!({"code": "evil"}), 403),
    ] {
        detour(how.clone());
        let mut browser = house.browser();
        let reply = browser.sign_in("").await;
        refused(reply, expected, &browser, &how.to_string()).await;
    }
    // Where the issuer promises to name itself, an answer without its name is another's.
    detour(json!({"iss": null}));
    assert_eq!(house.browser().sign_in("").await.status(), 303);
    let promise = json!({"authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": ["client_secret_post"]});
    *house.provider.publisher.more.lock().unwrap() = promise;
    let house = house.again().await;
    let mut browser = house.browser();
    let reply = browser.sign_in("").await;
    refused(reply, 403, &browser, "no iss").await;
    *house.provider.detour.lock().unwrap() = json!({});
    assert_eq!(house.browser().sign_in("").await.status(), 303, "with the secret in the body");
}

#[tokio::test]
async fn what_the_issuer_publishes_leads_nowhere_else() {
    let mut house = House::start().await;
    for (endpoint, asked) in [("authorization_endpoint", false), ("token_endpoint", true)] {
        let elsewhere = crate::provider::Provider::start().await;
        let more = json!({endpoint: format!("{}/{endpoint}", elsewhere.issuer)});
        *house.provider.publisher.more.lock().unwrap() = more;
        house = house.again().await;
        let mut browser = house.browser();
        let reply =
            if asked { browser.sign_in("").await } else { browser.go("/sign-in", false).await };
        refused(reply, 503, &browser, endpoint).await;
        assert_eq!(elsewhere.asked_for_tokens(), 0);
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_is_asked_again() {
    let house = House::start().await;
    house.provider.publisher.down.store(true, Ordering::SeqCst);
    let house = house.again().await;
    let mut browser = house.browser();
    let reply = browser.go("/sign-in", false).await;
    refused(reply, 503, &browser, "down").await;
    house.provider.publisher.down.store(false, Ordering::SeqCst);
    eventually("the issuer is there again", || async {
        let reply = house.browser().go("/sign-in", false).await;
        (reply.status() == 303).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nothing_secret_of_a_sign_in_is_kept_or_told() {
    let house = House::start().await;
    *house.provider.person.lock().unwrap() = person("Run");
    let mut browser = house.browser();
    let back = browser.begin("").await;
    let sealed = browser.cookies.values().next().unwrap().0.clone();
    let reply = browser.go(back.as_str(), true).await;
    let mut told = format!("{:?}", reply.headers()["location"]);
    for path in [WHO, "/foldback/v1/people", "/foldback/v1/calls", "/config.json"] {
        told.push_str(&browser.get(path).await.text().await.unwrap());
    }
    told.push_str(&house.server.app.metrics.text().unwrap());
    assert!(told.contains("foldback_sign_ins_total{kind=\"good\"} 1"), "{told}");
    let session = browser.session().unwrap();
    let session = session.split_once('=').unwrap().1.to_owned();
    let answer = pairs(back.query().unwrap());
    let debug = format!("{:?} {:?}", house.server.app.sessions, house.server.app.open_id);
    let mut kept = Vec::new();
    for file in house.files() {
        kept.extend(std::fs::read(file).unwrap());
    }
    let holds = |secret: &str| kept.windows(secret.len()).any(|part| part == secret.as_bytes());
    assert!(holds("Run-1"), "what is kept was looked at");
    let secrets = ["planted-access-token", crate::provider::SECRET, "eyJ", &session, &sealed];
    for secret in secrets.into_iter().chain([answer["code"].as_str(), &answer["state"]]) {
        assert!(!holds(secret) && !told.contains(secret) && !debug.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn fixation() {
    let house = House::start().await;
    let attacker = house.signed_in(&person("Look")).await;
    let planted = attacker.session().unwrap();
    let (name, value) = planted.split_once('=').unwrap();
    // A session of somebody else, and an id that nobody has, are planted before the victim signs in.
    for value in [value.to_owned(), "A".repeat(43)] {
        *house.provider.person.lock().unwrap() = person("Run");
        let mut victim = house.browser();
        victim.cookies.insert(name.to_owned(), (value.clone(), true));
        assert_eq!(victim.sign_in("").await.status(), 303);
        let own = victim.session().unwrap();
        assert_ne!(own, planted);
        let who: Value = victim.get(WHO).await.json().await.unwrap();
        assert_eq!(who["operator"]["id"], "Run-1");
        let reply =
            house.browser().ask(Method::GET, WHO).header("cookie", format!("{name}={value}"));
        assert_eq!(reply.send().await.unwrap().status(), 401, "the planted one is nobody's");
    }
    assert_eq!(status(&attacker).await, 401, "what was planted ended");
    // Every sign-in has an id of its own.
    let mut ids = BTreeSet::new();
    let mut browser = house.signed_in(&person("Mute")).await;
    for _ in 0..4 {
        assert!(ids.insert(browser.session()));
        let before = browser.clone();
        assert_eq!(browser.sign_in("").await.status(), 303);
        assert_eq!(status(&before).await, 401);
        assert_eq!(status(&browser).await, 200);
    }
}

#[tokio::test]
async fn logout() {
    let house = House::start().await;
    let call = house.open(graph("ours"), "ours").await;
    let browser = house.signed_in(&person("Mute")).await;
    let other = house.signed_in(&person("Mix")).await;
    let path = format!("/foldback/v1/calls/{call}/events?after={}", Sequence(0));
    let mut stream = browser.get(&path).await;
    assert_eq!(stream.status(), 200);
    // Not by a page elsewhere, and not by a link.
    let forged = browser.ask(Method::DELETE, WHO).header("origin", "https://evil.example");
    assert_eq!(forged.send().await.unwrap().status(), 403);
    assert_eq!(browser.get("/foldback/v1/session?_method=DELETE").await.status(), 200);

    let reply = browser.ask(Method::DELETE, WHO).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert!(reply.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let told: Value = reply.json().await.unwrap();
    let end = Url::parse(told["endSession"].as_str().unwrap()).unwrap();
    assert!(end.as_str().starts_with(&format!("{}/end-session?", house.provider.issuer)));
    let query = pairs(end.query().unwrap());
    assert_eq!(query["post_logout_redirect_uri"], format!("{}/", house.base));
    assert_eq!((query["client_id"].as_str(), query.len()), ("panel", 2), "no token goes along");
    while stream.chunk().await.unwrap().is_some() {}
    assert_eq!(status(&browser).await, 401, "in every tab");
    assert_eq!(status(&other).await, 200);
    let house = house.again().await;
    assert_eq!(status(&browser).await, 401, "for good");
    // A restart signs nobody out, and loses none of what they may see.
    assert_eq!(status(&other).await, 200);
    assert_eq!(other.get(&format!("/foldback/v1/calls/{call}")).await.status(), 200);
    let who: Value = other.get(WHO).await.json().await.unwrap();
    assert_eq!(
        (who["role"].as_str(), who["idleSeconds"].as_u64()),
        (Some("producer"), Some(1_800))
    );
    assert_eq!(house.server.app.sessions.signed_in().len(), 1);
}

#[tokio::test]
async fn open_redirects() {
    let house = House::limited("", |limits| limits.address.at_once = 1_000_000).await;
    *house.provider.person.lock().unwrap() = person("Look");
    let corpus = include_str!("open_redirects.txt").lines();
    assert!(corpus.clone().count() >= 500);
    let issuer = format!("{}/authorize?", house.provider.issuer);
    let fresh = house.browser();
    for (number, line) in corpus.enumerate() {
        let mut browser = fresh.clone();
        let reply = browser.go(&format!("/sign-in?return_to={line}"), false).await;
        assert_eq!(reply.status(), 303, "{line}");
        let location = reply.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(&issuer) && !location.contains("evil"), "{line}: {location}");
        // The whole way for some, and for all what the place they ask for is read as.
        let asked = Url::parse(&format!("http://x/?to={line}")).unwrap();
        let asked = asked.query_pairs().next().map(|(_, value)| value.into_owned()).unwrap();
        assert_eq!(ReturnTo::parse(&asked).location(), "/", "{line}");
        if number % 16 == 0 {
            let reply = browser.sign_in(&format!("?return_to={line}")).await;
            assert_eq!(reply.headers()["location"], "/", "{line}");
            assert_eq!(reply.headers().get_all("location").iter().count(), 1);
        }
    }
    for parameter in ["returnTo", "next", "redirect_uri", "rd", "state"] {
        let query = format!("?{parameter}=https%3A%2F%2Fevil.example");
        let reply = house.browser().sign_in(&query).await;
        assert_eq!(reply.headers()["location"], "/", "{parameter}");
    }
}

#[tokio::test]
async fn nobody_without_a_role_gets_a_session() {
    let house = House::start().await;
    for roles in
        [json!(null), json!([]), json!("administrator"), json!(["look", 7]), json!({"Run": 1})]
    {
        *house.provider.person.lock().unwrap() = json!({"sub": "eve", "roles": roles});
        let mut browser = house.browser();
        let reply = browser.sign_in("").await;
        refused(reply, 403, &browser, &roles.to_string()).await;
        let asked = json!({"sub": "eve", "roles": roles});
        let reply = house.ask(&asked, Method::GET, WHO).send().await.unwrap();
        assert_eq!(reply.status(), 403, "{roles}");
    }
    assert!(house.server.app.sessions.signed_in().is_empty());
}

#[tokio::test]
async fn ahead_of_time_and_under_another_name_nothing_begins() {
    let house = House::start().await;
    let http = crate::stage::client();
    let url = format!("{}/sign-in", house.base);
    let reply = http.get(&url).header("sec-purpose", "prefetch").send().await.unwrap();
    assert_eq!(reply.status(), 503);
    assert_eq!(http.head(&url).send().await.unwrap().status(), 405);
    assert_eq!(http.post(&url).send().await.unwrap().status(), 405);
    // The cookie would be missing where the issuer leads back to.
    let port = house.base.rsplit(':').next().unwrap();
    let asked = format!("{url}?return_to=%23%2Fdesk");
    let reply = http.get(&asked).header("host", format!("localhost:{port}")).send().await.unwrap();
    assert_eq!(reply.headers()["location"], asked);
    assert!(reply.headers().get("set-cookie").is_none());
    let reply = http.get(&url).header("host", "evil.example").send().await.unwrap();
    assert_eq!(reply.status(), 421);
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host() {
    let house = House::start().await;
    let folder = crate::kill::Folder::new();
    std::fs::write(folder.path("key"), "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=").unwrap();
    std::fs::write(folder.path("sign-in"), crate::provider::SECRET).unwrap();
    let text = "listen = \"0.0.0.0:0\"\npublic_url = \"https://foldback.example\"\n\
        [acs]\nendpoint = \"https://contoso.communication.azure.com\"\ncredential = { access_key_file = \"key\" }\n\
        resource_id = \"5b1c6f1e-2d0a-4c59-9a50-0a8e5f1d7c22\"\n\
        [sign_in]\nissuer = \"https://issuer.example\"\nclient_id = \"panel\"\n\
        client_secret_file = \"sign-in\"\nroles = { Look = \"viewer\" }\n";
    let file = folder.path("foldback.toml");
    std::fs::write(&file, text).unwrap();
    let mut config = foldback_proxy::config::Config::load(&file).unwrap();
    // An issuer that a test can be.
    config.sign_in.as_mut().unwrap().issuer.clone_from(&house.provider.issuer);
    let server = foldback_proxy::serve::start(config).await.unwrap();
    let port = server.app.origin.rsplit(':').next().unwrap();
    let http = crate::stage::client();
    let ask = |path: &str, host: &'static str| {
        http.get(format!("http://127.0.0.1:{port}{path}")).header("host", host)
    };
    *house.provider.person.lock().unwrap() = person("Look");
    let reply = ask("/sign-in", "foldback.example").send().await.unwrap();
    let cookie = reply.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-Http-foldback_sign_in="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=600"), "{cookie}");
    let at = reply.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(
        pairs(Url::parse(&at).unwrap().query().unwrap())["redirect_uri"],
        "https://foldback.example/sign-in/callback"
    );
    let reply = http.get(&at).send().await.unwrap();
    let back = Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap();
    let path = format!("{}?{}", back.path(), back.query().unwrap());
    let request =
        ask(&path, "foldback.example").header("cookie", cookie.split(';').next().unwrap());
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status(), 303);
    let cookies: Vec<_> = reply.headers().get_all("set-cookie").iter().collect();
    let session = cookies[0].to_str().unwrap();
    assert!(session.starts_with("__Host-Http-foldback="), "{session}");
    assert!(session.ends_with("; HttpOnly; SameSite=Strict; Path=/; Secure"), "{session}");
    assert!(cookies[1].to_str().unwrap().contains("Max-Age=0"));
    let who = ask(WHO, "foldback.example").header("cookie", session.split(';').next().unwrap());
    assert_eq!(who.send().await.unwrap().status(), 200);
    // Beyond this machine no other name is ours, not even those of this machine.
    for host in ["127.0.0.1", "localhost", "evil.example", "foldback.example.evil.example"] {
        assert_eq!(ask("/", host).send().await.unwrap().status(), 421, "{host}");
    }
    // Without a sign-in, or in a rehearsal, nobody is let in from elsewhere.
    let mut config = foldback_proxy::config::Config::load(&file).unwrap();
    config.sign_in.as_mut().unwrap().client_secret = None;
    config.sqlite = folder.path("other.sqlite");
    let refused = foldback_proxy::serve::start(config).await.unwrap_err();
    assert!(refused.to_string().contains("client_secret_file"), "{refused:#}");
}
