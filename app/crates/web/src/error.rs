//! The closed set of errors that people see, safe to send to a browser. It contains nothing from the database or from
//! outside answers; the log holds the cause under the incident number shown.

use domain::field::FieldError;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Everything that can go wrong, in words for the person at the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the session ended.
    #[error("Sign in to continue.")]
    SignIn,
    /// The person must prove their identity again first.
    #[error("Confirm your password to continue.")]
    StepUp,
    /// The person's role does not allow it. The text names who can grant the right.
    #[error("Your role does not allow this. {0} can give you the right.")]
    Forbidden(String),
    /// It does not exist, or it belongs to somebody else.
    #[error("This doesn't exist, or you don't have access to it.")]
    NotFound,
    /// Several of the person's own businesses, in different agencies, have the requested short name.
    #[error("More than one of your businesses has this name. Choose one.")]
    #[serde(rename = "Several")]
    AmbiguousSlug(Vec<SameSlugBusiness>),
    /// Fields with an invalid value.
    #[error("Please fix the marked fields.")]
    Invalid(Vec<FieldError>),
    /// The current state does not allow it; the text says why.
    #[error("{0}")]
    Conflict(String),
    /// A rate limit was reached; the number of seconds to wait.
    #[error("Too many tries. Wait {0} seconds and try again.")]
    #[serde(rename = "Waiting")]
    RateLimited(u64),
    /// A daily limit was reached; the text says what to do instead.
    #[error("{0}")]
    #[serde(rename = "Enough")]
    DailyLimit(String),
    /// An outside service failed; the text says how.
    #[error("{0}")]
    Outside(String),
    /// Our database is unavailable for a moment: it restarts or is overloaded.
    #[error(
        "The service is restarting or very busy. Wait a few seconds, check whether your change was saved, and try again."
    )]
    #[serde(rename = "Away")]
    Unavailable,
    /// A fault of ours. The incident number finds the cause in the logs.
    #[error(
        "Something went wrong on our side. Nothing else is affected. Try again; if it stays, tell support incident {0}."
    )]
    #[serde(rename = "Ours")]
    Internal(String),
}

/// One of several businesses with the same short name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SameSlugBusiness {
    /// Id of the business; its address uses the id.
    pub id: String,
    /// Name of the business.
    pub name: String,
    /// Name of the agency through which the person reaches the business; `None` if they belong to the business itself.
    pub agency: Option<String>,
}

/// The result of a server function.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error for one field: the field and what is wrong with it.
    #[must_use]
    pub fn field(name: &str, detail: &str) -> Self {
        Self::Invalid(vec![FieldError::new(name, detail)])
    }

    /// The HTTP status for this error.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::SignIn => 401,
            Self::StepUp | Self::Forbidden(_) => 403,
            Self::NotFound => 404,
            Self::Invalid(_) => 422,
            Self::Conflict(_) | Self::AmbiguousSlug(_) => 409,
            Self::RateLimited(_) | Self::DailyLimit(_) => 429,
            Self::Outside(_) => 502,
            Self::Unavailable => 503,
            Self::Internal(_) => 500,
        }
    }
}

impl FromServerFnError for Error {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Conflict("The form was incomplete or not understood. Reload the page and try again.".to_owned())
            }
            ServerFnErrorErr::Request(_) => {
                Self::Outside("The server could not be reached. Check your connection and try again.".to_owned())
            }
            _ => Self::Internal("unnumbered".to_owned()),
        }
    }
}
