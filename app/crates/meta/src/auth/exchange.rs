//! How does the code of a consent become a token, and a short token a long-lived one?

use std::time::Duration;

use outbound::CallContext;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::client::{Login, Meta, Parts, Result, read};
use crate::ops::{EXCHANGE, LONG_LIVED, Op};
use crate::tolerant::number;

/// A token of Facebook Login.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token of the person or, from WhatsApp's signup, of the business.
    pub token: SecretString,
    /// Its lifetime from now; `None` if the answer states none, which is usual for tokens of businesses.
    pub expires_in: Option<Duration>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    #[serde(default, deserialize_with = "number")]
    expires_in: Option<i64>,
}

impl From<Answer> for Grant {
    fn from(answer: Answer) -> Self {
        let seconds = answer.expires_in.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        Self { token: answer.access_token, expires_in: seconds.map(Duration::from_secs) }
    }
}

/// Exchanges a code. `redirect` is that of the consent; `None` for a code that the browser's signup window gave. A code
/// is never tried twice: after any failure the person starts again.
///
/// # Errors
/// `Kind::Code` if the code is refused.
pub async fn exchange(meta: &Meta, about: &CallContext, code: &str, redirect: Option<&Url>) -> Result<Grant> {
    let mut query = vec![("code", code)];
    query.extend(redirect.map(|redirect| ("redirect_uri", redirect.as_str())));
    as_app(meta, &EXCHANGE, about, &query).await
}

/// Exchanges a person's short token, which lives about an hour, for one that lives about 60 days. Tokens of pages that
/// are read with a long-lived token have no end.
///
/// # Errors
/// As of any call.
pub async fn long_lived(meta: &Meta, about: &CallContext, short: &SecretString) -> Result<Grant> {
    let query = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.expose_secret())];
    as_app(meta, &LONG_LIVED, about, &query).await
}

/// The platform takes id, secret, code and token of these two calls in the query only (Meta, code exchange).
async fn as_app(meta: &Meta, op: &'static Op, about: &CallContext, query: &[(&str, &str)]) -> Result<Grant> {
    let settings = &meta.settings;
    let own = [("client_id", settings.app_id.as_str()), ("client_secret", settings.app_secret.expose_secret())];
    let query: Vec<_> = own.into_iter().chain(query.iter().copied()).collect();
    let request = meta.request(op, Login::Facebook, Parts { query: &query, ..Parts::default() })?;
    let answer = meta.send(op, request, about).await?;
    read::<Answer>(op, &answer).map(Grant::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lifetime_is_optional_and_the_token_is_not_printed() {
        let cases = [
            (r#"{"access_token":"EAAE-secret","token_type":"bearer","expires_in":5183944}"#, Some(5_183_944)),
            (r#"{"access_token":"EAAE-secret","expires_in":"5183944"}"#, Some(5_183_944)),
            (r#"{"access_token":"EAAE-secret","token_type":"bearer"}"#, None),
            (r#"{"access_token":"EAAE-secret","expires_in":0}"#, None),
            (r#"{"access_token":"EAAE-secret","expires_in":-5}"#, None),
        ];
        for (json, seconds) in cases {
            let grant = Grant::from(serde_json::from_str::<Answer>(json).unwrap());
            assert_eq!(grant.expires_in, seconds.map(Duration::from_secs), "{json}");
            assert_eq!(grant.token.expose_secret(), "EAAE-secret");
            assert!(!format!("{grant:?}").contains("secret\""), "{grant:?}");
            assert!(!format!("{grant:?}").contains("EAAE"));
        }
        assert!(serde_json::from_str::<Answer>(r#"{"token_type":"bearer"}"#).is_err());
    }
}
