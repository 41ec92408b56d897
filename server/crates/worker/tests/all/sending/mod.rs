//! The rules of messages to customers: those of a conversation go out in their order and once, whatever Meta answers and
//! wherever a process ends, and nothing is sent that may not be sent any more.

mod again;
mod attached;
mod automatic;
mod scheduled;
mod silent;
mod waiting;

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::credential::CredentialKind;
use domain::integration::Kind;
use domain::messaging::inbound::{InboundMessage, Origin, Person, Status, StatusState};
use domain::messaging::view::MessageView;
use domain::messaging::{MessageStatus, Sender};
use domain::work::Queue;
use domain::{BusinessId, ChannelId, ConversationId, IntegrationId, MessageId};
use serde_json::{Value, json};
use store::messaging::outgoing;
use store::messaging::sends::{self, Next};
use store::messaging::{channels, messages, statuses, thread};
use store::{TenantTx, integrations};
use worker::{Worker, testing};

use crate::canned::{Answer, Canned};
use crate::harness::Harness;
use crate::harness::business::{self, begin, reply};

const ADA: &str = "16505550101";
const BEN: &str = "16505550102";

/// A business whose WhatsApp number is connected to a Meta that answers what the test gives it.
struct Inbox {
    harness: Harness,
    meta: Canned,
    worker: Worker,
    business: BusinessId,
    integration: IntegrationId,
    channel: ChannelId,
}

impl Inbox {
    async fn new() -> Self {
        let (harness, meta) = (Harness::new().await, Canned::start().await);
        let business = harness.db.business(harness.agency).await;
        let token = (CredentialKind::SystemUser, None);
        let (integration, channel) = business::connect(&harness, business, Kind::Whatsapp, token).await;
        let worker = business::worker(&harness, &meta.address, business::media());
        Self { harness, meta, worker, business, integration, channel }
    }

    async fn tx(&self) -> TenantTx {
        begin(self.harness.agency, &self.harness.web, self.business).await
    }

    async fn work(&self) -> TenantTx {
        begin(self.harness.agency, &self.harness.work, self.business).await
    }

    /// A customer writes.
    async fn hears(&self, from: &str) -> ConversationId {
        let mut tx = self.work().await;
        let channel = channels::get(&mut tx, self.channel).await.unwrap();
        let message = InboundMessage {
            id: format!("wamid.in.{from}"),
            person: Person { wa_id: Some(from.to_owned()), ..Person::default() },
            origin: Origin::Customer,
            kind: "text".to_owned(),
            text: "Are you open?".to_owned(),
            attachments: Vec::new(),
            reply_to: None,
            details: Value::Null,
        };
        let received = messages::receive(&mut tx, &channel, Some(Utc::now()), &message).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        received.conversation
    }

    /// A person answers.
    async fn says(&self, conversation: ConversationId, text: &str) -> MessageId {
        let mut tx = self.tx().await;
        let new = reply(conversation, Sender::Person, text);
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Does everything that is due now.
    async fn run(&self) {
        testing::run_due_in(&self.worker, &[Queue::MessagesOut]).await;
    }

    /// Every wait is over: those of the queue, and those of the messages.
    async fn waits_end(&self) {
        self.harness.db.execute("update work_scheduled set run_at = now() where lane = 'messages_out'").await;
        self.harness.db.execute("update message_sends set not_before = now() where not_before > now()").await;
    }

    async fn message(&self, conversation: ConversationId, id: MessageId) -> MessageView {
        let mut tx = self.tx().await;
        let thread = thread::thread(&mut tx, conversation, None, 100).await.unwrap();
        thread.messages.into_iter().find(|message| message.id == id).unwrap()
    }

    async fn status(&self, conversation: ConversationId, id: MessageId) -> MessageStatus {
        self.message(conversation, id).await.status
    }
}

fn error(code: i64) -> Answer {
    Answer::Says(400, json!({ "error": { "message": "no", "type": "OAuthException", "code": code } }))
}

#[tokio::test]
async fn the_messages_of_a_conversation_go_out_in_their_order_and_once() {
    let inbox = Inbox::new().await;
    let (ada, ben) = (inbox.hears(ADA).await, inbox.hears(BEN).await);
    let mut sent = Vec::new();
    for text in ["one", "two", "three"] {
        sent.push((ada, inbox.says(ada, text).await));
        sent.push((ben, inbox.says(ben, text).await));
    }
    inbox.run().await;
    inbox.run().await;
    for customer in [ADA, BEN] {
        assert_eq!(inbox.meta.texts(customer), ["one", "two", "three"]);
    }
    for (conversation, id) in sent {
        assert_eq!(inbox.status(conversation, id).await, MessageStatus::Sent);
    }
    let ids: Vec<_> = inbox.meta.asked().iter().map(|body| body["biz_opaque_callback_data"].clone()).collect();
    assert!(ids.iter().all(Value::is_string), "each carries our own id: {ids:?}");
}

#[tokio::test]
async fn what_meta_refuses_for_good_fails_with_its_code_and_lets_the_next_one_go() {
    for (code, says) in
        [(131_026, "131026"), (131_047, "131047"), (100, "100"), (131_050, "131050"), (130_497, "130497")]
    {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let (first, second) = (inbox.says(ada, "one").await, inbox.says(ada, "two").await);
        inbox.meta.answers([error(code)]);
        inbox.run().await;
        let failed = inbox.message(ada, first).await;
        assert_eq!((failed.status, failed.error_code.as_deref()), (MessageStatus::Failed, Some(says)));
        assert!(failed.error.is_some_and(|words| words.len() > 20 && !words.contains(says)), "{code}");
        assert_eq!(inbox.status(ada, second).await, MessageStatus::Sent);
        let mut tx = inbox.tx().await;
        outgoing::retry(&mut tx, first).await.unwrap();
        tx.commit().await.unwrap();
        inbox.run().await;
        assert_eq!(inbox.status(ada, first).await, MessageStatus::Sent);
        assert_eq!(inbox.meta.texts(ADA), ["one", "two", "one"]);
    }
}

#[tokio::test]
async fn what_is_refused_for_now_is_sent_again_before_the_next_one() {
    for answer in [error(131_056), error(130_429), error(131_016)] {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let (first, second) = (inbox.says(ada, "one").await, inbox.says(ada, "two").await);
        inbox.meta.answers([answer.clone()]);
        inbox.run().await;
        assert_eq!(inbox.meta.texts(ADA), ["one"], "{answer:?}");
        assert_eq!(inbox.status(ada, first).await, MessageStatus::Pending);
        inbox.waits_end().await;
        inbox.run().await;
        assert_eq!(inbox.meta.texts(ADA), ["one", "one", "two"], "{answer:?}");
        assert_eq!(inbox.status(ada, second).await, MessageStatus::Sent);
    }
}

#[tokio::test]
async fn a_call_without_an_answer_is_never_made_again_and_ends_as_unclear() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.says(ada, "one").await;
    inbox.meta.answers([Answer::Silence]);
    inbox.run().await;
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Pending);
    for _ in 0..3 {
        inbox.waits_end().await;
        inbox.run().await;
    }
    assert_eq!(inbox.meta.texts(ADA), ["one"]);
    inbox.harness.db.execute("update message_sends set sent_at = sent_at - interval '11 minutes'").await;
    inbox.waits_end().await;
    inbox.run().await;
    let unclear = inbox.message(ada, id).await;
    assert_eq!((unclear.status, unclear.error_code.as_deref()), (MessageStatus::Failed, Some("unclear")));
    // The platform's report comes in the end, and it arrived after all.
    reported(&inbox, id, "wamid.late").await;
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Delivered);
    assert_eq!(inbox.meta.texts(ADA), ["one"]);
}

/// The platform reports that a message was delivered, and names our id of it.
async fn reported(inbox: &Inbox, id: MessageId, external: &str) {
    let mut tx = inbox.work().await;
    let channel = channels::get(&mut tx, inbox.channel).await.unwrap();
    let status = Status {
        message: external.to_owned(),
        state: StatusState::Delivered,
        person: Person::default(),
        correlation: Some(id.to_string()),
        error_code: None,
        error_text: None,
        billable: None,
        category: None,
    };
    statuses::report(&mut tx, &channel, Some(Utc::now()), &status).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_process_that_ends_before_its_call_holds_up_the_conversation_and_sends_nothing_twice() {
    let inbox = Inbox::new().await;
    let (ada, ben) = (inbox.hears(ADA).await, inbox.hears(BEN).await);
    let (first, second) = (inbox.says(ada, "one").await, inbox.says(ada, "two").await);
    let mut tx = inbox.work().await;
    let Next::Send(mut due) = sends::next(&mut tx, inbox.channel).await.unwrap() else { panic!("one is due") };
    assert_eq!(due.message, first);
    tx.commit().await.unwrap();
    inbox.says(ben, "hello").await;
    inbox.run().await;
    assert_eq!((inbox.meta.texts(ADA), inbox.meta.texts(BEN).len()), (Vec::new(), 1));
    inbox
        .harness
        .db
        .execute("update message_sends set sent_at = sent_at - interval '2 minutes' where state = 'sending'")
        .await;
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["two"], "the first is in doubt, and the next one goes");
    assert_eq!(inbox.status(ada, second).await, MessageStatus::Sent);
    due.begun -= TimeDelta::minutes(2);
    // The process lives on after all and hears that the first one went out.
    let mut tx = inbox.work().await;
    let went = store::messaging::settling::Outcome::Accepted("wamid.first".to_owned());
    assert!(store::messaging::settling::settle(&mut tx, &due, &went).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(inbox.status(ada, first).await, MessageStatus::Sent);
}

#[tokio::test]
async fn a_dead_token_holds_everything_until_the_connection_is_made_again() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let ids = [inbox.says(ada, "one").await, inbox.says(ada, "two").await];
    inbox.meta.answers([Answer::Says(401, json!({ "error": { "message": "x", "code": 190, "error_subcode": 463 } }))]);
    inbox.run().await;
    let late = inbox.says(ada, "three").await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["one"]);
    for id in ids.into_iter().chain([late]) {
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Held);
    }
    let mut tx = inbox.work().await;
    assert!(integrations::get(&mut tx, inbox.integration).await.unwrap().needs_reauth_at.is_some());
    drop(tx);
    inbox.harness.db.execute("update integrations set needs_reauth_at = null").await;
    let mut tx = inbox.work().await;
    assert_eq!(sends::release(&mut tx, inbox.channel).await.unwrap(), 3);
    tx.commit().await.unwrap();
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["one", "one", "two", "three"]);
}

#[tokio::test]
async fn what_may_not_be_sent_any_more_is_dropped_with_the_reason() {
    for (sql, code) in [
        ("update conversations set window_closes_at = now() - interval '1 minute'", "window_closed"),
        ("update message_sends set created_at = now() - interval '25 hours'", "too_old"),
    ] {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let id = inbox.says(ada, "one").await;
        inbox.harness.db.execute(sql).await;
        inbox.run().await;
        let dropped = inbox.message(ada, id).await;
        assert_eq!((dropped.status, dropped.error_code.as_deref()), (MessageStatus::Failed, Some(code)));
        assert!(inbox.meta.asked().is_empty());
    }
}

#[tokio::test]
async fn a_message_can_be_taken_back_until_it_is_sent() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let (kept, gone) = (inbox.says(ada, "one").await, inbox.says(ada, "two").await);
    let mut tx = inbox.tx().await;
    outgoing::cancel(&mut tx, gone).await.unwrap();
    tx.commit().await.unwrap();
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["one"]);
    assert_eq!(inbox.status(ada, gone).await, MessageStatus::Cancelled);
    let mut tx = inbox.tx().await;
    assert!(matches!(outgoing::cancel(&mut tx, kept).await, Err(store::Error::Stale)));
    assert!(matches!(outgoing::retry(&mut tx, kept).await, Err(store::Error::Stale)));
}

#[tokio::test]
async fn the_customer_sees_that_we_read_and_how_we_reacted() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let mut tx = inbox.tx().await;
    let thread = thread::thread(&mut tx, ada, None, 10).await.unwrap();
    store::messaging::signs::react(&mut tx, thread.messages[0].id, "👍").await.unwrap();
    store::messaging::signs::send_receipt(&mut tx, inbox.channel, ada).await.unwrap();
    tx.commit().await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), inbox.run()).await.unwrap();
    let asked = inbox.meta.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked.iter().any(|body| body["status"] == "read" && body["message_id"] == format!("wamid.in.{ADA}")));
    assert!(asked.iter().any(|body| body["reaction"]["emoji"] == "👍"));
}
