//! What does time itself change in conversations? Those that were put off are opened again, messages and questions on which
//! nobody works any more are taken up, and messages that were held for too long end.

use std::time::Duration;

use domain::{AgencyId, BusinessId};
use store::assistant::waiting;
use store::messaging::{conversations, lost};

use super::jobs::Tally;
use super::{Budget, Done};
use crate::Worker;
use crate::assistant;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::minutes;

/// A message that waits for longer than this has lost its work. What is on its way is decided within this time, too.
const LOST: Duration = minutes(15);
/// A customer who waits longer than this for the assistant waits for nothing.
const UNANSWERED: Duration = minutes(3);

/// Opens the conversations that were put off until now.
pub async fn wake_snoozed(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let due = conversations::due_to_wake(&worker.db, after).await?;
        let Some((_, last)) = due.last().copied() else { return tally.done() };
        after = Some(last);
        for (agency, business) in due {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(wake(worker, agency, business).await);
        }
    }
}

/// Opens those of one business, some of them in each transaction.
async fn wake(worker: &Worker, agency: AgencyId, business: BusinessId) -> store::Result<()> {
    loop {
        let mut tx = tenant_tx(worker, agency, Some(business)).await?;
        let woken = conversations::wake_snoozed(&mut tx).await?;
        tx.commit().await?;
        if woken < conversations::WOKEN {
            return Ok(());
        }
    }
}

/// Lets workers look at the channels in which messages wait although nobody works on them, and ends what a channel that does
/// not work holds for too long.
pub async fn lost_messages(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let found = lost::lost(&worker.db, worker.time_scale.of(LOST), after).await?;
        for one in found.lost {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            let taken = async {
                let mut tx = tenant_tx(worker, one.agency, Some(one.business)).await?;
                lost::take_up(&mut tx, one.channel).await?;
                tx.commit().await
            };
            tally.count(taken.await);
        }
        after = found.next;
        if after.is_none() {
            return tally.done();
        }
    }
}

/// Lets workers look at the conversations in which it is the assistant's turn although nobody works on an answer.
pub async fn unanswered(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let found = waiting::businesses(&worker.db, worker.time_scale.of(UNANSWERED), after).await?;
        let Some((_, last)) = found.last().copied() else { return tally.done() };
        after = Some(last);
        for (agency, business) in found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(ask_again(worker, agency, business).await);
        }
    }
}

/// Wakes the assistant in those of one business, some of them in each transaction.
async fn ask_again(worker: &Worker, agency: AgencyId, business: BusinessId) -> store::Result<()> {
    let mut after = None;
    loop {
        let mut tx = tenant_tx(worker, agency, Some(business)).await?;
        let waiting = waiting::unanswered(&mut tx, worker.time_scale.of(UNANSWERED), after).await?;
        let Some(last) = waiting.last().copied() else { return Ok(()) };
        after = Some(last);
        for conversation in waiting {
            assistant::wake(&mut tx, conversation).await?;
        }
        tx.commit().await?;
    }
}
