//! Does a message go out once at its time, whoever acts at the same moment, and does nobody wait unseen because of it?

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::Role;
use domain::messaging::Channel;
use domain::messaging::inbound::{Origin, Person};
use domain::messaging::length;
use domain::{ConversationId, ScheduledId};
use serde_json::json;
use store::messaging::at_their_time;
use store::messaging::enclosed::{self, Enclosed};
use store::messaging::scheduled::{self, Acted, NewScheduled};
use store::messaging::{files, room};
use store::{Error, new_id};

use super::files::used;
use super::{World, ago, bsuid, phone, text};

const DUE: &str =
    "update scheduled_messages set send_at = now() - interval '1 minute', chosen_at = now() - interval '10 minutes'";
const OUT: &str = "select count(*) from messages where direction = 'out'";

impl World {
    /// The conversation of a customer who asked an hour ago.
    async fn asked(&self) -> ConversationId {
        let asked = text("1", &phone("16505550101"), Origin::Customer, "Are you open?");
        let conversation = self.receive(&asked, ago(3600)).await.conversation;
        self.test.execute("update messages set created_at = happened_at").await;
        conversation
    }

    /// A person of the business schedules a text.
    async fn schedules(&self, conversation: ConversationId, body: &str, at: DateTime<Utc>) -> ScheduledId {
        let user = self.test.person(Role::TeamMember, Some(self.agency), Some(self.business)).await;
        let mut tx = self.tx().await;
        let new = NewScheduled { conversation, user, kind: "text", body, details: json!({}), reply_to: None, at };
        let id = scheduled::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A person of the business schedules a text, which may be empty, with a picture of a thousand bytes.
    async fn schedules_file(&self, conversation: ConversationId, body: &str, sha256: [u8; 32]) -> ScheduledId {
        let user = self.test.person(Role::TeamMember, Some(self.agency), Some(self.business)).await;
        let file = Enclosed {
            sha256: hex::encode(sha256),
            kind: "image".to_owned(),
            name: "map.png".to_owned(),
            mime: "image/png".to_owned(),
            bytes: 1000,
        };
        let (mut details, at) = (json!({}), Utc::now() + TimeDelta::hours(1));
        enclosed::enclose(&mut details, std::slice::from_ref(&file));
        let mut tx = self.tx().await;
        enclosed::lock(&mut tx, &[file]).await.unwrap();
        let new = NewScheduled { conversation, user, kind: "text", body, details, reply_to: None, at };
        let id = scheduled::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Whether a file with this checksum may be erased.
    async fn needs(&self, sha256: [u8; 32]) -> bool {
        !files::needed(&mut self.tx().await, &[sha256.to_vec()]).await.unwrap().is_empty()
    }

    /// Does once what workers do at the time of messages. Returns how many were due.
    async fn time_comes(&self) -> usize {
        let due = at_their_time::due(&mut self.tx().await, None).await.unwrap();
        for one in &due {
            for _ in 0..2 {
                let mut tx = self.tx().await;
                at_their_time::release(&mut tx, *one).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        due.len()
    }

    async fn cancels(&self, id: ScheduledId) -> Acted {
        let mut tx = self.tx().await;
        let acted = scheduled::cancel(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        acted
    }

    async fn sends_now(&self, id: ScheduledId, conversation: ConversationId) -> Acted {
        let mut tx = self.tx().await;
        let acted = at_their_time::send_now(&mut tx, id, conversation).await.unwrap();
        tx.commit().await.unwrap();
        acted
    }

    async fn moves(&self, id: ScheduledId, at: DateTime<Utc>) -> Acted {
        let mut tx = self.tx().await;
        let acted = scheduled::move_to(&mut tx, id, at).await.unwrap();
        tx.commit().await.unwrap();
        acted
    }
}

#[tokio::test]
async fn until_its_time_nothing_changes_and_then_it_goes_once_and_answers_only_what_was_asked_before() {
    for (wrote_since, expected) in [(false, json!([0, false, true])), (true, json!([2, true, true]))] {
        let world = World::new(Channel::Whatsapp).await;
        let conversation = world.asked().await;
        world.schedules(conversation, "See you at nine.", Utc::now() + TimeDelta::hours(1)).await;
        assert_eq!(world.time_comes().await, 0);
        assert_eq!(world.number(OUT).await, 0);
        assert_eq!(world.number("select count(*) from conversations where waiting_since is not null").await, 1);
        assert_eq!(scheduled::list(&mut world.tx().await, Some(conversation)).await.unwrap().len(), 1);
        world.test.execute(DUE).await;
        if wrote_since {
            world.receive(&text("2", &phone("16505550101"), Origin::Customer, "And on Sunday?"), ago(30)).await;
        }
        assert_eq!(world.time_comes().await, 1);
        assert_eq!(world.time_comes().await, 0);
        let line =
            world.row("select jsonb_build_array(unread, waiting_since is not null, ai_paused_until is null) from conversations").await;
        assert_eq!(line, expected, "{wrote_since}");
        let sent = world.row("select jsonb_agg(jsonb_build_array(body, status, sender, sender_user_id is not null)) from messages where direction = 'out'").await;
        assert_eq!(sent, json!([["See you at nine.", "pending", "person", true]]));
        assert_eq!(
            world.row("select jsonb_build_array(state, body) from scheduled_messages").await,
            json!(["sent", ""])
        );
        assert!(scheduled::list(&mut world.tx().await, None).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_automatic_answer_on_its_way_goes_first() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    world.schedules(conversation, "See you.", Utc::now() + TimeDelta::hours(1)).await;
    world.send(conversation, "We are open.").await;
    world.test.execute(DUE).await;
    world.test.execute("update messages set sender = 'assistant' where direction = 'out'").await;
    assert_eq!(world.time_comes().await, 0);
    world.test.execute("update message_sends set state = 'accepted'").await;
    assert_eq!(world.time_comes().await, 1);
}

#[tokio::test]
async fn a_long_text_goes_as_several_messages_in_its_order() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    let (most, _) = length::limit(Channel::Whatsapp);
    let long = format!("{} {}", "a".repeat(most - 10), "b".repeat(100));
    world.schedules(conversation, &long, Utc::now() + TimeDelta::hours(1)).await;
    world.test.execute(DUE).await;
    world.time_comes().await;
    let first = "select to_jsonb(array_agg(left(m.body, 1) order by s.seq)) from messages m join message_sends s on s.message_id = m.id";
    assert_eq!(world.row(first).await, json!(["a", "b"]));
}

#[tokio::test]
async fn a_file_is_kept_and_counted_once_until_it_goes_with_its_message() {
    for body in ["Here is the way.", ""] {
        let world = World::new(Channel::Whatsapp).await;
        let conversation = world.asked().await;
        for known in [true, false] {
            if known {
                assert_eq!(used(&world).await, 0);
            }
            world.schedules_file(conversation, body, [1; 32]).await;
            assert_eq!((used(&world).await, world.needs([1; 32]).await), (1000, true));
        }
        let listed = scheduled::list(&mut world.tx().await, None).await.unwrap();
        assert!(listed.len() == 2 && listed.iter().all(|one| one.files == ["map.png"]), "{listed:?}");
        world.test.execute(DUE).await;
        assert_eq!(world.time_comes().await, 2);
        let sent = "select to_jsonb(array_agg(m.kind order by s.seq)) from messages m join message_sends s on s.message_id = m.id";
        let expected =
            if body.is_empty() { json!(["image", "image"]) } else { json!(["text", "image", "text", "image"]) };
        assert_eq!(world.row(sent).await, expected);
        let kept = "select count(*) from message_attachments a join messages m on m.id = a.message_id where a.state = 'stored' and m.kind = 'image'";
        assert_eq!(world.number(kept).await, 2);
        assert_eq!(world.number("select count(*) from messages where details ? 'files'").await, 0);
        assert_eq!((used(&world).await, world.needs([1; 32]).await), (1000, true));
        let mut tx = world.tx().await;
        room::correct(&mut tx, Duration::ZERO).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(used(&world).await, 1000);
    }
}

#[tokio::test]
async fn the_file_of_what_is_canceled_goes_unless_something_else_needs_it() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    assert_eq!(used(&world).await, 0);
    let (one, two) =
        (world.schedules_file(conversation, "", [1; 32]).await, world.schedules_file(conversation, "", [1; 32]).await);
    world.schedules_file(conversation, "", [2; 32]).await;
    assert_eq!(used(&world).await, 2000);
    for (id, left, needs) in [(one, 2000, true), (two, 1000, false)] {
        assert_eq!(world.cancels(id).await, Acted::Done(conversation));
        assert_eq!((used(&world).await, world.needs([1; 32]).await), (left, needs));
        assert_eq!(world.cancels(id).await, Acted::Canceled);
    }
    let mut tx = world.tx().await;
    room::correct(&mut tx, Duration::ZERO).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        (used(&world).await, world.needs([2; 32]).await),
        (1000, true),
        "what waits counts when all is summed again"
    );
    world.test.execute("delete from scheduled_messages").await;
    assert!(!world.needs([2; 32]).await, "erased with its customer");
}

#[tokio::test]
async fn every_act_tells_how_the_message_ended() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    let soon = Utc::now() + TimeDelta::hours(1);
    let one = world.schedules(conversation, "one", soon).await;
    assert_eq!(world.moves(one, soon + TimeDelta::hours(1)).await, Acted::Done(conversation));
    assert_eq!(world.cancels(one).await, Acted::Done(conversation));
    let later = soon + TimeDelta::hours(2);
    for acted in [world.cancels(one).await, world.moves(one, later).await, world.sends_now(one, conversation).await] {
        assert_eq!(acted, Acted::Canceled);
    }
    assert_eq!(world.number(OUT).await, 0);
    let two = world.schedules(conversation, "two", soon).await;
    assert_eq!(world.sends_now(two, conversation).await, Acted::Done(conversation));
    for acted in [world.cancels(two).await, world.moves(two, later).await, world.sends_now(two, conversation).await] {
        assert_eq!(acted, Acted::Sent);
    }
    assert_eq!(world.number(OUT).await, 1);
    assert_eq!(world.number("select count(*) from conversations where waiting_since is not null").await, 0);

    let mut other = files::begin(&world.db, world.test.business(world.agency).await).await.unwrap();
    assert!(scheduled::list(&mut other, None).await.unwrap().is_empty());
    for id in [two, new_id::<ScheduledId>()] {
        assert!(matches!(scheduled::cancel(&mut other, id).await, Err(Error::NotFound)));
        assert!(matches!(scheduled::move_to(&mut other, id, later).await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn canceled_at_the_moment_of_its_time_it_is_sent_or_canceled_and_whoever_asks_knows() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    for turn in 0..8 {
        let before = world.number(OUT).await;
        let id = world.schedules(conversation, "See you.", Utc::now() + TimeDelta::hours(1)).await;
        world.test.execute("update scheduled_messages set send_at = now() where state = 'waiting'").await;
        let (acted, _) = tokio::join!(world.cancels(id), world.time_comes());
        let sent = world.number(OUT).await - before;
        let expected = if sent == 1 { Acted::Sent } else { Acted::Done(conversation) };
        assert_eq!(acted, expected, "{turn}: {sent}");
    }
}

#[tokio::test]
async fn what_nobody_could_send_for_a_day_is_left_to_people_who_are_told() {
    let world = World::new(Channel::Whatsapp).await;
    world.test.person(Role::AgencyOwner, Some(world.agency), None).await;
    let conversation = world.asked().await;
    let id = world.schedules(conversation, "See you today.", Utc::now() + TimeDelta::hours(1)).await;
    world.test.execute("update scheduled_messages set send_at = now() - interval '25 hours'").await;
    world.test.execute("update conversations set status = 'closed', unread = 0, waiting_since = null").await;
    assert_eq!(world.time_comes().await, 1);
    assert_eq!(world.time_comes().await, 0);
    assert_eq!(world.number(OUT).await, 0);
    assert_eq!(world.row("select jsonb_build_array(status, unread) from conversations").await, json!(["open", 1]));
    let told = "select count(*) from notifications where kind = 'conversation.handed_over'";
    assert_eq!(world.number(told).await, 1);
    let listed = scheduled::list(&mut world.tx().await, None).await.unwrap();
    assert!(listed.len() == 1 && listed[0].is_missed && listed[0].body == "See you today.", "{listed:?}");
    assert_eq!(world.moves(id, Utc::now() + TimeDelta::hours(1)).await, Acted::Done(conversation));
    assert!(!scheduled::list(&mut world.tx().await, None).await.unwrap()[0].is_missed);
}

#[tokio::test]
async fn a_customer_who_wrote_stop_since_gets_it_only_if_a_person_chooses_so_again() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    let id = world.schedules(conversation, "See you.", Utc::now() + TimeDelta::hours(1)).await;
    world.test.execute(DUE).await;
    world.test.execute("update contacts set opted_out_at = now() - interval '5 minutes'").await;
    assert_eq!((world.time_comes().await, world.number(OUT).await), (1, 0));
    assert!(scheduled::list(&mut world.tx().await, None).await.unwrap()[0].is_missed);
    assert_eq!(world.moves(id, Utc::now() + TimeDelta::hours(1)).await, Acted::Done(conversation));
    world.test.execute("update scheduled_messages set send_at = now()").await;
    assert_eq!((world.time_comes().await, world.number(OUT).await), (1, 1));
}

#[tokio::test]
async fn a_thread_that_two_became_keeps_what_waits_in_both() {
    let world = World::new(Channel::Whatsapp).await;
    let first = world.asked().await;
    let second = world.receive(&text("2", &bsuid("US.1"), Origin::Customer, "hi"), ago(100)).await.conversation;
    for conversation in [first, second] {
        world.schedules(conversation, "See you.", Utc::now() + TimeDelta::hours(1)).await;
    }
    let both = Person { bsuid: Some("US.1".into()), ..phone("16505550101") };
    world.receive(&text("3", &both, Origin::Customer, "It is me."), ago(50)).await;
    assert_eq!(world.number("select count(*) from conversations").await, 1);
    assert_eq!(scheduled::list(&mut world.tx().await, None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_businesses_with_something_due_are_found_and_those_in_the_trash_are_not() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    world.schedules(conversation, "See you.", Utc::now() + TimeDelta::hours(1)).await;
    let found = async || at_their_time::due_businesses(&world.db, None).await.unwrap().found;
    assert!(found().await.is_empty());
    world.test.execute(DUE).await;
    assert_eq!(found().await, [(world.agency, world.business)]);
    assert!(at_their_time::due_businesses(&world.db, Some(world.business)).await.unwrap().found.is_empty());
    world.test.execute("update sub_accounts set deleted_at = now()").await;
    assert!(found().await.is_empty());
    assert_eq!(world.time_comes().await, 0);
}

#[tokio::test]
async fn as_many_wait_as_a_page_lists() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.asked().await;
    let user = world.test.person(Role::TeamMember, Some(world.agency), Some(world.business)).await;
    world
        .test
        .execute(
            "insert into scheduled_messages (sub_account_id, conversation_id, kind, body, send_at)
             select sub_account_id, id, 'text', 'x', now() + interval '1 hour' from conversations, generate_series(1, 500)",
        )
        .await;
    let (kind, body, details, at) = ("text", "one more", json!({}), Utc::now() + TimeDelta::hours(1));
    let new = NewScheduled { conversation, user, kind, body, details, reply_to: None, at };
    let mut tx = world.tx().await;
    let full = scheduled::add(&mut tx, &new).await;
    assert!(matches!(full, Err(Error::Refused(why)) if why == scheduled::FULL));
    drop(tx);
    world.test.execute("update scheduled_messages set state = 'cancelled'").await;
    assert!(scheduled::add(&mut world.tx().await, &new).await.is_ok());
}
