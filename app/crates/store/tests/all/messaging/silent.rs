//! Is a conversation closed by itself only if it is over, and is it open again when the customer writes?

use std::time::Duration;

use domain::messaging::Channel;
use domain::messaging::inbound::Origin;
use store::messaging::silent;

use super::{World, ago, phone, text};

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// One conversation for each state that it may be in.
const EACH: &str = "with c as (select gen_random_uuid() as contact, status, unread, waits, answers, days from unnest(array['open', 'snoozed', 'closed']) status, unnest(array[0, 1]) unread,
      unnest(array[false, true]) waits, unnest(array['bot', 'waiting_human', 'human']) answers, unnest(array[29, 31]) days),
    p as (insert into contacts (id, sub_account_id, name) select c.contact, h.sub_account_id, 'Somebody' from c, channels h)
  insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, status, snoozed_until, unread, waiting_since, ai_state, last_message_at, external_address)
  select h.sub_account_id, h.agency_id, h.id, c.contact, h.type, c.status, case when c.status = 'snoozed' then now() + interval '1 day' end, c.unread,
    case when c.waits then now() - interval '1 hour' end, c.answers, now() - make_interval(days => c.days), '1' from c, channels h";

/// Conversations that are over.
const OVER: &str = "with p as (insert into contacts (sub_account_id, name) select sub_account_id, 'Customer ' || n from channels, generate_series(1, 450) n returning id, sub_account_id)
  insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, last_message_at, external_address)
  select h.sub_account_id, h.agency_id, h.id, p.id, h.type, now() - interval '40 days', '1' from p join channels h on h.sub_account_id = p.sub_account_id";

async fn close(world: &World) -> usize {
    let mut tx = world.tx().await;
    let closed = silent::close(&mut tx, MONTH).await.unwrap();
    tx.commit().await.unwrap();
    closed
}

#[tokio::test]
async fn only_what_is_open_read_and_waits_for_nobody_is_closed_after_a_month() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.execute(EACH).await;
    world.test.execute("delete from outbox_events").await;
    assert_eq!(world.number("select count(*) from conversations where status = 'closed'").await, 24);
    let found = silent::businesses(&world.db, MONTH, None).await.unwrap();
    assert_eq!(found, [(world.agency, world.business)]);
    assert!(silent::businesses(&world.db, MONTH, Some(world.business)).await.unwrap().is_empty(), "behind it is none");

    assert_eq!(close(&world).await, 2, "the assistant's turn, and a person's");
    assert_eq!(world.number("select count(*) from conversations where status = 'closed'").await, 26);
    assert_eq!(world.number("select count(*) from conversations where status = 'snoozed'").await, 24);
    let over = "select count(*) from conversations where status = 'open' and unread = 0 and waiting_since is null and ai_state <> 'waiting_human' and last_message_at < now() - interval '30 days'";
    assert_eq!(world.number(over).await, 0);
    let told = "select count(*) from outbox_events where topic = 'conversation.changed'";
    assert_eq!(world.number(told).await, 2, "the lists hear of it");
    assert_eq!(close(&world).await, 0);
    assert!(silent::businesses(&world.db, MONTH, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_waits_to_be_sent_keeps_its_conversation_open_and_the_customer_opens_it_again() {
    let world = World::new(Channel::Whatsapp).await;
    let first = world.receive(&text("m1", &phone("16505550101"), Origin::Customer, "hi"), ago(60)).await;
    let message = world.send(first.conversation, "See you next month.").await;
    for age in [
        "update conversations set last_message_at = now() - interval '31 days'",
        "update messages set happened_at = now() - interval '31 days'",
    ] {
        world.test.execute(age).await;
    }
    for (state, closed) in
        [("queued", 0), ("held", 0), ("sending", 0), ("in_doubt", 0), ("accepted", 1), ("failed", 1), ("cancelled", 1)]
    {
        sqlx::query("update message_sends set state = $2 where message_id = $1")
            .bind(message.0)
            .bind(state)
            .execute(world.test.superuser())
            .await
            .unwrap();
        world.test.execute("update conversations set status = 'open'").await;
        assert_eq!(close(&world).await, closed, "{state}");
    }
    let again = world.receive(&text("m2", &phone("16505550101"), Origin::Customer, "hello"), ago(1)).await;
    assert_eq!(again.conversation, first.conversation);
    let row = world.row("select jsonb_build_array(status, unread, waiting_since is not null) from conversations").await;
    assert_eq!(row, serde_json::json!(["open", 1, true]));
}

#[tokio::test]
async fn many_are_closed_in_pieces_and_none_of_a_business_in_the_trash_is_looked_for() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.execute(OVER).await;
    for closed in [silent::CLOSED, silent::CLOSED, 450 - 2 * silent::CLOSED, 0] {
        assert_eq!(close(&world).await, closed);
    }
    world.test.execute("update conversations set status = 'open'; update sub_accounts set deleted_at = now()").await;
    assert!(silent::businesses(&world.db, MONTH, None).await.unwrap().is_empty());
}
