//! Logs faults of ours, and turns errors of libraries into what people see.

use crate::error::Error;

/// Logs a fault of ours and returns an error with the number that finds it in the logs.
#[must_use]
pub fn ours(cause: impl std::fmt::Display) -> Error {
    let incident = store::new_id::<uuid::Uuid>().simple().to_string()[20..].to_owned();
    tracing::error!(incident, %cause, "our fault");
    Error::Ours(incident)
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::NotFound,
            store::Error::Taken(what) => Self::Conflict(format!("This already exists ({what}).")),
            store::Error::Stale => {
                Self::Conflict("Somebody changed this meanwhile. Reload the page and try again.".to_owned())
            }
            store::Error::Refused(what) => Self::Conflict(format!("The database refused this ({what}).")),
            store::Error::Text => Self::Conflict(
                "A text holds a sign that can't be kept, so nothing was saved. Type it anew instead of pasting it."
                    .to_owned(),
            ),
            other if other.is_unavailable() || other.is_transient() => {
                tracing::warn!(error = %other, "the database is away");
                Self::Unavailable
            }
            other => ours(other),
        }
    }
}

impl From<tower_sessions::session::Error> for Error {
    fn from(error: tower_sessions::session::Error) -> Self {
        use tower_sessions::session_store::Error as Store;
        match error {
            // Sessions are stored in our database.
            tower_sessions::session::Error::Store(Store::Backend(cause)) => {
                tracing::warn!(cause, "a session could not be read or written");
                Self::Unavailable
            }
            other => ours(other),
        }
    }
}
