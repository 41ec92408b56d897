//! Does each message that we sent count once, whatever is reported of it, and are people told once that a limit comes near?

use chrono::{DateTime, Datelike, Months, Utc};
use domain::identity::Role;
use domain::messaging::Channel;
use domain::messaging::inbound::{Origin, Person, Status, StatusState};
use domain::usage::Month;
use domain::{ConversationId, IntegrationId, MessageId};
use serde_json::json;
use store::messaging::sends::Due;
use store::messaging::settling::{self, Outcome};
use store::messaging::{outgoing, statuses};
use store::{Error, new_id, usage};
use uuid::Uuid;

use super::{World, ago, phone, text};

const TOLD: &str = "select count(*) from notifications where kind = 'usage.limit'";

impl World {
    /// The attempt that is under way for a message.
    pub(super) async fn attempt(&self, conversation: ConversationId, message: MessageId) -> Due {
        let (id, begun): (Uuid, DateTime<Utc>) =
            sqlx::query_as("select id, sent_at from message_sends where message_id = $1")
                .bind(message.0)
                .fetch_one(self.test.superuser())
                .await
                .unwrap();
        Due {
            id,
            begun,
            attempt: 1,
            message,
            conversation,
            channel: self.channel.id,
            kind: Channel::Whatsapp,
            account: "account".to_owned(),
            integration: new_id::<IntegrationId>(),
            address: "16505550101".to_owned(),
            message_kind: "text".to_owned(),
            body: "We are open.".to_owned(),
            details: json!({}),
            reply_to: None,
            is_late: false,
        }
    }

    pub(super) async fn settle(&self, due: &Due, outcome: &Outcome) {
        let mut tx = self.tx().await;
        settling::settle(&mut tx, due, outcome).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn report(&self, own: MessageId, id: &str, state: StatusState) {
        let status = Status {
            message: id.to_owned(),
            state,
            person: Person::default(),
            correlation: Some(own.to_string()),
            error_code: None,
            error_text: None,
            billable: None,
            category: None,
        };
        let mut tx = self.tx().await;
        statuses::report(&mut tx, &self.channel, Some(ago(1)), &status).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Sends a message that the platform takes.
    async fn sent(&self, conversation: ConversationId, id: &str) -> MessageId {
        let message = self.send(conversation, "We are open.").await;
        let due = self.attempt(conversation, message).await;
        self.settle(&due, &Outcome::Accepted(id.to_owned())).await;
        message
    }

    async fn month(&self) -> Month {
        usage::month(&mut self.tx().await).await.unwrap()
    }

    async fn limit(&self, limit: i64) {
        let mut tx = self.tx().await;
        usage::set_limit(&mut tx, self.business, limit).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A conversation of a customer who wrote.
async fn begun(world: &World) -> ConversationId {
    world.receive(&text("1", &phone("16505550101"), Origin::Customer, "hi"), ago(60)).await.conversation
}

#[tokio::test]
async fn a_message_counts_once_whatever_is_reported_of_it_and_how_often_it_is_tried() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = begun(&world).await;
    assert_eq!(world.month().await, Month { limit: 1000, ..Month::default() });
    let first = world.sent(conversation, "out1").await;
    for state in [StatusState::Sent, StatusState::Delivered, StatusState::Read, StatusState::Sent] {
        world.report(first, "out1", state).await;
    }
    assert_eq!(world.month().await.messages, 1);
    // A report overtakes the answer to the call.
    let second = world.send(conversation, "Until five.").await;
    let due = world.attempt(conversation, second).await;
    world.report(second, "out2", StatusState::Delivered).await;
    assert_eq!(world.month().await.messages, 2);
    world.settle(&due, &Outcome::Accepted("out2".to_owned())).await;
    world.settle(&due, &Outcome::Accepted("out2".to_owned())).await;
    assert_eq!(world.month().await.messages, 2);
    // One that failed after it was taken is sent again, as the same message.
    world.report(first, "out1", StatusState::Failed).await;
    world.test.execute("update messages set status = 'failed' where external_id = 'out1'").await;
    let mut tx = world.tx().await;
    outgoing::retry(&mut tx, first).await.unwrap();
    tx.commit().await.unwrap();
    world.test.execute("update message_sends set state = 'sending', sent_at = now() where state = 'queued'").await;
    let again = world.attempt(conversation, first).await;
    world.settle(&again, &Outcome::Accepted("out3".to_owned())).await;
    assert_eq!(world.month().await.messages, 2);
}

#[tokio::test]
async fn what_was_never_sent_or_was_written_elsewhere_counts_nothing() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = begun(&world).await;
    for outcome in [
        Outcome::InDoubt("timeout".to_owned()),
        Outcome::Held("connection".to_owned()),
        Outcome::Failed { code: "x".to_owned(), text: "No.".to_owned() },
    ] {
        let message = world.send(conversation, "We are open.").await;
        let due = world.attempt(conversation, message).await;
        world.settle(&due, &outcome).await;
    }
    for (id, origin) in [("e", Origin::Echo), ("h", Origin::History), ("c", Origin::Customer)] {
        world.receive(&text(id, &phone("16505550101"), origin, "Written on the phone."), ago(5)).await;
    }
    assert_eq!(world.month().await.messages, 0);
    assert_eq!(world.number("select count(*) from usage_counters").await, 0);
}

#[tokio::test]
async fn days_and_month_hold_the_same_and_another_business_nothing() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = begun(&world).await;
    for n in 0..3 {
        world.sent(conversation, &format!("out{n}")).await;
    }
    let mut tx = world.tx().await;
    let days = usage::days(&mut tx, 30).await.unwrap();
    assert_eq!((days.len(), days.iter().map(|day| day.messages).sum::<i64>()), (30, 3));
    assert!(days.windows(2).all(|two| two[0].day < two[1].day));
    let begun = days[29].day.with_day(1).unwrap();
    let of_clients = usage::of_clients(&mut tx, &[world.business], begun).await.unwrap();
    assert_eq!(of_clients[0].month, world.month().await);
    let before = usage::of_clients(&mut tx, &[world.business], begun - Months::new(1)).await.unwrap();
    assert_eq!((before.len(), before[0].month.messages), (1, 0));
    drop(tx);
    let other = world.test.business(world.agency).await;
    let mut elsewhere = super::begin(&world.db, world.agency, other).await;
    assert_eq!(usage::month(&mut elsewhere).await.unwrap().messages, 0);
    let foreign = usage::set_limit(&mut elsewhere, world.business, 5).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
}

#[tokio::test]
async fn people_are_told_once_at_eighty_percent_and_once_at_the_end() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.person(Role::AgencyOwner, Some(world.agency), None).await;
    let conversation = begun(&world).await;
    world.limit(5).await;
    for (n, told) in [0, 0, 0, 1, 2, 2, 2].into_iter().enumerate() {
        world.sent(conversation, &format!("out{n}")).await;
        assert_eq!(world.number(TOLD).await, told, "after message {}", n + 1);
    }
    world.limit(100).await;
    world.sent(conversation, "more").await;
    assert_eq!(world.number(TOLD).await, 2, "far from the new limit");
    world.limit(3).await;
    world.sent(conversation, "still").await;
    world.sent(conversation, "later").await;
    assert_eq!(world.number(TOLD).await, 3, "beyond the new limit, which is told once");
}
