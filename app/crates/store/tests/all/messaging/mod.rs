//! Is what platforms tell stored once, in the right thread, whatever order it comes in?
#![expect(clippy::disallowed_methods, reason = "rows are counted in words the macro cannot check")]

mod arrivals;
mod attempts;
mod automatic;
mod changes;
mod counts;
mod erasing;
mod files;
mod hostile;
mod locks;
mod merging;
mod people;
mod reports;
mod room;
mod scheduled;
mod silent;
mod snippets;
mod templates;
mod undelivered;
mod usage;
mod watermarks;

use chrono::{DateTime, TimeDelta, Utc};
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::messaging::{Channel, Sender};
use domain::{AgencyId, BusinessId, ConversationId, MessageId};
use serde_json::{Value, json};
use store::messaging::channels::ChannelRow;
use store::messaging::messages::{self, Received};
use store::messaging::outgoing;
use store::tenant::TenantTx;
use store::testing::TestDb;
use store::{Db, DbRole};

use crate::inboxes::{begin, channel, reply};

/// A business with one channel.
struct World {
    test: TestDb,
    db: Db,
    agency: AgencyId,
    business: BusinessId,
    channel: ChannelRow,
}

impl World {
    async fn new(kind: Channel) -> Self {
        let test = TestDb::new().await;
        let (db, agency) = (test.db(DbRole::Worker).await, test.agency().await);
        let business = test.business(agency).await;
        let channel = channel(&test, &db, (agency, business), kind).await;
        Self { test, db, agency, business, channel }
    }

    async fn tx(&self) -> TenantTx {
        begin(&self.db, self.agency, self.business).await
    }

    /// Stores a message in a transaction of its own.
    async fn receive(&self, message: &InboundMessage, at: DateTime<Utc>) -> Received {
        let mut tx = self.tx().await;
        let received = messages::receive(&mut tx, &self.channel, Some(at), message).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        received
    }

    /// Writes an answer and begins its call.
    async fn send(&self, conversation: ConversationId, body: &str) -> MessageId {
        let mut tx = self.tx().await;
        let new = reply(conversation, Sender::Person, body);
        let message = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        sqlx::query("update message_sends set state = 'sending', sent_at = now(), attempts = 1 where message_id = $1")
            .bind(message.0)
            .execute(self.test.superuser())
            .await
            .unwrap();
        message
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.test.superuser()).await.unwrap()
    }

    async fn row(&self, sql: &'static str) -> Value {
        sqlx::query_scalar(sql).fetch_one(self.test.superuser()).await.unwrap()
    }
}

fn phone(wa_id: &str) -> Person {
    Person { wa_id: Some(wa_id.to_owned()), ..Person::default() }
}

fn bsuid(id: &str) -> Person {
    Person { bsuid: Some(id.to_owned()), ..Person::default() }
}

fn scoped(id: &str) -> Person {
    Person { scoped_id: Some(id.to_owned()), ..Person::default() }
}

fn text(id: &str, person: &Person, origin: Origin, body: &str) -> InboundMessage {
    InboundMessage {
        id: id.to_owned(),
        person: person.clone(),
        origin,
        kind: "text".to_owned(),
        text: body.to_owned(),
        attachments: Vec::new(),
        reply_to: None,
        details: json!({}),
    }
}

/// A time so many seconds ago, as precise as the database.
fn ago(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros((Utc::now() - TimeDelta::seconds(seconds)).timestamp_micros()).unwrap()
}
