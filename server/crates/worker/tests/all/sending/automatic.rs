//! Does an automatic answer go out only while it is wanted, and does nobody wait unseen whose answer did not?

use domain::MessageId;
use domain::messaging::{MessageStatus, Owner, Sender};
use store::messaging::list;
use store::messaging::outgoing;

use super::{ADA, ConversationId, Inbox, error};
use crate::harness::business::reply;

impl Inbox {
    /// An inbox whose assistant answers by itself.
    async fn automatic() -> Self {
        let inbox = Self::new().await;
        inbox.harness.db.execute("update channels set ai_mode = 'auto'").await;
        inbox
    }

    /// The assistant answers.
    async fn answers(&self, conversation: ConversationId) -> MessageId {
        let mut tx = self.work().await;
        let new = reply(conversation, Sender::Assistant, "We are open until five.");
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Who answers the conversation, and whether the customer waits.
    async fn place(&self, conversation: ConversationId) -> (Owner, bool) {
        let line = list::line(&mut self.tx().await, conversation).await.unwrap();
        (line.owner, line.waiting_since.is_some())
    }
}

#[tokio::test]
async fn an_automatic_answer_that_was_overtaken_while_it_waited_is_not_sent() {
    let echo = "insert into messages (sub_account_id, conversation_id, direction, sender, status, happened_at)
         select sub_account_id, id, 'out', 'echo', 'sent', now() from conversations";
    for (meanwhile, goes, waits) in [
        ("select 1", true, false),
        ("update conversations set ai_state = 'waiting_human'", true, false),
        ("update contacts set opted_out_at = now() - interval '1 minute'", true, false),
        ("update contacts set opted_out_at = now()", false, true),
        ("update conversations set ai_mode = 'off'", false, true),
        ("update channels set ai_mode = 'draft'", false, true),
        ("update conversations set ai_state = 'human'", false, true),
        (echo, false, false),
    ] {
        let inbox = Inbox::automatic().await;
        let ada = inbox.hears(ADA).await;
        let answer = inbox.answers(ada).await;
        inbox.harness.db.execute(meanwhile).await;
        inbox.run().await;
        let expected = if goes { MessageStatus::Sent } else { MessageStatus::Cancelled };
        assert_eq!(inbox.status(ada, answer).await, expected, "{meanwhile}");
        assert_eq!(inbox.meta.asked().len(), usize::from(goes), "{meanwhile}");
        assert_eq!(inbox.place(ada).await.1, waits, "{meanwhile}");
    }
}

#[tokio::test]
async fn whose_automatic_answer_does_not_arrive_waits_for_a_person() {
    for is_stale in [true, false] {
        let inbox = Inbox::automatic().await;
        let ada = inbox.hears(ADA).await;
        let answer = inbox.answers(ada).await;
        assert_eq!(inbox.place(ada).await, (Owner::Bot, false));
        if is_stale {
            inbox.harness.db.execute("update message_sends set created_at = now() - interval '61 minutes'").await;
        } else {
            inbox.meta.answers([error(131_047)]);
        }
        inbox.run().await;
        assert_eq!(inbox.status(ada, answer).await, MessageStatus::Failed, "{is_stale}");
        assert_eq!(inbox.place(ada).await, (Owner::WaitingHuman, true), "{is_stale}");
    }
}
