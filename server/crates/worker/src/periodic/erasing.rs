//! What erases contacts? Those that somebody asked for, piece by piece, and visitors of web chats who were silent for a year.

use std::time::Duration;

use chrono::TimeDelta;
use store::messaging::erasing::{self, Found, Left};
use store::tools::erased;

use super::jobs::Tally;
use super::{Budget, Done};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::hours;

/// A visitor who wrote nothing for longer than this is forgotten.
const SILENT: Duration = hours(365 * 24);

/// A call of a tool that began this long before a contact was marked may have been unseen then.
const UNSEEN: TimeDelta = TimeDelta::hours(1);

/// Erases the contacts that are marked, as far as their files are erased already.
pub async fn erase(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let found = erasing::under_way(&worker.db, after).await?;
        let Some(last) = found.last() else { return tally.done() };
        after = Some(last.contact);
        for one in found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            tally.count(erase_one(worker, one, budget).await);
        }
    }
}

/// Erases one contact, each piece in a transaction of its own: first what the log of tools says of it, then what was said.
async fn erase_one(worker: &Worker, one: Found, budget: Budget) -> store::Result<()> {
    while read_piece(worker, one).await? {
        if !budget.is_left() {
            return Ok(());
        }
    }
    loop {
        let mut tx = tenant_tx(worker, one.agency, Some(one.business)).await?;
        // What programs called meanwhile may name it, too.
        if let Some(since) = erasing::since(&mut tx, one.contact).await? {
            let names = erasing::names(&mut tx, one.contact).await?;
            erased::forget(&mut tx, &names, Some(since - UNSEEN)).await?;
        }
        let left = erasing::piece(&mut tx, one.contact).await?;
        tx.commit().await?;
        if left == Left::Nothing {
            tracing::info!(event = "contact.erased", business = %one.business, "a contact was erased with everything that was said");
        }
        if left != Left::More || !budget.is_left() {
            return Ok(());
        }
    }
}

/// Removes what names the contact from one piece of the log of tools. Returns whether more is to be read.
async fn read_piece(worker: &Worker, one: Found) -> store::Result<bool> {
    let mut tx = tenant_tx(worker, one.agency, Some(one.business)).await?;
    let Some((named, after)) = erasing::unread(&mut tx, one.contact).await? else { return Ok(false) };
    let next = erased::forget_piece(&mut tx, &named, after.unwrap_or_default(), None).await?;
    erasing::read_up_to(&mut tx, one.contact, next).await?;
    tx.commit().await?;
    Ok(next.is_some())
}

/// Marks the visitors who were silent for a year.
pub async fn forget_visitors(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let (mut tally, mut after) = (Tally::default(), None);
    let silent = worker.time_scale.of(SILENT);
    loop {
        let found = erasing::silent_visitors(&worker.db, silent, after).await?;
        let Some(last) = found.last() else { return tally.done() };
        after = Some(last.contact);
        for one in found {
            if !budget.is_left() {
                return tally.done().map(|done| Done { more: true, ..done });
            }
            let begun = async {
                let mut tx = tenant_tx(worker, one.agency, Some(one.business)).await?;
                let names = erasing::names(&mut tx, one.contact).await?;
                if erasing::begin_visitor(&mut tx, one.contact, silent).await? {
                    erasing::remember(&mut tx, one.contact, &names).await?;
                }
                tx.commit().await
            };
            tally.count(begun.await);
        }
    }
}
