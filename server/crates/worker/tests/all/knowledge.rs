//! The rules of what assistants read: a page and a file become what they say, each end has its word, what was read stays, and
//! nothing that somebody sends keeps a worker from its work.

use domain::assistant::sources::{Problem, SourceState};
use domain::assistant::view::KnowledgeView;
use domain::work::Queue;
use domain::{BusinessId, KnowledgeId};
use store::TenantTx;
use store::assistant::{knowledge, sources};
use worker::testing;

use crate::harness::Harness;
use crate::harness::business::begin;

/// A business whose assistant is told of pages and files.
struct World {
    harness: Harness,
    business: BusinessId,
}

impl World {
    async fn new() -> Self {
        let harness = Harness::new().await;
        let business = harness.db.business(harness.agency).await;
        Self { harness, business }
    }

    async fn tx(&self) -> TenantTx {
        begin(self.harness.agency, &self.harness.web, self.business).await
    }

    async fn page(&self, address: &str) -> KnowledgeId {
        let mut tx = self.tx().await;
        let id = sources::add_page(&mut tx, address).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn file(&self, name: &str, bytes: &[u8]) -> KnowledgeId {
        let mut tx = self.tx().await;
        let id = sources::add_file(&mut tx, name, bytes).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn again(&self, id: KnowledgeId) {
        let mut tx = self.tx().await;
        sources::read_again(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn run(&self) {
        testing::run_due_in(&self.harness.worker, &[Queue::Media]).await;
    }

    async fn known(&self, id: KnowledgeId) -> KnowledgeView {
        knowledge::get(&mut self.tx().await, id).await.unwrap()
    }

    fn shop(&self) -> String {
        format!("{}/_sim/shop", self.harness.sim.base_url())
    }
}

#[tokio::test]
async fn a_page_becomes_what_it_says_and_stays_what_it_was_when_it_goes_away() {
    let world = World::new().await;
    let id = world.page(&world.shop()).await;
    world.run().await;
    let known = world.known(id).await;
    assert_eq!((known.state, known.problem), (SourceState::Ready, None));
    assert_eq!(known.title, "Bright Dental: hours and prices");
    assert!(known.content.contains("Clear aligners: from $2,400") && known.content.contains("Lake Street"));
    assert!(!known.content.contains("dataset"), "{}", known.content);
    let found = knowledge::search(&mut world.tx().await, "What do clear aligners cost?", 1).await.unwrap();
    assert!(found[0].content.contains("$2,400"), "{found:?}");
    assert_eq!(found[0].origin, Some(world.shop()));

    let before = known.passages;
    world.again(id).await;
    world.run().await;
    assert_eq!(world.known(id).await.passages, before);
    world.harness.db.execute("update knowledge set origin = 'http://10.0.0.1/'").await;
    world.again(id).await;
    world.run().await;
    let known = world.known(id).await;
    assert_eq!((known.state, known.problem), (SourceState::Failed, Some(Problem::NotPublic)));
    assert_eq!(known.passages, before, "what was read goes on answering");
}

#[tokio::test]
async fn a_page_that_was_read_a_week_ago_is_read_again_by_itself() {
    let world = World::new().await;
    let id = world.page(&world.shop()).await;
    world.run().await;
    world
        .harness
        .db
        .execute("update knowledge set created_at = now() - interval '9 days', read_at = now() - interval '8 days', content = 'Old.', content_hash = null")
        .await;
    testing::run_periodic(&world.harness.worker).await.unwrap();
    assert_eq!(world.known(id).await.state, SourceState::Waiting);
    world.run().await;
    let known = world.known(id).await;
    assert!(known.state == SourceState::Ready && known.content.contains("$2,400"), "{known:?}");
}

#[tokio::test]
async fn each_file_becomes_what_it_says_or_says_why_it_does_not() {
    let world = World::new().await;
    let table = world.file("prices.csv", b"Treatment,Price\nCleaning,$80\n").await;
    let picture = world.file("picture.pdf", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").await;
    let deep = world.file("deep.pdf", &[&b"%PDF-1.4\n1 0 obj\n"[..], &b"[".repeat(1_000_000)].concat()).await;
    world.run().await;
    let known = world.known(table).await;
    assert_eq!((known.state, known.content.as_str()), (SourceState::Ready, "Treatment: Cleaning; Price: $80"));
    for (id, expected) in [(picture, Problem::WrongKind), (deep, Problem::Unreadable)] {
        let known = world.known(id).await;
        assert_eq!((known.state, known.problem), (SourceState::Failed, Some(expected)), "{}", known.title);
    }
}

#[tokio::test]
async fn a_file_that_ends_the_process_each_time_is_given_up() {
    let world = World::new().await;
    let id = world.file("notes.txt", b"Words that would be read.").await;
    world.harness.db.execute("update work_ready set attempt = 3 where kind = 'knowledge.read'").await;
    world.run().await;
    let known = world.known(id).await;
    assert_eq!((known.state, known.problem), (SourceState::Failed, Some(Problem::Unreadable)));
}
