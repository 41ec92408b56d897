//! Stores a success notice that the next page shows once.

use crate::error::Result;
use crate::flash::Flash;
use crate::guard::ServerContext;

/// Keeps the notice for the next page.
///
/// # Errors
/// When the session cannot be written.
pub async fn flash_notice(context: &ServerContext, operation: &str, notice: impl Into<String>) -> Result<()> {
    let flash = Flash { operation: operation.to_owned(), notice: Some(notice.into()), ..Flash::default() };
    Ok(flash.keep(&context.session).await?)
}
