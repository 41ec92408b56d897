//! What does a webhook of Meta say? Any body of WhatsApp, Messenger or Instagram is read into items that stand alone
//! (Meta, webhooks of each product).
//!
//! A platform sends kinds that nobody announced, and once in a while an element that is broken. So every field is
//! optional, ids and times may be text or numbers, and each element is read by itself: one that cannot be read becomes
//! an item that says so and keeps it, and the others are read.

mod account;
pub(crate) mod field;
mod items;
mod key;
mod messaging;
mod repair;
#[cfg(test)]
mod tests;
mod whatsapp;
#[cfg(test)]
pub(crate) mod wire_form;

use domain::messaging::inbound::{Account, Item, What};
use serde_json::Value;

pub use account::account;
use field::{elements, id, word};
use items::Items;

/// The body is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The body is no JSON.")]
pub struct NotJson;

/// Everything that a body says, in its order. Repeats within a body are left in: the key of an item tells them.
///
/// # Errors
/// [`NotJson`]. Any JSON can be read.
pub fn read(body: &[u8]) -> Result<Vec<Item>, NotJson> {
    let body: Value = serde_json::from_str(&repair::repaired(body)).map_err(|_| NotJson)?;
    let object = word(&body["object"]);
    let mut items = Items::of(Account::Unknown(object.clone()));
    if body["entry"].is_null() {
        items.unreadable(&body, "The body has no entries.");
    }
    for entry in elements(&body["entry"]) {
        match object.as_str() {
            _ if !entry.is_object() => items.unreadable(entry, "The entry is no object."),
            "whatsapp_business_account" => whatsapp::entry(entry, &mut items),
            "page" => messaging::entry(entry, named(entry, Account::Page, &object), &mut items),
            "instagram" => messaging::entry(entry, named(entry, Account::Instagram, &object), &mut items),
            _ => items.push(entry, field::time(&entry["time"]), ("entry", &[]), What::Other(object.clone())),
        }
    }
    Ok(items.all())
}

/// The account that an entry is of.
fn named(entry: &Value, account: impl FnOnce(String) -> Account, object: &str) -> Account {
    id(&entry["id"]).map_or_else(|| Account::Unknown(object.to_owned()), account)
}
