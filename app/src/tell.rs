//! How does a deed say that it went well: one line, shown once on the next page.

use crate::error::Result;
use crate::flash::Flash;
use crate::guard::Here;

/// Keeps the line for the next page.
///
/// # Errors
/// When the session cannot be written.
pub async fn tell(here: &Here, operation: &str, notice: impl Into<String>) -> Result<()> {
    let flash = Flash { operation: operation.to_owned(), notice: Some(notice.into()), ..Flash::default() };
    Ok(flash.keep(&here.session).await?)
}
