//! What is a Facebook token good for: whose is it, for which assets, and until when? Meta itself is asked.

use chrono::{DateTime, Utc};
use outbound::CallContext;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::client::{Login, Meta, Parts, Result, read};
use crate::error::TokenDeath;
use crate::ops::DEBUG_TOKEN;
use crate::tolerant::{flag, id, list, number, object, text, texts, time, word};

/// What Meta says about a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// Whether it may be used.
    pub valid: bool,
    /// The app for which it was made.
    pub app_id: String,
    /// `USER`, `PAGE`, `SYSTEM_USER` or another word.
    pub kind: String,
    /// The granted permissions.
    pub scopes: Vec<String>,
    /// The permissions that hold for certain assets only.
    pub granular: Vec<Granular>,
    /// When it ends; `None` if never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When access to data ends unless the person logs in again; `None` if never.
    pub data_access_expires_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub issued_at: Option<DateTime<Utc>>,
    /// The person or system user, as our app knows them.
    pub user_id: Option<String>,
    /// The page, for a page's token.
    pub profile_id: Option<String>,
    /// Why it may not be used.
    pub death: Option<TokenDeath>,
}

/// A permission and its assets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Granular {
    /// The permission.
    #[serde(deserialize_with = "id")]
    pub scope: String,
    /// The ids of its assets; empty means every asset (Meta, debug_token).
    #[serde(default, rename = "target_ids", deserialize_with = "texts")]
    pub targets: Vec<String>,
}

/// The assets for which a permission holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets<'a> {
    /// The permission was not granted.
    NotGranted,
    /// Every asset; which these are is found through the portfolios.
    Every,
    /// These assets.
    Only(&'a [String]),
}

impl TokenFacts {
    /// Whether it may be used and was made for this app. A token of another app is never stored.
    #[must_use]
    pub fn is_ours(&self, app_id: &str) -> bool {
        self.valid && self.app_id == app_id
    }

    /// The assets for which a permission holds.
    #[must_use]
    pub fn targets(&self, scope: &str) -> Targets<'_> {
        match self.granular.iter().find(|granular| granular.scope == scope) {
            Some(granular) if granular.targets.is_empty() => Targets::Every,
            Some(granular) => Targets::Only(&granular.targets),
            None if self.scopes.iter().any(|granted| granted == scope) => Targets::Every,
            None => Targets::NotGranted,
        }
    }

    /// Whether a permission holds for an asset, as far as the token says.
    #[must_use]
    pub fn covers(&self, scope: &str, asset: &str) -> bool {
        match self.targets(scope) {
            Targets::NotGranted => false,
            Targets::Every => true,
            Targets::Only(targets) => targets.iter().any(|target| target == asset),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    #[serde(deserialize_with = "flag")]
    is_valid: Option<bool>,
    #[serde(deserialize_with = "word")]
    app_id: String,
    #[serde(rename = "type", deserialize_with = "word")]
    kind: String,
    #[serde(deserialize_with = "texts")]
    scopes: Vec<String>,
    #[serde(deserialize_with = "list")]
    granular_scopes: Vec<Granular>,
    #[serde(deserialize_with = "time")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "time")]
    data_access_expires_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "time")]
    issued_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "text")]
    user_id: Option<String>,
    #[serde(deserialize_with = "text")]
    profile_id: Option<String>,
    #[serde(deserialize_with = "object")]
    error: Option<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default, deserialize_with = "number")]
    subcode: Option<i64>,
}

impl From<Data> for TokenFacts {
    fn from(data: Data) -> Self {
        let valid = data.is_valid == Some(true);
        let death = data.error.map(|reason| TokenDeath::of(reason.subcode.unwrap_or_default()));
        Self {
            valid,
            app_id: data.app_id,
            kind: data.kind,
            scopes: data.scopes,
            granular: data.granular_scopes,
            expires_at: data.expires_at,
            data_access_expires_at: data.data_access_expires_at,
            issued_at: data.issued_at,
            user_id: data.user_id,
            profile_id: data.profile_id,
            death: if valid { None } else { death.or(Some(TokenDeath::Revoked)) },
        }
    }
}

/// Asks about a token, with the token of our app. A dead token is an answer, not an error.
///
/// # Errors
/// As of any call.
pub async fn facts(meta: &Meta, about: &CallContext, token: &SecretString) -> Result<TokenFacts> {
    let query = [("input_token", token.expose_secret())];
    let mut request = meta.request(&DEBUG_TOKEN, Login::Facebook, Parts { query: &query, ..Parts::default() })?;
    request.bearer = Some(meta.app_token());
    let answer = meta.send(&DEBUG_TOKEN, request, about).await?;
    read::<Answer>(&DEBUG_TOKEN, &answer).map(|answer| answer.data.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> TokenFacts {
        serde_json::from_str::<Answer>(json).unwrap().data.into()
    }

    #[test]
    fn a_business_token_names_its_accounts() {
        let facts = read(
            r#"{"data":{"app_id":990000000000001,"type":"SYSTEM_USER","data_access_expires_at":0,"expires_at":0,"is_valid":true,
                "issued_at":1790000000,"scopes":["whatsapp_business_management","business_management"],
                "granular_scopes":[{"scope":"whatsapp_business_management","target_ids":["102290000000001",102290000000002]},
                {"scope":"pages_messaging"},{"odd":1}],"user_id":"122100000000001"}}"#,
        );
        assert!(facts.is_ours("990000000000001") && !facts.is_ours("1"));
        assert_eq!((facts.expires_at, facts.data_access_expires_at, facts.death), (None, None, None));
        let accounts = ["102290000000001".to_owned(), "102290000000002".to_owned()];
        assert_eq!(facts.targets("whatsapp_business_management"), Targets::Only(&accounts));
        assert_eq!(facts.targets("pages_messaging"), Targets::Every, "no targets");
        assert_eq!(facts.targets("business_management"), Targets::Every, "not granular");
        assert_eq!(facts.targets("instagram_basic"), Targets::NotGranted);
        assert!(facts.covers("whatsapp_business_management", "102290000000001"));
        assert!(!facts.covers("whatsapp_business_management", "102290000000009"));
    }

    #[test]
    fn a_dead_token_says_why() {
        let cases = [
            (r#"{"data":{"is_valid":false,"error":{"code":190,"message":"m","subcode":463}}}"#, TokenDeath::Expired),
            (r#"{"data":{"is_valid":false,"error":{"code":190,"message":"m"}}}"#, TokenDeath::Revoked),
            (r#"{"data":{"is_valid":false,"error":"odd"}}"#, TokenDeath::Revoked),
            (r#"{"data":{}}"#, TokenDeath::Revoked),
        ];
        for (json, death) in cases {
            let facts = read(json);
            assert!(!facts.valid && facts.death == Some(death) && !facts.is_ours(""), "{json}");
        }
    }
}
