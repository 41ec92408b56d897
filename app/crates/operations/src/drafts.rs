//! Operations on drafts of new clients: keep what a person types, discard it, and start the job that it becomes.

use std::collections::BTreeMap;

use domain::DraftId;
use domain::drafts::kept;
use domain::permission::Right;
use domain::provisioning::Checked;
use store::drafts;
use store::provisioning::Started;

use crate::{Actor, Refusal, provisioning};

/// Saves what a form has as the person's draft. A form that has nothing worth keeping leaves none.
///
/// # Errors
/// `Forbidden` without the right to create clients.
pub async fn save(actor: &Actor, draft: DraftId, fields: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::Provision)?.begin().await?;
    match kept(fields) {
        Some(kept) => drafts::save(&mut tx, draft, &kept).await?,
        None => gone(drafts::remove(&mut tx, draft).await)?,
    }
    tx.commit().await?;
    Ok(())
}

/// Discards one of the person's drafts.
///
/// # Errors
/// `Forbidden` without the right to create clients; `NotFound` if the person has no such draft.
pub async fn discard(actor: &Actor, draft: DraftId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::Provision)?.begin().await?;
    drafts::remove(&mut tx, draft).await?;
    tx.commit().await?;
    Ok(())
}

/// Starts a job from a form, and removes the draft of the form. The job counts: a draft that could not be removed is
/// logged, and removed after its time.
///
/// # Errors
/// As `provisioning::start`; the draft stays then.
pub async fn start(
    actor: &Actor,
    order: &Checked,
    key: Option<&str>,
    draft: Option<DraftId>,
) -> Result<Started, Refusal> {
    let started = provisioning::start(actor, order, key).await?;
    if let Some(draft) = draft
        && let Err(cause) = end(actor, draft).await
    {
        tracing::warn!(event = "drafts.not_removed", %draft, %cause, "the draft of a started job was not removed");
    }
    Ok(started)
}

async fn end(actor: &Actor, draft: DraftId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::Provision)?.begin().await?;
    gone(drafts::remove(&mut tx, draft).await)?;
    tx.commit().await?;
    Ok(())
}

/// That there is no draft to remove is fine.
fn gone(removed: store::Result<()>) -> store::Result<()> {
    match removed {
        Err(store::Error::NotFound) => Ok(()),
        other => other,
    }
}
