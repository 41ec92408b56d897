//! Is what nobody needs erased, and nothing else? On a real folder and a real database.

use store::DbRole;
use store::testing::TestDb;
use uuid::Uuid;

use super::*;

/// A stored file of a customer's message in a business.
const STORED: &str = "
  with h as (insert into channels (sub_account_id, agency_id, type, external_id) select id, agency_id, 'WHATSAPP', gen_random_uuid()::text from sub_accounts where id = $1 returning *),
  p as (insert into contacts (sub_account_id) select sub_account_id from h returning *),
  c as (insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, external_address)
    select h.sub_account_id, h.agency_id, h.id, p.id, h.type, '1' from h, p returning *),
  m as (insert into messages (sub_account_id, conversation_id, direction, sender) select sub_account_id, id, 'in', 'contact' from c returning *)
  insert into message_attachments (sub_account_id, message_id, kind, state, sha256, bytes) select sub_account_id, id, 'image', 'stored', $2, 5 from m";

/// A database and a folder of files.
struct World {
    test: TestDb,
    db: Db,
    root: PathBuf,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let db = test.db(DbRole::Worker).await;
        let root = std::env::temp_dir().join(format!("slipway-files-{}", store::new_id::<Uuid>()));
        std::fs::create_dir_all(&root).unwrap();
        Self { test, db, root }
    }

    /// A file at a path, as old as this.
    fn file(&self, path: impl AsRef<Path>, age: Duration) -> PathBuf {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, b"hello").unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    }

    /// A file that a message of a business brought.
    async fn stored(&self, business: BusinessId, sha256: [u8; 32]) -> PathBuf {
        self.test.insert(STORED, business.0, &sha256).await;
        self.file(file::path(business, &sha256), hours(2))
    }

    async fn erase_removed(&self) -> u64 {
        let (done, trouble) = erase_removed(&self.db, &self.root, &|| true).await.unwrap();
        assert!(trouble.is_none());
        done.rows
    }

    async fn erase_orphans(&self, part: &str) -> u64 {
        erase_orphans(&self.db, &self.root, part, &|| true).await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[tokio::test]
async fn a_file_goes_with_the_last_message_that_brought_it() {
    let world = World::new().await;
    let agency = world.test.agency().await;
    let (one, two) = (world.test.business(agency).await, world.test.business(agency).await);
    let sha256 = [0xab; 32];
    let (mine, theirs) = (world.stored(one, sha256).await, world.stored(two, sha256).await);
    world.stored(one, sha256).await;
    assert_eq!(world.erase_removed().await, 0);
    world
        .test
        .insert(
            "update message_attachments set removed_at = now() where id in (select id from message_attachments where sub_account_id = $1 and sha256 = $2 limit 1)",
            one.0,
            &sha256,
        )
        .await;
    assert_eq!(world.erase_removed().await, 1);
    assert!(mine.exists(), "another message needs it");
    let take_back = "update message_attachments set removed_at = now() where sub_account_id = $1 and sha256 = $2";
    world.test.insert(take_back, one.0, &sha256).await;
    // Somebody erased it already: a crash after that leaves the row.
    std::fs::remove_file(&mine).unwrap();
    assert_eq!((world.erase_removed().await, world.erase_removed().await), (1, 0));
    assert!(theirs.exists(), "a business shares no file with another");
    world.test.insert(take_back, two.0, &sha256).await;
    assert_eq!(world.erase_removed().await, 1);
    assert!(!theirs.exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_erased_holds_up_no_other_and_is_told() {
    let world = World::new().await;
    let business = world.test.business(world.test.agency().await).await;
    let (stuck, sound) = (world.stored(business, [1; 32]).await, world.stored(business, [2; 32]).await);
    std::fs::remove_file(&stuck).unwrap();
    std::fs::create_dir(&stuck).unwrap();
    let take_back = "update message_attachments set removed_at = now() - interval '1 hour' where sub_account_id = $1 and sha256 = $2";
    for sha256 in [[1; 32], [2; 32]] {
        world.test.insert(take_back, business.0, &sha256).await;
    }
    let (done, trouble) = erase_removed(&world.db, &world.root, &|| true).await.unwrap();
    assert_eq!((done.rows, trouble.is_some(), sound.exists()), (1, true, false));
    std::fs::remove_dir(&stuck).unwrap();
    assert_eq!(world.erase_removed().await, 1, "it is tried again");
}

#[tokio::test]
async fn a_file_that_is_kept_no_longer_is_erased_once() {
    let world = World::new().await;
    let business = world.test.business(world.test.agency().await).await;
    let (old, young) = (world.stored(business, [1; 32]).await, world.stored(business, [2; 32]).await);
    let age = "update message_attachments set created_at = now() - interval '19 months' where sub_account_id = $1 and sha256 = $2";
    world.test.insert(age, business.0, &[1; 32]).await;
    assert_eq!((expire(&world.db, 20).await.unwrap(), expire(&world.db, 18).await.unwrap()), (0, 1));
    assert!(old.exists(), "it is erased like one that was taken back");
    assert_eq!(world.erase_removed().await, 1);
    assert!(!old.exists() && young.exists());
    assert_eq!((expire(&world.db, 18).await.unwrap(), world.erase_removed().await), (0, 0));
}

#[tokio::test]
async fn what_is_left_over_goes_and_what_is_needed_or_young_stays() {
    let world = World::new().await;
    let agency = world.test.agency().await;
    let (business, erased) = (world.test.business(agency).await, BusinessId(Uuid::from_u128(7)));
    let orphan = |first: u8, last: u8| {
        let mut sha256 = [first; 32];
        sha256[31] = last;
        file::path(business, &sha256)
    };
    let stays = [
        world.stored(business, [0xab; 32]).await,
        world.file(orphan(0xab, 1), Duration::ZERO),
        world.file(orphan(0xac, 1), hours(2)),
        world.file(format!("{business}/ab/notes"), hours(2)),
        world.file(format!("{ARRIVING}/young"), Duration::ZERO),
        world.file("lost+found/old", hours(2)),
    ];
    let goes = [
        world.file(orphan(0xab, 2), hours(2)),
        world.file(file::path(erased, &[0x01; 32]), hours(2)),
        world.file(file::path(erased, &[0xab; 32]), hours(2)),
        world.file(format!("{ARRIVING}/old"), hours(2)),
    ];
    assert_eq!(world.erase_orphans("ab").await, 4);
    assert_eq!(world.erase_orphans("ab").await, 0);
    for path in stays {
        assert!(path.exists(), "{}", path.display());
    }
    for path in goes {
        assert!(!path.exists(), "{}", path.display());
    }
    assert!(!world.root.join(erased.to_string()).exists(), "nothing tells that there was such a business");
}
