//! Ends a person's own sessions: one of them, all of them, or the one that signs out.

use store::sessions;

use crate::{Myself, Refusal};

/// Ends one of the person's sessions.
///
/// # Errors
/// `NotFound` if they have no session with this reference.
pub async fn end(myself: &Myself, reference: &str) -> Result<(), Refusal> {
    let mut tx = myself.begin().await?;
    sessions::end(&mut tx, myself.user(), reference).await?;
    Ok(tx.commit().await?)
}

/// Ends all of the person's sessions and every sign-in in progress.
///
/// # Errors
/// `Store` if the database fails.
pub async fn end_all(myself: &Myself) -> Result<(), Refusal> {
    let mut tx = myself.begin().await?;
    sessions::end_all_own(&mut tx, myself.user()).await?;
    Ok(tx.commit().await?)
}

/// Records in the audit log that the person signed out. The caller ends the session itself.
///
/// # Errors
/// `Store` if the database fails.
pub async fn sign_out(myself: &Myself) -> Result<(), Refusal> {
    Ok(sessions::record_sign_out(myself.db(), myself.user()).await?)
}
