//! What did a messaging platform or HighLevel send, and what became of it? One record for each item, without the words in it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::{AgencyId, BusinessId, ConversationId, InboundEventId};

/// Every kind of item, with what people call it.
pub const KINDS: [(&str, &str); 15] = [
    ("message", "Message"),
    ("status", "Message status"),
    ("watermark", "Read receipt"),
    ("reaction", "Reaction"),
    ("edit", "Edited message"),
    ("revoke", "Deleted message"),
    ("moved", "Changed number"),
    ("preference", "Marketing preference"),
    ("account", "Account update"),
    ("INSTALL", "App installed"),
    ("UNINSTALL", "App removed"),
    ("LocationCreate", "Sub-account created"),
    ("LocationUpdate", "Sub-account updated"),
    ("other", "Unknown event"),
    (UNREADABLE, "Unreadable event"),
];

/// How many items a search of what came in looks through, the newest of those that the view and the filters leave.
pub const MOST_SEARCHED: i64 = 20_000;

/// The kind of an item that could not be read. Reading it again ends in the same way.
const UNREADABLE: &str = "unreadable";

/// What people call a kind. One that is not among them, as most of HighLevel, is shown as it is.
#[must_use]
pub fn kind_words(kind: &str) -> &str {
    KINDS.iter().find(|(key, _)| *key == kind).map_or(kind, |(_, words)| words)
}

/// The shape of what an item says: its fields with the kinds of their values, and not a word of them.
#[must_use]
pub fn shape(said: &Value) -> Value {
    match said {
        Value::String(text) => Value::String(format!("text of {} characters", text.chars().count())),
        Value::Number(_) => Value::String("number".to_owned()),
        Value::Array(all) => all.iter().map(shape).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Bool(_) | Value::Null => said.clone(),
    }
}

/// An item of a body that a platform sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: Uuid,
    /// The body that it came in.
    pub event: InboundEventId,
    /// When it came.
    pub at: DateTime<Utc>,
    /// When it happened, by the platform.
    pub happened_at: Option<DateTime<Utc>>,
    /// Who sent it.
    pub provider: String,
    /// Short word for what it is.
    pub kind: String,
    /// The platform's id of the account.
    pub account: String,
    /// Its idempotency key.
    pub key: String,
    /// The agency that it concerns. `None` while it waits, and if no connected account is meant.
    pub agency: Option<AgencyId>,
    /// The name of that agency.
    pub agency_name: Option<String>,
    /// The business that it concerns.
    pub business: Option<BusinessId>,
    /// The name of that business.
    pub business_name: Option<String>,
    /// What became of it: `waiting`, `processed`, `duplicate`, `unroutable`, `ignored` or `quarantined`.
    pub outcome: String,
    /// How often it failed.
    pub attempts: i32,
    /// Why it failed the last time, for whoever runs the platform.
    pub error: Option<String>,
    /// The conversation that it changed.
    pub conversation: Option<ConversationId>,
    /// When it ended.
    pub processed_at: Option<DateTime<Utc>>,
}

impl Received {
    /// Whether it can be read again: it was not done, and what it says is kept.
    #[must_use]
    pub fn is_replayable(&self) -> bool {
        matches!(self.outcome.as_str(), "unroutable" | "quarantined") && self.kind != UNREADABLE
    }
}

/// A whole body that was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAside {
    /// Its id.
    pub id: InboundEventId,
    /// When it came.
    pub at: DateTime<Utc>,
    /// Who sent it.
    pub provider: String,
    /// How often a worker began to read it.
    pub attempts: i32,
    /// Why it was put aside.
    pub error: Option<String>,
}

/// What a replay would do, as far as it is known beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// It would be done for the business, or the agency, with this name.
    For(String),
    /// Its key was claimed meanwhile: the same item came again and was done.
    DoneBefore,
    /// No connected account has its id.
    NoAccount,
}

impl Forecast {
    /// The forecast as a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::For(business) => format!("A replay would process it for {business}."),
            Self::DoneBefore => "The same event came again and was processed. A replay would do nothing.".to_owned(),
            Self::NoAccount => "No connected account has this ID. A replay would end as unroutable again.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_not_done_and_can_be_read_is_replayable() {
        let item = |outcome: &str, kind: &str| Received {
            id: Uuid::nil(),
            event: InboundEventId(Uuid::nil()),
            at: DateTime::UNIX_EPOCH,
            happened_at: None,
            provider: "meta".to_owned(),
            kind: kind.to_owned(),
            account: "1".to_owned(),
            key: "k".to_owned(),
            agency: None,
            agency_name: None,
            business: None,
            business_name: None,
            outcome: outcome.to_owned(),
            attempts: 0,
            error: None,
            conversation: None,
            processed_at: None,
        };
        for (kind, _) in KINDS {
            for outcome in ["waiting", "processed", "duplicate", "ignored"] {
                assert!(!item(outcome, kind).is_replayable(), "{outcome} {kind}");
            }
            for outcome in ["unroutable", "quarantined"] {
                assert_eq!(item(outcome, kind).is_replayable(), kind != UNREADABLE, "{outcome} {kind}");
            }
        }
    }

    #[test]
    fn a_shape_keeps_names_and_no_value() {
        let said = json!({"from": "16505550101", "text": {"body": "Hi \u{1f9b7}"}, "at": 1_790_000_001, "ids": ["a", null], "own": true});
        let seen = json!({"from": "text of 11 characters", "text": {"body": "text of 4 characters"}, "at": "number",
                          "ids": ["text of 1 characters", null], "own": true});
        assert_eq!(shape(&said), seen);
    }

    #[test]
    fn a_kind_of_a_newer_version_is_shown_as_it_is() {
        assert_eq!((kind_words("message"), kind_words("poll")), ("Message", "poll"));
    }
}
