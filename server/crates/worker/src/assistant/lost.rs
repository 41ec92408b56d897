//! What if an answer fails each time? People answer instead, even where neither the settings nor the hours can be read.

use domain::assistant::HandOver;
use domain::messaging::{AiMode, Owner};
use domain::notifications::Kind as News;
use store::events::{self, Event};
use store::messaging::{channels, conversations, outgoing};
use store::queue::Claimed;
use store::tenant::TenantTx;
use store::{assistant, businesses};

use super::ask::Cost;
use super::journal::Journal;
use super::task::{self, Begun, Place};
use super::{Thought, settle, words};
use crate::Worker;
use crate::failed::Failed;

/// Leaves a conversation to people whose answer failed too often. An error means that nobody knows of it yet.
pub async fn give_up(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let Some(place) = Place::of(item) else { return Ok(()) };
    let Err(failed) = hand_over(worker, place, item.attempt + 1).await else { return Ok(()) };
    // Whoever looks at the work that was given up finds the cause there, too.
    tracing::error!(event = "assistant.lost", conversation = %place.conversation, cause = failed.cause, "a conversation could not be handed over with its answer");
    leave(worker, place, item).await
}

/// Hands over as every answer does.
async fn hand_over(worker: &Worker, place: Place, attempt: i32) -> Result<(), Failed> {
    let mut journal = Journal::new();
    if let Begun::Answer(task) = task::begin(worker, place, attempt).await? {
        journal.step("give_up", "The answer failed too often.");
        let thought = Thought::HandOver(HandOver::ProviderDown);
        settle::settle(worker, &task, thought, &Cost::default(), journal).await?;
    }
    Ok(())
}

/// Leaves the conversation to people with the little that is needed for it: neither what the business set up nor what it
/// knows is read. The customer hears nothing.
async fn leave(worker: &Worker, place: Place, item: &Claimed) -> store::Result<()> {
    let mut tx = place.begin(worker).await?;
    let here = match outgoing::place(&mut tx, place.conversation).await {
        Err(store::Error::NotFound) => return Ok(()),
        found => found?,
    };
    if !is_its_turn(&mut tx, &here).await? {
        return Ok(());
    }
    let why = words::why(HandOver::ProviderDown);
    assistant::drop_older(&mut tx, place.conversation, None, why).await?;
    outgoing::note(&mut tx, place.conversation, None, &words::handed_over(HandOver::ProviderDown)).await?;
    let (mode, paused_until) = (here.ai_mode, here.ai_paused_until);
    conversations::set_ai(&mut tx, place.conversation, mode, Owner::WaitingHuman, paused_until).await?;
    let name = businesses::get(&mut tx, place.business).await?.name;
    let event = Event {
        kind: News::ConversationHandedOver,
        key: format!("{}:{}", News::ConversationHandedOver, item.id),
        subject: Some(place.conversation.0),
        business: Some(place.business),
        to: None,
        title: &name,
        detail: why,
    };
    events::tell(&mut tx, &event).await?;
    tx.commit().await
}

async fn is_its_turn(tx: &mut TenantTx, here: &outgoing::Place) -> store::Result<bool> {
    if here.owner != Owner::Bot || here.opted_out_at.is_some() {
        return Ok(false);
    }
    let channel = channels::get(tx, here.channel).await?;
    Ok(channel.active && here.ai_mode.unwrap_or(channel.ai_mode) != AiMode::Off)
}
