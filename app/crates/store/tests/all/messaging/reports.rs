//! Do reports of a message end alike in every order, whether they come before or after its id is known?

use chrono::TimeDelta;
use domain::MessageId;
use domain::messaging::Channel;
use domain::messaging::inbound::{Origin, Person, Status, StatusState};
use serde_json::{Value, json};
use store::messaging::{statuses, watermarks};

use super::{World, ago, phone, text};

const REPORTS: [StatusState; 4] = [StatusState::Sent, StatusState::Delivered, StatusState::Read, StatusState::Failed];

fn status(state: StatusState) -> Status {
    let failed = state == StatusState::Failed;
    Status {
        message: "out".into(),
        state,
        person: Person::default(),
        correlation: None,
        error_code: failed.then(|| "131047".into()),
        error_text: failed.then(|| "Too late".into()),
        billable: None,
        category: None,
    }
}

/// All orders of four things.
fn orders() -> Vec<[usize; 4]> {
    let mut orders = Vec::new();
    for code in 0..256_usize {
        let order = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3];
        if (0..4).all(|one| order.contains(&one)) {
            orders.push(order);
        }
    }
    orders
}

/// What becomes of our message when these reports come, each of them twice, and its id gets known after so many of them.
async fn end_of(world: &World, own: MessageId, order: [usize; 4], known_after: usize) -> Value {
    let new = "update messages set status = 'sent', sent_at = null, delivered_at = null, read_at = null, error_code = null, error_text = null,
                 external_id = null where id = $1";
    sqlx::query(new).bind(own.0).execute(world.test.superuser()).await.unwrap();
    let first = ago(40);
    let times = [0, 10, 20, 30].map(|later| first + TimeDelta::seconds(later));
    let steps: Vec<usize> = order.into_iter().chain(order).collect();
    let (early, late) = steps.split_at(known_after);
    for (steps, is_known) in [(early, false), (late, true)] {
        let mut tx = world.tx().await;
        for step in steps {
            let (report, at) = (status(REPORTS[*step]), times[*step]);
            let found = statuses::report(&mut tx, &world.channel, Some(at), &report).await.unwrap();
            assert_eq!(found.is_some(), is_known, "{order:?} {known_after}");
        }
        tx.commit().await.unwrap();
        if !is_known {
            let named = "update messages set external_id = 'out' where id = $1";
            sqlx::query(named).bind(own.0).execute(world.test.superuser()).await.unwrap();
            let mut tx = world.tx().await;
            statuses::apply_early(&mut tx, own, "out").await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    let end = "select jsonb_build_array(status, sent_at is not null, delivered_at - sent_at, read_at - sent_at, error_code, error_text) from messages where direction = 'out'";
    world.row(end).await
}

#[tokio::test]
async fn reports_in_all_orders_with_repeats_end_alike_whenever_the_id_is_known() {
    let world = World::new(Channel::Whatsapp).await;
    let begun = world.receive(&text("m1", &phone("16505550101"), Origin::Customer, "hi"), ago(60)).await;
    let own = world.send(begun.conversation, "We are open.").await;
    assert_eq!(orders().len(), 24);
    let expected = json!(["failed", true, "00:00:10", "00:00:20", "131047", "Too late"]);
    for order in orders() {
        for known_after in 0..=8 {
            let end = end_of(&world, own, order, known_after).await;
            assert_eq!(end, expected, "{order:?}, known after {known_after} reports");
        }
    }
    assert_eq!(world.number("select count(*) from early_statuses").await, 0);
}

#[tokio::test]
async fn a_report_with_our_own_id_names_the_message_before_the_answer_does() {
    let world = World::new(Channel::Whatsapp).await;
    let begun = world.receive(&text("m1", &phone("16505550101"), Origin::Customer, "hi"), ago(60)).await;
    let own = world.send(begun.conversation, "We are open.").await;
    let report = Status { correlation: Some(own.to_string()), ..status(StatusState::Delivered) };
    let mut tx = world.tx().await;
    let known = statuses::report(&mut tx, &world.channel, Some(ago(1)), &report).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(known, Some(begun.conversation));
    assert_eq!(world.row("select to_jsonb(status) from messages where external_id = 'out'").await, "delivered");
    assert_eq!(world.row("select to_jsonb(state) from message_sends").await, "accepted");
}

#[tokio::test]
async fn a_mark_covers_what_was_sent_until_then() {
    let world = World::new(Channel::Facebook).await;
    let person = super::scoped("p");
    let begun = world.receive(&text("m1", &person, Origin::Customer, "hi"), ago(60)).await;
    for (id, at) in [("e1", 40), ("e2", 10)] {
        world.receive(&text(id, &person, Origin::Echo, id), ago(at)).await;
    }
    for (read, expected) in [(false, "delivered"), (true, "read"), (false, "read")] {
        let mut tx = world.tx().await;
        let found = watermarks::reached(&mut tx, &world.channel, &person, read, ago(20)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(found, Some(begun.conversation));
        assert_eq!(world.row("select to_jsonb(status) from messages where external_id = 'e1'").await, expected);
        assert_eq!(world.row("select to_jsonb(status) from messages where external_id = 'e2'").await, "sent");
    }
}
