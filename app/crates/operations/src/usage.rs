//! Operations on what clients may use: how many messages a month each may send, how many tokens a day its assistant may spend,
//! and how many requests a minute its programs may send.

use domain::BusinessId;
use domain::permission::Right;
use domain::usage::{read_limit, read_requests, read_tokens};
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
    /// The requests a minute of its programs.
    pub requests: i32,
}

/// The limits of a client, as a person typed them.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// Messages a month.
    pub messages: &'a str,
    /// Tokens a day of its assistant. Empty: as it is.
    pub tokens: &'a str,
    /// Requests a minute of its programs. Empty: as it is.
    pub requests: &'a str,
}

/// Sets how many messages a client may send in a month, how many tokens its assistant may spend in a day of UTC, and how many
/// requests its programs may send in a minute: all or none of them. The first two apply at once, to this month and day, too; the
/// last one within half a minute.
///
/// # Errors
/// `Forbidden` without the right to manage clients; `NotFound` if the actor does not reach the client, or it lies in the
/// trash; `Invalid` for what is no number, or one that is too high.
pub async fn set_limits(actor: &Actor, business: BusinessId, typed: Typed<'_>) -> Result<Set, Refusal> {
    let allowed = actor.require(Right::ClientsManage)?;
    // Looked up in the agency's own transaction, so a client that the actor does not reach is not found.
    let mut tx = allowed.begin().await?;
    let name = businesses::get(&mut tx, business).await?.name;
    tx.commit().await?;
    let (limit, new_tokens, new_requests) = read(typed)?;
    let mut tx = allowed.begin_in(business).await?;
    store::usage::set_limit(&mut tx, business, limit).await?;
    let known = store::usage::today(&mut tx).await?.limit;
    let tokens = new_tokens.unwrap_or(known);
    if tokens != known {
        store::usage::set_token_limit(&mut tx, business, tokens).await?;
    }
    let known = store::usage::request_limit(&mut tx, business).await?;
    let requests = new_requests.unwrap_or(known);
    if requests != known {
        store::usage::set_request_limit(&mut tx, business, requests).await?;
    }
    let set = json!({ "limit": limit, "tokens": tokens, "requests": requests });
    audit::record(&mut tx, Act::new("usage.limit", "business").object(business).payload(set)).await?;
    tx.commit().await?;
    Ok(Set { name, limit, tokens, requests })
}

/// The numbers that were typed; those that may be empty are `None` then.
fn read(typed: Typed<'_>) -> Result<(i64, Option<i64>, Option<i32>), Refusal> {
    let tokens = given(typed.tokens).map(read_tokens).transpose();
    let requests = given(typed.requests).map(read_requests).transpose();
    match (read_limit(typed.messages), tokens, requests) {
        (Ok(limit), Ok(tokens), Ok(requests)) => Ok((limit, tokens, requests)),
        (limit, tokens, requests) => {
            Err(Refusal::Invalid(limit.err().into_iter().chain(tokens.err()).chain(requests.err()).collect()))
        }
    }
}

/// A text that is not empty.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
