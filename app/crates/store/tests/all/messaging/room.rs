//! Is the room of a business that of its files, whatever becomes of them, is its agency told in time, and do files go that are
//! kept no longer?

use std::time::Duration;

use domain::MessageId;
use domain::identity::Role;
use domain::messaging::Channel;
use domain::messaging::file::{AGED, NO_ROOM};
use store::messaging::attachments::{self, Stored, Waiting};
use store::messaging::{files, own_files, room, thread};

use super::World;
use super::files::{removed, store, take_back, used, waiting};

const TOLD: &str = "select count(*) from notifications where kind = 'files.limit'";

impl World {
    /// Erases what is to be erased, as the sweep does once the file is gone from the disk.
    async fn erase(&self) {
        for one in files::removed(&self.db).await.unwrap() {
            let mut tx = self.tx().await;
            files::forget(&mut tx, one.id).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// Lets everything go that is kept no longer. Returns how many files there were.
    async fn expire(&self, months: u16) -> u64 {
        let mut gone = 0;
        for (business, aged) in files::aged(&self.db, months).await.unwrap() {
            let mut tx = files::begin(&self.db, business).await.unwrap();
            gone += files::expire(&mut tx, &aged).await.unwrap();
            tx.commit().await.unwrap();
        }
        gone
    }

    /// What the conversation of a file says of each of its files: the state and why.
    async fn said(&self, file: &Waiting) -> Vec<(String, Option<String>)> {
        let shown = thread::thread(&mut self.tx().await, file.conversation, None, 50).await.unwrap().messages;
        shown.into_iter().flat_map(|message| message.attachments).map(|file| (file.state, file.error)).collect()
    }

    async fn tell(&self, most: u64, found_none: bool) -> i64 {
        let mut tx = self.tx().await;
        room::tell(&mut tx, most, found_none).await.unwrap();
        tx.commit().await.unwrap();
        self.number(TOLD).await
    }
}

#[tokio::test]
async fn a_file_gives_its_room_back_with_the_last_message_that_brought_it() {
    let world = World::new(Channel::Whatsapp).await;
    for known in [true, false] {
        if known {
            assert_eq!(used(&world).await, 0);
        }
        for id in ["m1", "m2"] {
            let id = format!("{id} {known}");
            let file = waiting(&world, &id).await;
            assert!(store(&world, &file, [1; 32]).await);
        }
        assert_eq!(used(&world).await, 1000);
        let answer = world.send(waiting(&world, &format!("m3 {known}")).await.conversation, "Here.").await;
        attach(&world, answer, [2; 32]).await;
        attach(&world, answer, [1; 32]).await;
        assert_eq!(used(&world).await, 2000, "what we send takes room, too");
        for id in ["m1", "m2"] {
            take_back(&world, &format!("{id} {known}")).await;
            world.erase().await;
            assert_eq!(used(&world).await, 2000, "our own answer still has it");
        }
        world.test.execute("update message_attachments set removed_at = now() where sha256 is not null").await;
        world.erase().await;
        assert_eq!(used(&world).await, 0);
        // A business that is new to the counter is summed once.
        world.test.execute("delete from file_usage").await;
    }
}

async fn attach(world: &World, message: MessageId, sha256: [u8; 32]) {
    let mut tx = world.tx().await;
    let file = Stored { sha256, mime: "image/png", bytes: 1000 };
    own_files::add(&mut tx, message, "image", "me.png", &file).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_wrong_number_is_corrected_once_a_day() {
    let world = World::new(Channel::Whatsapp).await;
    assert_eq!(used(&world).await, 0);
    let file = waiting(&world, "m1").await;
    store(&world, &file, [1; 32]).await;
    for (harm, expected) in [
        ("update file_usage set bytes = 7", 7),
        ("update file_usage set bytes = 7, counted_at = now() - interval '25 hours'", 1000),
        ("update file_usage set bytes = 7", 7),
    ] {
        world.test.execute(harm).await;
        let mut tx = files::begin(&world.db, world.business).await.unwrap();
        room::correct(&mut tx, Duration::from_secs(24 * 3600)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(used(&world).await, expected, "{harm}");
    }
}

#[tokio::test]
async fn the_agency_is_told_once_at_eighty_percent_and_once_when_there_is_no_room() {
    for found_none in [false, true] {
        let world = World::new(Channel::Whatsapp).await;
        world.test.person(Role::AgencyOwner, Some(world.agency), None).await;
        assert_eq!(world.tell(1000, false).await, 0, "nobody counted its files yet");
        assert_eq!(used(&world).await, 0);
        let file = waiting(&world, "m1").await;
        store(&world, &file, [1; 32]).await;
        for (most, told) in [(2000, 0), (1250, 1), (1250, 1), (1001, 1)] {
            assert_eq!(world.tell(most, false).await, told, "of {most}");
        }
        let most = if found_none { 1500 } else { 1000 };
        for _ in 0..2 {
            assert_eq!(world.tell(most, found_none).await, 2);
        }
        assert_eq!(world.tell(1250, false).await, 2, "who was told that there is none needs to hear of nothing less");
        let mut own = files::begin(&world.db, world.business).await.unwrap();
        room::tell(&mut own, 1, true).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_waits_for_room_and_its_message_says_so() {
    let world = World::new(Channel::Whatsapp).await;
    let file = waiting(&world, "m1").await;
    for _ in 0..2 {
        let mut tx = world.tx().await;
        attachments::no_room(&mut tx, &file).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.said(&file).await, [("waiting".to_owned(), Some(NO_ROOM.to_owned()))]);
    }
    assert!(store(&world, &file, [1; 32]).await);
    assert_eq!(world.said(&file).await, [("stored".to_owned(), None)]);
    let mut tx = world.tx().await;
    attachments::no_room(&mut tx, &file).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.said(&file).await, [("stored".to_owned(), None)], "it waits no more");
}

#[tokio::test]
async fn a_file_that_is_kept_no_longer_goes_and_its_message_says_so() {
    for is_taken_back in [false, true] {
        let world = World::new(Channel::Whatsapp).await;
        let file = waiting(&world, "m1").await;
        store(&world, &file, [1; 32]).await;
        assert_eq!((used(&world).await, world.expire(18).await), (1000, 0));
        world.test.execute("update message_attachments set created_at = now() - interval '18 months 1 day'").await;
        assert_eq!([world.expire(19).await, world.expire(18).await, world.expire(18).await], [0, 1, 0]);
        assert!(attachments::file(&mut world.tx().await, file.id).await.is_err(), "nobody sees it any more");
        assert_eq!(removed(&world).await, [file.id]);
        assert_eq!(used(&world).await, 1000, "it lies there until it is erased");
        if is_taken_back {
            take_back(&world, "m1").await;
        }
        world.erase().await;
        assert!(removed(&world).await.is_empty() && files::aged(&world.db, 1).await.unwrap().is_empty());
        assert_eq!(used(&world).await, 0);
        let expected = [("expired".to_owned(), Some(AGED.to_owned()))];
        assert_eq!(world.said(&file).await, if is_taken_back { &[][..] } else { &expected[..] });
    }
}
