//! Keeps the error and the typed values of a failed form in the session row for one reading, never in the URL. It also
//! keeps one kind of secret that we create and show once; that secret is sealed.

use std::collections::BTreeMap;

use domain::UserId;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use store::vault::AssociatedData;
use tower_sessions::Session;

use crate::error::{Error, Result};
use crate::guard::ServerContext;
use crate::session::take;

/// The result of a session read or write.
type Kept<T> = std::result::Result<T, tower_sessions::session::Error>;

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

/// Associated data of a sealed secret; only the person it was made for can open it.
const fn associated_data(user: UserId) -> AssociatedData {
    AssociatedData { table: "sessions", column: "data", row: user.0, agency: None, business: None }
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

    /// Keeps a secret of ours to show once, on the next page. It is sealed, because whoever reads the database
    /// reads the sessions too.
    ///
    /// # Errors
    /// When it cannot be sealed or the session cannot be written.
    pub async fn show_once(context: &ServerContext, user: UserId, operation: &str, secret: &str) -> Result<()> {
        let (sealed, _) = context.state.vault.seal(&associated_data(user), secret.as_bytes()).await?;
        let flash = Self { operation: operation.to_owned(), sealed: Some(hex::encode(sealed)), ..Self::default() };
        Ok(flash.keep(&context.session).await?)
    }

    /// The secret that this operation left to be shown, opened; `None` if there is none.
    ///
    /// # Errors
    /// When it was sealed for somebody else.
    pub async fn shown_once(context: &ServerContext, user: UserId, operation: &str) -> Result<Option<String>> {
        let sealed = context.request.flash_of(operation).and_then(|flash| hex::decode(flash.sealed.as_deref()?).ok());
        let Some(sealed) = sealed else { return Ok(None) };
        Ok(Some(context.state.vault.open(&associated_data(user), &sealed).await?.expose_secret().to_owned()))
    }

    /// True if the value of this field must not be kept.
    #[must_use]
    pub fn is_secret(field: &str) -> bool {
        // One-time codes are secret; postal codes are not.
        let code = field == "code" || (field.ends_with("_code") && !field.ends_with("postal_code"));
        code || ["password", "secret", "token"].iter().any(|word| field.contains(word))
    }
}
