//! The cookies of a browser: host-only, out of reach of scripts, with opaque contents.

use axum::http::{HeaderMap, header};

/// When a browser sends a cookie along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// With requests that our own page begins.
    Strict,
    /// With those and when another site leads the browser here, as an issuer does.
    Lax,
}

/// A cookie of ours, by name.
#[derive(Debug, Clone)]
pub struct Cookie {
    name: String,
    secure: bool,
}

impl Cookie {
    /// A cookie for a proxy that browsers reach by plain HTTP on this machine. Its name has the port,
    /// since cookies do not keep apart two proxies on one machine.
    pub fn on_port(port: u16, suffix: &str) -> Self {
        Self { name: format!("foldback_{port}{suffix}"), secure: false }
    }

    /// A cookie for https. Browsers take one of this name only from an answer of this very host, over
    /// https, for the whole host and out of reach of scripts: no other host of the domain can plant it.
    pub fn on_host(suffix: &str) -> Self {
        Self { name: format!("__Host-Http-foldback{suffix}"), secure: true }
    }

    /// The value of `Set-Cookie`; `seconds` is how long the browser keeps it, without which it goes
    /// with the browser.
    pub fn set(&self, value: &str, sent: Sent, seconds: Option<u64>) -> String {
        let same_site = match sent {
            Sent::Strict => "Strict",
            Sent::Lax => "Lax",
        };
        let secure = if self.secure { "; Secure" } else { "" };
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        format!("{}={value}; HttpOnly; SameSite={same_site}; Path=/{secure}{age}", self.name)
    }

    /// The value of `Set-Cookie` that takes it away.
    pub fn clear(&self, sent: Sent) -> String {
        self.set("", sent, Some(0))
    }

    /// All values these headers have under the name. Another program on this machine can plant one
    /// where there is no https, so the first need not be ours.
    pub fn values<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> + 'a {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name)
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_the_name_binds_it_to_the_host() {
        let cookie = Cookie::on_host("");
        assert_eq!(
            cookie.set("x", Sent::Strict, None),
            "__Host-Http-foldback=x; HttpOnly; SameSite=Strict; Path=/; Secure"
        );
        assert_eq!(
            Cookie::on_port(8080, "_sign_in").set("x", Sent::Lax, Some(600)),
            "foldback_8080_sign_in=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=600"
        );
        assert!(!cookie.clear(Sent::Strict).contains("Domain"));
    }
}
