//! The audit log, as it is written and as it is read: what was done, by whom, and to what.

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
