//! With what do tests of messages begin? A channel of a business, transactions of that business, and texts to its customers.
#![expect(clippy::disallowed_methods, reason = "a channel is made in words of the tests")]

use domain::identity::Reach;
use domain::messaging::{Channel, Sender};
use domain::{AgencyId, BusinessId, ChannelId, ConversationId};
use serde_json::json;
use store::messaging::channels::{self, ChannelRow};
use store::messaging::outgoing::NewOutgoing;
use store::testing::TestDb;
use store::{Db, Scope, TenantTx, new_id};

/// A transaction in the business.
pub async fn begin(db: &Db, agency: AgencyId, business: BusinessId) -> TenantTx {
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(db, scope).await.unwrap()
}

/// A channel of this kind, which no account of the platform is connected to.
pub async fn channel(test: &TestDb, db: &Db, (agency, business): (AgencyId, BusinessId), kind: Channel) -> ChannelRow {
    let id = new_id::<ChannelId>();
    sqlx::query("insert into channels (id, sub_account_id, agency_id, type, external_id, name) values ($1, $2, $3, $4, 'account', 'Desk')")
        .bind(id.0)
        .bind(business.0)
        .bind(agency.0)
        .bind(kind)
        .execute(test.superuser())
        .await
        .unwrap();
    channels::get(&mut begin(db, agency, business).await, id).await.unwrap()
}

/// A text of this sender, whoever that is.
pub fn reply(conversation: ConversationId, sender: Sender, body: &str) -> NewOutgoing<'_> {
    NewOutgoing { conversation, sender, user: None, kind: "text", body, details: json!({}), reply_to: None }
}
