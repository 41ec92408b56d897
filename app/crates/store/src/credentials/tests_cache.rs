//! Tests what the cache stores, from whom it hides an entry, and how soon it removes one.

use secrecy::ExposeSecret;
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use super::*;
use crate::fixtures::{agency, audited, begin, connected, pair, person, vault};
use crate::testing::TestDb;
use crate::{Db, DbRole, Scope, integrations, listen};

struct World {
    test: TestDb,
    db: Db,
    vault: Vault,
    agency: AgencyId,
    company: IntegrationId,
    cache: Cache,
    heard: broadcast::Receiver<listen::Note>,
    changes: u64,
    _following: JoinSet<()>,
}

async fn world() -> World {
    let test = TestDb::new().await;
    let db = test.sized(DbRole::Worker, 4).await;
    let (vault, agency) = (vault(&db).await, test.agency().await);
    let company = connected(&db, agency).await;
    let notes = listen::start(&db).await.expect("listens");
    let (cache, heard) = (Cache::default(), notes.subscribe());
    let mut following = JoinSet::new();
    following.spawn(cache.clone().follow(notes.clone()));
    let world = World { test, db, vault, agency, company, cache, heard, changes: 0, _following: following };
    world.put("a").await;
    world
}

impl World {
    async fn put(&self, name: &str) {
        let mut tx = begin(&self.db, agency(self.agency)).await;
        put(&mut tx, &self.vault, self.company, &pair(name)).await.expect("stores");
        tx.commit().await.expect("commits");
    }

    async fn find(
        &self,
        scope: &Scope,
        whose: &CredentialOwner,
        purpose: &'static str,
    ) -> Result<String, NoCredential> {
        let ready = self.cache.find(&self.db, &self.vault, scope, whose, purpose).await?;
        Ok(ready.access.expose_secret().to_owned())
    }

    async fn look(&self) -> Result<String, NoCredential> {
        self.find(&agency(self.agency), &CredentialOwner::Company, "test").await
    }

    /// Waits until the follower has received the notice of the last change, too.
    async fn forgotten(&mut self) {
        while !matches!(self.heard.recv().await.expect("hears"), listen::Note::Credential(id) if id == self.company) {}
        self.changes += 1;
        while self.cache.kept_and_forgotten().1 < self.changes {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_second_look_reads_nothing_at_all() {
    let mut world = world().await;
    world.forgotten().await;
    assert_eq!(world.look().await.unwrap(), "access-a");
    world.db.close().await;
    assert_eq!(world.look().await.unwrap(), "access-a", "no statement can be sent any more");
    let other = world.find(&agency(world.agency), &CredentialOwner::Company, "another purpose").await;
    assert!(matches!(other, Err(NoCredential::Store(_))), "what was opened for one purpose is not there for another");
}

#[tokio::test]
async fn every_opening_says_who_what_for_and_which_and_a_second_look_opens_nothing() {
    let mut world = world().await;
    world.forgotten().await;
    let somebody = world.test.person(domain::identity::Role::AgencyAdmin, Some(world.agency), None).await;
    for _ in 0..3 {
        world.look().await.unwrap();
        world.find(&person(world.agency, somebody), &CredentialOwner::Company, "test").await.unwrap();
    }
    let opened = current(&mut begin(&world.db, agency(world.agency)).await, &world.vault, world.company, "direct")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(audited(&world.test, "credential.opened", opened.id).await, 3, "one each, and the direct one");
}

#[tokio::test]
async fn a_change_is_seen_at_once_and_nobody_else_sees_what_is_kept() {
    let mut world = world().await;
    world.forgotten().await;
    assert_eq!(world.look().await.unwrap(), "access-a");
    let stranger = world.test.agency().await;
    let theirs = world.find(&agency(stranger), &CredentialOwner::Company, "test").await;
    assert!(matches!(theirs, Err(NoCredential::NotFound(_))), "{theirs:?}");
    world.put("b").await;
    world.forgotten().await;
    assert_eq!(world.look().await.unwrap(), "access-b");
    let mut tx = begin(&world.db, agency(world.agency)).await;
    integrations::set_paused(&mut tx, world.company, true).await.unwrap();
    tx.commit().await.unwrap();
    world.forgotten().await;
    assert!(matches!(world.look().await, Err(NoCredential::Inactive(_))));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let mut world = world().await;
    world.forgotten().await;
    let lost = CredentialOwner::Location("L404".into());
    let mint = world.find(&agency(world.agency), &lost, "test").await.unwrap_err();
    assert!(matches!(mint, NoCredential::Mint(_)), "the company makes one: {mint}");
    let stranger = world.test.agency().await;
    let missing = world.find(&agency(stranger), &lost, "test").await.unwrap_err();
    assert!(matches!(missing, NoCredential::NotFound(_)) && missing.to_string().contains("L404"), "{missing}");
}

#[tokio::test]
async fn a_cache_that_hears_of_no_changes_keeps_nothing() {
    let world = world().await;
    let deaf = Cache::default();
    deaf.find(&world.db, &world.vault, &agency(world.agency), &CredentialOwner::Company, "test").await.unwrap();
    assert_eq!(deaf.kept_and_forgotten().0, 0);
}

#[tokio::test]
async fn nothing_is_kept_while_the_listener_is_deaf() {
    let Some(pooler) = crate::testing::Pooler::start().await else { return };
    let test = TestDb::new().await;
    let db = test.sized(DbRole::Worker, 4).await;
    let (vault, of) = (vault(&db).await, test.agency().await);
    let company = connected(&db, of).await;
    let mut tx = begin(&db, agency(of)).await;
    put(&mut tx, &vault, company, &pair("a")).await.expect("stores");
    tx.commit().await.expect("commits");
    // A pooler in transaction mode passes no notices on.
    let deaf = listen::start(&Db::connect(&pooler.url(&test), DbRole::Worker, 2).await.expect("connects")).await;
    let cache = Cache::default();
    let mut following = JoinSet::new();
    following.spawn(cache.clone().follow(deaf.expect("listens")));
    for _ in 0..3 {
        cache.find(&db, &vault, &agency(of), &CredentialOwner::Company, "test").await.expect("opens");
        tokio::task::yield_now().await;
        assert_eq!(cache.kept_and_forgotten().0, 0);
    }
}
