//! Keeps one secret of ours for one showing on the next page. It is sealed, because whoever reads the database reads sessions too.

use domain::UserId;
use secrecy::ExposeSecret;
use store::vault::AssociatedData;

use crate::error::Result;
use crate::flash::Flash;
use crate::guard::ServerContext;

/// Associated data of a sealed secret; only the person it was made for can open it.
const fn associated_data(user: UserId) -> AssociatedData {
    AssociatedData { table: "sessions", column: "data", row: user.0, agency: None, business: None }
}

/// Keeps a secret of ours to show once, on the next page. It is sealed, because whoever reads the database
/// reads the sessions too.
///
/// # Errors
/// When it cannot be sealed or the session cannot be written.
pub async fn show_once(context: &ServerContext, user: UserId, operation: &str, secret: &str) -> Result<()> {
    let (sealed, _) = context.state.vault.seal(&associated_data(user), secret.as_bytes()).await?;
    let flash = Flash { operation: operation.to_owned(), sealed: Some(hex::encode(sealed)), ..Flash::default() };
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
