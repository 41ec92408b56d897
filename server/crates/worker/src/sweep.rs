//! What is due although nobody asked? Every few minutes: the audit log is sealed, what has had its time is swept away, tokens
//! that end soon or lie unused are put into the queue for renewal and quiet connections for a check, each done under its
//! tenant's own rules.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::work::Kind;
use serde_json::json;
use store::queue::{self, Claimed, Work};
use store::{Scope, TenantTx, credentials};

use crate::Worker;
use crate::chores::Failed;
use crate::integrations::tokens::{agency_tx, tenant_tx};
use crate::pace::minutes;

/// Tokens that end within this are renewed.
const AHEAD: TimeDelta = TimeDelta::hours(2);

/// Tokens that nobody used for so long are renewed, too.
const UNUSED: TimeDelta = TimeDelta::hours(24);

/// A connection of which nothing was heard for so long is asked, so that its card and the agency's home tell the truth although
/// nobody works.
const QUIET: Duration = minutes(15);

/// Enqueues the renewals and the checks that are due.
pub async fn sweep(worker: &Worker, _: &Claimed) -> Result<(), Failed> {
    store::audit::seal(&worker.db).await?;
    store::audit::checkpoint(&worker.db, &worker.vault).await?;
    store::sweep(&worker.db).await?;
    let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
    let due = credentials::due(&mut tx, Utc::now() + AHEAD, Utc::now() - UNUSED).await?;
    drop(tx);
    for one in due {
        let mut tx = tenant_tx(worker, one.agency, one.business).await?;
        let work = Work::new(Kind::RefreshCredential).subject(one.integration);
        let work = work.payload(json!({ "version": one.version })).once(format!("refresh:{}", one.integration));
        queue::add(&mut tx, &work).await?;
        tx.commit().await?;
    }
    for (agency, integration) in store::integrations::unheard(&worker.db, worker.pace.of(QUIET)).await? {
        let mut tx = agency_tx(worker, agency).await?;
        let check = Work::new(Kind::CheckIntegration).subject(integration).once(format!("check:{integration}"));
        queue::add(&mut tx, &check).await?;
        tx.commit().await?;
    }
    Ok(())
}
