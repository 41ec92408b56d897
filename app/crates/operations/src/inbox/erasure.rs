//! What if a customer asks to be forgotten? Everything that was said with them is erased; figures of usage stay.

use domain::ContactId;
use domain::permission::Right;
use store::audit::{self, Act};
use store::messaging::erasing;
use store::tools::erased;

use crate::{BusinessActor, Refusal};

/// Erases a contact with everything that was said: from now on nobody finds it, the log of AI tools does not name it, and what
/// is left goes in the background.
///
/// # Errors
/// `NotFound` if there is no such contact, or it is being erased already.
pub async fn erase_contact(actor: &BusinessActor, contact: ContactId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ContactsErase)?.begin().await?;
    let names = erasing::names(&mut tx, contact).await?;
    erasing::begin(&mut tx, contact).await?;
    erased::forget(&mut tx, &names, None).await?;
    audit::record(&mut tx, Act::new("contact.erased", "contact").object(contact)).await?;
    Ok(tx.commit().await?)
}
