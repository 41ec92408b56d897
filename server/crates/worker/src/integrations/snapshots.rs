//! Syncs the snapshots of an agency's company. HighLevel's list has no pages, so it is read whole.

use domain::snapshot::SeenSnapshot;
use outbound::CallContext;
use store::queue::Claimed;

use super::tokens::{NoToken, agency_tx, ask_company};
use crate::Worker;
use crate::background_jobs::Failed;

/// Reads the list and stores the changes.
pub async fn sync(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(agency) = item.agency else { return Ok(()) };
    let about = CallContext { agency: Some(agency.0), integration: item.subject, ..CallContext::default() };
    let listed = ask_company(worker, agency, &about, "", |company_call| {
        Box::pin(ghl::snapshots::list(company_call.ghl, company_call.call, company_call.company))
    });
    let listed = match listed.await {
        Ok(listed) => listed,
        Err(NoToken::NotConnected | NoToken::NeedsReauth | NoToken::Inactive(_) | NoToken::Suspended) => return Ok(()),
        Err(NoToken::HighLevel(error)) => return Err(error.into()),
        Err(NoToken::Database(error)) => return Err(error.into()),
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
