//! The records of what people allow an app: consents, codes, tokens and subscriptions.
//!
//! Secrets are stored as digests, never by value.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A person's token of Facebook Login.
    User,
    /// A Page's token.
    Page,
    /// A business's token of Embedded Signup or of Facebook Login for Business.
    SystemUser,
    /// An Instagram account's token of Instagram Login.
    Instagram,
}

impl TokenKind {
    /// The name used in the journal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Page => "page",
            Self::SystemUser => "system_user",
            Self::Instagram => "instagram",
        }
    }

    /// The name used by `debug_token`.
    pub const fn debug_word(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Page => "PAGE",
            Self::SystemUser => "SYSTEM_USER",
            Self::Instagram => "INSTAGRAM_USER",
        }
    }
}

/// The accounts that a consent covers. An empty list covers none of that kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Assets {
    /// Ids of Pages.
    pub pages: Vec<String>,
    /// Ids of professional Instagram accounts.
    pub instagrams: Vec<String>,
    /// Ids of WhatsApp Business Accounts.
    pub wabas: Vec<String>,
    /// Ids of portfolios.
    pub businesses: Vec<String>,
}

/// What a person, a business or an Instagram account allows the app. A later consent replaces it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetaConsent {
    /// `user:PERSON`, `business:BUSINESS` or `instagram:ACCOUNT`.
    pub id: String,
    /// Id of the app, or of its Instagram half.
    pub app_id: String,
    /// The person who consented. For Instagram Login the app-scoped id of the account.
    pub person_id: String,
    /// The kind of token that it yields.
    pub kind: TokenKind,
    /// The granted permissions.
    pub scopes: Vec<String>,
    /// The permissions that were asked for and not granted.
    pub declined: Vec<String>,
    /// The accounts that it covers.
    pub assets: Assets,
    /// When it was given.
    pub given_at: DateTime<Utc>,
}

/// A code from a dialog, waiting to be exchanged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetaCode {
    /// Digest of the code.
    pub id: String,
    /// The consent that it stands for.
    pub consent_id: String,
    /// The redirect URI of the dialog. `None` for Embedded Signup by the platform's own script, which has none.
    pub redirect_uri: Option<String>,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// Whether it was exchanged already.
    pub used: bool,
}

/// Why a token no longer works, in the words of the error.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Death {
    /// Subcode of the error 190. `None` if it has none.
    pub subcode: Option<u32>,
    /// The message.
    pub message: String,
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetaToken {
    /// Digest of the token.
    pub id: String,
    /// Kind.
    pub kind: TokenKind,
    /// Id of the app, or of its Instagram half.
    pub app_id: String,
    /// The consent that it rests on.
    pub consent_id: String,
    /// The person, or the app-scoped id of the Instagram account.
    pub person_id: String,
    /// The account that it speaks for: the Page or the Instagram account. `None` for a person's and a business's token.
    pub account_id: Option<String>,
    /// The permissions.
    pub scopes: Vec<String>,
    /// The accounts that it was issued for.
    pub assets: Assets,
    /// Whether it is long-lived.
    pub long: bool,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it expires. `None` if it does not.
    pub expires_at: Option<DateTime<Utc>>,
    /// When access to the person's data ends. `None` if it does not.
    pub data_access_expires_at: Option<DateTime<Utc>>,
    /// Why it no longer works. `None` while it does.
    pub death: Option<Death>,
}

impl MetaToken {
    /// What calls look it up with: its consent, and the account that it speaks for.
    pub fn keys(&self) -> Vec<String> {
        std::iter::once(self.consent_id.clone()).chain(self.account_id.clone()).collect()
    }

    /// When it was issued.
    pub const fn since(&self) -> DateTime<Utc> {
        self.issued_at
    }

    /// Describes what the token may do, without revealing the token.
    pub fn describe(&self) -> Value {
        json!({
            "fingerprint": self.id.get(..12), "kind": self.kind, "appId": self.app_id, "accountId": self.account_id,
            "personId": self.person_id, "consentId": self.consent_id, "scopes": self.scopes, "assets": self.assets,
            "long": self.long, "issuedAt": self.issued_at, "expiresAt": self.expires_at,
            "dataAccessExpiresAt": self.data_access_expires_at, "death": self.death,
        })
    }
}

/// An app that is told what happens on an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// See [`Subscription::key`].
    pub id: String,
    /// `page`, `whatsapp_business_account` or `instagram`. The last is that of Instagram Login; an Instagram account that
    /// belongs to a Page is told through the Page's subscription.
    pub object: String,
    /// The Page, the WhatsApp Business Account or the professional Instagram account.
    pub account_id: String,
    /// The app, or its Instagram half. Its secret signs.
    pub app_id: String,
    /// The fields. WhatsApp's are those of the app, so there are none here.
    pub fields: Vec<String>,
    /// Address that replaces the app's, only for a WhatsApp Business Account.
    pub override_url: Option<String>,
    /// When it began.
    pub since: DateTime<Utc>,
}

impl Subscription {
    /// Id of the subscription of one app to an account.
    pub fn key(object: &str, account: &str, app: &str) -> String {
        format!("{object}:{account}:{app}")
    }

    /// What calls look it up with: its account.
    pub fn keys(&self) -> Vec<String> {
        vec![self.account_id.clone()]
    }

    /// When it began.
    pub const fn since(&self) -> DateTime<Utc> {
        self.since
    }
}
