//! Provides tokens for calls: the company token, renewed before it expires, and location tokens, minted from the
//! company token. A location token is stored at agency level until its business exists. It is then sealed again for the
//! business, because the business id is part of the seal.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::provisioning::Step;
use domain::{AgencyId, BusinessId, IntegrationId};
use ghl::Ghl;
use outbound::{Boxed, CallContext};
use secrecy::SecretString;
use store::credentials::{self, CachedCredential, CredentialOwner, NewSecret, NoCredential};
use store::integrations;
use store::provisioning::Running;
use store::{Scope, TenantTx};

use super::refresh;
use crate::Worker;
use crate::provisioning::ghl_access::GhlAccess;
use crate::provisioning::step::{Stop, reconnect};
use crate::time_scale::minutes;

/// A token that expires sooner than this is renewed before it is used.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// Delay before an integration is checked again after a job found its token refused.
const DOUBT: Duration = minutes(5);

/// How long a job waits when HighLevel has paused the account.
const PAUSED: Duration = minutes(15);

/// A company's token.
pub struct Company {
    /// HighLevel's id of the company.
    pub company: String,
    /// Its access token.
    pub token: SecretString,
    /// The scopes granted to it.
    pub scopes: Vec<String>,
    /// Which credential the token is. After a refusal it is renewed only if this version is still the one in use.
    pub secret: SecretId,
}

impl Company {
    fn company_call<'a>(&'a self, worker: &'a Worker, about: &'a CallContext, subject: &'a str) -> CompanyCall<'a> {
        let call = ghl::Call { token: &self.token, resource: &self.company, about };
        CompanyCall { ghl: &worker.ghl, call, company: &self.company, subject }
    }
}

/// The integration and the version of its credential.
pub type SecretId = (IntegrationId, i32);

/// Why there is no token.
#[derive(Debug)]
pub enum NoToken {
    /// Nobody connected the agency, or the integration was removed.
    NotConnected,
    /// The integration cannot renew itself; a person must reconnect.
    NeedsReauth,
    /// A person paused or ended the integration; the text says which.
    Inactive(String),
    /// HighLevel has paused the account; the pause ends by itself.
    Suspended,
    /// The call to HighLevel failed.
    HighLevel(ghl::Error),
    /// Our own database failed.
    Database(store::Error),
}

impl From<store::Error> for NoToken {
    fn from(error: store::Error) -> Self {
        Self::Database(error)
    }
}

impl From<NoCredential> for NoToken {
    fn from(why: NoCredential) -> Self {
        match why {
            NoCredential::NotFound(_) | NoCredential::Mint(_) => Self::NotConnected,
            NoCredential::NeedsReauth(_) => Self::NeedsReauth,
            NoCredential::Inactive(_) => Self::Inactive(why.to_string()),
            NoCredential::Store(error) => Self::Database(error),
        }
    }
}

impl NoToken {
    /// Converts this into the consequence for a step.
    pub fn stop(self, step: Step) -> Stop {
        match self {
            Self::NotConnected => Stop::Ask(Box::new(reconnect(step, "HighLevel is not connected."))),
            Self::NeedsReauth => {
                Stop::Ask(Box::new(reconnect(step, "The connection to HighLevel has ended and cannot renew itself.")))
            }
            Self::Inactive(what) => Stop::Ask(Box::new(reconnect(step, &format!("HighLevel: {what}.")))),
            Self::Suspended => Stop::Hold {
                reason: "HighLevel has paused this account. We'll continue automatically when it is open again.".into(),
                delay: PAUSED,
            },
            Self::HighLevel(error) => Stop::outside(step, &error),
            Self::Database(error) => error.into(),
        }
    }
}

/// Begins a transaction in an agency.
pub async fn agency_tx(worker: &Worker, agency: AgencyId) -> store::Result<TenantTx> {
    TenantTx::begin(&worker.db, agency_scope(agency)).await
}

/// Begins a transaction in an agency that may also write one of its businesses, if one is given.
pub async fn tenant_tx(worker: &Worker, agency: AgencyId, business: Option<BusinessId>) -> store::Result<TenantTx> {
    TenantTx::begin(&worker.db, tenant_scope(agency, business)).await
}

fn agency_scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

fn tenant_scope(agency: AgencyId, business: Option<BusinessId>) -> Scope {
    let (user, reach, listed) = (None, Reach::All, Vec::new());
    business.map_or_else(
        || agency_scope(agency),
        |business| Scope::AgencyBusiness { user, agency, business, reach, listed },
    )
}

/// The agency's company token, renewed if it expires within [`MARGIN`].
pub async fn company(worker: &Worker, agency: AgencyId) -> Result<Company, NoToken> {
    for renewed in [false, true] {
        let ready = find(worker, &agency_scope(agency), &CredentialOwner::Company).await?;
        let ends = ready.expires_at.is_some_and(|at| at < Utc::now() + MARGIN);
        if !ends || renewed || !ready.refreshable {
            let (token, scopes) = (ready.access.clone(), ready.scopes.clone());
            let secret = (ready.integration, ready.version);
            return Ok(Company { company: ready.platform_id.clone(), token, scopes, secret });
        }
        refresh::refresh(worker, agency, None, ready.integration, ready.version).await?;
    }
    Err(NoToken::NotConnected)
}

async fn find(worker: &Worker, scope: &Scope, whose: &CredentialOwner) -> Result<Arc<CachedCredential>, NoCredential> {
    worker.cache.find(&worker.db, &worker.vault, scope, whose, "provisioning").await
}

/// Renews the agency's token because HighLevel refused this one. If another version is in use by now, the caller
/// should use that one, and nothing is renewed: each renewal is one more chance to lose the refresh chain.
pub async fn renew(worker: &Worker, agency: AgencyId, refused: SecretId) -> Result<(), NoToken> {
    refresh::refresh(worker, agency, None, refused.0, refused.1).await
}

/// Everything that one call with the company's token needs.
pub struct CompanyCall<'a> {
    /// The API client.
    pub ghl: &'a Ghl,
    /// The call's token, resource and context.
    pub call: ghl::Call<'a>,
    /// HighLevel's id of the company.
    pub company: &'a str,
    /// What the call is about besides the company; empty if nothing else.
    pub subject: &'a str,
}

/// Makes a call with the company's token. If the token is refused, it is renewed once and the call repeated.
pub async fn ask_company<T>(
    worker: &Worker,
    agency: AgencyId,
    about: &CallContext,
    subject: &str,
    ask: impl for<'a> Fn(CompanyCall<'a>) -> Boxed<'a, ghl::Result<T>> + Send + Sync,
) -> Result<T, NoToken> {
    let first = company(worker, agency).await?;
    match ask(first.company_call(worker, about, subject)).await {
        Err(error) if error.kind == ghl::Kind::Unauthorised => renew(worker, agency, first.secret).await?,
        answer => return answer.map_err(NoToken::HighLevel),
    }
    let now = company(worker, agency).await?;
    ask(now.company_call(worker, about, subject)).await.map_err(NoToken::HighLevel)
}

/// Calls HighLevel to check whether the agency's company integration works. Only a clear refusal returns false; an
/// unclear answer returns true.
pub async fn is_integration_working(worker: &Worker, agency: AgencyId) -> bool {
    let about = CallContext { agency: Some(agency.0), ..CallContext::default() };
    let heard = ask_company(worker, agency, &about, "", |company_call| {
        Box::pin(ghl::companies::get(company_call.ghl, company_call.call, company_call.company))
    });
    match heard.await {
        Ok(_) | Err(NoToken::Database(_)) => true,
        Err(NoToken::HighLevel(error)) => error.kind != ghl::Kind::Unauthorised,
        Err(NoToken::NotConnected | NoToken::NeedsReauth | NoToken::Inactive(_) | NoToken::Suspended) => false,
    }
}

/// A job's call was refused although its token had just been renewed. Records that on the integration and
/// schedules a check after [`DOUBT`].
pub async fn schedule_check_after_refusal(worker: &Worker, agency: AgencyId) -> store::Result<()> {
    let mut tx = agency_tx(worker, agency).await?;
    if let Some(company) = integrations::company(&mut tx).await?.filter(|company| company.is_active) {
        integrations::record_doubtful_token(&mut tx, company.id, "401 after a renewal", worker.time_scale.of(DOUBT))
            .await?;
    }
    tx.commit().await
}

/// Options for getting a location's token.
#[derive(Clone, Copy, Debug)]
pub struct LocationTokenOptions {
    /// Always mint a new token, because the stored one was refused.
    pub anew: bool,
    /// Whether to store a minted token. A job that is being undone stores none, because the token would be left
    /// behind.
    pub keep: bool,
}

/// Returns the location's token. Mints a new one if none is stored, if it expires soon, or if it was refused.
pub async fn location(
    worker: &Worker,
    job: &Running,
    company: &GhlAccess,
    location: &str,
    options: LocationTokenOptions,
) -> Result<SecretString, NoToken> {
    let (agency, business) = (job.fence.agency, job.business);
    if !options.anew {
        match find(worker, &tenant_scope(agency, business), &CredentialOwner::Location(location.to_owned())).await {
            Ok(ready) if ready.expires_at.is_none_or(|at| at > Utc::now() + MARGIN) => {
                return Ok(ready.access.clone());
            }
            Ok(_) | Err(NoCredential::Mint(_) | NoCredential::NotFound(_)) => {}
            // Whatever is wrong with the stored token, the company's token can still mint a new one.
            Err(_) if !options.keep => {}
            Err(why) => return Err(why.into()),
        }
    }
    let minted = match ghl::auth::location_token(&company.ghl, company.call(), &company.resource, location).await {
        Err(error) if error.kind == ghl::Kind::Refused(ghl::Reason::Inactive) => {
            let mut tx = tenant_tx(worker, agency, business).await?;
            if let Some(known) = integrations::location(&mut tx, location).await? {
                integrations::suspended(&mut tx, known.id, &error.message).await?;
            }
            tx.commit().await?;
            return Err(NoToken::Suspended);
        }
        minted => minted.map_err(NoToken::HighLevel)?,
    };
    if !options.keep {
        return Ok(minted.access);
    }
    let mut tx = tenant_tx(worker, agency, business).await?;
    let kept = keep_location(&mut tx, worker, job, &company.resource, location, &minted).await?;
    tx.commit().await?;
    worker.cache.forget(kept);
    Ok(minted.access)
}

/// Returns true if a token of the location is stored.
pub async fn has_location(tx: &mut TenantTx, location: &str) -> store::Result<bool> {
    let Some(connection) = integrations::location(tx, location).await? else { return Ok(false) };
    Ok(credentials::peek(tx, connection.id).await?.is_some())
}

/// Stores a location's tokens: for its business if that exists, otherwise for the agency.
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

/// Converts an answer into the form in which both tokens are stored together. A refresh token lives a year from
/// its issue (HighLevel API, lifetimes).
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

/// Seals the location's tokens again for its new business; `tx` must be allowed to write that business.
pub async fn move_token_to_business(
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
        integrations::record_success(tx, id).await?;
    }
    Ok(())
}

/// Deletes the location's tokens that this job stored, whether they belong to the agency or to the job's business.
/// Returns true if there were any. `tx` must be allowed to write that business.
pub async fn delete_location_token(tx: &mut TenantTx, job: &Running) -> store::Result<bool> {
    let Some(location) = &job.location else { return Ok(false) };
    let own = |business: Option<BusinessId>| business.is_none() || business == job.business;
    let Some(connection) = integrations::location(tx, location).await?.filter(|connection| own(connection.business))
    else {
        return Ok(false);
    };
    integrations::remove(tx, connection.id).await?;
    Ok(true)
}
