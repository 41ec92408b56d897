//! What was done, by whom, to what: the audit log as it is written and as it is read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{AgencyId, BusinessId};

/// What kind of actor did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    Person,
    /// A bearer token.
    Token,
    /// Background work.
    Worker,
    /// The program itself.
    System,
    /// An outside provider.
    Provider,
}

impl Actor {
    /// The word in the table.
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

/// How it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    #[default]
    Ok,
    /// Not allowed.
    Denied,
    /// Tried and not done.
    Failed,
}

impl Outcome {
    /// The word in the table.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// In which agency.
    pub agency: Option<AgencyId>,
    /// In which business.
    pub business: Option<BusinessId>,
    /// `person`, `token`, `worker`, `system` or `provider`.
    pub actor_kind: String,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// Their name, where it is known to whoever reads.
    pub actor_name: Option<String>,
    /// What, as `thing.verb`.
    pub action: String,
    /// To what kind of thing.
    pub object_type: String,
    /// To which one.
    pub object_id: Option<String>,
    /// Its name, where it is there still and known to whoever reads.
    pub object_name: Option<String>,
    /// `ok`, `denied` or `failed`.
    pub result: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// Names the request in the log.
    pub request_id: Option<String>,
    /// Facts that belong to it; never a secret.
    pub payload: Value,
}

/// What checking a chain of audit rows found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainReport {
    /// The agency of the chain; absent for the platform's own.
    pub agency: Option<AgencyId>,
    /// Rows there are.
    pub rows: i64,
    /// Links there are.
    pub links: i64,
    /// Rows not linked yet: what was written since the last seal, and nothing proves those.
    pub waiting: i64,
    /// Up to which link the chain was removed after its time, by a cut of ours.
    pub cut: Option<i64>,
    /// Signed heads that were compared.
    pub checkpoints: i64,
    /// Rows whose erasable part was erased on request; the rest of them and their place in the chain hold.
    pub erased: i64,
    /// What does not fit, in words; empty when the chain holds.
    pub faults: Vec<String>,
}
