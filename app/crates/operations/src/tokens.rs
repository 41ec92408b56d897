//! Operations on API tokens: create and revoke. The value of a token is returned once.

use chrono::{DateTime, Duration, Utc};
use domain::ApiTokenId;
use domain::permission::{Right, is_of_business, right_of};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use store::api_tokens;
use store::idempotency::{self, Begun};

use crate::{Actor, Refusal};

/// The scope that opens the tools of a business to a token.
pub const TOOLS: &str = "tools";

/// How long a token works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
    /// 365 days.
    #[default]
    Year,
}

impl Lifetime {
    /// Every choice, the usual one first.
    pub const ALL: [Self; 3] = [Self::Year, Self::Quarter, Self::Month];

    /// Its value in a form.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Month => "30",
            Self::Quarter => "90",
            Self::Year => "365",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Month => "In 30 days",
            Self::Quarter => "In 90 days",
            Self::Year => "In one year",
        }
    }

    /// The choice with this value.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }

    /// How many days that is.
    pub(crate) const fn days(self) -> i64 {
        match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }
}

/// A token to create. It belongs to the business that the actor acts in, if there is one, otherwise to the agency.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// What it is for.
    pub name: &'a str,
    /// What it may do.
    pub scopes: &'a [&'a str],
    /// How long it works.
    pub lifetime: Lifetime,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// Creates a token and returns its value.
///
/// # Errors
/// `Invalid` if the name is empty or too long, no scope is given, or the actor may not lend one of the scopes.
pub async fn create(actor: &Actor, token: &NewToken<'_>) -> Result<SecretString, Refusal> {
    let allowed = actor.require(Right::TokensManage)?;
    let new = checked(actor, token)?;
    let mut tx = allowed.begin().await?;
    let (_, secret) = api_tokens::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Creates a token for a form, which `form` names. Returns `None` if the same form with the same values created one
/// before: a second press creates nothing, a changed form creates another token.
///
/// # Errors
/// As `create`.
pub async fn create_once(actor: &Actor, token: &NewToken<'_>, form: &str) -> Result<Option<SecretString>, Refusal> {
    let allowed = actor.require(Right::TokensManage)?;
    let new = checked(actor, token)?;
    let mut tx = allowed.begin().await?;
    let values: [u8; 32] =
        Sha256::digest(format!("{}\n{}\n{}", new.name, new.scopes.join(" "), token.lifetime.key())).into();
    let key = format!("{form}-{}", hex::encode(values));
    let Begun::Fresh(key) = idempotency::begin(&mut tx, &key, "create_token", values).await? else { return Ok(None) };
    idempotency::finish(&mut tx, key, 200, &serde_json::Value::Null).await?;
    let (_, secret) = api_tokens::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Revokes a token at once.
///
/// # Errors
/// `NotFound` if there is no such token, or it was revoked before.
pub async fn revoke(actor: &Actor, token: ApiTokenId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::TokensManage)?.begin().await?;
    api_tokens::revoke(&mut tx, token).await?;
    Ok(tx.commit().await?)
}

/// The token with a cleaned name of 1 to 120 characters, and only with scopes that the actor may lend.
fn checked(actor: &Actor, token: &NewToken<'_>) -> Result<api_tokens::NewToken, Refusal> {
    let name = domain::text::name(token.name, 120)
        .map_err(|_| Refusal::field("name", "Say what it is for, in at most 120 characters."))?;
    if let Some(scope) = token.scopes.iter().find(|scope| actor.business().is_some() && !is_of_business(scope)) {
        let text =
            format!("A token of one business has the scopes businesses and tools alone: \"{scope}\" is the agency's.");
        return Err(Refusal::field(scope, &text));
    }
    if let Some(scope) = token.scopes.iter().find(|scope| actor.business().is_none() && **scope == TOOLS) {
        let text = "A token for tools belongs to one client: make it on the client's page of AI tools.";
        return Err(Refusal::field(scope, text));
    }
    if let Some(scope) = token.scopes.iter().find(|scope| !actor.may_lend(scope)) {
        let right = right_of(scope).map_or("do this", Right::words);
        let text = format!(
            "A token can only do what you can do: to include this, you need permission to {right}, for all clients."
        );
        return Err(Refusal::field(scope, &text));
    }
    if token.scopes.is_empty() {
        return Err(Refusal::field("provisioning", "Select at least one permission."));
    }
    let scopes = token.scopes.iter().map(|scope| (*scope).to_owned()).collect();
    Ok(api_tokens::NewToken { name, scopes, expires_at: Some(token.now + Duration::days(token.lifetime.days())) })
}
