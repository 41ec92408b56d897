//! Are two contacts that became one the same two again when it is taken back, whatever happened meanwhile?

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::messaging::Channel;
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::page::ListQuery;
use domain::{ContactId, ConversationId};
use serde_json::Value;
use store::Error;
use store::messaging::channels::ChannelRow;
use store::messaging::contacts::{self, ContactChange};
use store::messaging::messages::{self, Received};
use store::messaging::{contact_page, erasing, merging, thread};
use store::tenant::TenantTx;

use super::{World, ago, bsuid, phone, scoped, text};
use crate::inboxes::{begin, channel};

const ADA: &str = "16505550101";

/// Everything that is stored of contacts and their conversations.
const ALL: &str = "select jsonb_build_object(
    'contacts', (select jsonb_agg(to_jsonb(p) - 'updated_at' order by p.id) from contacts p),
    'identities', (select jsonb_agg(to_jsonb(i) - 'updated_at' order by i.id) from contact_identities i),
    'conversations', (select jsonb_agg(to_jsonb(c) - 'updated_at' order by c.id) from conversations c),
    'merges', (select count(*) from contact_merges))";

/// A customer on WhatsApp and another one on Instagram.
struct Two {
    world: World,
    instagram: ChannelRow,
    ada: ContactId,
    zoe: ContactId,
    on_whatsapp: ConversationId,
    on_instagram: ConversationId,
}

impl Two {
    async fn new() -> Self {
        let world = World::new(Channel::Whatsapp).await;
        let instagram = channel(&world.test, &world.db, (world.agency, world.business), Channel::Instagram).await;
        let named = Person { name: Some("Ada Day".into()), ..phone(ADA) };
        let on_whatsapp = world.receive(&text("w1", &named, Origin::Customer, "hi"), ago(60)).await.conversation;
        let handle = Person { username: Some("zoe.b".into()), ..scoped("178414") };
        let zoe = text("i1", &handle, Origin::Customer, "hello");
        let on_instagram = receive(&world, &instagram, &zoe, ago(50)).await.unwrap().conversation;
        let (ada, zoe) = (contact(&world, on_whatsapp).await, contact(&world, on_instagram).await);
        Self { world, instagram, ada, zoe, on_whatsapp, on_instagram }
    }

    async fn all(&self) -> Value {
        self.world.row(ALL).await
    }
}

async fn receive(
    world: &World,
    channel: &ChannelRow,
    message: &InboundMessage,
    at: DateTime<Utc>,
) -> Result<Received, Error> {
    let mut tx = world.tx().await;
    let received = messages::receive(&mut tx, channel, Some(at), message).await?.unwrap();
    tx.commit().await?;
    Ok(received)
}

async fn contact(world: &World, conversation: ConversationId) -> ContactId {
    thread::thread(&mut world.tx().await, conversation, None, 1).await.unwrap().contact.id
}

/// Makes a contact part of another one, in a transaction that is still to be committed.
async fn becomes_part(world: &World, kept: ContactId, gone: ContactId) -> TenantTx {
    let mut tx = world.tx().await;
    erasing::hold(&mut tx, &BTreeSet::from([kept, gone])).await.unwrap();
    let pair = merging::pair(&mut tx, kept, gone).await.unwrap();
    assert_eq!(pair.shared, Vec::<String>::new());
    merging::merge(&mut tx, kept, gone, &pair).await.unwrap();
    tx
}

async fn merge(world: &World, kept: ContactId, gone: ContactId) {
    becomes_part(world, kept, gone).await.commit().await.unwrap();
}

/// Takes a contact out of another one, in a transaction that is still to be committed.
async fn takes_out(world: &World, kept: ContactId, merged: ContactId) -> TenantTx {
    let mut tx = world.tx().await;
    erasing::hold(&mut tx, &BTreeSet::from([kept])).await.unwrap();
    merging::undo(&mut tx, kept, merged).await.unwrap();
    tx
}

async fn undo(world: &World, kept: ContactId, merged: ContactId) {
    takes_out(world, kept, merged).await.commit().await.unwrap();
}

/// The contacts that can be taken out of this one.
async fn parts(world: &World, contact: ContactId) -> Vec<ContactId> {
    merging::of(&mut world.tx().await, contact).await.unwrap().into_iter().map(|part| part.merged).collect()
}

#[tokio::test]
async fn two_contacts_become_one_and_are_what_they_were_when_it_is_taken_back() {
    let two = Two::new().await;
    let before = two.all().await;
    for (kept, gone) in [(two.ada, two.zoe), (two.zoe, two.ada), (two.ada, two.zoe)] {
        merge(&two.world, kept, gone).await;
        let one = contacts::get(&mut two.world.tx().await, kept).await.unwrap();
        let kinds: BTreeSet<&str> = one.identities.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!((one.name.as_str(), kinds), ("Ada Day", BTreeSet::from(["igsid", "wa_id"])));
        assert_eq!(contact(&two.world, two.on_whatsapp).await, kept);
        assert_eq!(contact(&two.world, two.on_instagram).await, kept);
        let gone_now = contacts::get(&mut two.world.tx().await, gone).await;
        assert!(matches!(gone_now, Err(Error::NotFound)), "{gone_now:?}");
        assert_eq!(parts(&two.world, kept).await, [gone]);
        let handle = merging::of(&mut two.world.tx().await, kept).await.unwrap().remove(0).handle;
        assert_eq!(handle.as_deref(), (gone == two.zoe).then_some("zoe.b"));
        assert!(merging::is_part(&mut two.world.tx().await, kept, gone).await.unwrap());

        undo(&two.world, kept, gone).await;
        assert_eq!(two.all().await, before);
        let again = merging::undo(&mut two.world.tx().await, kept, gone).await;
        assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    }
}

#[tokio::test]
async fn what_came_since_stays_with_whoever_wrote_it() {
    let two = Two::new().await;
    let world = &two.world;
    merge(world, two.zoe, two.ada).await;
    // She writes with another id of WhatsApp, and on Instagram.
    let both = Person { bsuid: Some("US.1".into()), ..phone(ADA) };
    let more = world.receive(&text("w2", &both, Origin::Customer, "me"), ago(30)).await;
    assert_eq!(more.conversation, two.on_whatsapp);
    let more = text("i2", &scoped("178414"), Origin::Customer, "and me");
    assert_eq!(receive(world, &two.instagram, &more, ago(20)).await.unwrap().conversation, two.on_instagram);
    let change = ContactChange {
        name: "Zoe Bell".into(),
        email: None,
        phone: None,
        company: String::new(),
        note: "Called.".into(),
    };
    let mut tx = world.tx().await;
    contacts::change(&mut tx, two.zoe, &change).await.unwrap();
    tx.commit().await.unwrap();

    undo(world, two.zoe, two.ada).await;
    assert_eq!(contact(world, two.on_whatsapp).await, two.ada);
    assert_eq!(contact(world, two.on_instagram).await, two.zoe);
    let last = world.receive(&text("w3", &bsuid("US.1"), Origin::Customer, "still me"), ago(5)).await;
    assert_eq!(last.conversation, two.on_whatsapp, "the id that came since is hers");
    let (ada, zoe) = (
        contacts::get(&mut world.tx().await, two.ada).await.unwrap(),
        contacts::get(&mut world.tx().await, two.zoe).await.unwrap(),
    );
    assert_eq!((ada.name.as_str(), ada.phone.as_deref()), ("Ada Day", Some("+16505550101")));
    assert_eq!((zoe.name.as_str(), zoe.note.as_str(), zoe.phone), ("Zoe Bell", "Called.", None));
    assert_eq!(world.number("select count(*) from contacts").await, 2);
    assert_eq!(world.number("select count(*) from conversations").await, 2);
}

/// A message that waits for a transaction, which is committed meanwhile.
async fn arrives_meanwhile(world: &World, tx: TenantTx, message: &InboundMessage) -> Result<Received, Error> {
    let arrives = receive(world, &world.channel, message, ago(1));
    let goes_on = async {
        while !world.test.waits_for_a_lock().await {
            tokio::task::yield_now().await;
        }
        tx.commit().await.unwrap();
    };
    tokio::join!(arrives, goes_on).0
}

#[tokio::test]
async fn a_message_that_arrives_meanwhile_comes_to_whoever_wrote_it() {
    let two = Two::new().await;
    let world = &two.world;
    for (n, now_with) in [two.zoe, two.ada].into_iter().enumerate() {
        let tx = match now_with == two.zoe {
            true => becomes_part(world, two.zoe, two.ada).await,
            false => takes_out(world, two.zoe, two.ada).await,
        };
        let message = text(&format!("m{n}"), &phone(ADA), Origin::Customer, "me");
        let arrived = arrives_meanwhile(world, tx, &message).await;
        assert!(matches!(arrived, Err(Error::Stale)), "it is read again: {arrived:?}");
        let again = world.receive(&message, ago(1)).await;
        assert_eq!((again.conversation, again.is_new), (two.on_whatsapp, true));
        assert_eq!(contact(world, two.on_whatsapp).await, now_with);
        assert_eq!(world.number("select count(*) from conversations").await, 2);
    }
}

#[tokio::test]
async fn contacts_are_taken_out_one_after_the_other_also_of_one_that_became_part_of_another() {
    let two = Two::new().await;
    let world = &two.world;
    let page = channel(&world.test, &world.db, (world.agency, world.business), Channel::Facebook).await;
    let eve = text("f1", &scoped("99"), Origin::Customer, "hey");
    let eve = contact(world, receive(world, &page, &eve, ago(40)).await.unwrap().conversation).await;
    let before = two.all().await;
    merge(world, two.ada, two.zoe).await;
    let between = world.row(ALL).await;
    merge(world, eve, two.ada).await;
    assert_eq!(parts(world, eve).await, [two.ada, two.zoe]);
    undo(world, eve, two.ada).await;
    assert_eq!(world.row(ALL).await, between);
    assert_eq!((parts(world, two.ada).await, parts(world, eve).await), (vec![two.zoe], vec![]));
    undo(world, two.ada, two.zoe).await;
    assert_eq!(two.all().await, before);
}

#[tokio::test]
async fn what_a_message_proves_to_be_one_person_takes_along_what_can_be_taken_out() {
    let two = Two::new().await;
    let world = &two.world;
    let known = world.receive(&text("b1", &bsuid("US.7"), Origin::Customer, "hi"), ago(40)).await.conversation;
    let known = contact(world, known).await;
    merge(world, two.zoe, known).await;
    let both = Person { bsuid: Some("US.7".into()), ..phone(ADA) };
    world.receive(&text("b2", &both, Origin::Customer, "it is me"), ago(10)).await;
    assert_eq!(world.number("select count(*) from contacts").await, 1);
    assert_eq!(parts(world, two.ada).await, [known]);
    undo(world, two.ada, known).await;
    assert_eq!(contact(world, two.on_whatsapp).await, known);
    assert_eq!(contact(world, two.on_instagram).await, two.ada);
}

#[tokio::test]
async fn two_people_on_one_channel_are_known_there_together_and_nobody_elses_contact_is_found() {
    let two = Two::new().await;
    let world = &two.world;
    let ben = world.receive(&text("w9", &phone("16505550102"), Origin::Customer, "hi"), ago(5)).await.conversation;
    let ben = contact(world, ben).await;
    let mut tx = world.tx().await;
    assert_eq!(merging::pair(&mut tx, two.ada, ben).await.unwrap().shared, ["wa_id"]);
    assert_eq!(merging::pair(&mut tx, two.ada, two.zoe).await.unwrap().shared, Vec::<String>::new());
    let own = merging::pair(&mut tx, two.ada, two.ada).await;
    assert!(matches!(own, Err(Error::NotFound)), "{own:?}");
    merge(world, two.ada, two.zoe).await;
    let other = world.test.business(world.agency).await;
    let mut other = begin(&world.db, world.agency, other).await;
    for refused in [
        merging::pair(&mut other, two.ada, ben).await.map(drop),
        merging::undo(&mut other, two.ada, two.zoe).await,
        erasing::hold(&mut other, &BTreeSet::from([two.ada])).await,
    ] {
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
    assert!(merging::of(&mut other, two.ada).await.unwrap().is_empty());
}

#[tokio::test]
async fn after_thirty_days_nothing_is_taken_out_and_erasing_forgets_whoever_became_part() {
    let two = Two::new().await;
    let world = &two.world;
    world.test.execute("update contacts set email = 'zoe@example.test' where phone is null").await;
    merge(world, two.ada, two.zoe).await;
    world.test.execute("update contact_merges set created_at = now() - interval '31 days'").await;
    assert!(parts(world, two.ada).await.is_empty());
    let late = merging::undo(&mut world.tx().await, two.ada, two.zoe).await;
    assert!(matches!(late, Err(Error::NotFound)), "{late:?}");
    let mut tx = world.tx().await;
    let named = erasing::names(&mut tx, two.ada).await.unwrap();
    assert!(named.ids.contains(&two.zoe.to_string()) && named.emails.contains(&"zoe@example.test".to_owned()));
    erasing::begin(&mut tx, two.ada).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.number("select count(*) from contact_merges").await, 0);
}

/// The names of the contacts that a search finds.
async fn found(tx: &mut TenantTx, words: &str) -> Vec<ContactId> {
    let query = ListQuery { q: words.to_owned(), ..ListQuery::default() };
    contact_page::list(tx, &query).await.unwrap().rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn contacts_are_found_by_what_they_are_called_and_by_nothing_of_others() {
    let two = Two::new().await;
    let world = &two.world;
    world.test.execute("update contacts set email = 'Zoé@example.test' where phone is null").await;
    let mut tx = world.tx().await;
    for (words, ids) in [
        ("", vec![two.zoe, two.ada]),
        ("ad", vec![two.ada]),
        ("DAY", vec![two.ada]),
        ("+1 (650) 555", vec![two.ada]),
        ("5550101", vec![two.ada]),
        ("@ZOE", vec![two.zoe]),
        ("zoe@ex", vec![two.zoe]),
        ("hello", vec![]),
        ("%", vec![]),
        ("\0", vec![two.zoe, two.ada]),
    ] {
        assert_eq!(found(&mut tx, words).await, ids, "{words:?}");
    }
    let other = world.test.business(world.agency).await;
    let mut other = begin(&world.db, world.agency, other).await;
    for words in ["", "ada", "5550101", "zoe"] {
        assert!(found(&mut other, words).await.is_empty(), "{words:?}");
    }
}

#[tokio::test]
async fn contacts_come_page_by_page_the_newest_first() {
    let world = World::new(Channel::Whatsapp).await;
    world
        .test
        .execute("insert into contacts (sub_account_id, name) select b.id, 'Ida ' || n from sub_accounts b, generate_series(1, 120) n")
        .await;
    for q in ["", "ida"] {
        let (mut query, mut seen) = (ListQuery { q: q.to_owned(), ..ListQuery::default() }, Vec::new());
        for size in [50, 50, 20] {
            let page = contact_page::list(&mut world.tx().await, &query).await.unwrap();
            assert_eq!((page.rows.len(), page.next.is_some()), (size, size == 50), "{q:?}");
            seen.extend(page.rows.iter().map(|row| row.id));
            query.cursor = page.next;
        }
        let sorted: Vec<_> = BTreeSet::from_iter(seen.iter().copied()).into_iter().rev().collect();
        assert_eq!(seen, sorted, "{q:?}");
        let first = contact_page::first(&mut world.tx().await, q, 6).await.unwrap();
        assert_eq!(first.iter().map(|row| row.id).collect::<Vec<_>>(), seen[..6], "{q:?}");
    }
}
