//! How does a form that is sent twice act once? Its key is kept with what it did, in the transaction of the act.

use serde_json::Value;
use sha2::{Digest, Sha256};
use store::audit;
use store::idempotency::{self, Begun};
use store::tenant::TenantTx;
use uuid::Uuid;

use crate::Refusal;

/// The longest key of a form.
const LONGEST: usize = 100;

/// What became of a key.
pub(super) enum Once {
    /// It is new; finish it with this id.
    New(Uuid),
    /// The same form did this before.
    Done(Value),
}

/// Takes the key of a form for an act with these values.
///
/// # Errors
/// `Invalid` without a key; `KeyReused` if the key came with other values.
pub(super) async fn begin(tx: &mut TenantTx, key: &str, act: &'static str, values: &[&str]) -> Result<Once, Refusal> {
    let key = key.trim();
    if key.is_empty() || key.len() > LONGEST {
        return Err(Refusal::field("key", "Reload the page and try again."));
    }
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value.len().to_be_bytes());
        hash.update(value.as_bytes());
    }
    match idempotency::begin(tx, &own(key), act, hash.finalize().into()).await? {
        Begun::Fresh(id) => Ok(Once::New(id)),
        Begun::Answered { body, .. } => Ok(Once::Done(body)),
        Begun::Other => Err(Refusal::KeyReused),
    }
}

/// A key as it is kept. Programs that count their messages make up the same ones, so each token has keys of its own.
fn own(key: &str) -> String {
    match audit::current().token {
        None => key.to_owned(),
        Some(token) => hex::encode(Sha256::new().chain_update(token.as_bytes()).chain_update(key).finalize()),
    }
}

/// Keeps what the act did.
pub(super) async fn finish(tx: &mut TenantTx, id: Uuid, done: &Value) -> Result<(), Refusal> {
    Ok(idempotency::finish(tx, id, 200, done).await?)
}
