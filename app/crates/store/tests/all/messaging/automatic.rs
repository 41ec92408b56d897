//! Is STOP heard whoever answers, does nobody wait unseen whose automatic answer failed, and does a thread that two became
//! keep what was decided in both?

use domain::messaging::inbound::{Origin, Person, Status, StatusState};
use domain::messaging::{Channel, Sender};
use domain::{ConversationId, MessageId};
use serde_json::json;
use store::messaging::outgoing;
use store::messaging::sends::Due;
use store::messaging::settling::{self, Outcome};
use store::messaging::statuses;

use super::{World, ago, bsuid, phone, scoped, text};
use crate::inboxes::reply;

impl World {
    /// The assistant answers, and the platform knows the message as `out`.
    async fn answer(&self, conversation: ConversationId, sender: Sender) -> MessageId {
        let mut tx = self.tx().await;
        let new = reply(conversation, sender, "We are open.");
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        self.test.execute("update messages set external_id = 'out', status = 'sent' where direction = 'out'").await;
        id
    }
}

#[tokio::test]
async fn stop_is_heard_whoever_answers() {
    let ada = phone("16505550101");
    for (owner, said, origin, heard) in [
        ("select 1", "STOP", Origin::Customer, true),
        ("update conversations set ai_state = 'human'", "Stop.", Origin::Customer, true),
        ("update conversations set ai_mode = 'off'", "baja", Origin::Standby, true),
        ("update conversations set ai_paused_until = now() + interval '1 hour'", "STOP", Origin::Customer, true),
        ("select 1", "When does the bus stop?", Origin::Customer, false),
        ("select 1", "STOP", Origin::Echo, false),
        ("select 1", "STOP", Origin::History, false),
    ] {
        let world = World::new(Channel::Whatsapp).await;
        world.receive(&text("1", &ada, Origin::Customer, "hi"), ago(20)).await;
        world.test.execute(owner).await;
        world.receive(&text("2", &ada, origin, said), ago(10)).await;
        let stopped = world.number("select count(*) from contacts where opted_out_at is not null").await;
        assert_eq!(stopped, i64::from(heard), "{owner} {said} {origin:?}");
    }
}

#[tokio::test]
async fn whose_automatic_answer_failed_waits_for_a_person_unless_somebody_answered_since() {
    let report = |state| Status {
        message: "out".into(),
        state,
        person: Person::default(),
        correlation: None,
        error_code: None,
        error_text: None,
        billable: None,
        category: None,
    };
    for (sender, state, since, expected) in [
        (Sender::Assistant, StatusState::Failed, false, json!(["waiting_human", true])),
        (Sender::Assistant, StatusState::Delivered, false, json!(["bot", false])),
        (Sender::Assistant, StatusState::Failed, true, json!(["bot", false])),
        (Sender::Person, StatusState::Failed, false, json!(["bot", false])),
    ] {
        let world = World::new(Channel::Whatsapp).await;
        let ada = phone("16505550101");
        let begun = world.receive(&text("1", &ada, Origin::Customer, "hi"), ago(20)).await;
        world.answer(begun.conversation, sender).await;
        if since {
            world
                .test
                .execute("update messages set happened_at = now() - interval '15 seconds' where direction = 'out'")
                .await;
            world.receive(&text("echo", &ada, Origin::Echo, "It is me."), ago(5)).await;
        }
        for _ in 0..2 {
            let mut tx = world.tx().await;
            statuses::report(&mut tx, &world.channel, Some(ago(1)), &report(state)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let found = world.row("select jsonb_build_array(ai_state, waiting_since is not null) from conversations").await;
        assert_eq!(found, expected, "{sender:?} {state:?} {since}");
    }
}

#[tokio::test]
async fn an_automatic_answer_that_is_taken_back_leaves_the_customer_waiting() {
    let world = World::new(Channel::Whatsapp).await;
    let begun = world.receive(&text("1", &phone("16505550101"), Origin::Customer, "hi"), ago(20)).await;
    let answer = world.answer(begun.conversation, Sender::Assistant).await;
    world.test.execute("update messages set external_id = null, status = 'pending' where direction = 'out'").await;
    assert_eq!(world.number("select count(*) from conversations where waiting_since is not null").await, 0);
    let mut tx = world.tx().await;
    outgoing::cancel(&mut tx, answer).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.number("select count(*) from conversations where waiting_since is not null").await, 1);
}

#[tokio::test]
async fn a_thread_that_two_became_keeps_the_stricter_of_both() {
    let both = Person { bsuid: Some("US.1".into()), ..phone("16505550101") };
    for (number, id, expected) in [
        ("ai_state = 'human'", "ai_mode = 'auto'", json!(["human", "auto", false])),
        ("ai_mode = 'auto'", "ai_state = 'waiting_human'", json!(["waiting_human", "auto", false])),
        ("ai_mode = 'auto'", "ai_mode = 'off'", json!(["bot", "off", false])),
        ("ai_mode = 'draft'", "ai_mode = 'auto'", json!(["bot", "draft", false])),
        ("unread = 0", "ai_paused_until = now() + interval '1 hour'", json!(["bot", null, true])),
    ] {
        let world = World::new(Channel::Whatsapp).await;
        for (n, (person, set)) in [(phone("16505550101"), number), (bsuid("US.1"), id)].into_iter().enumerate() {
            let begun = world.receive(&text(&format!("m{n}"), &person, Origin::Customer, "hi"), ago(10)).await;
            sqlx::query(sqlx::AssertSqlSafe(format!("update conversations set {set} where id = $1")))
                .bind(begun.conversation.0)
                .execute(world.test.superuser())
                .await
                .unwrap();
        }
        world.receive(&text("both", &both, Origin::Customer, "hi"), ago(5)).await;
        let kept = world
            .row("select jsonb_build_array(ai_state, ai_mode, ai_paused_until is not null) from conversations")
            .await;
        assert_eq!(kept, expected, "{number} {id}");
        let woken = world.number("select count(*) from work_ready r join conversations c on c.id = r.subject_id where r.kind = 'assistant.answer'").await;
        assert_eq!(woken, i64::from(expected[0] == "bot"), "{number} {id}");
    }
}

#[tokio::test]
async fn an_echo_that_was_the_assistant_itself_pauses_nothing() {
    let world = World::new(Channel::Instagram).await;
    let begun = world.receive(&text("1", &scoped("p"), Origin::Customer, "hi"), ago(20)).await;
    let message = world.answer(begun.conversation, Sender::Assistant).await;
    world.test.execute("update messages set external_id = null, status = 'pending' where direction = 'out'").await;
    world.test.execute("update message_sends set state = 'sending', sent_at = now(), attempts = 1").await;
    let paused = "select count(*) from conversations where ai_paused_until is not null";
    // The platform wrote the text its own way, so the echo is not known as ours before the answer comes.
    world.receive(&text("out", &scoped("p"), Origin::Echo, "We're open."), ago(5)).await;
    let wrote = "select count(*) from conversations where last_person_at is not null";
    assert_eq!((world.number(paused).await, world.number(wrote).await), (1, 1));
    let attempt = world.attempt(begun.conversation, message).await;
    let due = Due { kind: Channel::Instagram, address: "p".to_owned(), ..attempt };
    let mut tx = world.tx().await;
    assert!(settling::settle(&mut tx, &due, &Outcome::Accepted("out".to_owned())).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!((world.number(paused).await, world.number(wrote).await), (0, 0));
    assert_eq!(world.number("select count(*) from messages where direction = 'out'").await, 1);
}
