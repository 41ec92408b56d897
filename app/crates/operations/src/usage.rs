//! Operations on what clients may use: how many messages a month each may send.

use domain::BusinessId;
use domain::permission::Right;
use domain::usage::read_limit;
use store::businesses;

use crate::{Actor, Refusal};

/// What was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The name of the client.
    pub name: String,
    /// Its messages a month.
    pub limit: i64,
}

/// Sets how many messages a client may send in a month, as a person typed it. It applies at once, to this month, too.
///
/// # Errors
/// `Forbidden` without the right to manage clients; `NotFound` if the actor does not reach the client, or it lies in the
/// trash; `Invalid` for what is no number, or one that is too high.
pub async fn set_limit(actor: &Actor, business: BusinessId, typed: &str) -> Result<Set, Refusal> {
    let allowed = actor.require(Right::ClientsManage)?;
    // Looked up in the agency's own transaction, so a client that the actor does not reach is not found.
    let mut tx = allowed.begin().await?;
    let name = businesses::get(&mut tx, business).await?.name;
    tx.commit().await?;
    let limit = read_limit(typed).map_err(|error| Refusal::Invalid(vec![error]))?;
    let mut tx = allowed.begin_in(business).await?;
    store::usage::set_limit(&mut tx, business, limit).await?;
    tx.commit().await?;
    Ok(Set { name, limit })
}
