//! What is done with a body that HighLevel sent? It is one event, done in one transaction with the record that it was done.
//! One that fails is tried again for hours, like an item of a messaging platform.

mod apply;

use domain::InboundEventId;
use ghl::webhook::{self, Event, UNINSTALL};
use serde_json::{Value, json};
use store::app_installs;
use store::inbound::{self, HIGHLEVEL, InboundEvent, NewItem, Outcome, Settled, WaitingItem};

use super::receive::{QUICK_TRIES, SLOW, Tried, count, end, is_over, not_stored, open, put_body_aside};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

/// Reads the event of a body and does what it says.
pub(super) async fn receive(worker: &Worker, id: InboundEventId, body: &InboundEvent) -> Result<(), Failed> {
    if !body.is_emptied {
        let Some(said) = webhook::read(&body.body) else {
            return put_body_aside(worker, id, "It could not be read.").await;
        };
        if let Err(error) = store_item(worker, id, &said).await {
            return not_stored(worker, id, body, &error).await;
        }
    }
    let mut tx = open(worker).await?;
    let waiting = inbound::kept(&mut tx, id).await?;
    tx.commit().await?;
    for (one, said) in waiting {
        match settled(worker, id, &one, said).await? {
            Tried::Ended => {}
            Tried::AgainSoon => return Err(Failed::new("the event failed and is tried again")),
            Tried::AgainSlowly => return Err(Failed::held("the event failed and is tried again", SLOW)),
        }
    }
    let mut tx = open(worker).await?;
    inbound::finish(&mut tx, id).await?;
    tx.commit().await?;
    tracing::info!(event = "inbound.done", body = %id, "an event of HighLevel is done");
    Ok(())
}

async fn store_item(worker: &Worker, id: InboundEventId, said: &Event) -> store::Result<()> {
    let payload = json!(said);
    let account = said.account().unwrap_or_default();
    let item = NewItem { kind: &said.kind, account, key: &said.id, payload: &payload, happened_at: Some(said.at) };
    let mut tx = open(worker).await?;
    inbound::add_items(&mut tx, id, HIGHLEVEL, &[item]).await?;
    tx.commit().await
}

/// Does one event. An error is one of the database as a whole.
async fn settled(worker: &Worker, id: InboundEventId, one: &WaitingItem, said: Value) -> Result<Tried, Failed> {
    let outcome = match serde_json::from_value::<Event>(said) {
        Ok(said) => done(worker, id, one, &said).await,
        Err(_) => put_aside(worker, one, "What is kept of it cannot be read.").await,
    };
    match outcome {
        Ok(outcome) => {
            count(outcome);
            if outcome == Outcome::Unroutable || outcome == Outcome::Quarantined {
                tracing::warn!(event = "inbound.not_done", body = %id, outcome = outcome.key(), "an event of HighLevel was not done");
            }
            Ok(Tried::Ended)
        }
        Err(error) if error.is_unavailable() => Err(error.into()),
        // Another transaction was in the way, which is no failure of the event.
        Err(error) if error.is_retryable() => Ok(Tried::AgainSoon),
        Err(error) => failed(worker, id, one, &error).await,
    }
}

async fn put_aside(worker: &Worker, one: &WaitingItem, why: &str) -> store::Result<Outcome> {
    let ended = Settled { error: Some(why), ..Settled::as_(Outcome::Quarantined, None) };
    end(worker, one, &ended).await.map(|()| Outcome::Quarantined)
}

/// Does an event for the connection that it concerns, once: a repeat has the same id.
async fn done(worker: &Worker, id: InboundEventId, one: &WaitingItem, said: &Event) -> store::Result<Outcome> {
    let mut tx = open(worker).await?;
    let route = inbound::route_highlevel(&mut tx, said.company.as_deref(), said.location.as_deref()).await?;
    let Some(route) = route else {
        // An install that nobody has claimed yet has tokens, too, and they are of no use any more.
        if let (UNINSTALL, Some(company)) = (said.kind.as_str(), said.company.as_deref()) {
            let place = (company, said.location.as_deref());
            app_installs::uninstalled(&mut tx, worker.ghl.app_id(), place, said.at).await?;
        }
        inbound::settle(&mut tx, one.id, &Settled::as_(Outcome::Unroutable, None)).await?;
        tx.commit().await?;
        return Ok(Outcome::Unroutable);
    };
    tx.commit().await?;
    let mut tx = tenant_tx(worker, route.agency, route.business).await?;
    if !inbound::take(&mut tx, one.id).await? {
        return Ok(Outcome::Duplicate);
    }
    let outcome = if inbound::claim_key(&mut tx, HIGHLEVEL, &said.id, id).await? {
        apply::apply(&mut tx, worker.ghl.app_id(), &route, said).await?
    } else {
        Outcome::Duplicate
    };
    inbound::settle_highlevel(&mut tx, one.id, outcome, &route).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Counts a failure. The event is put aside if it failed for too long.
async fn failed(worker: &Worker, id: InboundEventId, one: &WaitingItem, error: &store::Error) -> Result<Tried, Failed> {
    let cause = error.to_string();
    let mut tx = open(worker).await?;
    let failures = inbound::fail(&mut tx, one.id, &cause).await?;
    tx.commit().await?;
    let Some(failures) = failures else { return Ok(Tried::Ended) };
    tracing::warn!(event = "inbound.failed", body = %id, failures = failures.count, cause, "an event of HighLevel could not be done");
    if failures.count < QUICK_TRIES {
        return Ok(Tried::AgainSoon);
    }
    if !is_over(worker, failures.age) {
        return Ok(Tried::AgainSlowly);
    }
    count(put_aside(worker, one, &cause).await?);
    tracing::error!(event = "inbound.item_quarantined", body = %id, "an event of HighLevel was put aside");
    Ok(Tried::Ended)
}
