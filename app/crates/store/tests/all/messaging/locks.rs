//! Are rows locked in one order, and is the line of a conversation written once for each message?

use std::time::Duration;

use domain::identity::{Reach, Role};
use domain::messaging::inbound::Origin;
use domain::messaging::{Channel, Sender};
use domain::{ConversationId, MessageId, UserId};
use serde_json::json;
use store::messaging::locks;
use store::messaging::outgoing::{self, NewOutgoing};
use store::messaging::sends::{self, Limits, Next};
use store::tenant::{Scope, TenantTx};
use uuid::Uuid;

use super::{World, ago, phone, text};
use crate::inboxes::reply;

const ADA: &str = "16505550101";

#[tokio::test]
async fn a_message_waits_for_its_contact_before_it_holds_its_conversation() {
    let world = World::new(Channel::Whatsapp).await;
    let ada = phone(ADA);
    world.receive(&text("m1", &ada, Origin::Customer, "hi"), ago(20)).await;
    let mut other = world.test.superuser().begin().await.unwrap();
    sqlx::query("select id from contacts for no key update").execute(&mut *other).await.unwrap();
    // Older than the first, so that nothing of the contact changes before STOP does.
    let stop = text("m2", &ada, Origin::Customer, "STOP");
    let arrives = world.receive(&stop, ago(30));
    let goes_on = async {
        while !world.test.waits_for_a_lock().await {
            tokio::task::yield_now().await;
        }
        let held = sqlx::query("select id from conversations for no key update nowait").execute(&mut *other).await;
        other.rollback().await.unwrap();
        held
    };
    let (_, held) = tokio::join!(arrives, goes_on);
    assert!(held.is_ok(), "whoever holds the contact gets the conversation: {held:?}");
    assert_eq!(world.number("select count(*) from contacts where opted_out_at is not null").await, 1);
}

#[tokio::test]
async fn a_conversation_is_locked_by_each_id_of_its_message() {
    let world = World::new(Channel::Whatsapp).await;
    let begun = world.receive(&text("m1", &phone(ADA), Origin::Customer, "hi"), ago(20)).await;
    let own = world.send(begun.conversation, "We are open.").await;
    world.test.execute("update messages set external_id = 'out' where direction = 'out'").await;
    let place: Uuid =
        sqlx::query_scalar("select id from message_sends").fetch_one(world.test.superuser()).await.unwrap();
    for (id, correlation, locked) in [
        ("out", None, 1),
        ("m1", None, 1),
        ("other", Some(own.to_string()), 1),
        ("other", Some(place.to_string()), 1),
        ("other", Some("words".to_owned()), 0),
        ("other", None, 0),
        ("out\0", None, 0),
    ] {
        let mut tx = world.tx().await;
        locks::of_message(&mut tx, &world.channel, id, correlation.as_deref()).await.unwrap();
        let free = "select count(*) from (select id from conversations for no key update skip locked) c";
        assert_eq!(world.number(free).await, 1 - locked, "{id} {correlation:?}");
        tx.commit().await.unwrap();
    }
}

/// Both drop a message: `next` one whose time is over, `tidy` one of which nobody knows whether it arrived.
#[tokio::test]
async fn what_is_dropped_waits_for_its_conversation_before_it_holds_its_place() {
    for (tidies, left, dropped) in [
        (
            false,
            "update message_sends set state = 'queued', sent_at = null, created_at = now() - interval '2 days'",
            "too_old",
        ),
        (true, "update message_sends set state = 'in_doubt', sent_at = now() - interval '2 days'", "unclear"),
    ] {
        let world = World::new(Channel::Whatsapp).await;
        let begun = world.receive(&text("m1", &phone(ADA), Origin::Customer, "hi"), ago(20)).await;
        world.send(begun.conversation, "We are open.").await;
        world.test.execute(left).await;
        world
            .test
            .execute(
                "insert into integrations (agency_id, sub_account_id, type, platform_id) select agency_id, sub_account_id, 'WHATSAPP', 'account' from channels;
                 update channels set integration_id = (select id from integrations)",
            )
            .await;
        let mut other = world.test.superuser().begin().await.unwrap();
        sqlx::query("select id from conversations for no key update").execute(&mut *other).await.unwrap();
        let works = async {
            let mut tx = world.tx().await;
            if tidies {
                let limits = Limits { call: Duration::from_secs(60), doubt: Duration::from_secs(600) };
                sends::tidy(&mut tx, world.channel.id, &limits).await.unwrap();
            } else {
                assert!(matches!(sends::next(&mut tx, world.channel.id).await.unwrap(), Next::Dropped));
            }
            tx.commit().await.unwrap();
        };
        let goes_on = async {
            while !world.test.waits_for_a_lock().await {
                tokio::task::yield_now().await;
            }
            let held = sqlx::query("select id from message_sends for update nowait").execute(&mut *other).await;
            other.rollback().await.unwrap();
            held
        };
        let ((), held) = tokio::join!(works, goes_on);
        assert!(held.is_ok(), "whoever holds the conversation gets the place: {held:?}");
        let ended = world.row("select jsonb_build_array(state, error_code) from message_sends").await;
        assert_eq!(ended, json!(["failed", dropped]));
    }
}

impl World {
    /// Number of versions of the only conversation, which lie one after the other.
    async fn versions(&self) -> i64 {
        self.number("select (ctid::text::point)[1]::bigint from conversations").await
    }

    /// Adds an answer.
    async fn says(&self, conversation: ConversationId, sender: Sender, user: Option<UserId>) -> MessageId {
        let mut tx = self.tx().await;
        let new = NewOutgoing { user, ..reply(conversation, sender, "Yes.") };
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

#[tokio::test]
async fn a_message_writes_the_line_of_its_conversation_once_and_a_repeat_never() {
    let world = World::new(Channel::Whatsapp).await;
    let ada = phone(ADA);
    let begun = world.receive(&text("m0", &ada, Origin::Customer, "hi"), ago(60)).await;
    let origins = [Origin::Customer, Origin::Echo, Origin::Standby, Origin::History, Origin::Customer];
    for (n, origin) in (1..).zip(origins) {
        let message = text(&format!("m{n}"), &ada, origin, "STOP");
        for expected in [1, 0] {
            let before = world.versions().await;
            world.receive(&message, ago(60 - n)).await;
            assert_eq!(world.versions().await - before, expected, "{origin:?}");
        }
    }
    for sender in [Sender::Person, Sender::Assistant] {
        let before = world.versions().await;
        world.says(begun.conversation, sender, None).await;
        assert_eq!(world.versions().await - before, 1, "{sender:?}");
    }
}

/// The conversations whose `last_person_at` is not what their messages say.
const WRONG: &str = "select count(*) from conversations c
    where coalesce(extract(epoch from last_person_at), 0) - coalesce(extract(epoch from (select max(happened_at) from messages m where m.conversation_id = c.id
      and m.direction = 'out' and (m.sender in ('person', 'echo') or m.sender_user_id is not null))), 0) not between 0 and 1";

#[tokio::test]
async fn when_a_person_last_wrote_is_what_the_messages_say() {
    let world = World::new(Channel::Whatsapp).await;
    let user = world.test.person(Role::BusinessOwner, Some(world.agency), Some(world.business)).await;
    let ada = phone(ADA);
    let begun = world.receive(&text("m1", &ada, Origin::Customer, "hi"), ago(60)).await.conversation;
    let automatic = world.says(begun, Sender::Assistant, None).await;
    let nobody = "select count(*) from conversations where last_person_at is null";
    assert_eq!((world.number(nobody).await, world.number(WRONG).await), (1, 0));
    // A person sends again what the assistant wrote.
    world.test.execute("update messages set status = 'failed' where direction = 'out'").await;
    world.test.execute("update message_sends set state = 'failed'").await;
    let scope = Scope::AgencyBusiness {
        user: Some(user),
        agency: world.agency,
        business: world.business,
        reach: Reach::All,
        listed: Vec::new(),
    };
    let mut tx = TenantTx::begin(&world.db, scope).await.unwrap();
    outgoing::retry(&mut tx, automatic).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((world.number(nobody).await, world.number(WRONG).await), (0, 0));
    world.receive(&text("late", &ada, Origin::Echo, "from the app"), ago(30)).await;
    assert_eq!(world.number(WRONG).await, 0, "an older one changes nothing");
    world.receive(&text("m2", &ada, Origin::Customer, "thanks"), ago(0)).await;
    world.says(begun, Sender::Person, Some(user)).await;
    assert_eq!(world.number(WRONG).await, 0);
    world.says(begun, Sender::Assistant, Some(user)).await;
    assert_eq!(world.number(WRONG).await, 0, "a draft that a person sent");
    world.receive(&text("app", &ada, Origin::Echo, "from the app"), ago(0)).await;
    world.says(begun, Sender::Assistant, None).await;
    assert_eq!(world.number(WRONG).await, 0);
}
