//! Classifies why the database cannot be used, so that the error names what the operator must fix.

use crate::Error;

/// What is wrong with a database address or with the database behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The user name or password is wrong.
    Password,
    /// There is no database of that name.
    NoDatabase,
    /// Nothing answers at the address. Carries the system's message.
    Unreachable(String),
    /// It accepts no more connections.
    Full,
    /// It is starting, stopping or recovering.
    NotReady,
    /// Its disk is full.
    Disk,
    /// The connection could not be made safe. Carries what went wrong.
    Tls(String),
}

impl Error {
    /// What is wrong with the database as a whole, if that is the reason for this error.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        let Self::Db(error) = self else { return None };
        match error {
            sqlx::Error::Io(cause) => Some(Trouble::Unreachable(cause.to_string())),
            sqlx::Error::Tls(cause) => Some(Trouble::Tls(cause.to_string())),
            sqlx::Error::PoolTimedOut => Some(Trouble::Unreachable("no answer in time".to_owned())),
            _ => match self.code()?.as_ref() {
                "28P01" | "28000" => Some(Trouble::Password),
                "3D000" => Some(Trouble::NoDatabase),
                "53300" => Some(Trouble::Full),
                "57P01" | "57P02" | "57P03" => Some(Trouble::NotReady),
                "53100" => Some(Trouble::Disk),
                _ => None,
            },
        }
    }
}
