//! What became of every message, past row-level security, for a test that compares it with what a platform knows?

use domain::{ConversationId, MessageId};
use uuid::Uuid;

use crate::testing::TestDb;

/// A message as it is stored.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The platform's id; `None` before the platform gave one.
    pub external_id: Option<String>,
    /// Whether a customer wrote it.
    pub is_inbound: bool,
    /// Who wrote it: `contact`, `person`, `assistant` or `echo`.
    pub sender: String,
    /// Its text.
    pub body: String,
    /// How far it has come.
    pub status: String,
}

type Row = (Uuid, Uuid, Option<String>, bool, String, String, String);

/// Every message from and to customers, oldest first. Empty while the database does not answer.
#[expect(clippy::disallowed_methods, reason = "a check of a test is no query of the product")]
pub async fn messages(db: &TestDb) -> Vec<Kept> {
    let sql = "select id, conversation_id, external_id, direction = 'in', sender, body, status from messages
               where direction <> 'internal' order by happened_at, id";
    let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(db.superuser()).await.unwrap_or_default();
    let kept = |(id, conversation, external_id, is_inbound, sender, body, status)| Kept {
        id: MessageId(id),
        conversation: ConversationId(conversation),
        external_id,
        is_inbound,
        sender,
        body,
        status,
    };
    rows.into_iter().map(kept).collect()
}

/// The conversations that a customer's message ends and in which nobody knows that the customer waits.
#[expect(clippy::disallowed_methods, reason = "a check of a test is no query of the product")]
pub async fn forgotten(db: &TestDb) -> Vec<String> {
    let sql = "select c.external_address || ': ' || c.last_preview from conversations c
               where c.last_direction = 'in' and c.waiting_since is null order by 1";
    sqlx::query_scalar(sql).fetch_all(db.superuser()).await.expect("the conversations are readable")
}

/// How much of messages is still to be done: work that waits or runs, items that wait, and messages on their way.
/// `None` while the database does not answer.
#[expect(clippy::disallowed_methods, reason = "a check of a test is no query of the product")]
pub async fn open_work(db: &TestDb) -> Option<i64> {
    let sql = "select (select count(*) from work_ready where lane = any (l.lanes)) + (select count(*) from work_scheduled where lane = any (l.lanes))
                 + (select count(*) from work_leases where lane = any (l.lanes)) + (select count(*) from inbound_items where outcome = 'waiting')
                 + (select count(*) from message_sends where state in ('queued', 'sending', 'in_doubt', 'held'))
               from (select array['messages_in', 'messages_out', 'assistant'] as lanes) l";
    sqlx::query_scalar(sql).fetch_one(db.superuser()).await.ok()
}
