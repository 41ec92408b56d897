//! Takes a value out of a session.

use serde::de::DeserializeOwned;
use tower_sessions::Session;
use tower_sessions::session::Error;

/// Takes a value out of a session. If the value is absent, nothing is written: `remove` alone would write the
/// session on every page and undo what another tab has changed meanwhile.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn take<T: DeserializeOwned>(session: &Session, key: &str) -> Result<Option<T>, Error> {
    if session.get_value(key).await?.is_none() {
        return Ok(None);
    }
    session.remove(key).await
}
