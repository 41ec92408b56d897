//! What does a form remember when it comes back: the error and everything typed, for one reading.
//! It lies in the session row, never in the address, and never holds a secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::error::Error;

const KEY: &str = "flash";
const HELD: &str = "held";

/// The outcome of the last form, shown once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The server function that the form called.
    pub deed: String,
    /// What went wrong; absent when it went well.
    pub error: Option<Error>,
    /// What to tell when it went well.
    pub notice: Option<String>,
    /// What was typed, by field name, without secrets.
    pub values: BTreeMap<String, String>,
}

impl Flash {
    /// Keeps this until the next page is read.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn keep(mut self, session: &Session) -> Result<(), tower_sessions::session::Error> {
        // The database takes no byte of zero in a text, and nobody typed one.
        let clean = |text: String| text.replace('\0', "");
        self.values = self.values.into_iter().map(|(name, value)| (clean(name), clean(value))).collect();
        session.insert(KEY, self).await
    }

    /// Takes what was kept, so that it shows only once.
    ///
    /// # Errors
    /// When the session cannot be read.
    pub async fn take(session: &Session) -> Result<Option<Self>, tower_sessions::session::Error> {
        session.remove(KEY).await
    }

    /// Keeps this until the person has proven who they are and comes back to the page it belongs to.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn hold(self, session: &Session, back: &str) -> Result<(), tower_sessions::session::Error> {
        session.insert(HELD, (back, self)).await
    }

    /// Gives what was held for a page back to it: everything typed, nothing wrong, and a line that says so.
    ///
    /// # Errors
    /// When the session cannot be read or written.
    pub async fn release(session: &Session, back: &str, notice: &str) -> Result<(), tower_sessions::session::Error> {
        let held: Option<(String, Self)> = session.remove(HELD).await?;
        match held {
            Some((page, flash)) if page == back => {
                Self { error: None, notice: Some(notice.to_owned()), ..flash }.keep(session).await
            }
            _ => Ok(()),
        }
    }

    /// Whether a field's value must not be kept.
    #[must_use]
    pub fn is_secret(field: &str) -> bool {
        // One-time codes, not postal ones.
        let code = field == "code" || (field.ends_with("_code") && !field.ends_with("postal_code"));
        code || ["password", "secret", "token"].iter().any(|word| field.contains(word))
    }
}
