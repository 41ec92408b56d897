//! Which token opens what? The company's, renewed before it ends; a location's, minted from the company's. A location's token
//! is kept at agency level until its business exists and is then sealed again under the business, whose id is part of the seal.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::provisioning::Step;
use domain::{AgencyId, BusinessId, IntegrationId};
use secrecy::SecretString;
use store::credentials::{self, NewSecret, NoCredential, Ready, Whose};
use store::integrations;
use store::provisioning::Running;
use store::{Scope, TenantTx};

use super::refresh;
use crate::Worker;
use crate::provisioning::door::Door;
use crate::provisioning::step::{Stop, reconnect};

/// A token that ends sooner than this is renewed before it is used.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// The company's token.
pub struct Company {
    /// HighLevel's id of the company.
    pub company: String,
    /// Its access token.
    pub token: SecretString,
    /// What it may do.
    pub scopes: Vec<String>,
}

/// Why there is no token.
#[derive(Debug)]
pub enum NoToken {
    /// Nobody connected the agency, or the connection was taken away.
    NotConnected,
    /// The connection cannot renew itself; a person has to connect again.
    NeedsReauth,
    /// A person paused or ended the connection; says which.
    Inactive(String),
    /// HighLevel could not be asked just now.
    Outside(ghl::Error),
    /// Our own database.
    Trouble(store::Error),
}

impl From<store::Error> for NoToken {
    fn from(error: store::Error) -> Self {
        Self::Trouble(error)
    }
}

impl From<NoCredential> for NoToken {
    fn from(why: NoCredential) -> Self {
        match why {
            NoCredential::NotFound(_) | NoCredential::Mint(_) => Self::NotConnected,
            NoCredential::NeedsReauth(_) => Self::NeedsReauth,
            NoCredential::Inactive(_) => Self::Inactive(why.to_string()),
            NoCredential::Store(error) => Self::Trouble(error),
        }
    }
}

impl NoToken {
    /// What it means for a step.
    pub fn stop(self, step: Step) -> Stop {
        match self {
            Self::NotConnected => Stop::Ask(Box::new(reconnect(step, "HighLevel is not connected."))),
            Self::NeedsReauth => {
                Stop::Ask(Box::new(reconnect(step, "The connection to HighLevel has ended and cannot renew itself.")))
            }
            Self::Inactive(what) => Stop::Ask(Box::new(reconnect(step, &format!("HighLevel: {what}.")))),
            Self::Outside(error) => Stop::outside(step, &error),
            Self::Trouble(error) => error.into(),
        }
    }
}

/// A transaction in an agency.
pub async fn agency_tx(worker: &Worker, agency: AgencyId) -> store::Result<TenantTx> {
    TenantTx::begin(&worker.db, agency_scope(agency)).await
}

/// A transaction in an agency that may also write one business of it, if there is one.
pub async fn tenant_tx(worker: &Worker, agency: AgencyId, business: Option<BusinessId>) -> store::Result<TenantTx> {
    TenantTx::begin(&worker.db, tenant_scope(agency, business)).await
}

fn agency_scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

fn tenant_scope(agency: AgencyId, business: Option<BusinessId>) -> Scope {
    let (user, reach, listed) = (None, Reach::All, Vec::new());
    business.map_or_else(|| agency_scope(agency), |business| Scope::Client { user, agency, business, reach, listed })
}

/// The agency's token, good for at least a few minutes.
pub async fn company(worker: &Worker, agency: AgencyId) -> Result<Company, NoToken> {
    for renewed in [false, true] {
        let ready = find(worker, &agency_scope(agency), &Whose::Company).await?;
        let ends = ready.expires_at.is_some_and(|at| at < Utc::now() + MARGIN);
        if !ends || renewed || !ready.refreshable {
            let (token, scopes) = (ready.access.clone(), ready.scopes.clone());
            return Ok(Company { company: ready.platform_id.clone(), token, scopes });
        }
        refresh::refresh(worker, agency, None, ready.integration, ready.version).await?;
    }
    Err(NoToken::NotConnected)
}

async fn find(worker: &Worker, scope: &Scope, whose: &Whose) -> Result<Arc<Ready>, NoCredential> {
    worker.cache.find(&worker.db, &worker.vault, scope, whose, "provisioning").await
}

/// Renews the agency's token although it should still be good: HighLevel did not accept it.
pub async fn renew(worker: &Worker, agency: AgencyId) -> Result<(), NoToken> {
    let mut tx = agency_tx(worker, agency).await?;
    let connection = integrations::company(&mut tx).await?.ok_or(NoToken::NotConnected)?;
    let opened = credentials::current(&mut tx, &worker.vault, connection.id, "provisioning")
        .await?
        .ok_or(NoToken::NotConnected)?;
    drop(tx);
    if opened.refresh.is_none() {
        return Err(NoToken::NeedsReauth);
    }
    refresh::refresh(worker, agency, None, connection.id, opened.version).await
}

/// How a location's token is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Minted anew whatever is kept: the kept one was not accepted.
    pub anew: bool,
    /// Whether a minted one is kept. A job that is being undone keeps none, or it would leave a key behind.
    pub keep: bool,
}

/// The location's token, minted anew where it is missing, ends soon, or was not accepted.
pub async fn location(
    worker: &Worker,
    job: &Running,
    company: &Door,
    location: &str,
    wanted: Wanted,
) -> Result<SecretString, NoToken> {
    let (agency, business) = (job.fence.agency, job.business);
    if !wanted.anew {
        match find(worker, &tenant_scope(agency, business), &Whose::Location(location.to_owned())).await {
            Ok(ready) if ready.expires_at.is_none_or(|at| at > Utc::now() + MARGIN) => {
                return Ok(ready.access.clone());
            }
            Ok(_) | Err(NoCredential::Mint(_) | NoCredential::NotFound(_)) => {}
            // Whatever became of the kept one, the company's opens the location.
            Err(_) if !wanted.keep => {}
            Err(why) => return Err(why.into()),
        }
    }
    let minted = ghl::auth::location_token(&company.ghl, company.call(), &company.resource, location)
        .await
        .map_err(NoToken::Outside)?;
    if !wanted.keep {
        return Ok(minted.access);
    }
    let mut tx = tenant_tx(worker, agency, business).await?;
    let kept = keep_location(&mut tx, worker, job, &company.resource, location, &minted).await?;
    tx.commit().await?;
    worker.cache.forget(kept);
    Ok(minted.access)
}

/// Whether a token of the location is kept.
pub async fn has_location(tx: &mut TenantTx, worker: &Worker, location: &str) -> store::Result<bool> {
    let Some(connection) = integrations::location(tx, location).await? else { return Ok(false) };
    Ok(credentials::current(tx, &worker.vault, connection.id, "provisioning").await?.is_some())
}

/// Keeps a location's tokens: with its business when that exists, else with the agency.
pub async fn keep_location(
    tx: &mut TenantTx,
    worker: &Worker,
    job: &Running,
    company: &str,
    location: &str,
    minted: &ghl::auth::Tokens,
) -> store::Result<IntegrationId> {
    let id = integrations::upsert_location(tx, job.business, location, company, Some(&job.order.client.name)).await?;
    credentials::put(tx, &worker.vault, id, &secret(minted, CredentialKind::OauthLocation)).await?;
    Ok(id)
}

/// Tokens as they are stored, both together. A refresh token lives a year from its issue (HighLevel API, lifetimes).
pub fn secret(tokens: &ghl::auth::Tokens, kind: CredentialKind) -> NewSecret {
    let now = Utc::now();
    NewSecret {
        kind,
        access: tokens.access.clone(),
        refresh: tokens.refresh.clone(),
        expires_at: TimeDelta::from_std(tokens.expires_in).ok().map(|life| now + life),
        refresh_expires_at: tokens.refresh.as_ref().map(|_| now + TimeDelta::days(365)),
        scopes: tokens.scopes.clone(),
    }
}

/// Seals the location's tokens again under its new business; `tx` may write that business.
pub async fn hand_over(
    tx: &mut TenantTx,
    worker: &Worker,
    job: &Running,
    business: BusinessId,
    location: &str,
) -> Result<(), NoToken> {
    let Some(known) = integrations::location(tx, location).await? else { return Ok(()) };
    let opened = credentials::current(tx, &worker.vault, known.id, "hand-over").await?;
    let company = known.parent_platform_id.unwrap_or_default();
    let id =
        integrations::upsert_location(tx, Some(business), location, &company, Some(&job.order.client.name)).await?;
    if let Some(opened) = opened {
        let new = NewSecret {
            kind: opened.kind,
            access: opened.access,
            refresh: opened.refresh,
            expires_at: opened.expires_at,
            refresh_expires_at: opened.refresh_expires_at,
            scopes: opened.scopes,
        };
        credentials::put(tx, &worker.vault, id, &new).await?;
        integrations::ok(tx, id).await?;
    }
    Ok(())
}

/// Drops the location's tokens that the job keeps, be they the agency's or its business's; true when there were any. `tx` may write
/// that business.
pub async fn forget_location(tx: &mut TenantTx, job: &Running) -> store::Result<bool> {
    let Some(location) = &job.location else { return Ok(false) };
    let own = |business: Option<BusinessId>| business.is_none() || business == job.business;
    let Some(connection) = integrations::location(tx, location).await?.filter(|connection| own(connection.business))
    else {
        return Ok(false);
    };
    integrations::remove(tx, connection.id).await?;
    Ok(true)
}
