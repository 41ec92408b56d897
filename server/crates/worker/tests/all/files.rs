//! The rules of customers' files: each is stored once for its business, as long as the business has room, and what it does not
//! get is said in the conversation.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Utc;
use domain::messaging::inbound::{InboundFile, InboundMessage, Origin, Person};
use domain::messaging::view::AttachmentView;
use domain::messaging::{Channel, file};
use domain::work::Queue;
use domain::{BusinessId, ChannelId, ConversationId, IntegrationId};
use serde_json::Value;
use store::TenantTx;
use store::integrations::{self, NewConnection};
use store::messaging::channels::{self, NewChannel};
use store::messaging::{messages, thread};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use worker::{Worker, testing};

use crate::harness::Harness;
use crate::harness::business::{self, begin};

/// The picture of every address of the platform.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// A business with a page, a worker, and the folder of its files.
struct World {
    harness: Harness,
    worker: Worker,
    platform: url::Url,
    /// Whether the platform gives its files.
    works: Arc<AtomicBool>,
    folder: PathBuf,
    business: BusinessId,
    channel: ChannelId,
}

/// A platform that answers each request with the picture, while it works.
async fn platform(works: Arc<AtomicBool>) -> url::Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            if stream.read(&mut head).await.unwrap_or_default() == 0 {
                continue;
            }
            if !works.load(Ordering::SeqCst) {
                let down = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(down).await;
                continue;
            }
            let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", PICTURE.len());
            let _ = stream.write_all(&[answer.as_bytes(), PICTURE].concat()).await;
        }
    });
    address
}

impl World {
    async fn new() -> Self {
        let works = Arc::new(AtomicBool::new(true));
        let (harness, platform) = (Harness::new().await, platform(works.clone()).await);
        let business = harness.db.business(harness.agency).await;
        let folder = std::env::temp_dir().join(format!("slipway-files-{}", store::new_id::<uuid::Uuid>()));
        let worker = business::worker(&harness, &platform, folder.clone());
        let mut world = Self { harness, worker, platform, works, folder, business, channel: store::new_id() };
        let mut tx = world.tx().await;
        let new = NewConnection {
            kind: domain::integration::Kind::Facebook,
            platform_id: "201",
            name: Some("Shop"),
            parent: None,
        };
        let integration: IntegrationId = integrations::upsert(&mut tx, &new).await.unwrap().0;
        let (kind, external_id, name) = (Channel::Facebook, "201", "Shop");
        let new = NewChannel { kind, external_id, integration, name, display_address: "" };
        let channel = channels::upsert(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        world.channel = channel;
        world
    }

    async fn tx(&self) -> TenantTx {
        begin(self.harness.agency, &self.harness.work, self.business).await
    }

    /// A customer sends a picture that is at this address.
    async fn hears(&self, id: &str, address: &str) -> ConversationId {
        let mut tx = self.tx().await;
        let channel = channels::get(&mut tx, self.channel).await.unwrap();
        let picture = InboundFile {
            kind: "image".to_owned(),
            media_id: None,
            url: Some(address.to_owned()),
            mime: None,
            name: None,
        };
        let message = InboundMessage {
            id: id.to_owned(),
            person: Person { scoped_id: Some("ada".to_owned()), ..Person::default() },
            origin: Origin::Customer,
            kind: "image".to_owned(),
            text: String::new(),
            attachments: vec![picture],
            reply_to: None,
            details: Value::Null,
        };
        let received = messages::receive(&mut tx, &channel, Some(Utc::now()), &message).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        received.conversation
    }

    /// Fetches what is due, and returns the files of a conversation.
    async fn fetched(&self, worker: &Worker, conversation: ConversationId) -> Vec<AttachmentView> {
        testing::run_due_in(worker, &[Queue::Media]).await;
        let shown = thread::thread(&mut self.tx().await, conversation, None, 100).await.unwrap().messages;
        shown.into_iter().flat_map(|message| message.attachments).collect()
    }

    /// The files of all businesses on the disk, also those that arrive.
    fn on_disk(&self) -> Vec<PathBuf> {
        let (mut all, mut folders) = (Vec::new(), vec![self.folder.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { all.push(path) }
            }
        }
        all
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_comes_twice_is_stored_once_for_its_business() {
    let world = World::new().await;
    let address = world.platform.join("/picture").unwrap();
    let conversation = world.hears("m1", address.as_str()).await;
    world.hears("m2", address.as_str()).await;
    let files = world.fetched(&world.worker, conversation).await;
    let about = |file: &AttachmentView| (file.state.clone(), file.mime.clone().unwrap_or_default(), file.bytes);
    let expected = ("stored".to_owned(), "image/png".to_owned(), i64::try_from(PICTURE.len()).ok());
    assert_eq!(files.iter().map(about).collect::<Vec<_>>(), [expected.clone(), expected]);
    let disk = world.on_disk();
    let [path] = &disk[..] else { panic!("one file: {disk:?}") };
    assert!(path.starts_with(world.folder.join(world.business.to_string())), "{}", path.display());
    let sha256 = path.file_name().and_then(|name| file::checksum(name.to_str()?)).unwrap();
    assert_eq!(path, &world.folder.join(file::path(world.business, &sha256)));
    assert_eq!(std::fs::read(path).unwrap(), PICTURE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_room_the_message_stays_and_says_so() {
    let world = World::new().await;
    let address = world.platform.join("/picture").unwrap();
    let size = PICTURE.len() as u64;
    // There is room for one, and for a part of another.
    let small = world.worker.clone().with_files_per_client(2 * size - 1);
    let conversation = world.hears("m1", address.as_str()).await;
    let first = world.fetched(&small, conversation).await;
    assert_eq!(first[0].state, "stored");
    world.hears("m2", address.as_str()).await;
    let files = world.fetched(&small, conversation).await;
    let waits = |files: &[AttachmentView]| {
        let is_told = |file: &&AttachmentView| file.state == "waiting" && file.error.as_deref() == Some(file::NO_ROOM);
        files.iter().filter(is_told).count()
    };
    assert!(files.len() == 2 && waits(&files) == 1, "{files:?}");
    assert_eq!(world.on_disk().len(), 1, "nothing of the other is left");
    // The next day there is as little room, and the day after that there is more.
    let next_day = "update work_scheduled set run_at = now() where lane = 'media'";
    world.harness.db.execute(next_day).await;
    assert_eq!(waits(&world.fetched(&small, conversation).await), 1);
    world.harness.db.execute(next_day).await;
    let files = world.fetched(&world.worker, conversation).await;
    assert!(files.iter().all(|file| file.state == "stored"), "{files:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_found_no_room_while_the_platform_had_it_is_lost() {
    let world = World::new().await;
    let address = world.platform.join("/picture").unwrap();
    let full = world.worker.clone().with_files_per_client(1);
    let conversation = world.hears("m1", address.as_str()).await;
    let files = world.fetched(&full, conversation).await;
    assert_eq!((files[0].state.as_str(), files[0].error.as_deref()), ("waiting", Some(file::NO_ROOM)));
    world.harness.db.execute("update message_attachments set created_at = now() - interval '8 days'").await;
    world.harness.db.execute("update work_scheduled set run_at = now() where lane = 'media'").await;
    assert_eq!(world.fetched(&full, conversation).await[0].state, "expired");
    assert!(world.on_disk().is_empty());
}

/// Platforms keep a file for a week, so no outage of some minutes or hours loses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_the_platform_loses_no_file() {
    let world = World::new().await;
    let address = world.platform.join("/picture").unwrap();
    world.works.store(false, Ordering::SeqCst);
    let conversation = world.hears("m1", address.as_str()).await;
    for tries in 1..=14 {
        let files = world.fetched(&world.worker, conversation).await;
        assert_eq!(files[0].state, "waiting", "after {tries} tries: {files:?}");
        world.harness.db.execute("update work_scheduled set run_at = now() where lane = 'media'").await;
    }
    world.works.store(true, Ordering::SeqCst);
    assert_eq!(world.fetched(&world.worker, conversation).await[0].state, "stored");
    assert_eq!(world.on_disk().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_at_a_host_that_is_not_the_platforms_is_never_asked_for() {
    let world = World::new().await;
    let mut conversation = None;
    let foreign = [
        "http://169.254.169.254/latest",
        "https://fbcdn.net.evil.example/x",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
    ];
    for (n, address) in foreign.iter().enumerate() {
        conversation = Some(world.hears(&format!("m{n}"), address).await);
    }
    let files = world.fetched(&world.worker, conversation.unwrap()).await;
    assert!(files.len() == foreign.len() && files.iter().all(|file| file.state == "failed"), "{files:?}");
    assert!(world.on_disk().is_empty());
}
