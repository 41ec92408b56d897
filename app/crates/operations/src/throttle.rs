//! Slows down repeated attempts: each one is counted before anything is checked. A refusal says how long to wait and is
//! written to the audit log.

use std::time::Duration;

use store::Db;
use store::throttle::{self, Key, Try};

use crate::Refusal;

/// Counts one attempt under each of these keys. `what` names the operation in the audit log. An attempt counts as
/// a failure until it is cleared or given back.
///
/// # Errors
/// `RateLimited` while one of the keys is blocked. No attempt is then counted, except as `Key::shared` says.
pub async fn take<const N: usize>(db: &Db, what: &str, keys: [Key; N]) -> Result<[Try; N], Refusal> {
    match throttle::take_all(db, keys).await? {
        Ok(taken) => Ok(taken),
        Err(wait) => Err(wait_for(db, what, wait).await),
    }
}

/// The same as `take`, for any number of keys.
///
/// # Errors
/// As `take`.
pub async fn take_each(db: &Db, what: &str, keys: &[Key]) -> Result<Vec<Try>, Refusal> {
    match throttle::take_each(db, keys).await? {
        Ok(taken) => Ok(taken),
        Err(wait) => Err(wait_for(db, what, wait).await),
    }
}

/// Gives attempts back that turned out to be none: what they asked for went well.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(db: &Db, taken: Vec<Try>) -> Result<(), Refusal> {
    for one in taken {
        throttle::give_back(db, one).await?;
    }
    Ok(())
}

async fn wait_for(db: &Db, what: &str, wait: Duration) -> Refusal {
    if let Err(error) = store::audit::refused(db, "tries.throttled", what, "too many tries").await {
        tracing::warn!(event = "audit.not_written", %error, "a refused try could not be written into the log");
    }
    Refusal::RateLimited(wait.as_secs() + 1)
}
