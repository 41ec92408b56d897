//! Throttles tries before anything is checked. A refusal says how long to wait and is written to the audit log.

use std::time::Duration;

use store::Db;
use store::throttle::{Key, Try};

use crate::error::{Error, Result};

/// Takes a try under each of these keys, for something named `what` in the log. They count as failures until they are forgiven.
///
/// # Errors
/// `Waiting` while one of the keys has to wait; then none was taken.
pub async fn take<const N: usize>(db: &Db, what: &str, keys: [Key; N]) -> Result<[Try; N]> {
    match store::throttle::take_all(db, keys).await? {
        Ok(taken) => Ok(taken),
        Err(wait) => Err(wait_for(db, what, wait).await),
    }
}

/// The same under as many keys as there are.
///
/// # Errors
/// As `take`.
pub async fn take_each(db: &Db, what: &str, keys: &[Key]) -> Result<Vec<Try>> {
    match store::throttle::take_each(db, keys).await? {
        Ok(taken) => Ok(taken),
        Err(wait) => Err(wait_for(db, what, wait).await),
    }
}

async fn wait_for(db: &Db, what: &str, wait: Duration) -> Error {
    if let Err(error) = store::audit::refused(db, "tries.throttled", what, "too many tries").await {
        tracing::warn!(event = "audit.not_written", %error, "a refused try could not be written into the log");
    }
    Error::Waiting(wait.as_secs() + 1)
}
