//! How is a WhatsApp account connected: its numbers, their registration, and the subscription to its events?

mod numbers;
mod registration;

pub use numbers::{NumberHealth, PhoneNumber, number, numbers, some_numbers};
pub use registration::{CodeMethod, deregister, register, request_code, set_pin, verify_code};

use serde::Deserialize;
use serde_json::json;

use crate::accounts;
use crate::client::{Call, Meta, Parts, Result, json as body};
use crate::ops::{SUBSCRIBE, SUBSCRIPTIONS, WABA};
use crate::tolerant::{id, list, text, word};

/// A WhatsApp account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Its id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Its currency.
    #[serde(default, deserialize_with = "text")]
    pub currency: Option<String>,
    /// How far Meta's review of the account is.
    #[serde(default, rename = "account_review_status", deserialize_with = "text")]
    pub review: Option<String>,
    /// How far the verification of the business is.
    #[serde(default, rename = "business_verification_status", deserialize_with = "text")]
    pub verification: Option<String>,
}

/// An app that receives the events of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The app's id.
    pub app: String,
    /// The address that replaces the app's own, if there is one.
    pub address: Option<String>,
}

/// Reads an account.
///
/// # Errors
/// As of any call.
pub async fn account(meta: &Meta, call: Call<'_>, account: &str) -> Result<Account> {
    let query = [("fields", "id,name,currency,account_review_status,business_verification_status")];
    meta.call(&WABA, call, Parts { ids: &[account], query: &query, body: None }).await
}

/// Asks Meta to send our app the events of an account, for all its numbers.
///
/// # Errors
/// As of any call.
pub async fn subscribe(meta: &Meta, call: Call<'_>, account: &str) -> Result<()> {
    let parts = Parts { ids: &[account], body: body(&SUBSCRIBE, &json!({}))?, ..Parts::default() };
    meta.act(&SUBSCRIBE, call, parts).await
}

/// Ends [`subscribe`], for every number of the account: the caller makes sure that none is connected any more.
///
/// # Errors
/// As of any call.
pub async fn unsubscribe(meta: &Meta, call: Call<'_>, account: &str) -> Result<()> {
    accounts::unsubscribe(meta, call, account).await
}

/// The apps that receive the events of an account.
///
/// # Errors
/// As of any call.
pub async fn subscriptions(meta: &Meta, call: Call<'_>, account: &str) -> Result<Vec<Subscription>> {
    let answer: Subscriptions = meta.call(&SUBSCRIPTIONS, call, Parts { ids: &[account], ..Parts::default() }).await?;
    Ok(answer.data.into_iter().map(|entry| Subscription { app: entry.app.id, address: entry.address }).collect())
}

#[derive(Deserialize)]
struct Subscriptions {
    #[serde(default, deserialize_with = "list")]
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "whatsapp_business_api_data")]
    app: App,
    #[serde(default, rename = "override_callback_uri", deserialize_with = "text")]
    address: Option<String>,
}

#[derive(Deserialize)]
struct App {
    #[serde(deserialize_with = "id")]
    id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_apps_of_an_account_are_read_one_by_one() {
        let read: Subscriptions = serde_json::from_str(
            r#"{"data":[{"whatsapp_business_api_data":{"id":990,"name":"x"}},{"odd":1},
                {"whatsapp_business_api_data":{"id":"991"},"override_callback_uri":"https://x.example"}]}"#,
        )
        .unwrap();
        let apps: Vec<_> = read.data.iter().map(|entry| (entry.app.id.as_str(), entry.address.is_some())).collect();
        assert_eq!(apps, [("990", false), ("991", true)]);
    }
}
