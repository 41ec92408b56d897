//! A token that was found due is renewed, under its tenant's own rules. And a row of the version before, which asked for everything
//! that runs by itself at once, is answered by running every periodic job.

use domain::IntegrationId;
use store::credentials;
use store::queue::Claimed;

use crate::Worker;
use crate::chores::Failed;
use crate::integrations::refresh;
use crate::integrations::tokens::{NoToken, tenant_tx};
use crate::periodic;

/// Runs every periodic job once. This version puts no such row into the queue; one that lies there is done and goes.
pub async fn sweep(worker: &Worker, _: &Claimed) -> Result<(), Failed> {
    periodic::all_now(worker).await
}

/// Renews one connection's tokens, unless somebody did since they were found due.
pub async fn refresh(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, item.business).await?;
    let Some(current) = credentials::current(&mut tx, &worker.vault, integration, "renewal").await? else {
        return Ok(());
    };
    drop(tx);
    if current.refresh.is_none() || item.payload["version"] != current.version {
        return Ok(());
    }
    match refresh::refresh(worker, agency, item.business, integration, current.version).await {
        // A person was told already; trying again would not help.
        Ok(()) | Err(NoToken::NeedsReauth | NoToken::NotConnected | NoToken::Inactive(_)) => Ok(()),
        Err(NoToken::Outside(error)) => Err(error.into()),
        Err(NoToken::Trouble(error)) => Err(error.into()),
    }
}
