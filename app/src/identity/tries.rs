//! May this be tried now? Asked before anything is looked at; a refusal says how long to wait.

use store::Db;
use store::throttle::{Key, Try};

use crate::error::{Error, Result};

/// Takes a try under each of these keys. They count as failures until they are forgiven.
///
/// # Errors
/// `Waiting` while one of the keys has to wait; then none was taken.
pub async fn take<const N: usize>(db: &Db, keys: [Key; N]) -> Result<[Try; N]> {
    store::throttle::take_all(db, keys).await?.map_err(|wait| Error::Waiting(wait.as_secs() + 1))
}
