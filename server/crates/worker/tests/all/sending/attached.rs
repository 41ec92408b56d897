//! Does the file of a message reach the platform before the message, and is nothing sent twice or in doubt because of it?

use domain::messaging::{MessageStatus, Sender, file};
use domain::{ConversationId, MessageId};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::messaging::attachments::Stored;
use store::messaging::outgoing::{self, NewOutgoing};
use store::messaging::own_files;
use store::messaging::sends::{self, Next};

use super::{ADA, Inbox, error};
use crate::canned::Answer;
use crate::harness::business::{media, reply};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

impl Inbox {
    /// A person sends a picture, which lies on the disk unless it is lost.
    async fn shows(&self, conversation: ConversationId, is_lost: bool) -> MessageId {
        let sha256: [u8; 32] = Sha256::digest(self.business.to_string()).into();
        if !is_lost {
            let path = media().join(file::path(self.business, &sha256));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, PICTURE).unwrap();
        }
        let mut tx = self.tx().await;
        let new = NewOutgoing { kind: "image", ..reply(conversation, Sender::Person, "") };
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        let stored = Stored { sha256, mime: "image/png", bytes: 16 };
        own_files::add(&mut tx, id, "image", "tooth.png", &stored).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The ids of the pictures that were sent, in their order; an upload names none.
    fn pictures(&self) -> Vec<String> {
        let asked = self.meta.asked();
        asked.iter().filter_map(|body| body["image"]["id"].as_str().map(str::to_owned)).collect()
    }
}

fn taken(id: &str) -> Answer {
    Answer::Says(200, json!({ "id": id }))
}

#[tokio::test]
async fn a_picture_is_given_to_the_platform_and_then_sent_in_its_place() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let first = inbox.shows(ada, false).await;
    let second = inbox.says(ada, "that one").await;
    inbox.meta.answers([taken("media-1")]);
    inbox.run().await;
    assert_eq!(inbox.pictures(), ["media-1"]);
    assert_eq!(inbox.meta.asked().len(), 3, "the upload, the picture, the text");
    assert_eq!(inbox.meta.asked()[2]["text"]["body"], "that one");
    for id in [first, second] {
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent);
    }
}

#[tokio::test]
async fn an_upload_that_fails_for_now_is_repeated_and_one_that_is_refused_says_why() {
    for answer in [error(131_016), Answer::Says(503, json!({}))] {
        let inbox = Inbox::new().await;
        let ada = inbox.hears(ADA).await;
        let id = inbox.shows(ada, false).await;
        inbox.meta.answers([answer.clone()]);
        inbox.run().await;
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Pending, "{answer:?}");
        assert!(inbox.pictures().is_empty(), "{answer:?}");
        inbox.meta.answers([taken("media-2")]);
        inbox.waits_end().await;
        inbox.run().await;
        assert_eq!(inbox.pictures(), ["media-2"], "{answer:?}");
        assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent, "{answer:?}");
    }
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.shows(ada, false).await;
    inbox.meta.answers([error(131_053)]);
    inbox.run().await;
    let failed = inbox.message(ada, id).await;
    assert_eq!((failed.status, failed.error_code.as_deref()), (MessageStatus::Failed, Some("131053")));
    assert!(inbox.pictures().is_empty());
}

#[tokio::test]
async fn a_message_that_is_refused_is_sent_again_without_a_second_upload() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    inbox.shows(ada, false).await;
    inbox.meta.answers([taken("media-1"), error(131_016)]);
    inbox.run().await;
    inbox.waits_end().await;
    inbox.run().await;
    assert_eq!(inbox.pictures(), ["media-1", "media-1"]);
    assert_eq!(inbox.meta.asked().len(), 3);
}

#[tokio::test]
async fn a_process_that_ends_during_the_upload_leaves_nothing_in_doubt() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let id = inbox.shows(ada, false).await;
    let mut tx = inbox.work().await;
    let Next::Send(due) = sends::next(&mut tx, inbox.channel).await.unwrap() else { panic!("one is due") };
    tx.commit().await.unwrap();
    assert_eq!(due.message, id);
    let late = "update message_sends set sent_at = sent_at - interval '2 minutes' where state = 'sending'";
    inbox.harness.db.execute(late).await;
    inbox.waits_end().await;
    inbox.meta.answers([taken("media-1")]);
    inbox.run().await;
    assert_eq!(inbox.pictures(), ["media-1"]);
    assert_eq!(inbox.status(ada, id).await, MessageStatus::Sent);
    let mut tx = inbox.work().await;
    assert!(own_files::uploaded(&mut tx, &due, store::new_id(), "x").await.unwrap().is_none(), "the old try is over");
}

#[tokio::test]
async fn a_file_that_is_lost_is_said_and_holds_up_nothing() {
    let inbox = Inbox::new().await;
    let ada = inbox.hears(ADA).await;
    let (lost, next) = (inbox.shows(ada, true).await, inbox.says(ada, "hello").await);
    inbox.run().await;
    let failed = inbox.message(ada, lost).await;
    assert_eq!((failed.status, failed.error_code.as_deref()), (MessageStatus::Failed, Some("file")));
    assert_eq!(inbox.status(ada, next).await, MessageStatus::Sent);
    assert_eq!(inbox.meta.texts(ADA), ["hello"]);
}
