//! When does a person of the business make one contact of two, and take it back?

use std::collections::BTreeSet;

use domain::ContactId;
use domain::permission::Right;
use serde_json::json;
use store::audit::{self, Act};
use store::messaging::{contacts, erasing, merging};
use store::tenant::TenantTx;

use crate::{BusinessActor, Refusal};

/// Makes a contact part of another one, with its ids and conversations. It can be taken back for 30 days. One that is part of
/// the other already stays so.
///
/// # Errors
/// `NotFound` if there is no such contact, or one is being erased; `State` if they are one contact, or two people who are known
/// at the same account of the business.
pub async fn merge_contacts(actor: &BusinessActor, contact: ContactId, other: ContactId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let held = erasing::hold(&mut tx, &BTreeSet::from([contact, other])).await;
    if matches!(held, Err(store::Error::NotFound)) && merging::is_part(&mut tx, contact, other).await? {
        return Ok(());
    }
    held?;
    if contact == other {
        return Err(Refusal::State("Choose another contact.".to_owned()));
    }
    let pair = merging::pair(&mut tx, contact, other).await?;
    if !pair.shared.is_empty() {
        return Err(Refusal::State(
            "Both write on the same channel, so they can't be merged: a reply there could only reach one of them."
                .to_owned(),
        ));
    }
    merging::merge(&mut tx, contact, other, &pair).await?;
    record(&mut tx, "contact.merged", contact, other).await?;
    Ok(tx.commit().await?)
}

/// Takes a contact out of another one again: it gets back what was known of it, its ids, and its conversations with what was said
/// since. One that is a contact of its own already stays so.
///
/// # Errors
/// `NotFound` if there is no such contact, it is being erased, or nothing can be taken out of it any more; `State` if another
/// one became part of it later.
pub async fn undo_contact_merge(actor: &BusinessActor, contact: ContactId, merged: ContactId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    erasing::hold(&mut tx, &BTreeSet::from([contact])).await?;
    let parts = merging::of(&mut tx, contact).await?;
    match parts.iter().position(|part| part.merged == merged) {
        Some(0) => {}
        Some(_) => {
            return Err(Refusal::State("Another contact was merged into this one later. Undo that first.".to_owned()));
        }
        None => return Ok(contacts::hold(&mut tx, merged).await?),
    }
    merging::undo(&mut tx, contact, merged).await?;
    record(&mut tx, "contact.unmerged", contact, merged).await?;
    Ok(tx.commit().await?)
}

async fn record(tx: &mut TenantTx, action: &'static str, contact: ContactId, other: ContactId) -> Result<(), Refusal> {
    let act = Act::new(action, "contact").object(contact);
    Ok(audit::record(tx, act.payload(json!({ "other": other }))).await?)
}
