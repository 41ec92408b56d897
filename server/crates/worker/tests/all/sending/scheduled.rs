//! Does a scheduled message go out at its time, whatever was lost meanwhile, and is it judged when it goes and not before?

use chrono::{DateTime, TimeDelta, Utc};
use domain::ScheduledId;
use domain::identity::Role;
use domain::messaging::{Direction, MessageStatus};
use serde_json::json;
use store::messaging::scheduled::{self, NewScheduled};
use store::messaging::thread;
use store::usage;
use worker::testing;

use super::{ADA, ConversationId, Inbox, MessageView};

impl Inbox {
    /// A person schedules a text.
    async fn schedules(&self, conversation: ConversationId, body: &str, at: DateTime<Utc>) -> ScheduledId {
        let user = self.harness.db.person(Role::TeamMember, Some(self.harness.agency), Some(self.business)).await;
        let mut tx = self.tx().await;
        let new = NewScheduled { conversation, user, kind: "text", body, details: json!({}), reply_to: None, at };
        let id = scheduled::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Its time comes for everything that waits.
    async fn it_is_time(&self) {
        self.harness.db.execute("update scheduled_messages set send_at = now() where state = 'waiting'").await;
    }

    /// How many messages of this month were counted.
    async fn counted(&self) -> i64 {
        usage::month(&mut self.work().await).await.unwrap().messages
    }

    async fn ours(&self, conversation: ConversationId) -> Vec<MessageView> {
        let thread = thread::thread(&mut self.tx().await, conversation, None, 100).await.unwrap();
        thread.messages.into_iter().filter(|message| message.direction == Direction::Out).collect()
    }
}

#[tokio::test]
async fn it_goes_at_its_time_once_holds_nothing_up_before_and_counts_when_it_is_sent() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    inbox.schedules(ada, "later", Utc::now() + TimeDelta::hours(1)).await;
    inbox.says(ada, "now").await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["now"]);
    assert_eq!(inbox.counted().await, 1, "what waits is not counted");
    inbox.it_is_time().await;
    inbox.waits_end().await;
    for _ in 0..2 {
        inbox.run().await;
        testing::run_periodic(&inbox.worker).await.unwrap();
    }
    assert_eq!(inbox.meta.texts(ADA), ["now", "later"]);
    assert_eq!(inbox.counted().await, 2);
    assert!(inbox.ours(ada).await.iter().all(|message| message.status == MessageStatus::Sent));
}

#[tokio::test]
async fn it_goes_although_its_work_is_lost_and_not_while_its_business_is_in_the_trash() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    inbox.schedules(ada, "later", Utc::now() + TimeDelta::hours(1)).await;
    inbox.harness.db.execute("delete from work_ready; delete from work_scheduled").await;
    inbox.it_is_time().await;
    for (deleted, expected) in [
        ("update sub_accounts set deleted_at = now()", &[][..]),
        ("update sub_accounts set deleted_at = null", &["later"][..]),
    ] {
        inbox.harness.db.execute(deleted).await;
        testing::run_periodic(&inbox.worker).await.unwrap();
        inbox.run().await;
        assert_eq!(inbox.meta.texts(ADA), expected, "{deleted}");
    }
}

#[tokio::test]
async fn when_the_window_closed_meanwhile_it_is_not_sent_and_people_are_told_once() {
    let inbox = Inbox::new().await;
    inbox.harness.db.person(Role::AgencyOwner, Some(inbox.harness.agency), None).await;
    let ada = inbox.hears(ADA).await;
    let long = format!("{} {}", "a".repeat(4000), "b".repeat(200));
    inbox.schedules(ada, &long, Utc::now() + TimeDelta::hours(1)).await;
    inbox
        .harness
        .db
        .execute("update conversations set window_closes_at = now() - interval '1 hour', unread = 0, status = 'closed'")
        .await;
    inbox.it_is_time().await;
    inbox.waits_end().await;
    inbox.run().await;
    assert!(inbox.meta.asked().is_empty());
    let ours = inbox.ours(ada).await;
    assert_eq!(ours.len(), 2, "the text is longer than one message");
    for message in ours {
        assert_eq!((message.status, message.error_code.as_deref()), (MessageStatus::Failed, Some("window_closed")));
    }
    let contents = inbox.harness.db.contents().await;
    let (_, told) = contents.iter().find(|(table, _)| table == "notifications").unwrap();
    assert_eq!(told.lines().filter(|row| row.contains("A scheduled message was not sent.")).count(), 1);
    let mut tx = inbox.tx().await;
    let line = thread::thread(&mut tx, ada, None, 1).await.unwrap().line;
    assert_eq!((line.unread, line.status.key()), (1, "open"));
}

#[tokio::test]
async fn one_that_its_channel_held_for_a_day_is_told_once() {
    let inbox = Inbox::new().await;
    let db = &inbox.harness.db;
    db.person(Role::AgencyOwner, Some(inbox.harness.agency), None).await;
    let ada = inbox.hears(ADA).await;
    inbox.schedules(ada, "later", Utc::now() + TimeDelta::hours(1)).await;
    db.execute("update integrations set needs_reauth_at = now(); update channels set hold_since = now()").await;
    inbox.it_is_time().await;
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.ours(ada).await[0].status, MessageStatus::Held);
    db.execute("update message_sends set created_at = now() - interval '25 hours', not_before = null").await;
    for _ in 0..2 {
        testing::run_periodic(&inbox.worker).await.unwrap();
        inbox.run().await;
    }
    let ours = inbox.ours(ada).await;
    assert_eq!((ours[0].status, ours[0].error_code.as_deref()), (MessageStatus::Failed, Some("too_old")));
    let contents = db.contents().await;
    let (_, told) = contents.iter().find(|(table, _)| table == "notifications").unwrap();
    assert_eq!(told.lines().filter(|row| row.contains("conversation.handed_over:")).count(), 1, "{told}");
}

#[tokio::test]
async fn answers_to_tap_stand_below_the_text_that_they_belong_to() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let user = inbox.harness.db.person(Role::TeamMember, Some(inbox.harness.agency), Some(inbox.business)).await;
    let mut tx = inbox.tx().await;
    let new = NewScheduled {
        conversation: ada,
        user,
        kind: "text",
        body: "Which day?",
        details: json!({ "choices": ["Monday", "Friday"] }),
        reply_to: None,
        at: Utc::now() + TimeDelta::hours(1),
    };
    scheduled::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    inbox.it_is_time().await;
    inbox.waits_end().await;
    inbox.run().await;
    let asked = inbox.meta.asked();
    let [sent] = &asked[..] else { panic!("{asked:?}") };
    let titles: Vec<_> = (0..2).map(|at| &sent["interactive"]["action"]["buttons"][at]["reply"]["title"]).collect();
    assert_eq!(titles, ["Monday", "Friday"], "{sent}");
    assert_eq!(sent["interactive"]["body"]["text"], "Which day?");
    assert_eq!(inbox.ours(ada).await[0].details["choices"], json!(["Monday", "Friday"]));
}
