//! Renews a token that is due. An Instagram account and a company renew their own token. A location gets a new token from its company; it renews
//! its own only when its company was never connected.

use domain::credential::CredentialKind;
use domain::integration::Integration;
use domain::{AgencyId, BusinessId, IntegrationId};
use ghl::{Kind, Reason};
use outbound::CallContext;
use store::queue::Claimed;
use store::{credentials, integrations};

use super::tokens::{NoToken, ask_company, secret, tenant_tx};
use super::{instagram, refresh};
use crate::Worker;
use crate::failed::Failed;

/// After so many attempts at a location whose app HighLevel says was installed again, it stays as it is. HighLevel may
/// refuse a token for some minutes after an install (HighLevel API, location tokens).
const LAST_ATTEMPT: i32 = 8;

/// Renews one integration's tokens, unless somebody renewed them since they were found due. In the payload, `installed` means
/// that HighLevel told of an install: then also a lost connection is tried.
pub async fn renew(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, item.business).await?;
    let connection = match integrations::get(&mut tx, integration).await {
        Err(store::Error::NotFound) => return Ok(()),
        found => found?,
    };
    let Some(current) = credentials::peek(&mut tx, integration).await? else { return Ok(()) };
    drop(tx);
    let installed = item.payload["installed"] == true;
    let is_lost = connection.needs_reauth_at.is_some();
    // What was found due and is lost meanwhile, and what was lost and works again, needs nothing.
    let idle = is_lost != installed || connection.paused_at.is_some();
    if idle || !installed && item.payload["version"] != current.version {
        return Ok(());
    }
    if current.kind == CredentialKind::OauthUser {
        return instagram::renew(worker, agency, item.business, &connection, current.version).await;
    }
    let done = match current.kind {
        CredentialKind::OauthLocation if has_company(worker, agency, &connection).await? => {
            mint(worker, agency, item.business, &connection).await
        }
        _ if current.refreshable => refresh::refresh(worker, agency, item.business, integration, current.version).await,
        _ => Ok(()),
    };
    match done {
        Err(NoToken::NeedsReauth) if installed && item.attempt < LAST_ATTEMPT => {
            Err(Failed::new("the app is not installed there yet"))
        }
        // People were already notified when the integration stopped working, and a pause ends by itself, so a
        // retry now would not help.
        Ok(()) | Err(NoToken::NeedsReauth | NoToken::NotConnected | NoToken::Inactive(_) | NoToken::Suspended) => {
            Ok(())
        }
        Err(NoToken::HighLevel(error)) => Err(error.into()),
        Err(NoToken::Database(error)) => Err(error.into()),
    }
}

/// Returns true if the company of this location is the one connected here.
pub(super) async fn has_company(worker: &Worker, agency: AgencyId, location: &Integration) -> store::Result<bool> {
    let mut tx = super::tokens::agency_tx(worker, agency).await?;
    let company = integrations::company(&mut tx).await?;
    Ok(company.is_some_and(|company| {
        company.is_active && location.parent_platform_id.as_deref() == Some(company.platform_id.as_str())
    }))
}

/// Mints a new token for a location with its company's token. If HighLevel refuses because the app is no longer
/// installed there, a person must reconnect the location. If the company's token cannot be used right now, the
/// location is not marked as failed.
pub(super) async fn mint(
    worker: &Worker,
    agency: AgencyId,
    business: Option<BusinessId>,
    location: &Integration,
) -> Result<(), NoToken> {
    let about = CallContext {
        agency: Some(agency.0),
        business: business.map(|id| id.0),
        integration: Some(location.id.0),
        ..CallContext::default()
    };
    let made = ask_company(worker, agency, &about, &location.platform_id, |company_call| {
        Box::pin(ghl::auth::location_token(
            company_call.ghl,
            company_call.call,
            company_call.company,
            company_call.subject,
        ))
    });
    let minted = match made.await {
        Ok(minted) => minted,
        Err(NoToken::HighLevel(error)) => {
            return Err(record_mint_refusal(worker, agency, business, location.id, error).await?);
        }
        Err(why) => return Err(why),
    };
    let mut tx = tenant_tx(worker, agency, business).await?;
    credentials::put(&mut tx, &worker.vault, location.id, &secret(&minted, CredentialKind::OauthLocation)).await?;
    integrations::record_success(&mut tx, location.id).await?;
    tx.commit().await?;
    worker.cache.forget(location.id);
    Ok(())
}

async fn record_mint_refusal(
    worker: &Worker,
    agency: AgencyId,
    business: Option<BusinessId>,
    location: IntegrationId,
    error: ghl::Error,
) -> Result<NoToken, NoToken> {
    let mut tx = tenant_tx(worker, agency, business).await?;
    let why = match error.kind {
        Kind::Refused(Reason::Inactive) => {
            integrations::suspended(&mut tx, location, &error.message).await?;
            NoToken::Suspended
        }
        Kind::Invalid(_) | Kind::NotFound | Kind::Refused(Reason::Location | Reason::Other) => {
            integrations::needs_reauth(&mut tx, location, &error.message).await?;
            NoToken::NeedsReauth
        }
        _ => return Err(NoToken::HighLevel(error)),
    };
    tx.commit().await?;
    Ok(why)
}
