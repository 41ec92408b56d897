//! Does the line of a conversation say that our last message did not arrive, for as long as it is the last one and failed?

use std::time::Duration;

use domain::messaging::Channel;
use domain::messaging::inbound::{Origin, Person, Status, StatusState};
use domain::{ConversationId, MessageId};
use serde_json::json;
use store::messaging::sends::{self, Due, Limits};
use store::messaging::settling::Outcome;
use store::messaging::{list, outgoing, statuses};

use super::{World, ago, phone, scoped, text};

/// The topics of what a list shows, and of what an open thread shows alone.
const LINE: &str = "conversation.changed";
const INSIDE: &str = "message.changed";

fn person(kind: Channel) -> Person {
    if kind == Channel::Whatsapp { phone("16505550101") } else { scoped("p") }
}

/// A conversation with a customer who wrote a minute ago.
async fn begun(kind: Channel) -> (World, ConversationId) {
    let world = World::new(kind).await;
    let received = world.receive(&text("m1", &person(kind), Origin::Customer, "hi"), ago(60)).await;
    (world, received.conversation)
}

impl World {
    /// Whether the line says that our last message did not arrive.
    async fn is_marked(&self, conversation: ConversationId) -> bool {
        list::line(&mut self.tx().await, conversation).await.unwrap().last_failed
    }

    /// The call for a message ends so that it is not sent.
    async fn refuses(&self, conversation: ConversationId, message: MessageId) {
        let due = self.attempt(conversation, message).await;
        let failed = Outcome::Failed { code: "131047".to_owned(), text: "Too late".to_owned() };
        self.settle(&due, &failed).await;
    }

    async fn sends_again(&self, message: MessageId) {
        let mut tx = self.tx().await;
        outgoing::retry(&mut tx, message).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A message of ours of which nobody knows for too long whether it was sent.
    async fn unclear(&self, conversation: ConversationId) -> Due {
        let message = self.send(conversation, "We are open.").await;
        self.test.execute("update message_sends set sent_at = now() - interval '20 minutes'").await;
        let due = self.attempt(conversation, message).await;
        let limits = Limits { call: Duration::from_secs(90), doubt: Duration::from_secs(600) };
        let mut tx = self.tx().await;
        sends::tidy(&mut tx, self.channel.id, &limits).await.unwrap();
        tx.commit().await.unwrap();
        due
    }
}

#[tokio::test]
async fn a_line_is_marked_until_somebody_writes_again() {
    let (world, conversation) = begun(Channel::Whatsapp).await;
    assert!(!world.is_marked(conversation).await);
    let first = world.send(conversation, "We are open.").await;
    assert!(!world.is_marked(conversation).await, "it is on its way");
    world.refuses(conversation, first).await;
    assert!(world.is_marked(conversation).await);
    let mut tx = world.tx().await;
    outgoing::note(&mut tx, conversation, None, "She called.").await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.is_marked(conversation).await, "the customer sees no note");
    let second = world.send(conversation, "Until noon.").await;
    assert!(!world.is_marked(conversation).await, "we wrote again");
    world.refuses(conversation, second).await;
    assert!(world.is_marked(conversation).await);
    world.receive(&text("m2", &person(Channel::Whatsapp), Origin::Customer, "hello?"), ago(0)).await;
    assert!(!world.is_marked(conversation).await, "the customer wrote again");
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_no_longer_marked() {
    let (world, conversation) = begun(Channel::Whatsapp).await;
    let message = world.send(conversation, "We are open.").await;
    world.refuses(conversation, message).await;
    world.told().await;
    world.sends_again(message).await;
    assert!(!world.is_marked(conversation).await);
    assert_eq!(world.told().await, [LINE]);
    world.test.execute("update message_sends set state = 'sending', sent_at = now()").await;
    world.refuses(conversation, message).await;
    assert!(world.is_marked(conversation).await, "it failed again");
    assert_eq!(world.told().await, [LINE]);
}

#[tokio::test]
async fn a_message_that_is_not_the_last_one_marks_nothing() {
    let (world, conversation) = begun(Channel::Whatsapp).await;
    let first = world.send(conversation, "We are open.").await;
    let second = world.send(conversation, "Until noon.").await;
    world.refuses(conversation, first).await;
    assert!(!world.is_marked(conversation).await);
    world.refuses(conversation, second).await;
    assert!(world.is_marked(conversation).await);
    world.sends_again(first).await;
    assert!(world.is_marked(conversation).await, "the last one failed all the same");
}

#[tokio::test]
async fn a_failure_that_came_before_the_answer_to_the_call_marks_the_line() {
    let (world, conversation) = begun(Channel::Whatsapp).await;
    let message = world.send(conversation, "We are open.").await;
    let due = world.attempt(conversation, message).await;
    let failed = Status {
        message: "out".to_owned(),
        state: StatusState::Failed,
        person: Person::default(),
        correlation: None,
        error_code: Some("131047".to_owned()),
        error_text: None,
        billable: None,
        category: None,
    };
    let mut tx = world.tx().await;
    assert_eq!(statuses::report(&mut tx, &world.channel, Some(ago(1)), &failed).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert!(!world.is_marked(conversation).await, "nobody knows the message yet");
    world.settle(&due, &Outcome::Accepted("out".to_owned())).await;
    assert!(world.is_marked(conversation).await);
}

#[tokio::test]
async fn a_message_that_went_out_after_all_is_no_longer_marked_and_the_lists_hear_of_it() {
    let (world, conversation) = begun(Channel::Whatsapp).await;
    let due = world.unclear(conversation).await;
    assert!(world.is_marked(conversation).await);
    world.told().await;
    world.settle(&due, &Outcome::Accepted("out".to_owned())).await;
    assert!(!world.is_marked(conversation).await);
    assert_eq!(world.told().await, [LINE, INSIDE]);

    let (world, conversation) = begun(Channel::Facebook).await;
    let due = world.unclear(conversation).await;
    assert!(world.is_marked(conversation).await);
    world.told().await;
    let mut echo = text("out", &person(Channel::Facebook), Origin::Echo, "We are open.");
    echo.details = json!({ "correlation": due.message.to_string() });
    world.receive(&echo, ago(30)).await;
    assert!(!world.is_marked(conversation).await);
    assert_eq!(world.told().await, [LINE, INSIDE]);
}

/// What a program does that does not know of marks yet.
#[tokio::test]
async fn a_message_of_an_older_program_ends_the_mark() {
    let (world, conversation) = begun(Channel::Whatsapp).await;
    let message = world.send(conversation, "We are open.").await;
    world.refuses(conversation, message).await;
    assert!(world.is_marked(conversation).await);
    let writes = "update conversations set last_message_at = greatest(last_message_at, clock_timestamp()), last_preview = 'Until noon.', last_direction = 'out'";
    world.test.execute(writes).await;
    assert!(!world.is_marked(conversation).await);
}
