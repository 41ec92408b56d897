//! Why an operation was refused: one closed set for pages, API and tools.

use domain::field::FieldError;
use domain::permission::Right;
use domain::provisioning::Duplicate;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The actor lacks this right.
    #[error("the right {} is missing", .0.key())]
    Forbidden(Right),
    /// It does not exist, or it belongs to somebody else. The two are never distinguished.
    #[error("not found")]
    NotFound,
    /// Fields that must be corrected.
    #[error("fields need attention")]
    Invalid(Vec<FieldError>),
    /// Businesses or jobs that resemble the new one; repeat with `create_anyway` if it is another one.
    #[error("resembles what exists")]
    Duplicate(Vec<Duplicate>),
    /// The present state forbids it; a sentence for people.
    #[error("{0}")]
    State(String),
    /// The idempotency key was sent before with another request.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    /// A limit of the day is used up; a sentence for people.
    #[error("{0}")]
    DailyLimit(String),
    /// Too many attempts; the number of seconds to wait.
    #[error("too many attempts; wait {0} seconds")]
    RateLimited(u64),
    /// Nobody is signed in any more: the account is gone.
    #[error("nobody is signed in")]
    SignIn,
    /// A fault of ours; the text is for the log alone.
    #[error("{0}")]
    Fault(String),
    /// The database failed or is unavailable.
    #[error(transparent)]
    Store(store::Error),
}

impl Refusal {
    /// A refusal because of one field.
    #[must_use]
    pub fn field(name: &str, detail: &str) -> Self {
        Self::Invalid(vec![FieldError::new(name, detail)])
    }

    /// The stable name of the refusal, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Forbidden(_) => "forbidden",
            Self::NotFound => "not_found",
            Self::Invalid(_) => "invalid",
            Self::Duplicate(_) => "duplicate",
            Self::State(_) => "state",
            Self::KeyReused => "key_reused",
            Self::DailyLimit(_) => "daily_limit",
            Self::RateLimited(_) => "rate_limited",
            Self::SignIn => "sign_in",
            Self::Fault(_) | Self::Store(_) => "failed",
        }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::NotFound,
            other => Self::Store(other),
        }
    }
}
