//! Operations on what clients may use: how many messages a month each may send, and how many tokens a day its assistant
//! may spend.

use domain::BusinessId;
use domain::permission::Right;
use domain::usage::{read_limit, read_tokens};
use serde_json::json;
use store::audit::{self, Act};
use store::businesses;

use crate::{Actor, Refusal};

/// What was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The name of the client.
    pub name: String,
    /// Its messages a month.
    pub limit: i64,
    /// The tokens a day of its assistant.
    pub tokens: i64,
}

/// Sets how many messages a client may send in a month, and how many tokens its assistant may spend in a day of UTC, as a
/// person typed it. An empty number of tokens stays as it is. Both apply at once, to this month and day, too.
///
/// # Errors
/// `Forbidden` without the right to manage clients; `NotFound` if the actor does not reach the client, or it lies in the
/// trash; `Invalid` for what is no number, or one that is too high.
pub async fn set_limits(actor: &Actor, business: BusinessId, messages: &str, tokens: &str) -> Result<Set, Refusal> {
    let allowed = actor.require(Right::ClientsManage)?;
    // Looked up in the agency's own transaction, so a client that the actor does not reach is not found.
    let mut tx = allowed.begin().await?;
    let name = businesses::get(&mut tx, business).await?.name;
    tx.commit().await?;
    let typed = Some(tokens.trim()).filter(|tokens| !tokens.is_empty());
    let (limit, wanted) = match (read_limit(messages), typed.map(read_tokens).transpose()) {
        (Ok(limit), Ok(wanted)) => (limit, wanted),
        (limit, wanted) => return Err(Refusal::Invalid(limit.err().into_iter().chain(wanted.err()).collect())),
    };
    let mut tx = allowed.begin_in(business).await?;
    store::usage::set_limit(&mut tx, business, limit).await?;
    let known = store::usage::today(&mut tx).await?.limit;
    let tokens = wanted.unwrap_or(known);
    if tokens != known {
        store::usage::set_token_limit(&mut tx, business, tokens).await?;
    }
    let set = json!({ "limit": limit, "tokens": tokens });
    audit::record(&mut tx, Act::new("usage.limit", "business").object(business).payload(set)).await?;
    tx.commit().await?;
    Ok(Set { name, limit, tokens })
}
