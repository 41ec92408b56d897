//! Who hears of a change? Lists hear of what their lines show, and an open thread alone of what changes inside it.

use std::time::Duration;

use domain::messaging::inbound::{Origin, Person, Status, StatusState};
use domain::messaging::{Channel, ConversationStatus};
use domain::{ConversationId, MessageId};
use store::messaging::attachments::{self, Lost, Stored};
use store::messaging::settling::Outcome;
use store::messaging::{conversations, reactions, signs, statuses, watermarks};

use super::files::waiting;
use super::{World, ago, phone, text};

const ADA: &str = "16505550101";
/// What a list and every part of an open conversation follow.
const LINE: &str = "conversation.changed";
/// What the messages of an open conversation follow alone.
const INSIDE: &str = "message.changed";

impl World {
    /// The topics of conversations that were told since the last time.
    pub(super) async fn told(&self) -> Vec<String> {
        let told = "select distinct topic from outbox_events where topic in ('conversation.changed', 'message.changed') order by topic";
        let told = sqlx::query_scalar(told).fetch_all(self.test.superuser()).await.unwrap();
        self.test.execute("delete from outbox_events").await;
        told
    }

    /// Sends a message, and stores what came of its call.
    async fn ends(&self, conversation: ConversationId, outcome: &Outcome) -> (MessageId, Vec<String>) {
        let message = self.send(conversation, "We are open.").await;
        assert_eq!(self.told().await, [LINE], "{outcome:?}");
        let due = self.attempt(conversation, message).await;
        self.settle(&due, outcome).await;
        (message, self.told().await)
    }
}

/// A customer wrote and everybody heard of it.
async fn begun() -> (World, ConversationId, MessageId) {
    let world = World::new(Channel::Whatsapp).await;
    let received = world.receive(&text("m1", &phone(ADA), Origin::Customer, "hi"), ago(60)).await;
    assert_eq!(world.told().await, [LINE]);
    (world, received.conversation, received.message.unwrap())
}

#[tokio::test]
async fn how_far_a_message_came_is_told_to_the_thread_alone_until_it_fails() {
    let (world, conversation, _) = begun().await;
    let none: [&str; 0] = [];
    let failed = Outcome::Failed { code: "131047".to_owned(), text: "Too late".to_owned() };
    let again = Outcome::Again { wait: Duration::from_secs(60), code: "busy".to_owned() };
    for (outcome, told) in [
        (Outcome::Held("connection".to_owned()), &[INSIDE][..]),
        (again, &none[..]),
        (Outcome::InDoubt("timeout".to_owned()), &none[..]),
        (failed, &[LINE][..]),
    ] {
        assert_eq!(world.ends(conversation, &outcome).await.1, told, "{outcome:?}");
    }
    let (message, told) = world.ends(conversation, &Outcome::Accepted("out".to_owned())).await;
    assert_eq!(told, [INSIDE]);
    for state in [StatusState::Sent, StatusState::Delivered, StatusState::Read] {
        world.report(message, "out", state).await;
        assert_eq!(world.told().await, [INSIDE], "{state:?}");
    }
    let (message, _) = world.ends(conversation, &Outcome::Accepted("other".to_owned())).await;
    world.report(message, "other", StatusState::Failed).await;
    assert_eq!(world.told().await, [LINE, INSIDE], "whom it would have answered may wait again");
}

#[tokio::test]
async fn a_failure_that_came_before_the_answer_to_the_call_is_told_to_the_lists() {
    let (world, conversation, _) = begun().await;
    let message = world.send(conversation, "We are open.").await;
    let due = world.attempt(conversation, message).await;
    let failed = Status {
        message: "out".to_owned(),
        state: StatusState::Failed,
        person: Person::default(),
        correlation: None,
        error_code: Some("131047".to_owned()),
        error_text: Some("Too late".to_owned()),
        billable: None,
        category: None,
    };
    let mut tx = world.tx().await;
    assert_eq!(statuses::report(&mut tx, &world.channel, Some(ago(1)), &failed).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [LINE], "nobody knows the message yet");
    world.settle(&due, &Outcome::Accepted("out".to_owned())).await;
    assert_eq!(world.told().await, [LINE, INSIDE]);
}

#[tokio::test]
async fn what_was_read_is_told_once() {
    let (world, conversation, _) = begun().await;
    world.ends(conversation, &Outcome::Accepted("out".to_owned())).await;
    for told in [&[INSIDE][..], &[]] {
        let mut tx = world.tx().await;
        watermarks::reached(&mut tx, &world.channel, &phone(ADA), true, ago(0)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.told().await, told);
    }
}

#[tokio::test]
async fn reactions_and_files_are_told_to_the_thread_alone() {
    let (world, _, message) = begun().await;
    let mut tx = world.tx().await;
    reactions::react(&mut tx, &world.channel, &phone(ADA), false, "m1", "\u{1f44d}", Some(ago(1)))
        .await
        .unwrap()
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [INSIDE], "a reaction of the customer");
    let mut tx = world.tx().await;
    signs::react(&mut tx, message, "\u{1f44d}").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [INSIDE], "one of ours");
    let mut tx = world.tx().await;
    signs::forget_reaction(&mut tx, message).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [INSIDE], "one that the platform did not take");

    let (first, second) = (waiting(&world, "m2").await, waiting(&world, "m3").await);
    assert_eq!(world.told().await, [LINE]);
    let mut tx = world.tx().await;
    let stored = Stored { sha256: [1; 32], mime: "image/png", bytes: 1000 };
    assert!(attachments::stored(&mut tx, &first, &stored).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [INSIDE], "a file that is here");
    let mut tx = world.tx().await;
    attachments::lost(&mut tx, &second, Lost::Expired, "It is gone.").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [INSIDE], "a file that never comes");
}

#[tokio::test]
async fn what_a_line_shows_is_told_to_everybody() {
    let (world, conversation, _) = begun().await;
    let mut tx = world.tx().await;
    conversations::mark_read(&mut tx, conversation).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [LINE], "it is read");
    let mut tx = world.tx().await;
    conversations::set_status(&mut tx, conversation, ConversationStatus::Closed, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told().await, [LINE], "it is closed");
    world.receive(&text("m2", &phone(ADA), Origin::Customer, "hello?"), ago(1)).await;
    assert_eq!(world.told().await, [LINE], "the customer wrote again");
}
