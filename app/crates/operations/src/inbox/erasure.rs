//! What if a customer asks to be forgotten? Everything that was said with them is erased; figures of usage stay.

use std::collections::BTreeSet;

use domain::ContactId;
use domain::permission::Right;
use store::audit::{self, Act};
use store::messaging::erasing;
use store::tenant::TenantTx;
use store::tools::erased;

use crate::{BusinessActor, Refusal};

/// Erases a contact with everything that was said: from now on nobody finds it, the log of AI tools does not name it, and what
/// is left goes in the background.
///
/// # Errors
/// `NotFound` if there is no such contact, or it is being erased already.
pub async fn erase_contact(actor: &BusinessActor, contact: ContactId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ContactsErase)?.begin().await?;
    erase(&mut tx, contact).await?;
    Ok(tx.commit().await?)
}

/// The same for several contacts, all of them or none. Returns how many they are.
///
/// # Errors
/// `NotFound` if there is no such contact, or one is being erased already.
pub async fn erase_contacts(actor: &BusinessActor, contacts: &[ContactId]) -> Result<usize, Refusal> {
    // In one order, so that two who erase the same ones do not wait for each other.
    let contacts: BTreeSet<ContactId> = contacts.iter().copied().collect();
    let mut tx = actor.require(Right::ContactsErase)?.begin().await?;
    for contact in &contacts {
        erase(&mut tx, *contact).await?;
    }
    tx.commit().await?;
    Ok(contacts.len())
}

async fn erase(tx: &mut TenantTx, contact: ContactId) -> Result<(), Refusal> {
    let names = erasing::names(tx, contact).await?;
    erasing::begin(tx, contact).await?;
    erased::forget(tx, &names, None).await?;
    Ok(audit::record(tx, Act::new("contact.erased", "contact").object(contact)).await?)
}
