//! Is each message stored once, does an echo of ours stay one message, and does the past wake nobody?

use domain::messaging::Channel;
use domain::messaging::inbound::Origin;
use domain::page::ListQuery;
use serde_json::json;
use store::messaging::{list, messages, reactions, thread, watermarks};

use super::{World, ago, phone, scoped, text};

#[tokio::test]
async fn a_customers_message_opens_everything_and_a_repeat_nothing() {
    let world = World::new(Channel::Whatsapp).await;
    let message = text("m1", &phone("16505550101"), Origin::Customer, "Are you open?\0");
    let first = world.receive(&message, ago(10)).await;
    assert!(first.is_new && first.wakes_assistant);
    let again = world.receive(&message, ago(10)).await;
    assert_eq!((again.message, again.is_new, again.wakes_assistant), (first.message, false, false));
    let mut tx = world.tx().await;
    let line = list::line(&mut tx, first.conversation).await.unwrap();
    assert_eq!(
        (line.unread, line.preview.as_str(), line.waiting_since),
        (1, "Are you open?", Some(line.last_message_at))
    );
    assert!(line.window_closes_at.is_some());
    for (view, expected) in
        [("", 1), ("waiting", 1), ("unread", 1), ("unassigned", 1), ("all", 1), ("mine", 0), ("closed", 0)]
    {
        let query = ListQuery { view: view.into(), ..ListQuery::default() };
        assert_eq!(list::list(&mut tx, &query, None).await.unwrap().rows.len(), expected, "{view}");
    }
    let counts = list::counts(&mut tx, None).await.unwrap();
    assert_eq!((counts.open, counts.unread, counts.waiting, counts.mine, counts.unassigned), (1, 1, 1, 0, 1));
}

#[tokio::test]
async fn the_past_opens_no_window_and_wakes_nobody() {
    let world = World::new(Channel::Whatsapp).await;
    let mut theirs = text("h1", &phone("16505550101"), Origin::History, "long ago");
    let first = world.receive(&theirs, ago(60)).await;
    theirs.id = "h2".into();
    theirs.details = json!({ "outgoing": true });
    world.receive(&theirs, ago(50)).await;
    assert!(first.is_new && !first.wakes_assistant);
    let row =
        world.row("select jsonb_build_array(status, unread, waiting_since, window_closes_at) from conversations").await;
    assert_eq!(row, json!(["closed", 0, null, null]));
    assert_eq!(world.number("select count(*) from messages where direction = 'out'").await, 1);
    let now = world.receive(&text("m1", &phone("16505550101"), Origin::Customer, "hello"), ago(1)).await;
    assert_eq!(now.conversation, first.conversation);
    assert_eq!(world.row("select to_jsonb(status) from conversations").await, "open");
}

#[tokio::test]
async fn the_echo_of_our_own_message_is_that_message_in_each_order() {
    for kind in [Channel::Instagram, Channel::Facebook] {
        for answer_first in [true, false] {
            let world = World::new(kind).await;
            let begun = world.receive(&text("m1", &scoped("p"), Origin::Customer, "hi"), ago(60)).await;
            let own = world.send(begun.conversation, "We are open.").await;
            if answer_first {
                sqlx::query("update messages set external_id = 'out', status = 'sent' where id = $1")
                    .bind(own.0)
                    .execute(world.test.superuser())
                    .await
                    .unwrap();
            }
            let mut echo = text("out", &scoped("p"), Origin::Echo, "We are open.");
            if kind == Channel::Facebook {
                echo.details = json!({ "correlation": own.to_string() });
            }
            for _ in 0..2 {
                let received = world.receive(&echo, ago(1)).await;
                assert_eq!((received.message, received.is_new), (Some(own), false), "{kind:?} {answer_first}");
            }
            assert_eq!(world.number("select count(*) from messages where direction = 'out'").await, 1);
            assert_eq!(world.row("select to_jsonb(status) from messages where direction = 'out'").await, "sent");
            let other = world.receive(&text("app", &scoped("p"), Origin::Echo, "Typed elsewhere"), ago(0)).await;
            assert!(other.is_new && !other.wakes_assistant);
        }
    }
}

#[tokio::test]
async fn what_is_said_of_a_message_counts_before_and_after_it() {
    for early in [true, false] {
        let world = World::new(Channel::Whatsapp).await;
        let person = phone("16505550101");
        let arrive = async || {
            world.receive(&text("m1", &person, Origin::Customer, "first"), ago(30)).await;
            world.receive(&text("m2", &person, Origin::Customer, "secret"), ago(20)).await;
        };
        if !early {
            arrive().await;
        }
        let mut tx = world.tx().await;
        let channel = &world.channel;
        messages::edit(&mut tx, channel, &person, "m1", "third", Some(ago(5))).await.unwrap();
        messages::edit(&mut tx, channel, &person, "m1", "second", Some(ago(10))).await.unwrap();
        messages::revoke(&mut tx, channel, &person, "m2").await.unwrap();
        messages::edit(&mut tx, channel, &person, "m2", "still there", Some(ago(1))).await.unwrap();
        reactions::react(&mut tx, channel, &person, false, "m1", "", Some(ago(2))).await.unwrap();
        reactions::react(&mut tx, channel, &person, false, "m1", "👍", Some(ago(3))).await.unwrap();
        reactions::react(&mut tx, channel, &person, true, "m1", "❤", Some(ago(3))).await.unwrap();
        tx.commit().await.unwrap();
        if early {
            arrive().await;
        }
        let mut tx = world.tx().await;
        let id = list::list(&mut tx, &ListQuery::default(), None).await.unwrap().rows[0].id;
        let shown = thread::thread(&mut tx, id, None, 50).await.unwrap();
        let [one, two] = &shown.messages[..] else { panic!("two messages") };
        assert_eq!((one.body.as_str(), one.edited, one.reactions.len()), ("third", true, 1), "early: {early}");
        assert_eq!((two.body.as_str(), two.revoked), ("", true), "early: {early}");
        assert_eq!(shown.line.preview, "[deleted]", "early: {early}");
        assert_eq!(world.number("select count(*) from early_statuses").await, 0);
    }
}

#[tokio::test]
async fn a_deep_thread_is_walked_without_gap_or_repeat() {
    let world = World::new(Channel::Whatsapp).await;
    let first = world.receive(&text("m0", &phone("16505550101"), Origin::Customer, "0"), ago(500)).await;
    for n in 1..45_i64 {
        // Several messages share one second.
        world.receive(&text(&format!("m{n}"), &phone("16505550101"), Origin::Customer, "x"), ago(400 - n / 4)).await;
    }
    let mut tx = world.tx().await;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = thread::thread(&mut tx, first.conversation, before.as_deref(), 7).await.unwrap();
        assert!(page.messages.windows(2).all(|pair| pair[0].at <= pair[1].at));
        seen.extend(page.messages.iter().rev().map(|message| message.id));
        before = page.older;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 45);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 45, "each once");
    let until = ago(0);
    let none = watermarks::reached(&mut tx, &world.channel, &phone("19995550100"), true, until).await.unwrap();
    assert_eq!(none, None, "nobody's mark makes no conversation");
}
