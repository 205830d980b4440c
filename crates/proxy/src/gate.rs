//! Who may pass: our own host only, our own origin only, then a session.
//!
//! The order is fixed: a foreign origin is refused before anything is said about sessions, a missing
//! session before anything is said about paths.

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{
    problem::{Face, Fault},
    session::{Session, Sessions},
    sign_in,
};

/// The names this proxy goes by.
#[derive(Debug, Clone)]
pub struct Gate {
    /// `host:port` as browsers on this machine write it.
    own: Vec<String>,
    /// The public address as browsers write the origin of a page there.
    public: String,
    /// The panel is there too, and not notifications alone.
    panel: bool,
}

impl Gate {
    /// A gate for a proxy that listens on `ip` and `port`; `public` is its public address, without
    /// slash at the end. It is the address of the panel as well where people sign in with their
    /// organization's accounts (`panel`), and the only one when the proxy listens beyond this machine.
    pub fn new(ip: IpAddr, port: u16, public: &str, panel: bool) -> Self {
        let mut own = Vec::new();
        if ip.is_loopback() {
            let ip = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
            own.extend([format!("{ip}:{port}"), format!("localhost:{port}")]);
            // Browsers leave out the port a scheme implies.
            if port == 80 {
                own.extend([ip, "localhost".to_owned()]);
            }
        }
        Self { own, public: public.to_owned(), panel }
    }

    /// Refuses requests that were sent to another name: a page whose name was made to point here
    /// must not reach anything.
    ///
    /// # Errors
    /// 400 without exactly one host, 421 for a foreign one.
    pub fn host(&self, headers: &HeaderMap, face: Face) -> Result<(), Fault> {
        let host = Self::one_host(headers)?;
        let public = (self.panel || face == Face::Webhook) && self.is_public(host);
        if public || self.own.iter().any(|own| own.eq_ignore_ascii_case(host)) {
            return Ok(());
        }
        Err(Fault::new(
            StatusCode::MISDIRECTED_REQUEST,
            "misdirected",
            "this proxy does not go by that host name; use the address it printed",
        ))
    }

    /// Refuses requests that were sent to a name other than `localhost`, for what is reached by address
    /// alone: a page can have its own name point anywhere, and no number.
    ///
    /// # Errors
    /// As [`Self::host`].
    pub fn by_address(headers: &HeaderMap) -> Result<(), Fault> {
        let host = Self::one_host(headers)?;
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next(),
            None => host.split(':').next(),
        };
        let name = name.unwrap_or_default();
        if name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok() {
            return Ok(());
        }
        Err(Fault::new(
            StatusCode::MISDIRECTED_REQUEST,
            "misdirected",
            "this is answered at an IP address or localhost, and at no other name; use one of them",
        ))
    }

    /// Whether a request was sent to the public address.
    pub fn is_at_home(&self, headers: &HeaderMap) -> bool {
        Self::one_host(headers).is_ok_and(|host| self.is_public(host))
    }

    /// The origin of the page that asks, when it is one of `listed` and named once.
    pub fn listed<'a>(headers: &'a HeaderMap, listed: &[String]) -> Option<&'a HeaderValue> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
        listed.iter().any(|one| one.as_bytes() == origin.as_bytes()).then_some(origin)
    }

    /// Refuses what another origin's page sent.
    ///
    /// # Errors
    /// 403.
    pub fn origin(&self, headers: &HeaderMap) -> Result<(), Fault> {
        let foreign_origin = headers.contains_key(header::ORIGIN) && !self.same_origin(headers);
        let foreign_site = fetch_site(headers).is_some_and(|site| {
            site.eq_ignore_ascii_case("cross-site") || site.eq_ignore_ascii_case("same-site")
        });
        if foreign_origin || foreign_site {
            return Err(Fault::new(
                StatusCode::FORBIDDEN,
                "foreignOrigin",
                "pages of another origin may not use this proxy",
            ));
        }
        Ok(())
    }

    /// Demands a session, and for anything that can change something the browser's own word that
    /// the request comes from our page.
    ///
    /// # Errors
    /// 401 without a session, 403 without that word.
    pub fn session(
        &self,
        sessions: &Sessions,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Arc<Session>, Fault> {
        let session = sessions.find(headers).ok_or_else(|| {
            let words = if self.panel {
                "nobody is signed in, or the session is over; sign in at /sign-in"
            } else {
                "nobody is signed in; open the sign-in link that Foldback printed"
            };
            let mut fault =
                Fault::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", words);
            fault.sign_in = self.panel.then_some(sign_in::PATH);
            fault
        })?;
        let reads = *method == Method::GET || *method == Method::HEAD;
        let own_page = fetch_site(headers) == Some("same-origin") || self.same_origin(headers);
        if reads || own_page {
            return Ok(session);
        }
        Err(Fault::new(
            StatusCode::FORBIDDEN,
            "sameOriginOnly",
            "a request with the sign-in cookie must carry `Sec-Fetch-Site: same-origin` or our own `Origin`",
        ))
    }

    fn one_host(headers: &HeaderMap) -> Result<&str, Fault> {
        let mut hosts = headers.get_all(header::HOST).iter();
        match (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) {
            (Some(host), None) => Ok(host),
            _ => Err(Fault::bad_request("a request names exactly one host")),
        }
    }

    fn same_origin(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
        let host = Self::one_host(headers).unwrap_or_default();
        let Ok(origin) = origin.to_str() else { return false };
        if self.is_public(host) {
            // What speaks TLS stands in front: the scheme is the public address's, not the socket's.
            return origin.eq_ignore_ascii_case(&self.public);
        }
        origin.strip_prefix("http://").is_some_and(|at| at.eq_ignore_ascii_case(host))
    }

    fn is_public(&self, host: &str) -> bool {
        let at = self.public.split_once("://").map_or("", |(_, at)| at);
        at.eq_ignore_ascii_case(host)
    }
}

fn fetch_site(headers: &HeaderMap) -> Option<&str> {
    headers.get("sec-fetch-site")?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::session::{Lifetimes, cookie::Cookie};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            let name = axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, value.parse().unwrap());
        }
        map
    }

    fn gate() -> Gate {
        Gate::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080, "https://foldback.example", false)
    }

    #[test]
    fn only_our_own_names() {
        for (host, face, expected) in [
            ("127.0.0.1:8080", Face::Page, Ok(())),
            ("LOCALHOST:8080", Face::Graph, Ok(())),
            ("localhost", Face::Page, Err(421)),
            ("127.0.0.1:9090", Face::Page, Err(421)),
            ("evil.example:8080", Face::Page, Err(421)),
            ("foldback.example", Face::Webhook, Ok(())),
            ("foldback.example", Face::Foldback, Err(421)),
        ] {
            let found = gate().host(&headers(&[("host", host)]), face);
            assert_eq!(found.map_err(|f| f.status.as_u16()), expected, "{host}");
        }
        let two = headers(&[("host", "127.0.0.1:8080"), ("host", "evil.example")]);
        assert_eq!(gate().host(&two, Face::Page).unwrap_err().status, 400);
        assert_eq!(gate().host(&HeaderMap::new(), Face::Page).unwrap_err().status, 400);
    }

    #[test]
    fn numbers_and_localhost_and_no_other_name() {
        for (host, expected) in [
            ("127.0.0.1:9100", Ok(())),
            ("127.0.0.1", Ok(())),
            ("10.0.0.7:9100", Ok(())),
            ("[::1]:9100", Ok(())),
            ("LocalHost:9100", Ok(())),
            ("evil.example", Err(421)),
            ("127.0.0.1.evil.example:9100", Err(421)),
            ("localhost.evil.example", Err(421)),
            ("127.0.0.1@evil.example", Err(421)),
            ("[evil.example]:9100", Err(421)),
            ("", Err(421)),
        ] {
            let found = Gate::by_address(&headers(&[("host", host)]));
            assert_eq!(found.map_err(|fault| fault.status.as_u16()), expected, "{host}");
        }
        let two = headers(&[("host", "127.0.0.1:9100"), ("host", "127.0.0.1:9100")]);
        for wrong in [two, HeaderMap::new()] {
            assert_eq!(Gate::by_address(&wrong).unwrap_err().status, 400);
        }
    }

    #[test]
    fn where_people_sign_in_the_panel_has_the_public_name() {
        let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let public = "https://foldback.example";
        let gate = Gate::new(everywhere, 8080, public, true);
        for (host, passes) in [
            ("foldback.example", true),
            ("FOLDBACK.example", true),
            ("foldback.example:8080", false),
            ("0.0.0.0:8080", false),
            ("localhost:8080", false),
            ("127.0.0.1:8080", false),
            ("", false),
        ] {
            for face in [Face::Page, Face::Graph, Face::Webhook] {
                assert_eq!(gate.host(&headers(&[("host", host)]), face).is_ok(), passes, "{host}");
            }
        }
        for (origin, passes) in [
            (public, true),
            ("http://foldback.example", false),
            ("https://foldback.example.evil.example", false),
            ("https://foldback.example:8443", false),
        ] {
            let from = headers(&[("host", "foldback.example"), ("origin", origin)]);
            assert_eq!(gate.origin(&from).is_ok(), passes, "{origin}");
        }
        let nobody = Sessions::new(Cookie::on_host(""), Lifetimes::default(), None).unwrap();
        let fault = gate.session(&nobody, &Method::GET, &HeaderMap::new()).unwrap_err();
        assert_eq!((fault.status.as_u16(), fault.sign_in), (401, Some("/sign-in")));
    }

    #[test]
    fn foreign_pages_are_refused() {
        for (origin, site, passes) in [
            (None, None, true),
            (Some("http://127.0.0.1:8080"), Some("same-origin"), true),
            (Some("http://127.0.0.1:8080"), None, true),
            (None, Some("none"), true),
            (Some("http://localhost:8080"), None, false),
            (Some("https://127.0.0.1:8080"), None, false),
            (Some("null"), None, false),
            (Some("http://evil.example"), Some("same-origin"), false),
            (None, Some("cross-site"), false),
            (None, Some("same-site"), false),
        ] {
            let mut pairs = vec![("host", "127.0.0.1:8080")];
            pairs.extend(origin.map(|origin| ("origin", origin)));
            pairs.extend(site.map(|site| ("sec-fetch-site", site)));
            assert_eq!(gate().origin(&headers(&pairs)).is_ok(), passes, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn changing_anything_needs_the_browsers_word() {
        let sessions =
            Sessions::new(Cookie::on_port(8080, ""), Lifetimes::default(), None).unwrap();
        let operator = sessions.operator_by_link(&HeaderMap::new()).unwrap();
        let cookie = sessions.begin_by_link(operator, &HeaderMap::new()).unwrap();
        let cookie = cookie.split(';').next().unwrap();
        for (method, extra, expected) in [
            (Method::GET, None, None),
            (Method::POST, None, Some(403)),
            (Method::DELETE, Some(("sec-fetch-site", "none")), Some(403)),
            (Method::POST, Some(("sec-fetch-site", "same-origin")), None),
            (Method::POST, Some(("origin", "http://127.0.0.1:8080")), None),
            (Method::POST, Some(("origin", "http://127.0.0.1:1")), Some(403)),
        ] {
            let mut pairs = vec![("host", "127.0.0.1:8080"), ("cookie", cookie)];
            pairs.extend(extra);
            let found = gate().session(&sessions, &method, &headers(&pairs));
            let status = found.err().map(|fault| fault.status.as_u16());
            assert_eq!(status, expected, "{method} {extra:?}");
        }
        let none = headers(&[("host", "127.0.0.1:8080"), ("cookie", "foldback_8080=no")]);
        let fault = gate().session(&sessions, &Method::POST, &none).unwrap_err();
        assert_eq!(fault.status, 401);
    }
}
