//! The closed set of errors that people see, safe to send to a browser. It contains nothing from the database or from
//! outside answers; the log holds the cause under the incident number shown.

use domain::field::FieldError;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Everything that may go wrong, as the person at the screen needs to hear it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the session ended.
    #[error("Sign in to go on.")]
    SignIn,
    /// The person must prove themselves again before this.
    #[error("Confirm your password to go on.")]
    StepUp,
    /// Their role does not allow it; who could.
    #[error("Your role does not allow this. {0} can give you the right.")]
    Forbidden(String),
    /// It does not exist, or it is somebody else's.
    #[error("This does not exist, or you have no access to it.")]
    NotFound,
    /// Several of one's own businesses, in different agencies, have the short name that was asked for.
    #[error("Several of your businesses have this short name. Open the one you mean.")]
    Several(Vec<Alike>),
    /// Fields that need mending.
    #[error("Some fields need your attention.")]
    Invalid(Vec<FieldError>),
    /// The state of the thing forbids it now.
    #[error("{0}")]
    Conflict(String),
    /// Too much, too fast; seconds to wait.
    #[error("Too many tries. Wait {0} seconds and try again.")]
    Waiting(u64),
    /// What may be done in a day is done; what to do instead.
    #[error("{0}")]
    Enough(String),
    /// An outside service did not do its part.
    #[error("{0}")]
    Outside(String),
    /// Our database is not to be had for a moment: it restarts, or has too much to do.
    #[error(
        "The service is restarting or very busy. Wait a few seconds and try again; look first whether what you did is there."
    )]
    #[serde(rename = "Away")]
    Unavailable,
    /// Our fault; the incident number finds the cause in the logs.
    #[error(
        "Something went wrong on our side. Nothing else is affected. Try again; if it stays, tell support incident {0}."
    )]
    Ours(String),
}

/// One of several businesses of the same short name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// Its id, by which its address is its own.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The agency through which it is reached; absent for whoever belongs to the business itself.
    pub agency: Option<String>,
}

/// What server functions answer.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// One field and what is wrong with it.
    #[must_use]
    pub fn field(name: &str, detail: &str) -> Self {
        Self::Invalid(vec![FieldError::new(name, detail)])
    }

    /// The HTTP status that says the same.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::SignIn => 401,
            Self::StepUp | Self::Forbidden(_) => 403,
            Self::NotFound => 404,
            Self::Invalid(_) => 422,
            Self::Conflict(_) | Self::Several(_) => 409,
            Self::Waiting(_) | Self::Enough(_) => 429,
            Self::Outside(_) => 502,
            Self::Unavailable => 503,
            Self::Ours(_) => 500,
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
            _ => Self::Ours("unnumbered".to_owned()),
        }
    }
}
