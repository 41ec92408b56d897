//! Logs faults of ours, and turns errors of libraries into what people see.

use domain::language::capitalised;
use domain::provisioning::Duplicate;
use operations::Refusal;

use crate::error::Error;

/// Logs a fault of ours and returns an error with the number that finds it in the logs.
#[must_use]
pub fn internal_error(cause: impl std::fmt::Display) -> Error {
    let incident = store::new_id::<uuid::Uuid>().simple().to_string()[20..].to_owned();
    tracing::error!(incident, %cause, "our fault");
    Error::Internal(incident)
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::NotFound,
            store::Error::Taken(what) => Self::Conflict(format!("This already exists ({what}).")),
            store::Error::Stale => {
                Self::Conflict("Someone changed this in the meantime. Reload the page and try again.".to_owned())
            }
            store::Error::Refused(what) => Self::Conflict(format!("The database refused this ({what}).")),
            store::Error::Text => Self::Conflict(
                "A text has a character that can't be stored, so nothing was saved. Type it instead of pasting it."
                    .to_owned(),
            ),
            other if other.is_unavailable() || other.is_transient() => {
                tracing::warn!(error = %other, "the database is away");
                Self::Unavailable
            }
            other => internal_error(other),
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
            other => internal_error(other),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Forbidden(right) => Self::Forbidden(capitalised(right.granted_by())),
            Refusal::NotFound => Self::NotFound,
            Refusal::Invalid(errors) => Self::Invalid(errors),
            Refusal::Duplicate(found) => Self::field("create_anyway", &resembles(&found)),
            Refusal::State(text) => Self::Conflict(text),
            Refusal::KeyReused => {
                Self::Conflict("This form was sent before with other input. Reload the page and try again.".to_owned())
            }
            Refusal::DailyLimit(text) => Self::DailyLimit(text),
            Refusal::RateLimited(seconds) => Self::RateLimited(seconds),
            Refusal::SignIn => Self::SignIn,
            Refusal::Fault(cause) => internal_error(cause),
            Refusal::Store(error) => error.into(),
        }
    }
}

fn resembles(found: &[Duplicate]) -> String {
    let names: Vec<&str> = found.iter().take(3).map(|one| one.name.as_str()).collect();
    format!("This looks like {}. Check \u{201c}Create anyway\u{201d} if it is a different client.", names.join(", "))
}
