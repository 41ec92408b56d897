//! Which snapshots does the agency's company have? Read whole, since HighLevel's list has no pages.

use domain::snapshot::SeenSnapshot;
use outbound::About;
use store::queue::Claimed;

use super::tokens::{self, NoToken, agency_tx};
use crate::Worker;
use crate::chores::Failed;

/// Reads the list and stores what changed.
pub async fn sync(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(agency) = item.agency else { return Ok(()) };
    let company = match tokens::company(worker, agency).await {
        Ok(company) => company,
        Err(NoToken::NotConnected | NoToken::NeedsReauth | NoToken::Inactive(_)) => return Ok(()),
        Err(NoToken::Outside(error)) => return Err(error.into()),
        Err(NoToken::Trouble(error)) => return Err(error.into()),
    };
    let about = About { agency: Some(agency.0), integration: item.subject, ..About::default() };
    let call = ghl::Call { token: &company.token, resource: &company.company, about: &about };
    let listed = ghl::snapshots::list(&worker.ghl, call, &company.company).await?;
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
