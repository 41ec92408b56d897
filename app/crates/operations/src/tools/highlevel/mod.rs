//! Which tools are there on the client's HighLevel sub-account? Contacts, conversations, calendars, opportunities and the
//! sub-account itself. The token fixes the sub-account; what HighLevel sends is passed on as data.

mod answer;
pub(super) mod appointments;
mod client;
pub(super) mod contacts;
pub(super) mod conversations;
pub(super) mod opportunities;
pub(super) mod place;
pub(super) mod tags;

use domain::field::FieldError;
use domain::permission::Right;
use serde::Serialize;
use serde_json::Value;

pub use self::client::HighLevel;

use self::answer::{text, unwrapped};
use super::arguments::flat;
use super::preview::changed;
use super::{ToolContext, ToolError};
use crate::Refusal;

/// The sub-account, for whoever has this right in the client.
fn connected(context: &ToolContext, right: Right) -> Result<&HighLevel, ToolError> {
    context.actor.require(right)?;
    let none = || Refusal::State("This client has no HighLevel sub-account.".to_owned()).into();
    context.highlevel.as_ref().ok_or_else(none)
}

/// The contact with this id, as HighLevel has it.
async fn contact(context: &ToolContext, id: &str) -> Result<Value, ToolError> {
    let highlevel = connected(context, Right::InboxRead)?;
    let answer = highlevel.ask(context.now, &ghl::crm::contacts::get(id)).await?;
    Ok(unwrapped(answer, &["contact"]))
}

/// Who a contact is, for a person who approves a call.
fn who(contact: &Value) -> String {
    let name = format!("{} {}", text(contact, "firstName"), text(contact, "lastName"));
    let parts = [name.trim(), text(contact, "email"), text(contact, "phone")];
    let known: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(|part| flat(part)).collect();
    if known.is_empty() { "a contact without a name".to_owned() } else { known.join(", ") }
}

/// A value that a call sets, whole, for a person who approves the call.
fn shown(value: &Value) -> String {
    let words = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    words.trim().to_owned()
}

/// A value as it is, for a person who approves a change of it.
fn before(object: &Value, name: &str) -> String {
    match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// What a request sets, by HighLevel's names.
fn set(fields: &impl Serialize) -> Vec<(String, Value)> {
    match serde_json::to_value(fields) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A change of an object, field by field: what it is and what it becomes.
fn changes(object: &Value, fields: &impl Serialize) -> String {
    let lines = set(fields).into_iter();
    let lines = lines.map(|(name, value)| changed(&name, &before(object, &name), &shown(&value)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The error of a cursor that is none of ours.
fn no_cursor() -> ToolError {
    ToolError::Invalid(vec![FieldError::new("/cursor", "Send the value of `next` of the page before, unchanged.")])
}
