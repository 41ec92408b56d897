//! Is nothing left of a contact that was erased, in any table, and everything of all others?

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::identity::Role;
use domain::messaging::Channel;
use domain::messaging::inbound::Origin;
use domain::{ContactId, ConversationId};
use serde_json::json;
use store::Error;
use store::messaging::contacts::{self, ContactChange};
use store::messaging::erasing::{self, Left};
use store::messaging::scheduled::{self, NewScheduled};
use store::messaging::{files, thread};

use super::files::{removed, store, waiting};
use super::{World, ago, phone, scoped, text};

/// The number of the customer whom [`waiting`] has write.
const ADA: &str = "16505550101";
const BEN: &str = "16505550102";
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// A word that stands in everything that Ada and the business said.
const WORD: &str = "heliotrope";

/// What the assistant made of each message of the customer that has a word.
const OF_ASSISTANT: &str = r#"
    insert into ai_answers (sub_account_id, conversation_id, trigger_message_id, mode, state, draft, sources, trace)
      select sub_account_id, conversation_id, id, 'draft', 'drafted', 'heliotrope', '[{"passage": "heliotrope"}]', '{"steps": ["heliotrope"]}' from messages
      where direction = 'in' and body like '%heliotrope%';
    insert into ai_rehearsals (sub_account_id, kind, is_published, version, settings) select sub_account_id, 'rehearsal', false, 0, '{}' from channels;
    insert into ai_rehearsal_cases (sub_account_id, rehearsal_id, position, trigger_message_id, question, then_text)
      select m.sub_account_id, r.id, 0, m.id, 'heliotrope?', 'heliotrope' from ai_rehearsals r, messages m where m.direction = 'in' and m.body like '%heliotrope%' limit 1"#;

impl World {
    async fn contact(&self, conversation: ConversationId) -> ContactId {
        thread::thread(&mut self.tx().await, conversation, None, 1).await.unwrap().contact.id
    }

    async fn begins_to_erase(&self, contact: ContactId) -> Result<(), Error> {
        let mut tx = self.tx().await;
        let begun = erasing::begin(&mut tx, contact).await;
        tx.commit().await.unwrap();
        begun
    }

    async fn goes_on(&self, contact: ContactId) -> Left {
        let mut tx = self.tx().await;
        let left = erasing::piece(&mut tx, contact).await.unwrap();
        tx.commit().await.unwrap();
        left
    }

    /// The tables that hold any of these texts.
    async fn holding(&self, texts: &[String]) -> Vec<String> {
        let contents = self.test.contents().await.into_iter();
        let holds = |rows: &str| texts.iter().any(|text| rows.contains(text.as_str()));
        contents.filter(|(_, rows)| holds(rows)).map(|(table, _)| table).collect()
    }

    /// Everything that can be said with a customer, each time with the word.
    async fn says_everything(&self) -> (ConversationId, ContactId) {
        let asked = text("w1", &phone(ADA), Origin::Customer, "Have you got heliotrope?");
        let conversation = self.receive(&asked, ago(600)).await.conversation;
        let contact = self.contact(conversation).await;
        self.send(conversation, "We have heliotrope.").await;
        let user = self.test.person(Role::TeamMember, Some(self.agency), Some(self.business)).await;
        let mut tx = self.tx().await;
        let at = Utc::now() + TimeDelta::hours(1);
        let (kind, body, details) = ("text", "heliotrope tomorrow", json!({}));
        scheduled::add(&mut tx, &NewScheduled { conversation, user, kind, body, details, reply_to: None, at })
            .await
            .unwrap();
        let to = ContactChange {
            name: "Ada Heliotrope".into(),
            email: Some("ada@heliotrope.test".into()),
            phone: Some(format!("+{ADA}")),
            company: WORD.into(),
            note: WORD.into(),
        };
        contacts::change(&mut tx, contact, &to).await.unwrap();
        tx.commit().await.unwrap();
        self.test.execute(OF_ASSISTANT).await;
        (conversation, contact)
    }
}

#[tokio::test]
async fn nothing_is_left_in_any_table_and_whoever_writes_again_is_somebody_new() {
    let world = World::new(Channel::Whatsapp).await;
    let picture = waiting(&world, "p1").await;
    assert!(store(&world, &picture, [7; 32]).await);
    let (conversation, contact) = world.says_everything().await;
    let ben = world.receive(&text("b1", &phone(BEN), Origin::Customer, "hi"), ago(60)).await.conversation;
    let texts = [WORD.to_owned(), "Heliotrope".to_owned(), ADA.to_owned(), contact.to_string()];
    assert!(world.holding(&texts).await.len() >= 7, "{:?}", world.holding(&texts).await);

    world.begins_to_erase(contact).await.unwrap();
    let again = world.begins_to_erase(contact).await;
    assert!(matches!(again, Err(Error::NotFound)), "it is begun once: {again:?}");
    let shown = thread::thread(&mut world.tx().await, conversation, None, 1).await;
    assert!(matches!(shown, Err(Error::NotFound)), "nobody reads it any more: {shown:?}");
    let anew = world.receive(&text("w2", &phone(ADA), Origin::Customer, "hello"), ago(1)).await.conversation;
    assert_ne!(anew, conversation);
    assert_ne!(world.contact(anew).await, contact);
    let repeat = world.receive(&text("w1", &phone(ADA), Origin::Customer, "hello"), ago(600)).await;
    assert_eq!((repeat.conversation, repeat.is_new), (anew, true), "what comes again is new");

    let under_way = erasing::under_way(&world.db, None).await.unwrap();
    assert_eq!(
        under_way.iter().map(|one| (one.business, one.contact)).collect::<Vec<_>>(),
        [(world.business, contact)]
    );
    assert_eq!(world.goes_on(contact).await, Left::Waits, "for its file and its call");
    for id in removed(&world).await {
        let mut tx = world.tx().await;
        files::forget(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(world.goes_on(contact).await, Left::Waits, "for its call");
    world.test.execute("update message_sends set sent_at = now() - interval '11 minutes'").await;
    assert_eq!(world.goes_on(contact).await, Left::Nothing);
    assert_eq!(world.goes_on(contact).await, Left::Nothing, "another time does nothing");
    let texts = [WORD.to_owned(), "Heliotrope".to_owned(), contact.to_string()];
    assert_eq!(world.holding(&texts).await, Vec::<String>::new());
    assert_eq!(files::used(&mut world.tx().await).await.unwrap(), 0, "the room of the file is given back");
    assert_eq!(world.number("select count(*) from messages").await, 3, "what others say stays");
    assert!(thread::thread(&mut world.tx().await, ben, None, 1).await.is_ok());
    assert!(erasing::under_way(&world.db, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_long_thread_goes_in_pieces_and_a_business_erases_only_its_own() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.receive(&text("1", &phone(ADA), Origin::Customer, "hi"), ago(60)).await.conversation;
    let contact = world.contact(conversation).await;
    world.test.execute("insert into messages (id, sub_account_id, conversation_id, channel, happened_at, direction, sender, kind, body, status)
        select gen_random_uuid(), m.sub_account_id, m.conversation_id, m.channel, m.happened_at, m.direction, m.sender, m.kind, m.body, m.status from messages m, generate_series(1, 1200)").await;
    let other = world.test.business(world.agency).await;
    let mut tx = super::begin(&world.db, world.agency, other).await;
    assert!(matches!(erasing::begin(&mut tx, contact).await, Err(Error::NotFound)));
    assert_eq!(erasing::piece(&mut tx, contact).await.unwrap(), Left::Nothing);
    drop(tx);
    assert_eq!(world.goes_on(contact).await, Left::Nothing, "nobody asked for it");
    assert_eq!(world.number("select count(*) from messages").await, 1201);
    world.begins_to_erase(contact).await.unwrap();
    let mut pieces = Vec::new();
    while let left @ Left::More = world.goes_on(contact).await {
        pieces.push(left);
    }
    assert_eq!(pieces.len(), 2);
    assert_eq!(world.number("select count(*) from contacts").await, 0);
}

#[tokio::test]
async fn a_contact_for_whom_the_log_was_not_read_stays_whichever_version_erases_it() {
    let world = World::new(Channel::Whatsapp).await;
    let conversation = world.receive(&text("1", &phone(ADA), Origin::Customer, "hi"), ago(60)).await.conversation;
    let contact = world.contact(conversation).await;
    let mut tx = world.tx().await;
    let named = erasing::names(&mut tx, contact).await.unwrap();
    erasing::begin(&mut tx, contact).await.unwrap();
    erasing::remember(&mut tx, contact, &named).await.unwrap();
    tx.commit().await.unwrap();
    // The version before this one reads no log, and removes a contact at once.
    world.goes_on(contact).await;
    let mut tx = world.tx().await;
    assert_eq!(erasing::unread(&mut tx, contact).await.unwrap(), Some((named, None)));
    erasing::read_up_to(&mut tx, contact, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.goes_on(contact).await, Left::Nothing);
    assert_eq!(world.number("select count(*) from contacts").await, 0);
}

#[tokio::test]
async fn visitors_of_whom_nobody_noted_anything_are_forgotten_after_a_year_of_silence() {
    let world = World::new(Channel::Webchat).await;
    let conversation = world.receive(&text("1", &scoped("v"), Origin::Customer, "hi"), ago(60)).await.conversation;
    let contact = world.contact(conversation).await;
    for (meanwhile, found) in [
        ("update contacts set last_activity_at = now() - interval '364 days'", 0),
        ("update contacts set last_activity_at = now() - interval '366 days'", 1),
        ("update contacts set email = 'v@example.test'", 1),
        ("update contacts set is_named = true", 0),
        ("update contacts set is_named = false, note = 'Wants two'", 0),
        ("update contacts set note = ''", 1),
        (
            "insert into contact_identities (sub_account_id, contact_id, kind, external_id) select sub_account_id, id, 'wa_id', '16505550101' from contacts",
            0,
        ),
        ("delete from contact_identities where kind = 'wa_id'", 1),
    ] {
        world.test.execute(meanwhile).await;
        let silent = erasing::silent_visitors(&world.db, YEAR, None).await.unwrap();
        assert_eq!(silent.len(), found, "{meanwhile}");
    }
    for (meanwhile, expected) in [
        ("update contacts set last_activity_at = now()", 0),
        ("update contacts set last_activity_at = now() - interval '366 days'", 1),
    ] {
        world.test.execute(meanwhile).await;
        let mut tx = world.tx().await;
        erasing::begin_visitor(&mut tx, contact, YEAR).await.unwrap();
        tx.commit().await.unwrap();
        let under_way = erasing::under_way(&world.db, None).await.unwrap().len();
        assert_eq!(under_way, expected, "{meanwhile}");
    }
    assert_eq!(world.goes_on(contact).await, Left::Nothing);
    assert_eq!(world.number("select count(*) from contacts").await, 0);
}
