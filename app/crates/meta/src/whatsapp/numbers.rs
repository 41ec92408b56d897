//! Which phone numbers does a WhatsApp account have, and how well is each?

use serde::Deserialize;
use serde_json::Value;

use crate::client::{Call, Meta, Parts, Result};
use crate::ops::{NUMBER, NUMBERS};
use crate::page_of::PageOf;
use crate::tolerant::{flag, id, object, text, word};

/// A phone number. Meta adds values to its lists at will, so they stay texts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PhoneNumber {
    /// Its id, by which it is routed; never its digits.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its digits, for people.
    #[serde(default, rename = "display_phone_number", deserialize_with = "word")]
    pub display: String,
    /// The name that customers see.
    #[serde(default, deserialize_with = "word")]
    pub verified_name: String,
    /// `VERIFIED`, `NOT_VERIFIED`, `EXPIRED`.
    #[serde(default, rename = "code_verification_status", deserialize_with = "text")]
    pub verification: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(default, rename = "quality_rating", deserialize_with = "text")]
    pub quality: Option<String>,
    /// `CONNECTED`, `PENDING`, `FLAGGED`, `RESTRICTED`, `BANNED` and others.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// How far Meta's review of the name is.
    #[serde(default, deserialize_with = "text")]
    pub name_status: Option<String>,
    /// `CLOUD_API`, `ON_PREMISE`, `NOT_APPLICABLE`.
    #[serde(default, deserialize_with = "text")]
    pub platform_type: Option<String>,
    /// How many customers a day may be written to outside their service window.
    #[serde(default, rename = "messaging_limit_tier", deserialize_with = "text")]
    pub limit: Option<String>,
    /// Whether the account has Meta's check mark.
    #[serde(default, rename = "is_official_business_account", deserialize_with = "flag")]
    pub official: Option<bool>,
    #[serde(default, deserialize_with = "object")]
    health_status: Option<Value>,
}

/// Whether a number can send, in Meta's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberHealth {
    /// It can.
    Available,
    /// It can, within limits.
    Limited,
    /// It cannot.
    Blocked,
    /// Meta does not say.
    Unknown,
}

impl PhoneNumber {
    /// Whether it is registered for our kind of use. Numbers that were never registered are `PENDING`.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.platform_type.as_deref() == Some("CLOUD_API") && self.status.as_deref() != Some("PENDING")
    }

    /// Whether it can send. Only [`number`] asks for it.
    #[must_use]
    pub fn health(&self) -> NumberHealth {
        let said = self.health_status.as_ref().map(|health| &health["can_send_message"]);
        match said.and_then(Value::as_str) {
            Some("AVAILABLE") => NumberHealth::Available,
            Some("LIMITED") => NumberHealth::Limited,
            Some("BLOCKED") => NumberHealth::Blocked,
            _ => NumberHealth::Unknown,
        }
    }
}

const LIST_FIELDS: (&str, &str) = (
    "fields",
    "id,display_phone_number,verified_name,code_verification_status,quality_rating,status,name_status,platform_type,\
     throughput,messaging_limit_tier,is_official_business_account",
);
const ONE_FIELDS: (&str, &str) = (
    "fields",
    "id,display_phone_number,verified_name,code_verification_status,quality_rating,status,name_status,platform_type,\
     health_status",
);

/// One page of the numbers of an account, newest first, from a cursor on.
///
/// # Errors
/// As of any call.
pub async fn some_numbers(
    meta: &Meta,
    call: Call<'_>,
    account: &str,
    after: Option<&str>,
) -> Result<PageOf<PhoneNumber>> {
    meta.page(&NUMBERS, call, Parts { ids: &[account], query: &[LIST_FIELDS], body: None }, after).await
}

/// Every number of an account, newest first.
///
/// # Errors
/// As of any call.
pub async fn numbers(meta: &Meta, call: Call<'_>, account: &str) -> Result<Vec<PhoneNumber>> {
    meta.every(&NUMBERS, call, &[account], &[LIST_FIELDS]).await
}

/// One number with its health.
///
/// # Errors
/// As of any call.
pub async fn number(meta: &Meta, call: Call<'_>, number: &str) -> Result<PhoneNumber> {
    meta.call(&NUMBER, call, Parts { ids: &[number], query: &[ONE_FIELDS], body: None }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_may_be_new_or_absent() {
        let read = |json: &str| serde_json::from_str::<PhoneNumber>(json).unwrap();
        let full = read(
            r#"{"id":106540000000001,"display_phone_number":"+1 555-010-0001","verified_name":"Northwind Bikes",
                "code_verification_status":"VERIFIED","quality_rating":"GREEN","platform_type":"CLOUD_API","status":"CONNECTED",
                "health_status":{"can_send_message":"LIMITED","entities":[]}}"#,
        );
        assert!(full.is_registered() && full.health() == NumberHealth::Limited && full.id == "106540000000001");
        let bare = read(r#"{"id":"1","quality_rating":{"score":"NEW"},"status":null,"health_status":7}"#);
        assert!(!bare.is_registered() && bare.health() == NumberHealth::Unknown && bare.quality.is_none());
        let pending = read(r#"{"id":"1","status":"PENDING","platform_type":"CLOUD_API"}"#);
        assert!(!pending.is_registered());
    }
}
