//! Stores a success notice that the next page shows once.

use kit::Undo;

use crate::error::Result;
use crate::flash::Flash;
use crate::guard::ServerContext;

/// Keeps the notice for the next page.
///
/// # Errors
/// When the session cannot be written.
pub async fn flash_notice(context: &ServerContext, operation: &str, notice: impl Into<String>) -> Result<()> {
    undoable_notice(context, operation, notice, None).await
}

/// Keeps the notice for the next page, with the form that takes the operation back.
///
/// # Errors
/// When the session cannot be written.
pub async fn undoable_notice(
    context: &ServerContext,
    operation: &str,
    notice: impl Into<String>,
    undo: Option<Undo>,
) -> Result<()> {
    let flash = Flash { operation: operation.to_owned(), notice: Some(notice.into()), undo, ..Flash::default() };
    Ok(flash.keep(&context.session).await?)
}
