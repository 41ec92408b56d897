//! Tells the demo world's admin a few things, so that the bell and its page have something to show. Nothing is mailed.

use anyhow::Context;
use domain::AgencyId;
use domain::identity::Reach;
use domain::notifications::Kind;
use store::notifications::{Event, tell};
use store::tenant::{Scope, TenantTx};

use crate::boot::compose::Core;

/// What happened: the kind, the name of what it is about, and what else is known.
const HAPPENED: [(Kind, &str, &str); 2] =
    [(Kind::JobFinished, "Luna Yoga", ""), (Kind::InvitationAccepted, "Noah Lindqvist", "Agency staff")];

/// Tells Maya what happened, once.
///
/// # Errors
/// When the database fails, or the demo people are not there.
pub async fn add(core: &Core, agency: AgencyId) -> anyhow::Result<()> {
    let maya = store::identity::auth_user(&core.db, "maya@harbor.test").await?.context("Maya is not there")?.id;
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&core.db, scope).await?;
    for (kind, title, detail) in HAPPENED {
        let (key, to) = (format!("demo:{kind}:{title}"), Some(maya));
        tell(&mut tx, &Event { kind, key, subject: None, business: None, to, title, detail }).await?;
    }
    Ok(tx.commit().await?)
}
