//! The audit log, as it is written and as it is read: what was done, by whom, and to what.

pub mod details;
pub mod filter;
pub mod sentence;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{AgencyId, BusinessId};

/// The kind of actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    Person,
    /// A bearer token.
    Token,
    /// A background job.
    Worker,
    /// The program itself.
    System,
    /// An outside provider.
    Provider,
}

impl Actor {
    /// The value in the table.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Token => "token",
            Self::Worker => "worker",
            Self::System => "system",
            Self::Provider => "provider",
        }
    }
}

/// How the action ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    #[default]
    Ok,
    /// It was not allowed.
    Denied,
    /// It was tried and failed.
    Failed,
}

impl Outcome {
    /// The value in the table.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The agency it belongs to; `None` for the platform.
    pub agency: Option<AgencyId>,
    /// The business it belongs to, if any.
    pub business: Option<BusinessId>,
    /// Name of the business, if it still exists and the reader may know it.
    pub business_name: Option<String>,
    /// `person`, `token`, `worker`, `system` or `provider`.
    pub actor_kind: String,
    /// Id of the actor.
    pub actor_id: Option<Uuid>,
    /// Name of the actor, if the reader may know it.
    pub actor_name: Option<String>,
    /// The action, as `thing.verb`.
    pub action: String,
    /// The type of the object.
    pub object_type: String,
    /// Id of the object.
    pub object_id: Option<String>,
    /// Name of the object, if it still exists and the reader may know it.
    pub object_name: Option<String>,
    /// `ok`, `denied` or `failed`.
    pub result: String,
    /// The reason, in words.
    pub reason: Option<String>,
    /// Id of the request in the log.
    pub request_id: Option<String>,
    /// Further facts; never a secret.
    pub payload: Value,
}

/// Entries that followed each other and say the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// The last one of them.
    pub entry: Entry,
    /// How many there are.
    pub times: usize,
    /// When the first one of them happened.
    pub since: DateTime<Utc>,
}

/// Folds entries that follow each other and say the same. The newest come first.
#[must_use]
pub fn folded(entries: Vec<Entry>) -> Vec<Repeated> {
    let mut folded: Vec<Repeated> = Vec::new();
    for entry in entries {
        match folded.last_mut() {
            Some(last) if last.entry.says_the_same(&entry) => {
                last.times += 1;
                last.since = entry.at;
            }
            _ => folded.push(Repeated { since: entry.at, times: 1, entry }),
        }
    }
    folded
}

impl Entry {
    /// True if the other entry differs only in its time, its request and its further facts.
    fn says_the_same(&self, other: &Self) -> bool {
        let said = |entry: &Self| (entry.agency, entry.business, entry.actor_id, sentence::plain(entry));
        self.action == other.action
            && self.result == other.result
            && self.object_id == other.object_id
            && self.reason == other.reason
            && said(self) == said(other)
    }
}

/// The result of verifying a chain of audit rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainReport {
    /// The agency of the chain; `None` for the platform's own chain.
    pub agency: Option<AgencyId>,
    /// Number of rows.
    pub rows: i64,
    /// Number of links.
    pub links: i64,
    /// Number of rows that are not linked yet: those written since the last seal. Nothing proves that they are
    /// unchanged.
    pub waiting: i64,
    /// Number of the last link that we removed because its retention period was over; `None` if none was removed.
    pub cut: Option<i64>,
    /// Number of signed heads that were compared.
    pub checkpoints: i64,
    /// Number of rows whose erasable part was erased on request. The rest of such a row and its place in the chain
    /// are still verified.
    pub erased: i64,
    /// Every mismatch found, in words; empty if the chain is intact.
    pub faults: Vec<String>,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    /// An entry by Maya about a client.
    pub(super) fn entry(action: &str, payload: Value) -> Entry {
        Entry {
            id: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
            agency: Some(AgencyId(Uuid::from_u128(1))),
            business: Some(BusinessId(Uuid::from_u128(2))),
            business_name: Some("Bright Dental".to_owned()),
            actor_kind: "person".to_owned(),
            actor_id: Some(Uuid::from_u128(3)),
            actor_name: Some("Maya".to_owned()),
            action: action.to_owned(),
            object_type: "business".to_owned(),
            object_id: Some(Uuid::from_u128(2).to_string()),
            object_name: Some("Bright Dental".to_owned()),
            result: "ok".to_owned(),
            reason: None,
            request_id: None,
            payload,
        }
    }

    #[test]
    fn entries_that_say_the_same_one_after_the_other_are_one() {
        let at = |seconds: i64, action: &str| {
            let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
            Entry { at, ..entry(action, json!({})) }
        };
        let log = vec![
            at(9, "session.sign_in"),
            at(8, "session.sign_in"),
            at(7, "session.sign_out"),
            at(6, "session.sign_in"),
        ];
        let folded = folded(log);
        assert_eq!(folded.iter().map(|one| one.times).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!((folded[0].entry.at.timestamp(), folded[0].since.timestamp()), (9, 8));
        let other = Entry { result: "failed".to_owned(), ..at(5, "session.sign_in") };
        assert_eq!(super::folded(vec![at(6, "session.sign_in"), other]).len(), 2, "a failure is not folded away");
    }
}
