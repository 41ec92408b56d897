//! Which clients of the demo world do not simply work: one rests, one is archived, and one whose owner is still invited.
//! And what is left to the owner of another one.

use anyhow::Context;
use domain::business::Business;
use domain::clients::{Act, Status};
use domain::identity::{Reach, Role};
use domain::todos::Assignee;
use operations::{Actor, clients, invitations, todos};
use store::tenant::{Scope, TenantTx};

use crate::boot::compose::Core;

/// Pauses the last of the earlier clients and archives the first one. What was changed before stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn rest(admin: &Actor, earlier: &[Business]) -> anyhow::Result<()> {
    for (client, act) in [(earlier.last(), Act::Pause), (earlier.first(), Act::Archive)] {
        if let Some(client) = client.filter(|client| client.status == Status::Active.key()) {
            clients::act(admin, client.id, act).await?;
        }
    }
    Ok(())
}

/// Invites the owner of a client, and a colleague to the agency. Both mails lie in the simulator's mailbox.
///
/// # Errors
/// When the database fails.
pub async fn invite(admin: &Actor, named: &[Business]) -> anyhow::Result<()> {
    let realty = named.last().context("the demo world lacks its businesses")?;
    invitations::invite_owner(admin, realty.id, "cole@summitrealty.test").await?;
    invitations::invite_colleague(admin, "lena@harbor.test", Role::AgencyStaff).await?;
    Ok(())
}

/// Leaves the open to-dos of a client to its owner.
///
/// # Errors
/// When the database fails.
pub async fn leave_to_owner(core: &Core, admin: &Actor, client: &Business) -> anyhow::Result<()> {
    let scope = Scope::Agency { user: None, agency: client.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&core.db, scope).await?;
    let open: Vec<_> = store::todos::of_business(&mut tx, client.id).await?.into_iter().map(|todo| todo.id).collect();
    tx.commit().await?;
    if !open.is_empty() {
        todos::assign(admin, &open, Assignee::Owner).await?;
    }
    Ok(())
}
