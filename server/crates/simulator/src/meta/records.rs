//! The records that Meta keeps of apps, people and the accounts that they own.
//!
//! What an app may do with these accounts is in `access_records.rs`, what people write to them in `message_records.rs`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A developer's app. Its Instagram half has its own id and secret.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetaApp {
    /// App id.
    pub id: String,
    /// Name shown in the dialogs.
    pub name: String,
    /// App secret. It signs what Meta sends for Facebook Login.
    pub secret: String,
    /// Id of the Instagram half.
    pub ig_id: String,
    /// Secret of the Instagram half. It signs what Meta sends for Instagram Login.
    pub ig_secret: String,
    /// Verify token of the webhooks.
    pub verify_token: String,
    /// Address of the webhooks, for every object without one of its own. Empty if none is set.
    pub callback_url: String,
    /// Where the webhooks of one object go, by object: `page`, `instagram` or `whatsapp_business_account`.
    pub objects: BTreeMap<String, ObjectWebhook>,
    /// Registered redirect URIs. If there are none, any on loopback is accepted.
    pub redirect_uris: Vec<String>,
    /// Address that is told when a person removes the app. Empty if none is set.
    pub deauthorize_url: String,
    /// Address that is told when a person asks for their data to be deleted. Empty if none is set.
    pub data_deletion_url: String,
    /// Configurations of Facebook Login for Business, by id.
    pub configs: BTreeMap<String, LoginConfig>,
    /// Whether calls without an `appsecret_proof` are refused.
    pub proof_required: bool,
}

/// Where the webhooks of one object go.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectWebhook {
    /// The address; it was verified when it was set.
    pub callback_url: String,
    /// The subscribed fields.
    pub fields: Vec<String>,
}

/// A configuration of Facebook Login for Business.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LoginConfig {
    /// The permissions, all of which have to be granted.
    pub scopes: Vec<String>,
    /// Whether it yields a business's token instead of a person's.
    pub system_user: bool,
}

impl MetaApp {
    /// The address for the webhooks of an object. `None` if none is set.
    pub fn callback(&self, object: &str) -> Option<&str> {
        let own = self.objects.get(object).map(|webhook| webhook.callback_url.as_str());
        own.into_iter().chain([self.callback_url.as_str()]).find(|url| !url.is_empty())
    }

    /// The secret of the half of the app that has this id.
    pub fn secret_of(&self, id: &str) -> &str {
        if id == self.ig_id { &self.ig_secret } else { &self.secret }
    }
}

/// A person with a Facebook login.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// App-scoped id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A business portfolio.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Business {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Ids of the people who run it.
    pub people: Vec<String>,
}

/// A Facebook Page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Page {
    /// Id, also `entry[].id` of its webhooks.
    pub id: String,
    /// Name.
    pub name: String,
    /// Category.
    pub category: String,
    /// The portfolio that owns it. `None` if a person does.
    pub business_id: Option<String>,
    /// The tasks of each person who has a role on it, by the person's id.
    pub roles: BTreeMap<String, Vec<String>>,
    /// The linked professional Instagram account. `None` if there is none.
    pub instagram_id: Option<String>,
}

/// A professional Instagram account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstagramAccount {
    /// Professional account id: `user_id` of Instagram Login, `entry[].id` of its webhooks.
    pub id: String,
    /// App-scoped id: `id` of Instagram Login. Webhooks never carry it.
    pub app_scoped_id: String,
    /// Handle, without `@`.
    pub username: String,
    /// Name.
    pub name: String,
    /// `BUSINESS` or `MEDIA_CREATOR`.
    pub account_type: String,
    /// The linked Page. `None` if there is none.
    pub page_id: Option<String>,
    /// Whether it lets connected tools read its messages. If not, Pages do not show it.
    pub message_access: bool,
}

/// A WhatsApp Business Account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Waba {
    /// Id, also `entry[].id` of its webhooks.
    pub id: String,
    /// Name.
    pub name: String,
    /// The portfolio that owns it.
    pub business_id: String,
    /// Currency.
    pub currency: String,
    /// Number of its time zone.
    pub timezone_id: String,
    /// Namespace of its templates.
    pub namespace: String,
    /// `APPROVED`, `REJECTED` or `PENDING`.
    pub review_status: String,
    /// Whether it has a means of payment. Without one templates fail with 131042.
    pub paid: bool,
}

/// A business phone number on WhatsApp.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PhoneNumber {
    /// Id, also `metadata.phone_number_id` of its webhooks.
    pub id: String,
    /// The WhatsApp Business Account.
    pub waba_id: String,
    /// The number as people read it.
    pub display: String,
    /// The name that customers see.
    pub verified_name: String,
    /// `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    pub code_verification_status: String,
    /// The code that verifies the number. `None` if none was asked for.
    pub verification_code: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality_rating: String,
    /// `APPROVED`, `DECLINED`, `PENDING_REVIEW` or `NONE`.
    pub name_status: String,
    /// `TIER_250`, `TIER_2K` and so on.
    pub tier: String,
    /// Whether the platform restricts or bans it: `FLAGGED`, `RESTRICTED`, `BANNED`. `None` if it is in good order.
    pub trouble: Option<String>,
    /// Whether it is registered with the Cloud API. Only then can it send.
    pub registered: bool,
    /// The PIN of two-step verification. `None` before the first registration.
    pub pin: Option<String>,
    /// How many wrong PINs were given in a row.
    pub wrong_pins: u32,
    /// When the last wrong PIN was given.
    pub wrong_pin_at: Option<DateTime<Utc>>,
    /// When it was registered and deregistered in the last 72 hours.
    pub registrations: Vec<DateTime<Utc>>,
    /// Whether the owner keeps the phone app (coexistence). Such a number is never registered by an app.
    pub coexistence: bool,
    /// The data that the phone app was asked to share with the app: `smb_app_state_sync`, `history`.
    pub syncs: Vec<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

impl PhoneNumber {
    /// What calls look it up with: its account.
    pub fn keys(&self) -> Vec<String> {
        vec![self.waba_id.clone()]
    }

    /// When it was added.
    pub const fn since(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// The digits of the number, as webhooks carry it.
    pub fn digits(&self) -> String {
        self.display.chars().filter(char::is_ascii_digit).collect()
    }

    /// Whether messages can be sent from it.
    pub const fn can_send(&self) -> bool {
        self.registered || self.coexistence
    }

    /// The status as Meta names it.
    pub fn status(&self) -> &str {
        match &self.trouble {
            Some(trouble) => trouble,
            None if self.can_send() => "CONNECTED",
            None => "PENDING",
        }
    }
}
