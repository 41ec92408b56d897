//! Does nothing wait for ever, and does nothing go out that the customer refused while it waited?

use chrono::{TimeDelta, Utc};
use domain::identity::Role;
use domain::messaging::{ConversationStatus, MessageStatus, Sender};
use serde_json::json;
use store::messaging::outgoing::{self, NewOutgoing};
use store::messaging::sends::{self, Next};
use store::messaging::{conversations, list};
use worker::testing;

use super::{ADA, BEN, ConversationId, Inbox, MessageId};
use crate::harness::business::reply;

impl Inbox {
    /// Everything that runs by itself runs once, and then what is due.
    async fn time_passes(&self) {
        testing::run_periodic(&self.worker).await.unwrap();
        self.run().await;
    }

    /// Somebody writes to the customer.
    async fn writes(&self, conversation: ConversationId, sender: Sender) -> MessageId {
        let mut tx = self.work().await;
        let new = reply(conversation, sender, "We are open until five.");
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// How often people were told that a customer waits for them.
    async fn told(&self) -> usize {
        let contents = self.harness.db.contents().await;
        let (_, rows) = contents.into_iter().find(|(table, _)| table == "notifications").unwrap();
        rows.lines().filter(|row| row.contains("conversation.handed_over:")).count()
    }
}

#[tokio::test]
async fn a_message_without_work_is_taken_up_wherever_it_was_left() {
    for left in [
        "select 1",
        "update message_sends set attempts = 1, sent_at = now() - interval '30 minutes', not_before = now() - interval '20 minutes'",
        "update channels set hold_since = now(); update message_sends set state = 'held', hold_reason = 'connection';
         update messages set status = 'held' where direction = 'out'",
        "update message_sends set state = 'held', hold_reason = 'connection'; update messages set status = 'held' where direction = 'out'",
    ] {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let id = inbox.says(ada, "one").await;
        inbox.harness.db.execute("delete from work_ready; delete from work_scheduled").await;
        inbox.harness.db.execute("update message_sends set created_at = now() - interval '30 minutes'").await;
        inbox.harness.db.execute(left).await;
        inbox.run().await;
        assert!(inbox.meta.asked().is_empty(), "{left}");
        inbox.harness.db.execute("update sub_accounts set deleted_at = now()").await;
        inbox.time_passes().await;
        assert!(inbox.meta.asked().is_empty(), "its business is in the trash: {left}");
        inbox.harness.db.execute("update sub_accounts set deleted_at = null").await;
        inbox.time_passes().await;
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent, "{left}");
        assert_eq!(inbox.meta.texts(ADA), ["one"], "{left}");
    }
}

#[tokio::test]
async fn what_is_held_stays_so_while_the_connection_does_not_work() {
    for broken in [
        "update integrations set needs_reauth_at = now()",
        "update integrations set setup_step = 'subscribe'",
        "update channels set is_active = false",
    ] {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let id = inbox.says(ada, "one").await;
        inbox
            .harness
            .db
            .execute(
                "update channels set hold_since = now(); update message_sends set state = 'held', created_at = now() - interval '30 minutes';
                 update messages set status = 'held' where direction = 'out'",
            )
            .await;
        inbox.harness.db.execute(broken).await;
        inbox.time_passes().await;
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Held, "{broken}");
        assert!(inbox.meta.asked().is_empty(), "{broken}");
    }
}

/// What a person wrote ends after a day, an answer of the assistant after an hour; the time counts from when it should have
/// gone out.
#[tokio::test]
async fn what_is_held_for_too_long_fails_and_the_customer_waits_again() {
    for (sender, held, ends) in [
        (Sender::Person, "update message_sends set created_at = now() - interval '23 hours'", false),
        (Sender::Person, "update message_sends set created_at = now() - interval '25 hours'", true),
        (
            Sender::Person,
            "update message_sends set created_at = now() - interval '25 hours', not_before = now()",
            false,
        ),
        (Sender::Assistant, "update message_sends set created_at = now() - interval '50 minutes'", false),
        (Sender::Assistant, "update message_sends set created_at = now() - interval '70 minutes'", true),
    ] {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let db = &inbox.harness.db;
        db.person(Role::AgencyOwner, Some(inbox.harness.agency), None).await;
        db.execute("update integrations set needs_reauth_at = now(); update channels set hold_since = now()").await;
        let id = inbox.writes(ada, sender).await;
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Held, "{sender:?} {held}");
        db.execute(held).await;
        inbox.time_passes().await;
        inbox.time_passes().await;
        let message = inbox.message(ada, id).await;
        let expected = if ends { MessageStatus::Failed } else { MessageStatus::Held };
        assert_eq!(message.status, expected, "{sender:?} {held}");
        assert_eq!(message.error_code.as_deref() == Some("too_old"), ends, "{sender:?} {held}");
        let line = list::line(&mut inbox.tx().await, ada).await.unwrap();
        assert_eq!(line.waiting_since.is_some(), ends, "{sender:?} {held}");
        assert_eq!(inbox.told().await, usize::from(ends), "{sender:?} {held}");
        assert!(inbox.meta.asked().is_empty(), "{sender:?} {held}");
    }
}

#[tokio::test]
async fn whom_somebody_answered_does_not_wait_when_a_later_message_ends() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.says(ada, "one").await;
    inbox.run().await;
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent);
    let late = inbox.says(ada, "two").await;
    let db = &inbox.harness.db;
    db.person(Role::AgencyOwner, Some(inbox.harness.agency), None).await;
    db.execute("update channels set is_active = false; update message_sends set state = 'held', created_at = now() - interval '2 days', not_before = null where state = 'queued'")
        .await;
    inbox.time_passes().await;
    assert_eq!(inbox.status(ada, late).await, MessageStatus::Failed);
    let line = list::line(&mut inbox.tx().await, ada).await.unwrap();
    assert_eq!((line.waiting_since, line.unread), (None, 1));
    assert_eq!(inbox.told().await, 0);
}

#[tokio::test]
async fn a_process_that_ended_in_its_call_leaves_nothing_pending_for_ever() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let (first, second) = (inbox.says(ada, "one").await, inbox.says(ada, "two").await);
    let mut tx = inbox.work().await;
    assert!(matches!(sends::next(&mut tx, inbox.channel).await.unwrap(), Next::Send(_)));
    tx.commit().await.unwrap();
    inbox.harness.db.execute("delete from work_ready; delete from work_scheduled").await;
    inbox
        .harness
        .db
        .execute(
            "update message_sends set created_at = now() - interval '40 minutes', sent_at = sent_at - interval '40 minutes'",
        )
        .await;
    inbox.time_passes().await;
    assert_eq!(inbox.message(ada, first).await.error_code.as_deref(), Some("unclear"));
    assert_eq!(inbox.status(ada, second).await, MessageStatus::Sent);
}

#[tokio::test]
async fn a_conversation_that_was_put_off_is_open_again_in_time() {
    let inbox = Inbox::new().await;
    let (ada, ben) = (inbox.hears(ADA).await, inbox.hears(BEN).await);
    let mut tx = inbox.tx().await;
    for (conversation, minutes) in [(ada, -1), (ben, 60)] {
        let until = Some(Utc::now() + TimeDelta::minutes(minutes));
        conversations::set_status(&mut tx, conversation, ConversationStatus::Snoozed, until).await.unwrap();
    }
    tx.commit().await.unwrap();
    inbox.time_passes().await;
    let mut tx = inbox.tx().await;
    for (conversation, expected) in [(ada, ConversationStatus::Open), (ben, ConversationStatus::Snoozed)] {
        let line = list::line(&mut tx, conversation).await.unwrap();
        assert_eq!((line.status, line.snoozed_until.is_some()), (expected, expected == ConversationStatus::Snoozed));
    }
}

#[tokio::test]
async fn advertising_that_the_customer_refused_while_it_waited_is_not_sent() {
    for (refused, category, goes) in [
        ("select 1", "MARKETING", true),
        ("update contacts set marketing_refused_at = now()", "MARKETING", false),
        ("update contacts set opted_out_at = now()", "marketing", false),
        ("update contacts set opted_out_at = now(), marketing_refused_at = now()", "UTILITY", true),
    ] {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let mut tx = inbox.tx().await;
        let template = json!({ "name": "spring", "language": "en_US", "category": category, "parameters": [] });
        let new = NewOutgoing {
            kind: outgoing::TEMPLATE,
            details: json!({ "template": template }),
            ..reply(ada, Sender::Person, "Spring is here.")
        };
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        inbox.harness.db.execute(refused).await;
        inbox.run().await;
        let message = inbox.message(ada, id).await;
        assert_eq!(inbox.meta.asked().len(), usize::from(goes), "{refused}");
        if goes {
            assert_eq!(message.status, MessageStatus::Sent, "{refused}");
        } else {
            assert_eq!((message.status, message.error_code.as_deref()), (MessageStatus::Failed, Some("unwanted")));
            assert!(message.error.is_some_and(|words| words.len() > 20), "{refused}");
        }
    }
}
