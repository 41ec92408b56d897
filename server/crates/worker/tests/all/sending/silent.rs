//! Does a conversation that nobody closed end by itself, and only then?

use domain::messaging::ConversationStatus;
use store::messaging::{conversations, list};
use worker::testing;

use super::{ADA, BEN, Inbox};

#[tokio::test]
async fn a_conversation_that_is_silent_for_a_month_is_closed_unless_somebody_has_not_read_it() {
    let inbox = Inbox::new().await;
    let (ada, ben) = (inbox.hears(ADA).await, inbox.hears(BEN).await);
    let mut tx = inbox.tx().await;
    conversations::mark_read(&mut tx, ada).await.unwrap();
    tx.commit().await.unwrap();
    let states = async || {
        let mut tx = inbox.tx().await;
        [list::line(&mut tx, ada).await.unwrap().status, list::line(&mut tx, ben).await.unwrap().status]
    };
    for (silent, expected) in [
        (
            "update conversations set waiting_since = null, last_message_at = now() - interval '29 days'",
            ConversationStatus::Open,
        ),
        ("update conversations set last_message_at = now() - interval '31 days'", ConversationStatus::Closed),
    ] {
        inbox.harness.db.execute(silent).await;
        testing::run_periodic(&inbox.worker).await.unwrap();
        assert_eq!(states().await, [expected, ConversationStatus::Open], "{silent}");
    }
}
