//! Implements the periodic jobs that are not retention rules. Each works in batches, continues after a failed batch and
//! reports the first error at the end.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::notifications::timing::digest_due;
use domain::work::{Kind, Mail};
use serde_json::json;
use store::queue::{self, Work};
use store::{PlatformTx, Scope, TenantTx, audit, credentials, inbound, notifications, trash};

use super::{Budget, Done};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::{agency_tx, tenant_tx};
use crate::time_scale::{hours, minutes};

/// Tokens that expire within this time are renewed.
const AHEAD: TimeDelta = TimeDelta::hours(2);

/// Tokens that nobody used for this long are renewed too.
const UNUSED: TimeDelta = TimeDelta::hours(24);

/// An integration without a call for this long is checked, so that its card and the agency's home page are correct
/// even when no job runs.
const QUIET: Duration = minutes(15);

/// A channel's token is looked at again after this time: Meta does not tell us that it died.
const LOOKED: Duration = hours(24);

/// A body that was not read for this long has lost its work, unless it waits in a queue.
const LOST: Duration = minutes(10);

/// Links new rows of the audit log into their hash chains.
pub async fn link(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (rows, whole) = audit::seal_while(&worker.db, &|| budget.is_left()).await?;
    Ok(Done { rows: u64::try_from(rows).unwrap_or_default(), more: !whole })
}

/// Signs the heads of the audit chains that grew.
pub async fn sign(worker: &Worker) -> Result<Done, Failed> {
    let heads = audit::checkpoint(&worker.db, &worker.vault).await?;
    Ok(Done { rows: heads.len() as u64, more: false })
}

/// Removes the oldest rows of the audit log and signs the point where the log now begins.
pub async fn cut(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (rows, whole) = audit::cut(&worker.db, &worker.vault, &|| budget.is_left()).await?;
    Ok(Done { rows, more: !whole })
}

/// Erases what has been in the trash for its full retention time.
pub async fn trash(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (rows, whole) = trash::sweep_while(&worker.db, &|| budget.is_left()).await?;
    Ok(Done { rows, more: !whole })
}

/// Enqueues the token renewals that are due.
pub async fn renewals(worker: &Worker) -> Result<Done, Failed> {
    let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
    let due = credentials::due(&mut tx, Utc::now() + AHEAD, Utc::now() - UNUSED).await?;
    drop(tx);
    let mut tally = Tally::default();
    for one in due {
        let enqueued = async {
            let mut tx = tenant_tx(worker, one.agency, one.business).await?;
            let work = Work::new(Kind::RefreshCredential).subject(one.integration);
            let work = work.payload(json!({ "version": one.version })).once(format!("refresh:{}", one.integration));
            queue::add(&mut tx, &work).await?;
            tx.commit().await
        };
        tally.count(enqueued.await);
    }
    tally.done()
}

/// Enqueues the daily summaries that are due by the clock of each person.
pub async fn summaries(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let mut tx = PlatformTx::begin(&worker.db, None).await?;
        let owed = notifications::due_digests(&mut tx, after).await?;
        tx.commit().await?;
        let Some(last) = owed.last() else { return tally.done() };
        after = Some((last.agency, last.user));
        for one in owed.iter().filter(|one| one.is_member && one.since < digest_due(&one.rules, Utc::now())) {
            let enqueued = async {
                let mut tx = agency_tx(worker, one.agency).await?;
                let mail = serde_json::to_value(Mail::Digest { user: one.user }).unwrap_or_default();
                let once = format!("digest:{}:{}", one.agency, one.user);
                queue::add(&mut tx, &Work::new(Kind::SendMail).subject(one.user).payload(mail).once(once)).await?;
                tx.commit().await
            };
            tally.count(enqueued.await);
        }
        if !budget.is_left() {
            return tally.done().map(|done| Done { more: true, ..done });
        }
    }
}

/// Enqueues what platforms sent, was not read, and waits in no queue.
pub async fn lost_bodies(worker: &Worker) -> Result<Done, Failed> {
    let mut tx = TenantTx::begin(&worker.db, Scope::Open).await?;
    let rows = inbound::queue_lost(&mut tx, worker.time_scale.of(LOST)).await?;
    tx.commit().await?;
    Ok(Done { rows, more: i64::try_from(rows).is_ok_and(|rows| rows >= inbound::FOUND) })
}

/// Enqueues checks of integrations that made no call for a while.
pub async fn quiet(worker: &Worker) -> Result<Done, Failed> {
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let quiet = store::integrations::quiet_companies(&worker.db, worker.time_scale.of(QUIET), after).await?;
        let Some((_, last)) = quiet.last().copied() else { return tally.done() };
        after = Some(last);
        for (agency, integration) in quiet {
            let enqueued = async {
                let mut tx = agency_tx(worker, agency).await?;
                let check = Work::new(Kind::CheckIntegration).subject(integration).once(format!("check:{integration}"));
                queue::add(&mut tx, &check).await?;
                tx.commit().await
            };
            tally.count(enqueued.await);
        }
    }
}

/// Enqueues the daily looks at the tokens of channels.
pub async fn channel_checks(worker: &Worker) -> Result<Done, Failed> {
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let due = store::integrations::due_checks(&worker.db, worker.time_scale.of(LOOKED), after).await?;
        let Some(last) = due.last().copied() else { return tally.done() };
        after = Some(last.integration);
        for one in due {
            let enqueued = async {
                let mut tx = tenant_tx(worker, one.agency, Some(one.business)).await?;
                let check = Work::new(Kind::CheckChannel).subject(one.integration);
                queue::add(&mut tx, &check.once(format!("channel.check:{}", one.integration))).await?;
                tx.commit().await
            };
            tally.count(enqueued.await);
        }
    }
}

/// Enqueues, for each agency with to-dos that HighLevel can answer, one question for them. The queue shares the work
/// fairly between agencies.
pub async fn todos(worker: &Worker) -> Result<Done, Failed> {
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let due = store::todos::agencies_with_due(&worker.db, after).await?;
        let Some(last) = due.last().copied() else { return tally.done() };
        after = Some(last);
        for agency in due {
            let enqueued = async {
                let mut tx = agency_tx(worker, agency).await?;
                queue::add(&mut tx, &Work::new(Kind::CheckTodos).once(format!("todos:{agency}"))).await?;
                tx.commit().await
            };
            tally.count(enqueued.await);
        }
    }
}

/// Number of successes, and the first error.
#[derive(Default)]
pub(super) struct Tally {
    rows: u64,
    trouble: Option<store::Error>,
}

impl Tally {
    pub(super) fn count(&mut self, one: store::Result<()>) {
        match one {
            Ok(()) => self.rows += 1,
            Err(error) => drop(self.trouble.get_or_insert(error)),
        }
    }

    pub(super) fn done(self) -> Result<Done, Failed> {
        self.trouble.map_or(Ok(Done { rows: self.rows, more: false }), |error| Err(error.into()))
    }
}
