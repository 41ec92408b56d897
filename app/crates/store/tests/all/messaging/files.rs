//! Does a file count once, and does it go when its writer takes it back, whenever that happens?

use std::time::Duration;

use domain::AttachmentId;
use domain::messaging::Channel;
use domain::messaging::inbound::{InboundFile, Origin};
use store::messaging::attachments::{self, Stored, Waiting};
use store::messaging::{files, messages, thread};

use super::{World, ago, phone, text};

const ADA: &str = "16505550101";

/// A customer's message with a picture that waits to be fetched.
pub(super) async fn waiting(world: &World, id: &str) -> Waiting {
    let picture = InboundFile {
        kind: "image".into(),
        media_id: Some(format!("media.{id}")),
        url: None,
        mime: None,
        name: Some("me.png".into()),
    };
    let mut message = text(id, &phone(ADA), Origin::Customer, "look");
    message.attachments = vec![picture];
    let conversation = world.receive(&message, ago(10)).await.conversation;
    let mut tx = world.tx().await;
    let shown = thread::thread(&mut tx, conversation, None, 50).await.unwrap().messages;
    let newest = shown.iter().flat_map(|message| &message.attachments).rfind(|file| file.state == "waiting").unwrap();
    attachments::waiting(&mut tx, newest.id).await.unwrap().unwrap()
}

pub(super) async fn store(world: &World, file: &Waiting, sha256: [u8; 32]) -> bool {
    let mut tx = world.tx().await;
    let stored = Stored { sha256, mime: "image/png", bytes: 1000 };
    let is_stored = attachments::stored(&mut tx, file, &stored).await.unwrap();
    tx.commit().await.unwrap();
    is_stored
}

pub(super) async fn take_back(world: &World, id: &str) {
    let mut tx = world.tx().await;
    messages::revoke(&mut tx, &world.channel, &phone(ADA), id).await.unwrap();
    tx.commit().await.unwrap();
}

pub(super) async fn used(world: &World) -> u64 {
    let mut tx = world.tx().await;
    let used = files::used(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    used
}

/// The rows whose files are still to be erased.
pub(super) async fn removed(world: &World) -> Vec<AttachmentId> {
    files::removed(&world.db).await.unwrap().into_iter().map(|one| one.id).collect()
}

#[tokio::test]
async fn a_file_counts_once_however_many_messages_bring_it() {
    let world = World::new(Channel::Whatsapp).await;
    assert_eq!(used(&world).await, 0);
    for (id, first, expected) in [("m1", 1, 1000), ("m2", 1, 1000), ("m3", 2, 2000)] {
        let file = waiting(&world, id).await;
        assert!(store(&world, &file, [first; 32]).await);
        assert!(!store(&world, &file, [9; 32]).await, "what is stored is not stored again");
        assert_eq!(used(&world).await, expected, "{id}");
    }
    let mut other = files::begin(&world.db, world.test.business(world.agency).await).await.unwrap();
    assert_eq!(files::used(&mut other).await.unwrap(), 0);
    assert!(
        files::needed(&mut other, &[vec![1; 32]]).await.unwrap().is_empty(),
        "it learns nothing of another's files"
    );
}

#[tokio::test]
async fn a_file_that_is_taken_back_is_seen_by_nobody_and_waits_to_be_erased() {
    let world = World::new(Channel::Whatsapp).await;
    let one = waiting(&world, "m1").await;
    store(&world, &one, [1; 32]).await;
    let two = waiting(&world, "m2").await;
    store(&world, &two, [1; 32]).await;
    take_back(&world, "m1").await;
    assert_eq!(removed(&world).await, [one.id]);
    let mut tx = world.tx().await;
    assert!(attachments::file(&mut tx, one.id).await.is_err() && attachments::file(&mut tx, two.id).await.is_ok());
    let shown = thread::thread(&mut tx, one.conversation, None, 50).await.unwrap().messages;
    assert_eq!(shown.iter().map(|message| message.attachments.len()).sum::<usize>(), 1);
    assert_eq!(
        files::needed(&mut tx, &[vec![1; 32], vec![2; 32]]).await.unwrap(),
        [vec![1; 32]],
        "of the other message"
    );
    files::forget(&mut tx, two.id).await.unwrap();
    files::forget(&mut tx, one.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(removed(&world).await.is_empty());
    assert_eq!(
        world.number("select count(*) from message_attachments").await,
        1,
        "only what was taken back is forgotten"
    );
    take_back(&world, "m2").await;
    assert!(files::needed(&mut world.tx().await, &[vec![1; 32]]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_is_taken_back_while_it_arrives_is_not_stored() {
    let world = World::new(Channel::Whatsapp).await;
    let file = waiting(&world, "m1").await;
    take_back(&world, "m1").await;
    assert!(!store(&world, &file, [1; 32]).await);
    assert_eq!(world.number("select count(*) from message_attachments").await, 0);
}

#[tokio::test]
async fn a_file_whose_work_is_lost_is_fetched_all_the_same() {
    let world = World::new(Channel::Whatsapp).await;
    let (one, two) = (waiting(&world, "m1").await, waiting(&world, "m2").await);
    let lost = async |age: u64| files::lost(&world.db, Duration::from_secs(age)).await.unwrap();
    assert!(lost(0).await.is_empty(), "both wait in the queue");
    world.test.execute("delete from work_ready").await;
    assert_eq!(lost(0).await.len(), 2);
    assert!(lost(3600).await.is_empty(), "their work may be on its way");
    store(&world, &one, [1; 32]).await;
    assert_eq!(lost(0).await, [(world.business, two.id)], "the one that is not stored");
    for _ in 0..2 {
        let mut tx = files::begin(&world.db, world.business).await.unwrap();
        files::fetch(&mut tx, two.id).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(lost(0).await.is_empty());
    let work = "select count(*) from work_ready w join sub_accounts b on b.id = w.sub_account_id and b.agency_id = w.agency_id where w.lane = 'media'";
    assert_eq!(world.number(work).await, 1, "once, for its business and agency");
}
