//! Does the assistant read what was said, and what decides whether it may answer, as it is at that moment?

use domain::assistant::hours::Hours;
use domain::language::Language;
use domain::messaging::window::Window;
use domain::messaging::{AiMode, Owner, Sender};
use serde_json::json;
use store::Error;
use store::assistant::{self, channel_hours, set_channel_hours};
use store::messaging::outgoing;
use store::messaging::{channels, conversations};

use super::World;
use crate::inboxes::reply;

#[tokio::test]
async fn what_both_sides_said_is_read_oldest_first_without_notes() {
    let world = World::new().await;
    let (conversation, _) = world.hear("16505550101", "Hi", 20).await;
    let (_, newest) = world.hear("16505550101", "Are you open?", 10).await;
    let mut tx = world.tx().await;
    outgoing::note(&mut tx, conversation, Some(world.user), "secret").await.unwrap();
    let reply = reply(conversation, Sender::Assistant, "Yes.");
    outgoing::add(&mut tx, &reply).await.unwrap();
    let turn = assistant::conversation(&mut tx, conversation).await.unwrap();
    let said: Vec<_> = turn.messages.iter().map(|message| (message.sender, message.text.as_str())).collect();
    let expected = [(Sender::Contact, "Hi"), (Sender::Contact, "Are you open?"), (Sender::Assistant, "Yes.")];
    assert_eq!(said, expected);
    assert_eq!(
        (turn.facts.newest_inbound, turn.facts.mode, turn.facts.owner),
        (Some(newest), AiMode::Draft, Owner::Bot)
    );
    assert!(turn.facts.is_active && turn.facts.is_open() && turn.facts.opted_out_at.is_none());
    assert!(matches!(turn.facts.window, Window::Free { .. }));
    assert_eq!((turn.contact_phone.as_deref(), turn.language), (Some("+16505550101"), Language::English));
    store::businesses::choose_language(&mut tx, world.business, Some(Language::Spanish)).await.unwrap();
    let turn = assistant::conversation(&mut tx, conversation).await.unwrap();
    assert_eq!(turn.language, Language::Spanish, "the one that was chosen for the business");
    tx.commit().await.unwrap();
    let elsewhere = assistant::conversation(&mut world.elsewhere().await, conversation).await;
    assert!(matches!(elsewhere, Err(Error::NotFound)));
}

#[tokio::test]
async fn under_the_lock_the_facts_are_those_of_now() {
    let world = World::new().await;
    let (conversation, trigger) = world.hear("16505550101", "Hi", 20).await;
    let mut tx = world.tx().await;
    assert_eq!(assistant::lock(&mut tx, conversation).await.unwrap().newest_inbound, Some(trigger));
    channels::set_ai_mode(&mut tx, world.channel.id, AiMode::Auto).await.unwrap();
    assert_eq!(assistant::lock(&mut tx, conversation).await.unwrap().mode, AiMode::Auto);
    conversations::set_ai(&mut tx, conversation, Some(AiMode::Off), Owner::Human, None).await.unwrap();
    let facts = assistant::lock(&mut tx, conversation).await.unwrap();
    assert_eq!((facts.mode, facts.owner), (AiMode::Off, Owner::Human), "its own mode comes first");
    channels::set_active(&mut tx, world.channel.id, false).await.unwrap();
    assert!(!assistant::lock(&mut tx, conversation).await.unwrap().is_active);
    tx.commit().await.unwrap();
    let (_, newer) = world.hear("16505550101", "Hello?", 5).await;
    world.test.execute("update sub_accounts set status = 'paused'").await;
    world.test.execute("update channels set is_active = true").await;
    let facts = assistant::lock(&mut world.tx().await, conversation).await.unwrap();
    assert_eq!((facts.newest_inbound, facts.is_active), (Some(newer), false), "a paused business answers nobody");
}

#[tokio::test]
async fn hours_of_a_channel_are_kept_and_are_its_business_s_own() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    assert!(channel_hours(&mut tx, world.channel.id).await.unwrap().is_always());
    let hours: Hours = serde_json::from_value(json!({ "mon": [{ "from": "09:00", "to": "17:00" }] })).unwrap();
    set_channel_hours(&mut tx, world.channel.id, &hours).await.unwrap();
    assert_eq!(channel_hours(&mut tx, world.channel.id).await.unwrap(), hours);
    tx.commit().await.unwrap();
    let mut elsewhere = world.elsewhere().await;
    let foreign = set_channel_hours(&mut elsewhere, world.channel.id, &Hours::default()).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
}
