//! How is an Instagram account connected by Instagram Login, without a page: code, tokens, account, subscription?

use std::time::Duration;

use outbound::{Body, CallContext};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer as Form;

use crate::accounts::{self, Subscription, subscribe_to};
use crate::client::{Call, Login, Meta, Parts, Result, read};
use crate::error::Error;
use crate::ops::{IG_EXCHANGE, IG_LONG_LIVED, IG_ME, IG_REFRESH, Op};
use crate::tolerant::{id, number, text, texts};

/// A short token, which lives an hour.
#[derive(Clone, Debug)]
pub struct Short {
    /// The token.
    pub token: SecretString,
    /// The account, as our app knows it. Webhooks use another id, see [`Account::user_id`].
    pub user_id: Option<String>,
    /// The granted permissions.
    pub permissions: Vec<String>,
}

/// A long-lived token.
#[derive(Clone, Debug)]
pub struct Long {
    /// The token.
    pub token: SecretString,
    /// Its lifetime from now: about 60 days.
    pub expires_in: Duration,
}

/// An Instagram account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The id as only our app knows it.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The id that webhooks use; messages are routed by it.
    #[serde(deserialize_with = "id")]
    pub user_id: String,
    /// The user name.
    #[serde(default, deserialize_with = "text")]
    pub username: Option<String>,
    /// The name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// Address of the picture, which expires.
    #[serde(default, rename = "profile_picture_url", deserialize_with = "text")]
    pub picture: Option<String>,
    /// `BUSINESS`, `MEDIA_CREATOR` or another word.
    #[serde(default, rename = "account_type", deserialize_with = "text")]
    pub kind: Option<String>,
}

#[derive(Deserialize)]
struct ShortAnswer {
    access_token: SecretString,
    #[serde(default, deserialize_with = "text")]
    user_id: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    permissions: Vec<String>,
}

#[derive(Deserialize)]
struct LongAnswer {
    access_token: SecretString,
    #[serde(default, deserialize_with = "number")]
    expires_in: Option<i64>,
}

/// Seconds, used if the answer states none: shorter than any lifetime seen, so that we renew too early rather than too
/// late.
const UNSTATED_LIFE: u64 = 30 * 24 * 60 * 60;

/// The least age of a token that may be renewed (Meta, Instagram Login).
pub const LEAST_AGE_TO_REFRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// What we receive from an account of Instagram Login.
pub const SUBSCRIBED: &[&str] =
    &["messages", "messaging_postbacks", "messaging_seen", "message_reactions", "messaging_referral"];

/// Exchanges a code. `redirect` is that of the consent. A code is never tried twice.
///
/// # Errors
/// `Kind::Code` if the code is refused.
pub async fn exchange(meta: &Meta, about: &CallContext, code: &str, redirect: &Url) -> Result<Short> {
    let app = &meta.settings.instagram;
    let form = Form::new(String::new())
        .append_pair("client_id", &app.app_id)
        .append_pair("client_secret", app.app_secret.expose_secret())
        .append_pair("grant_type", "authorization_code")
        .append_pair("redirect_uri", redirect.as_str())
        .append_pair("code", code)
        .finish();
    let parts = Parts { body: Some(Body::Form(form.into_bytes())), ..Parts::default() };
    let request = meta.request(&IG_EXCHANGE, Login::Instagram, parts)?;
    let answer = meta.send(&IG_EXCHANGE, request, about).await?;
    let json: Value = read(&IG_EXCHANGE, &answer)?;
    short(json).ok_or_else(|| Error::unreadable(&IG_EXCHANGE, &answer, "it has no token"))
}

/// The answer is an object, or is wrapped in a list called `data`.
fn short(json: Value) -> Option<Short> {
    let inner = json.pointer("/data/0").or_else(|| json.get("data")).filter(|inner| inner.is_object()).cloned();
    let answer: ShortAnswer = serde_json::from_value(inner.unwrap_or(json)).ok()?;
    Some(Short { token: answer.access_token, user_id: answer.user_id, permissions: answer.permissions })
}

/// Exchanges a short token for a long-lived one.
///
/// # Errors
/// As of any call.
pub async fn long_lived(meta: &Meta, about: &CallContext, short: &SecretString) -> Result<Long> {
    let secret = meta.settings.instagram.app_secret.expose_secret();
    let query =
        [("grant_type", "ig_exchange_token"), ("client_secret", secret), ("access_token", short.expose_secret())];
    long(meta, &IG_LONG_LIVED, about, &query).await
}

/// Renews a long-lived token. It must be at least [`LEAST_AGE_TO_REFRESH`] old and not have expired.
///
/// # Errors
/// `Kind::Token` if it has expired: the account must be connected again.
pub async fn refresh(meta: &Meta, about: &CallContext, token: &SecretString) -> Result<Long> {
    let query = [("grant_type", "ig_refresh_token"), ("access_token", token.expose_secret())];
    long(meta, &IG_REFRESH, about, &query).await
}

/// The platform takes the token of these two calls in the query only (Meta, Instagram Login).
async fn long(meta: &Meta, op: &'static Op, about: &CallContext, query: &[(&str, &str)]) -> Result<Long> {
    let request = meta.request(op, Login::Instagram, Parts { query, ..Parts::default() })?;
    let answer = meta.send(op, request, about).await?;
    let LongAnswer { access_token, expires_in } = read(op, &answer)?;
    let seconds = expires_in.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
    Ok(Long { token: access_token, expires_in: Duration::from_secs(seconds.unwrap_or(UNSTATED_LIFE)) })
}

/// The account of a token.
///
/// # Errors
/// As of any call.
pub async fn me(meta: &Meta, call: Call<'_>) -> Result<Account> {
    let query = [("fields", "id,user_id,username,name,profile_picture_url,account_type")];
    meta.call(&IG_ME, call, Parts { query: &query, ..Parts::default() }).await
}

/// Asks Meta to send us what arrives at the account. `user` is [`Account::user_id`].
///
/// # Errors
/// As of any call.
pub async fn subscribe(meta: &Meta, call: Call<'_>, user: &str) -> Result<()> {
    subscribe_to(meta, call, user, SUBSCRIBED).await
}

/// Ends [`subscribe`]. Repeating it changes nothing.
///
/// # Errors
/// As of any call.
pub async fn unsubscribe(meta: &Meta, call: Call<'_>, user: &str) -> Result<()> {
    accounts::unsubscribe(meta, call, user).await
}

/// The apps that receive what arrives at the account.
///
/// # Errors
/// As of any call.
pub async fn subscriptions(meta: &Meta, call: Call<'_>, user: &str) -> Result<Vec<Subscription>> {
    accounts::subscriptions(meta, call, user).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_a_short_token_are_read() {
        for json in [
            r#"{"access_token":"IGAA","user_id":17841400000000001,"permissions":["a","b"]}"#,
            r#"{"data":[{"access_token":"IGAA","user_id":"17841400000000001","permissions":"a,b"}]}"#,
            r#"{"data":{"access_token":"IGAA","user_id":"17841400000000001","permissions":"a, b"}}"#,
        ] {
            let short = short(serde_json::from_str(json).unwrap()).unwrap();
            assert_eq!(short.user_id.as_deref(), Some("17841400000000001"), "{json}");
            assert_eq!(short.permissions, ["a", "b"]);
            assert!(!format!("{short:?}").contains("IGAA"));
        }
        for json in ["{}", r#"{"data":[]}"#, r#"{"data":[{}]}"#, "7"] {
            assert!(short(serde_json::from_str(json).unwrap()).is_none(), "{json}");
        }
    }

    #[test]
    fn the_account_is_routed_by_the_id_of_webhooks() {
        let account: Account =
            serde_json::from_str(r#"{"id":"24000000000000001","user_id":17841400000000001,"username":"bikes"}"#)
                .unwrap();
        assert_eq!(account.user_id, "17841400000000001");
        assert!(serde_json::from_str::<Account>(r#"{"id":"24000000000000001"}"#).is_err());
    }
}
