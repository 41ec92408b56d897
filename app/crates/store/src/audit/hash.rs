//! Computes the hashes of an audit row, its link and a signed head. Rust code computes them, because whoever changes
//! the log may also have changed the functions of the database.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A link of a chain with the row that it belongs to. Every field of the row is `None` when the row is gone.
#[derive(Clone, Debug)]
pub(super) struct Linked {
    pub seq: i64,
    pub event_id: Uuid,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
    pub link_version: i16,
    pub linked_at: DateTime<Utc>,
    pub hash_version: Option<i16>,
    pub created_at: Option<DateTime<Utc>>,
    pub chain_id: Option<Uuid>,
    pub agency_id: Option<Uuid>,
    pub sub_account_id: Option<Uuid>,
    pub actor_kind: Option<String>,
    pub actor_id: Option<Uuid>,
    pub on_behalf_of: Option<Uuid>,
    pub impersonation_id: Option<Uuid>,
    pub action: Option<String>,
    pub object_type: Option<String>,
    pub object_id: Option<String>,
    pub result: Option<String>,
    pub reason: Option<String>,
    pub request_id: Option<String>,
    pub ip: Option<String>,
    pub session_ref: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub payload: Option<String>,
    pub erasable_hash: Option<Vec<u8>>,
    pub content_hash: Option<Vec<u8>>,
}

/// Adds one value to a hash: a mark for an absent value, otherwise its length and its bytes.
fn part(digest: &mut Sha256, value: Option<&str>) {
    match value {
        None => digest.update([0]),
        Some(text) => {
            digest.update([1]);
            digest.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            digest.update(text.as_bytes());
        }
    }
}

fn text(id: Option<Uuid>) -> Option<String> {
    id.map(|id| id.to_string())
}

impl Linked {
    /// Hash of the erasable fields, with the salt.
    pub fn erasable(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        digest.update(self.salt.as_deref().unwrap_or_default());
        for value in [&self.reason, &self.ip, &self.session_ref, &self.payload] {
            part(&mut digest, value.as_deref());
        }
        digest.finalize().to_vec()
    }

    /// Hash of the other fields of a row of version 2.
    pub fn kept(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        digest.update([2]);
        part(&mut digest, Some(&self.event_id.to_string()));
        for id in [self.chain_id, self.agency_id, self.sub_account_id] {
            part(&mut digest, text(id).as_deref());
        }
        part(&mut digest, self.actor_kind.as_deref());
        for id in [self.actor_id, self.on_behalf_of, self.impersonation_id] {
            part(&mut digest, text(id).as_deref());
        }
        for value in [&self.action, &self.object_type, &self.object_id, &self.result, &self.request_id] {
            part(&mut digest, value.as_deref());
        }
        part(&mut digest, self.created_at.map(|at| at.timestamp_micros().to_string()).as_deref());
        part(&mut digest, self.erasable_hash.as_ref().map(hex::encode).as_deref());
        digest.finalize().to_vec()
    }

    /// Hash of a row of version 1: one salted hash over all fields, written as the JSON array that the database
    /// made of them.
    pub fn whole(&self) -> Vec<u8> {
        let at = self.created_at.map(|at| format!("{}.{:06}", at.timestamp(), at.timestamp_subsec_micros()));
        let payload = self.payload.as_ref().map(|text| hex::encode(Sha256::digest(text)));
        let values = [
            Some(self.event_id.to_string()),
            text(self.chain_id),
            text(self.agency_id),
            text(self.sub_account_id),
            self.actor_kind.clone(),
            text(self.actor_id),
            text(self.on_behalf_of),
            text(self.impersonation_id),
            self.action.clone(),
            self.object_type.clone(),
            self.object_id.clone(),
            self.result.clone(),
            self.reason.clone(),
            self.request_id.clone(),
            self.ip.clone(),
            self.session_ref.clone(),
            at,
            payload,
        ];
        let shown = values.map(|value| serde_json::Value::from(value).to_string());
        let mut digest = Sha256::new();
        digest.update(self.salt.as_deref().unwrap_or_default());
        digest.update(format!("[{}]", shown.join(", ")));
        digest.finalize().to_vec()
    }

    /// True if the erasable fields are empty, as an erasure leaves them.
    pub fn is_empty(&self) -> bool {
        self.salt.as_ref().is_some_and(Vec::is_empty)
            && self.payload.as_deref() == Some("{}")
            && self.reason.is_none()
            && self.ip.is_none()
            && self.session_ref.is_none()
    }

    /// Hash of this link, for a row with this content hash.
    pub fn link(&self, content: &[u8]) -> Vec<u8> {
        let mut digest = Sha256::new();
        if self.link_version > 1 {
            digest.update([2]);
            digest.update(self.seq.to_be_bytes());
        }
        digest.update(&self.prev_hash);
        digest.update(content);
        digest.finalize().to_vec()
    }
}

/// The hash with which an uncut chain begins.
pub(super) fn first(chain: Uuid) -> Vec<u8> {
    Sha256::digest(chain.to_string()).to_vec()
}

/// The content of a head's signature. In version 2 it includes `before`, the name of the head signed before it.
pub(super) fn head(version: i16, (chain, seq, hash): (Uuid, i64, &[u8]), before: Option<&[u8]>) -> Vec<u8> {
    let mut digest = Sha256::new();
    if version > 1 {
        digest.update([2]);
    }
    digest.update(chain.as_bytes());
    digest.update(seq.to_be_bytes());
    digest.update(hash);
    if version > 1 {
        digest.update(before.unwrap_or(&[]));
    }
    digest.finalize().to_vec()
}

/// The name of a signed head, as the next head refers to it.
pub(super) fn head_name(seq: i64, hash: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(seq.to_be_bytes());
    digest.update(hash);
    digest.update(signature);
    digest.finalize().to_vec()
}

/// The content of a cut's signature.
pub(super) fn cut((chain, seq, hash): (Uuid, i64, &[u8]), checkpoint: Option<&[u8]>) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(b"cut");
    digest.update(chain.as_bytes());
    digest.update(seq.to_be_bytes());
    digest.update(hash);
    digest.update(checkpoint.unwrap_or(&[]));
    digest.finalize().to_vec()
}
