//! Does the assistant know what its business told it and nothing of another's, and has each message one answer?
#![expect(clippy::disallowed_methods, reason = "rows are made in words the macro cannot check")]

mod answers;
mod consent;
mod handed;
mod knowledge;
mod rehearsal;
mod settings;
mod sources;
mod turns;
mod usage;

use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::Role;
use domain::messaging::Channel;
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::{AgencyId, BusinessId, ConversationId, MessageId, UserId};
use serde_json::json;
use store::messaging::channels::ChannelRow;
use store::messaging::messages;
use store::testing::TestDb;
use store::{Db, DbRole, TenantTx, new_id};

use crate::inboxes::{begin, channel};

/// A business with a WhatsApp number, a person who works there, and a second business of the same agency.
struct World {
    test: TestDb,
    db: Db,
    agency: AgencyId,
    business: BusinessId,
    other: BusinessId,
    user: UserId,
    channel: ChannelRow,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let (db, agency) = (test.db(DbRole::Worker).await, test.agency().await);
        let (business, other) = (test.business(agency).await, test.business(agency).await);
        let user = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        let channel = channel(&test, &db, (agency, business), Channel::Whatsapp).await;
        assert_eq!(channel.kind, Channel::Whatsapp);
        Self { test, db, agency, business, other, user, channel }
    }

    /// A transaction of the business.
    async fn tx(&self) -> TenantTx {
        begin(&self.db, self.agency, self.business).await
    }

    /// A transaction of the other business.
    async fn elsewhere(&self) -> TenantTx {
        begin(&self.db, self.agency, self.other).await
    }

    /// Stores a message of a customer, so many seconds ago.
    async fn hear(&self, from: &str, body: &str, seconds: i64) -> (ConversationId, MessageId) {
        let message = InboundMessage {
            id: new_id::<MessageId>().to_string(),
            person: Person { wa_id: Some(from.to_owned()), ..Person::default() },
            origin: Origin::Customer,
            kind: "text".to_owned(),
            text: body.to_owned(),
            attachments: Vec::new(),
            reply_to: None,
            details: json!({}),
        };
        let mut tx = self.tx().await;
        let heard = messages::receive(&mut tx, &self.channel, Some(ago(seconds)), &message).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        (heard.conversation, heard.message.unwrap())
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.test.superuser()).await.unwrap()
    }
}

fn ago(seconds: i64) -> DateTime<Utc> {
    Utc::now() - TimeDelta::seconds(seconds)
}
