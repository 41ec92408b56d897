//! Keeps the error and the typed values of a failed form in the session row for one reading, never in the URL. It also
//! keeps one kind of secret that we create and show once; that secret is sealed.

use std::collections::BTreeMap;

use kit::Undo;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::error::Error;
use crate::session_value::take;

/// The result of a session read or write.
type Kept<T> = Result<T, tower_sessions::session::Error>;

const KEY: &str = "flash";

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
    /// The form that takes the operation back, if it can be undone.
    #[serde(default)]
    pub undo: Option<Undo>,
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

    /// True if the value of this field must not be kept: a secret, or a file.
    #[must_use]
    pub fn is_secret(field: &str) -> bool {
        // One-time codes are secret; postal codes are not.
        let code = field == "code" || (field.ends_with("_code") && !field.ends_with("postal_code"));
        code || field.ends_with("_file") || ["password", "secret", "token"].iter().any(|word| field.contains(word))
    }
}
