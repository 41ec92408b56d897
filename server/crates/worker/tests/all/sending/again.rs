//! What counts when a message may have gone out already, or its connection was made again while the call was on its way?

use domain::MessageId;
use domain::credential::CredentialKind;
use domain::messaging::MessageStatus;
use serde_json::json;
use store::credentials::{self, NewSecret};
use store::integrations;
use store::messaging::sends::{self, Next};
use store::messaging::settling::{self, Outcome};
use store::messaging::{channels, outgoing};

use super::{ADA, Inbox, reported};
use crate::canned::Answer;

/// Nobody waits any more for what became of the call.
const UNCLEAR: &str = "update message_sends set state = 'failed', error_code = 'unclear', decided_at = now();
    update messages set status = 'failed', error_code = 'unclear' where direction = 'out'";

impl Inbox {
    async fn retry(&self, id: MessageId) {
        let mut tx = self.tx().await;
        outgoing::retry(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_message_that_arrived_after_all_goes_out_no_second_time() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.says(ada, "one").await;
    inbox.meta.answers([Answer::Silence]);
    inbox.run().await;
    inbox.harness.db.execute(UNCLEAR).await;
    inbox.retry(id).await;
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Pending);
    reported(&inbox, id, "wamid.late").await;
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["one"]);
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Delivered);
}

#[tokio::test]
async fn a_late_answer_to_the_first_call_ends_the_second_try() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.says(ada, "one").await;
    let mut tx = inbox.work().await;
    let Next::Send(due) = sends::next(&mut tx, inbox.channel).await.unwrap() else { panic!("one is due") };
    tx.commit().await.unwrap();
    inbox.harness.db.execute(UNCLEAR).await;
    inbox.retry(id).await;
    let mut tx = inbox.work().await;
    assert!(settling::settle(&mut tx, &due, &Outcome::Accepted("wamid.first".to_owned())).await.unwrap());
    tx.commit().await.unwrap();
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), Vec::<String>::new());
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent);
}

/// A program of the version before stores the platform's id and leaves the message in the queue.
#[tokio::test]
async fn the_sender_itself_sees_that_a_message_arrived() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let (first, second) = (inbox.says(ada, "one").await, inbox.says(ada, "two").await);
    inbox
        .harness
        .db
        .execute(
            "update messages set external_id = 'wamid.first', status = 'sent' where direction = 'out' and body = 'one'",
        )
        .await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["two"]);
    for id in [first, second] {
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent);
    }
}

#[tokio::test]
async fn an_answer_with_an_id_that_cannot_be_stored_is_in_doubt_and_sent_once() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.says(ada, "one").await;
    inbox.meta.answers([Answer::Says(200, json!({ "messages": [{ "id": "wamid.\0" }] }))]);
    inbox.run().await;
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["one"]);
    reported(&inbox, id, "wamid.late").await;
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Delivered);
}

/// The token is read, and replaced before Meta refuses it.
#[tokio::test]
async fn a_refusal_of_the_former_token_says_nothing_of_the_new_connection() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.says(ada, "one").await;
    inbox.meta.answers([Answer::Says(401, json!({ "error": { "message": "x", "code": 190, "error_subcode": 463 } }))]);
    let hold = inbox.harness.db.hold("credential.opened").await;
    let reconnect = async {
        hold.reached().await;
        let mut tx = inbox.work().await;
        let secret = NewSecret {
            kind: CredentialKind::SystemUser,
            access: "another token".to_owned().into(),
            refresh: None,
            expires_at: None,
            refresh_expires_at: None,
            scopes: Vec::new(),
        };
        credentials::put(&mut tx, &inbox.harness.vault, inbox.integration, &secret).await.unwrap();
        tx.commit().await.unwrap();
        hold.release().await;
    };
    tokio::join!(inbox.run(), reconnect);
    let mut tx = inbox.work().await;
    assert_eq!(integrations::get(&mut tx, inbox.integration).await.unwrap().needs_reauth_at, None);
    assert_eq!(channels::get(&mut tx, inbox.channel).await.unwrap().hold_since, None);
    drop(tx);
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent);
    assert_eq!(inbox.meta.texts(ADA), ["one", "one"]);
}

/// Others count from the mark of a message. What was not sent by then is left to them, or to the next try.
#[tokio::test]
async fn a_worker_that_stood_still_after_its_mark_sends_nothing_late() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.says(ada, "one").await;
    worker::testing::stand_still(&inbox.worker);
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), Vec::<String>::new(), "its time was over");
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Pending);
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.meta.texts(ADA), ["one"]);
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent);
}
