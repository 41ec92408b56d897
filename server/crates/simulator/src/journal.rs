//! Which calls arrived, and what came of them? Also those whose answer was withheld: this is the evidence by which
//! a client's own records are judged. Secrets are masked before they get here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Number; grows without gaps, also over resets.
    pub n: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query, empty when there was none.
    pub query: String,
    /// Body, secrets masked.
    pub body: Value,
    /// Kind of credential, or `none`.
    pub token: String,
    /// OAuth client or integration.
    pub app: Option<String>,
    /// Company or location whose limit was used up.
    pub resource: Option<String>,
    /// Status answered, or the one that would have been.
    pub status: u16,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether the caller heard of it.
    pub answer: Heard,
    /// The fault that was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Id of what the call made.
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
    /// It took effect.
    Executed,
    /// It was refused; nothing changed.
    Refused,
    /// It met a rate limit; nothing changed.
    Limited,
    /// A fault kept it from being looked at.
    NotExecuted,
}

/// Whether the caller heard of a call's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// The answer was sent.
    Answered,
    /// The connection ended without one.
    Withheld,
}

const SECRETS: [&str; 8] =
    ["password", "client_secret", "refresh_token", "access_token", "code", "authToken", "apiKey", "token"];

/// A body with its secrets masked.
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
