//! Keeps the error and the typed values of a failed form in the session row for one reading, never in the URL. It also
//! keeps one kind of secret that we create and show once; that secret is sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::error::Error;
use crate::session_value::take;

/// The result of a session read or write.
type Kept<T> = Result<T, tower_sessions::session::Error>;

const KEY: &str = "flash";
const HELD: &str = "held";

/// The outcome of the last form, shown once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The server function that the form called.
    #[serde(rename = "deed")]
    pub operation: String,
    /// What went wrong; `None` if the operation succeeded.
    pub error: Option<Error>,
    /// What to tell if the operation succeeded.
    pub notice: Option<String>,
    /// Typed values by field name, without secrets.
    pub values: BTreeMap<String, String>,
    /// A secret of ours to show once, sealed.
    #[serde(default)]
    pub sealed: Option<String>,
}

impl Flash {
    /// Keeps this until the next page is read.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn keep(mut self, session: &Session) -> Kept<()> {
        // The database accepts no zero byte in a text, and nobody typed one.
        let clean = |text: String| text.replace('\0', "");
        self.values = self.values.into_iter().map(|(name, value)| (clean(name), clean(value))).collect();
        session.insert(KEY, self).await
    }

    /// Takes what was kept, so that it shows only once.
    ///
    /// # Errors
    /// When the session cannot be read.
    pub async fn take(session: &Session) -> Kept<Option<Self>> {
        take(session, KEY).await
    }

    /// Keeps this until the person has proven their identity and comes back to the page `back`.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn hold(self, session: &Session, back: &str) -> Kept<()> {
        session.insert(HELD, (back, self)).await
    }

    /// Gives back what was held for the page `back`: the typed values without the error, and `notice`.
    ///
    /// # Errors
    /// When the session cannot be read or written.
    pub async fn release(session: &Session, back: &str, notice: &str) -> Kept<()> {
        let held: Option<(String, Self)> = take(session, HELD).await?;
        match held {
            Some((page, flash)) if page == back => {
                Self { error: None, notice: Some(notice.to_owned()), ..flash }.keep(session).await
            }
            // This belongs to another tab and waits for its own page.
            Some(other) => session.insert(HELD, other).await,
            None => Ok(()),
        }
    }

    /// True if the value of this field must not be kept.
    #[must_use]
    pub fn is_secret(field: &str) -> bool {
        // One-time codes are secret; postal codes are not.
        let code = field == "code" || (field.ends_with("_code") && !field.ends_with("postal_code"));
        code || ["password", "secret", "token"].iter().any(|word| field.contains(word))
    }
}
