//! Which programs have hands on a business? Each has a token of its own with the scope of tools, made here and shown once.

use chrono::{DateTime, Duration, Utc};
use domain::ApiTokenId;
use domain::permission::Right;
use domain::person::ApiToken;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use store::agent_sign_ins;
use store::api_tokens::{self, NewToken};
use store::idempotency::{self, Begun};
use store::tenant::TenantTx;

use crate::tokens::Lifetime;
use crate::{BusinessActor, Refusal};

/// The scope that opens the tools of a business to a token.
pub const SCOPE: &str = crate::tokens::TOOLS;

/// The most characters of the name of a token.
pub const LONGEST_NAME: usize = 120;

/// The most programs that a business connects.
pub const MOST: usize = 50;

/// A token to create.
#[derive(Clone, Copy, Debug)]
pub struct NewAgent<'a> {
    /// The program that it is for.
    pub name: &'a str,
    /// How long it works.
    pub lifetime: Lifetime,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// Creates a token of the business for its tools and returns its value, for a form that `form` names. Returns `None` if
/// the same form with the same values created one before.
///
/// # Errors
/// `Forbidden` without the right to manage tools; `Invalid` if the name is empty or too long; `State` if the business has
/// [`MOST`] tokens that may still be used.
pub async fn create_once(
    actor: &BusinessActor,
    agent: &NewAgent<'_>,
    form: &str,
) -> Result<Option<SecretString>, Refusal> {
    let allowed = actor.require(Right::ToolsManage)?;
    let name = domain::text::name(agent.name, LONGEST_NAME)
        .map_err(|_| Refusal::field("name", "Say which program it is for, in at most 120 characters."))?;
    let mut tx = allowed.begin().await?;
    let values: [u8; 32] = Sha256::digest(format!("{name}\n{}", agent.lifetime.key())).into();
    let key = format!("{form}-{}", hex::encode(values));
    let Begun::Fresh(key) = idempotency::begin(&mut tx, &key, "create_tool_token", values).await? else {
        return Ok(None);
    };
    make_room(&mut tx, agent.now).await?;
    idempotency::finish(&mut tx, key, 200, &serde_json::Value::Null).await?;
    let expires_at = Some(agent.now + Duration::days(agent.lifetime.days()));
    let (_, secret) = api_tokens::add(&mut tx, &NewToken { name, scopes: vec![SCOPE.to_owned()], expires_at }).await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Revokes a token at once.
///
/// # Errors
/// `Forbidden` without the right to manage tools; `NotFound` if the business has no such token for its tools.
pub async fn revoke(actor: &BusinessActor, token: ApiTokenId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ToolsManage)?.begin().await?;
    let token = agents(&mut tx).await?.into_iter().find(|one| one.id == token).ok_or(Refusal::NotFound)?;
    api_tokens::revoke(&mut tx, token.id).await?;
    Ok(tx.commit().await?)
}

/// Makes sure that the business can connect one more program. Where it has [`MOST`], those are disconnected whose token has
/// expired and is not renewed by browser sign-in.
///
/// # Errors
/// `State` if none makes room.
pub(super) async fn make_room(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<(), Refusal> {
    let all = agents(tx).await?;
    if all.len() < MOST {
        return Ok(());
    }
    let renewed = agent_sign_ins::list(tx).await?;
    let comes_back = |id: ApiTokenId| renewed.iter().any(|one| one.token == id && one.expires_at > now);
    let has_ended = |token: &&ApiToken| token.expires_at.is_some_and(|at| at <= now) && !comes_back(token.id);
    let ended: Vec<ApiTokenId> = all.iter().filter(has_ended).map(|token| token.id).collect();
    if all.len() - ended.len() >= MOST {
        return Err(Refusal::State(format!("There are {MOST} AI agents already. Disconnect one first.")));
    }
    for token in ended {
        api_tokens::revoke(tx, token).await?;
    }
    Ok(())
}

/// The tokens of the business for its tools, newest first.
async fn agents(tx: &mut TenantTx) -> Result<Vec<ApiToken>, Refusal> {
    let tokens = api_tokens::list(tx).await?;
    Ok(tokens.into_iter().filter(opens_tools).collect())
}

/// Whether the token opens the tools of its business.
#[must_use]
pub fn opens_tools(token: &ApiToken) -> bool {
    token.business.is_some() && token.scopes.iter().any(|scope| scope == SCOPE)
}
