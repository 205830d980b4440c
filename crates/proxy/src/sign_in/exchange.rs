//! A code for an ID token, at the issuer's token endpoint.

use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

use super::{OpenId, Trouble, percent};
use crate::upstream::{bounded, cause};

/// Largest answer taken.
const ANSWER_MAX: usize = 256 * 1024;

/// What an issuer may say when it refuses. What it says beside them is repeated nowhere.
const WORDS: [&str; 16] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
];

/// The word of the specification that an issuer's word is.
pub(super) fn word(told: &str) -> &'static str {
    WORDS.into_iter().find(|word| *word == told).unwrap_or("another reason")
}

#[derive(Deserialize)]
struct Granted {
    id_token: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl OpenId {
    /// The ID token for a code. Other tokens that come with it are dropped.
    pub(super) async fn exchange(
        &self,
        configuration: &Value,
        code: &str,
        verifier: &str,
    ) -> Result<String, Trouble> {
        let at = self.verifier.keys.leads_to(configuration, "token_endpoint");
        let at = at.ok_or(Trouble::Unavailable)?;
        let host = at.host_str().unwrap_or_default().to_owned();
        let fail = |why: String| {
            tracing::warn!(host, why, "the issuer gives no token for a sign-in");
            Trouble::Unavailable
        };
        let sent = self.request(configuration, at, code, verifier).send().await;
        let reply = sent.map_err(|error| fail(cause(&error)))?;
        let status = reply.status();
        let body = bounded(reply, ANSWER_MAX).await.map_err(fail)?;
        if status.is_success() {
            let granted = serde_json::from_slice::<Granted>(&body);
            // What cannot be read may hold a token: it is not told.
            return Ok(granted
                .map_err(|_| fail("its answer holds no id_token".to_owned()))?
                .id_token);
        }
        let refused = serde_json::from_slice::<Refused>(&body);
        let refused = refused.map(|refused| word(&refused.error));
        match refused {
            Ok(word) if status.is_client_error() => {
                tracing::warn!(word, "the issuer gives no token for a sign-in");
                Err(Trouble::Refused(word))
            }
            _ => Err(fail(format!("the answer is {status}"))),
        }
    }

    fn request(
        &self,
        configuration: &Value,
        at: Url,
        code: &str,
        verifier: &str,
    ) -> reqwest::RequestBuilder {
        let back = self.back();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("code_verifier", verifier),
        ];
        let request = self.http.post(at).header("accept", "application/json");
        // In the header unless the issuer takes it in the body alone.
        let ways = configuration.get("token_endpoint_auth_methods_supported");
        let offers = |way: &str| {
            ways.and_then(Value::as_array).is_some_and(|ways| ways.iter().any(|it| it == way))
        };
        if offers("client_secret_post") && !offers("client_secret_basic") {
            form.extend([
                ("client_id", self.client_id.as_str()),
                ("client_secret", self.secret.reveal()),
            ]);
            return request.form(&form);
        }
        // Both as forms write them, says RFC 6749 (2.3.1): a colon in one would end it.
        request
            .basic_auth(percent(&self.client_id), Some(percent(self.secret.reveal())))
            .form(&form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_specification_are_told() {
        assert_eq!(word("access_denied"), "access_denied");
        assert_eq!(word("<script>"), "another reason");
    }
}
