//! Syncs the snapshots of an agency's company. HighLevel's list has no pages, so it is read whole. Why it could not be
//! read is stored for the page.

use domain::AgencyId;
use domain::snapshot::SeenSnapshot;
use domain::snapshot::sync::SyncFailure;
use ghl::{Kind, Reason};
use outbound::CallContext;
use store::queue::Claimed;

use super::tokens::{NoToken, agency_tx, ask_company};
use crate::Worker;
use crate::failed::Failed;

/// Reads the list and stores the changes.
pub async fn sync(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(agency) = item.agency else { return Ok(()) };
    let about = CallContext { agency: Some(agency.0), integration: item.subject, ..CallContext::default() };
    let listed = ask_company(worker, agency, &about, "", |company_call| {
        Box::pin(ghl::snapshots::list(company_call.ghl, company_call.call, company_call.company))
    });
    let listed = match listed.await {
        Ok(listed) => listed,
        Err(NoToken::Database(error)) => return Err(error.into()),
        Err(NoToken::HighLevel(error)) => {
            failed(worker, agency, cause(&error), Some(&error.message)).await?;
            return Err(error.into());
        }
        Err(NoToken::NotConnected | NoToken::NeedsReauth) => {
            return failed(worker, agency, SyncFailure::Reconnect, None).await;
        }
        Err(NoToken::Inactive(_)) => return failed(worker, agency, SyncFailure::Paused, None).await,
        Err(NoToken::Suspended) => return failed(worker, agency, SyncFailure::Suspended, None).await,
    };
    let seen: Vec<SeenSnapshot> = listed
        .into_iter()
        .map(|snapshot| SeenSnapshot {
            ghl_snapshot_id: snapshot.id,
            name: snapshot.name,
            kind: Some(snapshot.kind.as_str().to_owned()),
        })
        .collect();
    let mut tx = agency_tx(worker, agency).await?;
    store::snapshots::sync(&mut tx, &seen).await?;
    Ok(tx.commit().await?)
}

/// Stores why the list could not be read.
async fn failed(worker: &Worker, agency: AgencyId, failure: SyncFailure, detail: Option<&str>) -> Result<(), Failed> {
    let mut tx = agency_tx(worker, agency).await?;
    store::snapshots::syncs::failed(&mut tx, failure, detail).await?;
    tracing::warn!(event = "snapshots.sync_failed", %agency, cause = failure.key(), "the list of snapshots was not read");
    Ok(tx.commit().await?)
}

const fn cause(error: &ghl::Error) -> SyncFailure {
    match error.kind {
        Kind::Unauthorised => SyncFailure::Reconnect,
        Kind::Refused(Reason::Scope) => SyncFailure::Scope,
        Kind::Refused(Reason::Inactive) => SyncFailure::Suspended,
        Kind::Refused(_) | Kind::NotFound | Kind::Invalid(_) => SyncFailure::Refused,
        Kind::Limited { .. } => SyncFailure::Limited,
        Kind::Unclear | Kind::Down | Kind::Held { .. } => SyncFailure::Unavailable,
    }
}
