//! Uninstalls the app from HighLevel after a person disconnected the integration here. The queue does this once
//! with the last token, then deletes the secrets whatever HighLevel answered. The page lists what a person must
//! remove by hand. The agency may reconnect in between: whichever of the two transactions commits last sees the
//! other. If the new tokens may have been removed with the app, the integration is checked.

use domain::IntegrationId;
use domain::credential::CredentialKind;
use ghl::auth::{self, Class};
use ghl::{Kind, Reason};
use outbound::CallContext;
use store::credentials::{self, Opened};
use store::queue::Claimed;
use store::{TenantTx, integrations};

use super::tokens::tenant_tx;
use crate::Worker;
use crate::background_jobs;
use crate::failed::Failed;

/// Reason that is sent to HighLevel, which shows it to the agency.
const REASON: &str = "Disconnected in Slipway";

/// No token was left when the work was run.
const KEYLESS: &str = "Our keys had ended before the app could be removed. Remove it in HighLevel.";

/// The work failed for the last time and was moved to the dead queue.
const PUT_ASIDE: &str = "The app could not be removed, though it was tried several times. Remove it in HighLevel.";

/// Removes the app at HighLevel. An integration that was reconnected meanwhile is left alone.
pub async fn uninstall(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, item.business).await?;
    let connection = match integrations::get(&mut tx, integration).await {
        Err(store::Error::NotFound) => return Ok(()),
        found => found?,
    };
    // An earlier attempt may have removed the app although it failed, so the integration is checked.
    if connection.is_active {
        return check_if_reconnected(tx, integration).await;
    }
    let Some(opened) = credentials::open_ended(&mut tx, &worker.vault, integration, "uninstall").await? else {
        integrations::uninstall_given_up(&mut tx, integration, KEYLESS).await?;
        return Ok(tx.commit().await?);
    };
    let Some(asked) = connection.uninstall_asked_at else { return Ok(()) };
    drop(tx);
    let about = CallContext { agency: Some(agency.0), integration: Some(integration.0), ..CallContext::default() };
    let told = uninstall_app(worker, &about, &opened, &connection.platform_id).await;
    let last = background_jobs::of(domain::work::Kind::UninstallApp)
        .is_none_or(|background_job| item.attempt >= background_job.tries);
    let error = match told {
        Ok(()) => None,
        Err(error) if error.passes() && !last => return Err(error.into()),
        Err(error) => Some(format!("{}.", error.message.trim_end_matches('.'))),
    };
    let mut tx = tenant_tx(worker, agency, item.business).await?;
    if !integrations::uninstall_ended(&mut tx, integration, asked, error.as_deref()).await? {
        return check_if_reconnected(tx, integration).await;
    }
    if let Some(error) = &error {
        tracing::warn!(event = "integration.uninstall_failed", %agency, %integration, %error, "the app could not be removed at HighLevel");
    }
    credentials::remove_ended(&mut tx, integration).await?;
    // If the app is installed there again, the install may be claimed here again.
    let (company, location) = match connection.parent_platform_id.as_deref() {
        Some(company) => (company, Some(connection.platform_id.as_str())),
        None => (connection.platform_id.as_str(), None),
    };
    store::app_installs::uninstalled(&mut tx, worker.ghl.app_id(), (company, location), asked).await?;
    Ok(tx.commit().await?)
}

/// The integration was reconnected while HighLevel was called. If it was disconnected once more, that has its own
/// work item.
async fn check_if_reconnected(mut tx: TenantTx, integration: IntegrationId) -> Result<(), Failed> {
    match integrations::get(&mut tx, integration).await {
        Err(store::Error::NotFound) => return Ok(()),
        Ok(connection) if !connection.is_active => return Ok(()),
        found => drop(found?),
    }
    integrations::queue_check(&mut tx, integration).await?;
    Ok(tx.commit().await?)
}

/// Records that the work was moved to the dead queue, so that the person who disconnected sees what is left to do.
pub async fn put_aside(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, item.business).await?;
    integrations::uninstall_given_up(&mut tx, integration, PUT_ASIDE).await?;
    tx.commit().await
}

/// Calls HighLevel. An expired token is renewed for this one call and not stored. If its refresh chain has ended,
/// the token was revoked at HighLevel and the app removed with it, so there is nothing to do.
async fn uninstall_app(worker: &Worker, about: &CallContext, opened: &Opened, place: &str) -> ghl::Result<()> {
    match tell(worker, about, opened, &opened.access, place).await {
        Err(error) if error.kind == Kind::Unauthorised => {
            let Some(refresh) = &opened.refresh else { return Ok(()) };
            let class = class(opened.kind);
            let renewed = auth::refresh(&worker.ghl, about, refresh, &class, place).await;
            match renewed {
                Ok(tokens) => tell(worker, about, opened, &tokens.access, place).await,
                Err(error) if error.kind == Kind::Refused(Reason::Grant) => Ok(()),
                Err(error) => Err(error),
            }
        }
        done => done,
    }
}

async fn tell(
    worker: &Worker,
    about: &CallContext,
    opened: &Opened,
    token: &secrecy::SecretString,
    place: &str,
) -> ghl::Result<()> {
    let call = ghl::Call { token, resource: place, about };
    match class(opened.kind) {
        Class::Location => auth::uninstall_location(&worker.ghl, call, place, REASON).await,
        _ => auth::uninstall_company(&worker.ghl, call, place, REASON).await,
    }
}

const fn class(kind: CredentialKind) -> Class {
    match kind {
        CredentialKind::OauthLocation => Class::Location,
        _ => Class::Company,
    }
}
