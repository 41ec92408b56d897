//! The journal of every call that arrived and what came of it, including calls whose answer was withheld.
//!
//! Tests compare the caller's own records with the journal. Secrets are masked before they get here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Number of the call. Numbers grow without gaps, also across resets.
    pub n: u64,
    /// When the call arrived.
    pub at: DateTime<Utc>,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query, empty when there was none.
    pub query: String,
    /// Body, with secrets masked.
    pub body: Value,
    /// Kind of credential, or `none`.
    pub token: String,
    /// OAuth client or private integration that called.
    pub app: Option<String>,
    /// Company or location whose rate limit the call counted against.
    pub resource: Option<String>,
    /// Status that was answered, or that would have been answered.
    pub status: u16,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether the caller received the answer.
    pub answer: Delivery,
    /// The fault that hit the call, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Id of the record that the call created, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Records the call changed, as `table/id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The call took effect.
    Executed,
    /// The call was refused; nothing changed.
    Refused,
    /// The call exceeded a rate limit; nothing changed.
    Limited,
    /// A fault prevented the call from being executed.
    NotExecuted,
}

/// Whether the caller received the answer to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The answer was sent.
    Answered,
    /// The connection ended without an answer.
    Withheld,
}

const SECRETS: [&str; 8] =
    ["password", "client_secret", "refresh_token", "access_token", "code", "authToken", "apiKey", "token"];

/// Returns the body with its secrets masked.
pub fn masked(body: &Value) -> Value {
    match body {
        Value::Object(fields) => Value::Object(fields.iter().map(mask).collect::<Map<_, _>>()),
        Value::Array(items) => Value::Array(items.iter().map(masked).collect()),
        other => other.clone(),
    }
}

fn mask((name, value): (&String, &Value)) -> (String, Value) {
    let value = if SECRETS.contains(&name.as_str()) { Value::from("***") } else { masked(value) };
    (name.clone(), value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_masked_at_every_depth() {
        let body = json!({"email": "a@b.example", "password": "x", "twilio": {"sid": "s", "authToken": "t"}});
        let expected = json!({"email": "a@b.example", "password": "***", "twilio": {"sid": "s", "authToken": "***"}});
        assert_eq!(masked(&body), expected);
    }
}
