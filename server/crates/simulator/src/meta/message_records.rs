//! The records of what customers and businesses write to each other, and of what is sent to the app about it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// WhatsApp; the account is a phone number.
    Whatsapp,
    /// Instagram; the account is a professional account.
    Instagram,
    /// Messenger; the account is a Page.
    Facebook,
}

/// A customer of the businesses.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Customer {
    /// Id inside the simulator.
    pub id: String,
    /// Name.
    pub name: String,
    /// WhatsApp id: the number's digits, as WhatsApp writes them.
    pub wa_id: String,
    /// Business-scoped id at WhatsApp.
    pub bsuid: String,
    /// Handle. `None` before one is adopted.
    pub username: Option<String>,
    /// Whether WhatsApp hides the number from businesses, as after a username was adopted.
    pub phone_hidden: bool,
    /// Id at Messenger.
    pub psid: String,
    /// Id at Instagram.
    pub igsid: String,
    /// Whether marketing messages are unwanted.
    pub opted_out: bool,
    /// Accounts that the customer blocks.
    pub blocks: Vec<String>,
}

impl Customer {
    /// What calls look it up with: every id that it has.
    pub fn keys(&self) -> Vec<String> {
        let ids = [&self.wa_id, &self.bsuid, &self.psid, &self.igsid];
        ids.into_iter().filter(|id| !id.is_empty()).cloned().collect()
    }
}

/// One message of a thread.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Message id, as the platform forms it.
    pub id: String,
    /// Channel.
    pub channel: Channel,
    /// The phone number, Page or Instagram account.
    pub account_id: String,
    /// The customer.
    pub customer_id: String,
    /// Whether the business wrote it.
    pub outbound: bool,
    /// Kind: `text`, `image`, `template` and so on.
    pub kind: String,
    /// The message as it was sent, without its envelope.
    pub body: Value,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// For the business's messages `accepted`, `sent`, `delivered`, `read` or `failed`; empty for the customer's.
    pub status: String,
    /// The error of a failed message.
    pub error: Option<Value>,
    /// The other side's reaction. Empty if there is none.
    pub reaction: String,
    /// Whether it was deleted.
    pub deleted: bool,
}

impl Message {
    /// The key of the thread of one customer with one account.
    pub fn thread(account: &str, customer: &str) -> String {
        format!("{account} {customer}")
    }

    /// What calls look it up with: its account, and its thread.
    pub fn keys(&self) -> Vec<String> {
        vec![self.account_id.clone(), Self::thread(&self.account_id, &self.customer_id)]
    }

    /// When it was written.
    pub const fn since(&self) -> DateTime<Utc> {
        self.at
    }
}

/// A file of a message.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Media {
    /// Id.
    pub id: String,
    /// The phone number, Page or Instagram account.
    pub account_id: String,
    /// Type.
    pub mime_type: String,
    /// File name. Empty if it has none.
    pub filename: String,
    /// The bytes in base64.
    pub data: String,
    /// When it was stored.
    pub at: DateTime<Utc>,
}

/// A message template of a WhatsApp Business Account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Template {
    /// Id.
    pub id: String,
    /// The WhatsApp Business Account.
    pub waba_id: String,
    /// Name.
    pub name: String,
    /// Language, as `en_US`.
    pub language: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    pub category: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` or `DISABLED`.
    pub status: String,
    /// Why it was rejected. Empty if it was not.
    pub reason: String,
    /// Components, as sent by the caller.
    pub components: Value,
    /// When it was last submitted.
    pub at: DateTime<Utc>,
}

impl Template {
    /// What calls look it up with: its account.
    pub fn keys(&self) -> Vec<String> {
        vec![self.waba_id.clone()]
    }

    /// When it was last submitted.
    pub const fn since(&self) -> DateTime<Utc> {
        self.at
    }
}

/// One try of a delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// The receiver's status, or what went wrong.
    pub answer: String,
    /// How long the answer took, in milliseconds.
    pub took_ms: u64,
}

/// A webhook request to the app.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Id.
    pub id: String,
    /// Where it goes.
    pub url: String,
    /// The app, or its Instagram half, whose secret signs it.
    pub app_id: String,
    /// The object.
    pub object: String,
    /// The account of the entries.
    pub account_id: String,
    /// The body, as it is signed and sent.
    pub body: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// When it is sent next. `None` once it was accepted or given up.
    pub due_at: Option<DateTime<Utc>>,
    /// The tries so far.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// The key of the deliveries that are still to be sent.
    pub const WAITING: &'static str = "waiting";

    /// What calls look it up with: its account, and whether it is still to be sent.
    pub fn keys(&self) -> Vec<String> {
        let waiting = self.due_at.map(|_| Self::WAITING.to_owned());
        std::iter::once(self.account_id.clone()).chain(waiting).collect()
    }

    /// When it was made.
    pub const fn since(&self) -> DateTime<Utc> {
        self.at
    }
}
