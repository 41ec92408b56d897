//! What is done with a body that a messaging platform sent? It is read into items, and each item is done in a transaction
//! of its own: one that fails is tried again for hours and holds up no other.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::InboundEventId;
use domain::messaging::inbound::{Account, Item, What};
use serde_json::{Value, json};
use store::inbound::{self, HIGHLEVEL, InboundEvent, META, NewItem, Outcome, Route, Settled, WaitingItem};
use store::queue::Claimed;
use store::{Scope, TenantTx};

use super::{apply, highlevel};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::{hours, minutes};

/// After so many failures an item, or a body, is tried slowly. `inbound_items_failing` counts them from here on.
pub(super) const QUICK_TRIES: i32 = 5;

/// The time from one slow try to the next.
pub(super) const SLOW: Duration = minutes(10);

/// What fails for this long is put aside. A fault of ours is mended and released within it, and nothing is left to do by
/// hand.
const PATIENCE: Duration = hours(6);

/// After so many beginnings a body is put aside: something about it ends each process that reads it. It is above the
/// number of tries of its work, because an outage of the database costs tries, too.
const MOST_BEGINNINGS: i32 = 200;

/// The businesses that an item concerns: several share a WhatsApp Business account.
type Routes = Vec<Route>;

/// How an attempt at an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// Nothing is left to do.
    Ended,
    /// It failed and is tried again in a moment.
    AgainSoon,
    /// It failed so often that it is tried again every few minutes.
    AgainSlowly,
}

/// Reads the body of a work item and does what its items say.
pub async fn receive(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(id) = item.subject.map(InboundEventId) else { return Ok(()) };
    let mut tx = open(worker).await?;
    let event = inbound::begin(&mut tx, id).await?;
    tx.commit().await?;
    let Some(event) = event else { return Ok(()) };
    if event.attempts > MOST_BEGINNINGS {
        return put_body_aside(worker, id, "Each process that read it ended in the middle.").await;
    }
    if event.provider == HIGHLEVEL {
        return highlevel::receive(worker, id, &event).await;
    }
    let waiting = if event.is_emptied {
        kept_items(worker, id).await?
    } else {
        let Some(items) = read(&event) else {
            return put_body_aside(worker, id, "It could not be read.").await;
        };
        match store_items(worker, id, &event, items).await {
            Ok(waiting) => waiting,
            Err(error) => return not_stored(worker, id, &event, &error).await,
        }
    };
    let (mut soon, mut slowly, mut routes) = (0_u64, 0_u64, BTreeMap::new());
    for (one, item) in &waiting {
        match settled(worker, (id, &event), (one, item), &mut routes).await? {
            Tried::Ended => {}
            Tried::AgainSoon => soon += 1,
            Tried::AgainSlowly => slowly += 1,
        }
    }
    let left = soon + slowly;
    if left > 0 {
        let cause = format!("{left} of {} items failed and are tried again", waiting.len());
        return Err(if soon > 0 { Failed::new(cause) } else { Failed::held(cause, SLOW) });
    }
    let mut tx = open(worker).await?;
    inbound::finish(&mut tx, id).await?;
    tx.commit().await?;
    tracing::info!(event = "inbound.done", body = %id, done = waiting.len(), "a body of a platform is done");
    Ok(())
}

pub(super) async fn open(worker: &Worker) -> store::Result<TenantTx> {
    TenantTx::begin(&worker.db, Scope::Open).await
}

/// The items of a body. `None` if it is of a platform that this version does not know, or no text of its form.
fn read(event: &InboundEvent) -> Option<Vec<Item>> {
    (event.provider == META).then(|| meta::webhook::read(&event.body).ok())?
}

pub(super) async fn put_body_aside(worker: &Worker, id: InboundEventId, why: &str) -> Result<(), Failed> {
    let mut tx = open(worker).await?;
    inbound::quarantine(&mut tx, id, why).await?;
    tx.commit().await?;
    metrics::counter!("inbound_bodies_total", "outcome" => "put_aside").increment(1);
    tracing::error!(event = "inbound.quarantined", body = %id, why, "a body of a platform was put aside");
    Ok(())
}

/// The items of a body could not be stored. It is tried again like an item.
pub(super) async fn not_stored(
    worker: &Worker,
    id: InboundEventId,
    event: &InboundEvent,
    error: &store::Error,
) -> Result<(), Failed> {
    let cause = error.to_string();
    if error.is_retryable() || event.attempts < QUICK_TRIES {
        return Err(Failed::new(cause));
    }
    if is_over(worker, event.age) {
        return put_body_aside(worker, id, &cause).await;
    }
    Err(Failed::held(cause, SLOW))
}

/// Whether something of this age was tried for long enough.
pub(super) fn is_over(worker: &Worker, age: Duration) -> bool {
    age > worker.time_scale.of(PATIENCE)
}

/// Stores the items, and returns those that wait.
async fn store_items(
    worker: &Worker,
    id: InboundEventId,
    event: &InboundEvent,
    items: Vec<Item>,
) -> store::Result<Vec<(WaitingItem, Item)>> {
    let said: Vec<Value> = items.iter().map(|item| json!(item)).collect();
    let new: Vec<NewItem<'_>> = items.iter().zip(&said).map(|(item, said)| stored_as(item, said)).collect();
    let mut tx = open(worker).await?;
    inbound::add_items(&mut tx, id, &event.provider, &new).await?;
    let waiting = inbound::waiting(&mut tx, id).await?;
    tx.commit().await?;
    let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    let item_of = |one: WaitingItem| {
        let item = usize::try_from(one.position).ok().and_then(|at| items.get_mut(at)?.take())?;
        Some((one, item))
    };
    Ok(waiting.into_iter().filter_map(item_of).collect())
}

fn stored_as<'a>(item: &'a Item, said: &'a Value) -> NewItem<'a> {
    NewItem { kind: kind(&item.what), account: item.account.id(), key: &item.key, payload: said, happened_at: item.at }
}

/// The items of an emptied body that somebody let wait again. One that another version stored differently is put aside.
async fn kept_items(worker: &Worker, id: InboundEventId) -> Result<Vec<(WaitingItem, Item)>, Failed> {
    let mut tx = open(worker).await?;
    let mut items = Vec::new();
    for (one, said) in inbound::kept(&mut tx, id).await? {
        if let Ok(item) = serde_json::from_value::<Item>(said) {
            items.push((one, item));
            continue;
        }
        let error = Some("What is kept of it cannot be read.");
        inbound::settle(&mut tx, one.id, &Settled { error, ..Settled::as_(Outcome::Quarantined, None) }).await?;
    }
    tx.commit().await?;
    Ok(items)
}

/// The value of `inbound_items.kind`.
const fn kind(what: &What) -> &'static str {
    match what {
        What::Message(_) => "message",
        What::Status(_) => "status",
        What::Watermark { .. } => "watermark",
        What::Reaction { .. } => "reaction",
        What::Edit { .. } => "edit",
        What::Revoke { .. } => "revoke",
        What::Moved { .. } => "moved",
        What::Preference { .. } => "preference",
        What::AccountEvent { .. } => "account",
        What::Other(_) => "other",
        What::Unreadable(_) => "unreadable",
    }
}

/// Does one item. An error is one of the database as a whole.
async fn settled(
    worker: &Worker,
    (id, event): (InboundEventId, &InboundEvent),
    (waiting, item): (&WaitingItem, &Item),
    known: &mut BTreeMap<Account, Routes>,
) -> Result<Tried, Failed> {
    let outcome = match &item.what {
        What::Unreadable(why) => {
            let ended = Settled { error: Some(why), ..Settled::as_(Outcome::Quarantined, None) };
            end(worker, waiting, &ended).await.map(|()| Outcome::Quarantined)
        }
        What::Other(_) => end(worker, waiting, &Settled::as_(Outcome::Ignored, None)).await.map(|()| Outcome::Ignored),
        _ => match routes(worker, &item.account, known).await?.as_slice() {
            [] => end(worker, waiting, &Settled::as_(Outcome::Unroutable, None)).await.map(|()| Outcome::Unroutable),
            all => done(worker, (id, event), (waiting, item), all).await,
        },
    };
    match outcome {
        Ok(outcome) => {
            count(outcome);
            if outcome == Outcome::Unroutable || outcome == Outcome::Quarantined {
                let (account, what) = (item.account.id(), kind(&item.what));
                tracing::warn!(event = "inbound.not_done", body = %id, account, what, outcome = outcome.key(), "an item of a platform was not done");
            }
            Ok(Tried::Ended)
        }
        Err(error) if error.is_unavailable() => Err(error.into()),
        // Another transaction was in the way, which is no failure of the item.
        Err(error) if error.is_retryable() => Ok(Tried::AgainSoon),
        Err(error) => failed(worker, id, (waiting, item), known, &error).await,
    }
}

/// Ends an item that concerns nobody.
pub(super) async fn end(worker: &Worker, waiting: &WaitingItem, settled: &Settled<'_>) -> store::Result<()> {
    let mut tx = open(worker).await?;
    inbound::settle(&mut tx, waiting.id, settled).await?;
    tx.commit().await
}

/// Which connected accounts an item is for, asked once for each account of a body.
async fn routes(worker: &Worker, account: &Account, known: &mut BTreeMap<Account, Routes>) -> Result<Routes, Failed> {
    if let Some(routes) = known.get(account) {
        return Ok(routes.clone());
    }
    let mut tx = open(worker).await?;
    let mut found = match account {
        Account::Waba(id) => inbound::routes_of_waba(&mut tx, id).await?,
        Account::Unknown(_) => Vec::new(),
        Account::PhoneNumber(id) | Account::Page(id) | Account::Instagram(id) => match apply::integration_of(account) {
            Some(kind) => inbound::route(&mut tx, kind, id).await?.into_iter().collect(),
            None => Vec::new(),
        },
    };
    tx.commit().await?;
    // The first one gets the item's own key, so it is the same one each time the item is tried.
    found.sort_unstable_by_key(|route| route.integration.0);
    known.insert(account.clone(), found.clone());
    Ok(found)
}

/// Does an item for every business that it concerns. The first one gets the item; what the others get has keys of its own.
async fn done(
    worker: &Worker,
    (id, event): (InboundEventId, &InboundEvent),
    (waiting, item): (&WaitingItem, &Item),
    routes: &[Route],
) -> store::Result<Outcome> {
    let Some((first, others)) = routes.split_first() else { return Ok(Outcome::Unroutable) };
    for other in others {
        let mut tx = tenant_tx(worker, other.agency, Some(other.business)).await?;
        let key = format!("{}#{}", item.key, other.integration);
        if inbound::claim_key(&mut tx, &event.provider, &key, id).await? {
            apply::apply(&mut tx, other, item).await?;
            tx.commit().await?;
        }
    }
    let mut tx = tenant_tx(worker, first.agency, Some(first.business)).await?;
    if !inbound::take(&mut tx, waiting.id).await? {
        return Ok(Outcome::Duplicate);
    }
    let settled = if inbound::claim_key(&mut tx, &event.provider, &item.key, id).await? {
        let applied = apply::apply(&mut tx, first, item).await?;
        let outcome = if applied.is_ignored { Outcome::Ignored } else { Outcome::Processed };
        let (conversation, message) = (applied.conversation, applied.message);
        Settled { conversation, message, ..Settled::as_(outcome, Some(*first)) }
    } else {
        Settled::as_(Outcome::Duplicate, Some(*first))
    };
    inbound::settle(&mut tx, waiting.id, &settled).await?;
    tx.commit().await?;
    Ok(settled.outcome)
}

/// Counts a failure. The item is put aside if it failed for too long.
async fn failed(
    worker: &Worker,
    id: InboundEventId,
    (waiting, item): (&WaitingItem, &Item),
    known: &BTreeMap<Account, Routes>,
    error: &store::Error,
) -> Result<Tried, Failed> {
    let cause = error.to_string();
    let mut tx = open(worker).await?;
    let failures = inbound::fail(&mut tx, waiting.id, &cause).await?;
    tx.commit().await?;
    let Some(failures) = failures else { return Ok(Tried::Ended) };
    let (position, what) = (waiting.position, kind(&item.what));
    tracing::warn!(event = "inbound.failed", body = %id, position, what, failures = failures.count, cause, "an item of a platform could not be done");
    if failures.count < QUICK_TRIES {
        return Ok(Tried::AgainSoon);
    }
    if !is_over(worker, failures.age) {
        return Ok(Tried::AgainSlowly);
    }
    let route = known.get(&item.account).and_then(|routes| routes.first()).copied();
    let settled = Settled { error: Some(&cause), ..Settled::as_(Outcome::Quarantined, route) };
    match route {
        Some(route) => {
            let mut tx = tenant_tx(worker, route.agency, Some(route.business)).await?;
            inbound::settle(&mut tx, waiting.id, &settled).await?;
            tx.commit().await?;
        }
        None => end(worker, waiting, &settled).await?,
    }
    count(Outcome::Quarantined);
    tracing::error!(event = "inbound.item_quarantined", body = %id, position, what, "an item of a platform was put aside");
    Ok(Tried::Ended)
}

/// Counts an item that ended.
pub(super) fn count(outcome: Outcome) {
    metrics::counter!("inbound_items_total", "outcome" => outcome.key()).increment(1);
}
