//! Errors of this crate. Each is one sentence that says what went wrong and, if there is one, the remedy.

use std::fmt;
use std::path::Path;

/// A sentence for the person who started the command.
#[derive(Debug)]
pub struct Error(String);

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Creates an error. The sentence should say what happened and what to do.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// An operation on a file or folder that the operating system refused.
    pub(crate) fn at(doing: &str, path: &Path, cause: impl fmt::Display) -> Self {
        Self(format!("{doing} {} failed: {cause}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
