//! Is a person one contact, whatever ids come, together or alone, at once or one after the other?

use domain::messaging::Channel;
use domain::messaging::inbound::{Origin, Person};
use store::messaging::contacts::{self, ContactChange};

use super::{World, ago, bsuid, phone, text};

#[tokio::test]
async fn first_messages_at_once_make_one_contact() {
    let world = World::new(Channel::Whatsapp).await;
    let people = ["5511987654321", "551187654321", "5511987654321", "551187654321"].map(phone);
    let messages: Vec<_> =
        people.iter().enumerate().map(|(n, person)| text(&format!("m{n}"), person, Origin::Customer, "hi")).collect();
    let [a, b, c, d] = &messages[..] else { unreachable!() };
    let at = ago(10);
    tokio::join!(world.receive(a, at), world.receive(b, at), world.receive(c, at), world.receive(d, at));
    assert_eq!(world.number("select count(*) from contacts").await, 1);
    assert_eq!(world.number("select count(*) from conversations").await, 1);
    assert_eq!(world.number("select unread::bigint from conversations").await, 4);
    assert_eq!(world.number("select count(*) from contact_identities").await, 2, "both spellings are known");
}

#[tokio::test]
async fn a_number_and_an_id_that_come_together_are_one_person() {
    let both = Person { bsuid: Some("US.1".into()), ..phone("16505550101") };
    for first in [vec![phone("16505550101")], vec![bsuid("US.1")], vec![phone("16505550101"), bsuid("US.1")]] {
        let world = World::new(Channel::Whatsapp).await;
        for (n, person) in first.iter().chain([&both]).enumerate() {
            world.receive(&text(&format!("m{n}"), person, Origin::Customer, "hi"), ago(10)).await;
        }
        let last = world.receive(&text("last", &bsuid("US.1"), Origin::Customer, "hi"), ago(5)).await;
        assert_eq!(world.number("select count(*) from contacts").await, 1, "{first:?}");
        assert_eq!(world.number("select count(*) from conversations").await, 1, "{first:?}");
        assert_eq!(world.number("select count(distinct conversation_id) from messages").await, 1, "{first:?}");
        assert!(last.is_new);
        let address = world.row("select to_jsonb(external_address) from conversations").await;
        assert_eq!(address, "16505550101", "answers go to the number once it is known");
    }
}

#[tokio::test]
async fn a_name_that_a_person_wrote_stays() {
    let world = World::new(Channel::Whatsapp).await;
    let named = |name: &str| Person { name: Some(name.to_owned()), ..phone("16505550101") };
    world.receive(&text("1", &named("Ada\0 "), Origin::Customer, "hi"), ago(10)).await;
    assert_eq!(world.row("select to_jsonb(contact_name) from conversations").await, "Ada");
    let mut tx = world.tx().await;
    let contact = contacts::resolve(&mut tx, &world.channel, &named("Eve"), ago(9)).await.unwrap().unwrap();
    assert_eq!(contacts::get(&mut tx, contact).await.unwrap().name, "Eve");
    let to =
        ContactChange { name: "Ms Day".into(), email: None, phone: None, company: String::new(), note: String::new() };
    contacts::change(&mut tx, contact, &to).await.unwrap();
    contacts::resolve(&mut tx, &world.channel, &named("Mallory"), ago(8)).await.unwrap();
    assert_eq!(contacts::get(&mut tx, contact).await.unwrap().name, "Ms Day");
    assert_eq!(contacts::resolve(&mut tx, &world.channel, &Person::default(), ago(8)).await.unwrap(), None);
}

#[tokio::test]
async fn somebody_who_moved_keeps_the_thread_and_the_old_number_is_a_stranger() {
    let world = World::new(Channel::Whatsapp).await;
    let (old, new) = (phone("16505550101"), phone("12195550158"));
    let before = world.receive(&text("1", &old, Origin::Customer, "hi"), ago(10)).await;
    for _ in 0..2 {
        let mut tx = world.tx().await;
        contacts::moved(&mut tx, &world.channel, &old, &new).await.unwrap();
        tx.commit().await.unwrap();
    }
    let after = world.receive(&text("2", &new, Origin::Customer, "me again"), ago(5)).await;
    let stranger = world.receive(&text("3", &old, Origin::Customer, "who?"), ago(4)).await;
    assert_eq!(before.conversation, after.conversation);
    assert_ne!(before.conversation, stranger.conversation);
}
