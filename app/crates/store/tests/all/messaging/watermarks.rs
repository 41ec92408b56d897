//! Is each message marked as read that a customer read, in whatever order things come, and is nothing looked at twice?

use domain::messaging::Channel;
use domain::messaging::inbound::Origin;
use domain::{ConversationId, MessageId};
use serde_json::json;
use store::messaging::{outgoing, watermarks};

use super::{World, ago, phone, text};

const ADA: &str = "16505550101";
const STATUSES: &str = "select coalesce(jsonb_object_agg(body, status), '{}') from messages where direction = 'out'";

impl World {
    /// Writes an answer so many seconds ago.
    async fn wrote(&self, conversation: ConversationId, body: &str, seconds: i64) -> MessageId {
        let message = self.send(conversation, body).await;
        sqlx::query("update messages set happened_at = $2 where id = $1")
            .bind(message.0)
            .bind(ago(seconds))
            .execute(self.test.superuser())
            .await
            .unwrap();
        message
    }

    /// The platform took the answer so many seconds ago.
    async fn took(&self, message: MessageId, seconds: i64) {
        for sql in [
            "update messages set status = 'sent', external_id = body, sent_at = $2 where id = $1",
            "update message_sends set state = 'accepted', sent_at = $2 where message_id = $1",
        ] {
            sqlx::query(sql).bind(message.0).bind(ago(seconds)).execute(self.test.superuser()).await.unwrap();
        }
    }

    /// The customer got or read everything up to so many seconds ago.
    async fn marks(&self, read: bool, seconds: i64) {
        let mut tx = self.tx().await;
        watermarks::reached(&mut tx, &self.channel, &phone(ADA), read, ago(seconds)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_mark_raises_what_was_sent_by_then_and_never_lowers_anything() {
    let world = World::new(Channel::Facebook).await;
    let begun = world.receive(&text("m1", &phone(ADA), Origin::Customer, "hi"), ago(300)).await.conversation;
    for (body, at) in [("a", 100), ("b", 50)] {
        let message = world.wrote(begun, body, at).await;
        world.took(message, at).await;
    }
    for (read, until, expected) in [
        (true, 70, json!({ "a": "read", "b": "sent" })),
        (false, 40, json!({ "a": "read", "b": "delivered" })),
        (false, 120, json!({ "a": "read", "b": "delivered" })),
        (true, 70, json!({ "a": "read", "b": "delivered" })),
        (true, 45, json!({ "a": "read", "b": "read" })),
        (false, 30, json!({ "a": "read", "b": "read" })),
    ] {
        world.marks(read, until).await;
        assert_eq!(world.row(STATUSES).await, expected, "{read} {until}");
    }
    let mut tx = world.tx().await;
    let nobody = watermarks::reached(&mut tx, &world.channel, &phone("19995550100"), true, ago(0)).await.unwrap();
    assert_eq!(nobody, None, "nobody's mark makes no conversation");
}

#[tokio::test]
async fn what_goes_out_or_comes_later_than_it_was_written_is_marked_by_the_next_mark() {
    let world = World::new(Channel::Facebook).await;
    let ada = phone(ADA);
    let begun = world.receive(&text("m1", &ada, Origin::Customer, "hi"), ago(900)).await.conversation;
    let status = async || world.row(STATUSES).await;
    // One waits for its turn while the customer reads on.
    let late = world.wrote(begun, "late", 200).await;
    world.marks(true, 150).await;
    world.took(late, 100).await;
    world.marks(true, 120).await;
    assert_eq!(status().await, json!({ "late": "sent" }), "it went out after that");
    world.marks(true, 90).await;
    assert_eq!(status().await, json!({ "late": "read" }));
    // An echo from before the last mark comes after it.
    world.receive(&text("echo", &ada, Origin::Echo, "echo"), ago(250)).await;
    assert_eq!(status().await, json!({ "late": "read", "echo": "sent" }));
    world.marks(true, 80).await;
    assert_eq!(status().await, json!({ "late": "read", "echo": "read" }));
    // One that failed long ago is sent again.
    let failed = world.wrote(begun, "failed", 2 * 24 * 3600).await;
    world.test.execute("update messages set status = 'failed' where body = 'failed'").await;
    world.test.execute("update message_sends s set state = 'failed' from messages m where m.id = s.message_id and m.body = 'failed'").await;
    world.marks(true, 70).await;
    let mut tx = world.tx().await;
    outgoing::retry(&mut tx, failed).await.unwrap();
    tx.commit().await.unwrap();
    world.took(failed, 60).await;
    world.marks(true, 50).await;
    assert_eq!(status().await, json!({ "late": "read", "echo": "read", "failed": "read" }));
    let looked_at = "select count(*) from conversations where read_up_to > now() - interval '55 seconds'";
    assert_eq!(world.number(looked_at).await, 1, "nothing of this is looked at again");
}
