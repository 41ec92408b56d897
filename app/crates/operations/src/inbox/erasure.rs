//! What if a customer asks to be forgotten? Everything that was said with them is erased; figures of usage stay.

use std::collections::BTreeSet;

use domain::ContactId;
use domain::permission::Right;
use store::audit::{self, Act};
use store::messaging::erasing::{self, Named};
use store::tools::erased;

use crate::{BusinessActor, Refusal};

/// Erases a contact with everything that was said: from now on nobody finds it, and what AI agents ask about it is over. What is
/// left goes in the background, also what the log of AI tools says of it.
///
/// # Errors
/// `NotFound` if there is no such contact, or it is being erased already.
pub async fn erase_contact(actor: &BusinessActor, contact: ContactId) -> Result<(), Refusal> {
    erase_contacts(actor, &[contact]).await.map(drop)
}

/// The same for several contacts, all of them or none. Returns how many they are.
///
/// # Errors
/// `NotFound` if there is no such contact, or one is being erased already.
pub async fn erase_contacts(actor: &BusinessActor, contacts: &[ContactId]) -> Result<usize, Refusal> {
    let contacts: BTreeSet<ContactId> = contacts.iter().copied().collect();
    let mut tx = actor.require(Right::ContactsErase)?.begin().await?;
    erasing::hold(&mut tx, &contacts).await?;
    let mut named = Named::default();
    for contact in &contacts {
        named.add(erasing::names(&mut tx, *contact).await?);
        erasing::begin(&mut tx, *contact).await?;
    }
    erased::forget_waiting(&mut tx, &named).await?;
    // One of them keeps the names of all, because the whole log of the business is read for them.
    if let Some(last) = contacts.last() {
        erasing::remember(&mut tx, *last, &named).await?;
    }
    for contact in &contacts {
        audit::record(&mut tx, Act::new("contact.erased", "contact").object(*contact)).await?;
    }
    tx.commit().await?;
    Ok(contacts.len())
}
