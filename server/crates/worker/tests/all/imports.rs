//! Sub-accounts that exist in HighLevel are listed and become clients, each by itself: nothing is doubled, nothing is
//! changed at HighLevel, and what cannot be imported says why.

use std::time::Duration;

use domain::identity::Role;
use domain::imports::{ImportStatus, Importable, LocationList, Pick, Reading};
use domain::page::ListQuery;
use domain::work::Mail;
use domain::{AgencyId, BusinessId};
use serde_json::{Value, json};
use simulator::demo;
use store::{TenantTx, businesses, credentials, imports, integrations, queue};
use worker::testing;

use crate::harness::business::begin;
use crate::harness::{Harness, fault};

const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";

impl Harness {
    /// Installs the app in these locations, too.
    fn install(&self, locations: &[&str]) {
        self.sim.authorize(demo::HARBOR, locations, CALLBACK).unwrap();
    }

    async fn ask(&self) {
        let mut tx = self.tx().await;
        imports::ask(&mut tx, self.integration, demo::HARBOR).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn read(&self) {
        self.ask().await;
        testing::run_due(&self.worker).await;
    }

    async fn list(&self) -> LocationList {
        imports::state(&mut self.tx().await).await.unwrap()
    }

    async fn rows(&self) -> Vec<Importable> {
        imports::list(&mut self.tx().await, &ListQuery { limit: 100, ..ListQuery::default() }).await.unwrap().rows
    }

    async fn row(&self, location: &str) -> Option<Importable> {
        self.rows().await.into_iter().find(|row| row.location_id == location)
    }

    /// Asks for an import and queues its work.
    async fn pick(&self, picks: &[Pick]) -> u64 {
        let mut tx = self.tx().await;
        let count = imports::pick(&mut tx, picks).await.unwrap();
        queue::add(&mut tx, &imports::work(self.agency, self.integration)).await.unwrap();
        tx.commit().await.unwrap();
        count
    }

    async fn import(&self, locations: &[&str]) {
        let picks: Vec<Pick> = locations.iter().map(|location| pick(location)).collect();
        self.pick(&picks).await;
        self.run().await;
    }

    async fn client_at(&self, location: &str) -> Option<domain::business::Business> {
        businesses::find_location(&mut self.tx().await, location).await.unwrap()
    }

    async fn in_business(&self, agency: AgencyId, business: BusinessId) -> TenantTx {
        begin(agency, &self.work, business).await
    }

    /// Calls that change something at HighLevel, beside the tokens that we ask for.
    fn changes(&self) -> usize {
        let is_change = |call: &&Value| {
            let path = call["path"].as_str().unwrap_or_default();
            call["method"] != "GET" && !path.starts_with("/oauth/")
        };
        self.sim.journal().iter().filter(is_change).count()
    }
}

fn pick(location: &str) -> Pick {
    Pick { location: location.to_owned(), email: None, invite: false }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_read_whole_and_says_how_far_it_is() {
    let harness = Harness::new().await;
    assert_eq!(harness.list().await.reading(), Reading::Never);
    harness.ask().await;
    assert_eq!(harness.list().await.reading(), Reading::Running);
    let refused = json!({ "fault": "status", "status": 500 });
    harness.sim.faults(fault("GET", "/locations/search", &refused)).unwrap();
    testing::run_due(&harness.worker).await;
    let list = harness.list().await;
    assert!(matches!(list.reading(), Reading::Failed(_, why) if why == "HighLevel didn't answer."), "{list:?}");
    harness.run().await;
    let list = harness.list().await;
    let all = 3 + demo::EARLIER.len() + demo::BY_HAND.len();
    assert!(matches!(list.reading(), Reading::Done(_)), "{list:?}");
    assert_eq!((usize::try_from(list.listed).unwrap(), usize::try_from(list.left).unwrap()), (all, all));
    let bright = harness.row(demo::BRIGHT_DENTAL).await.unwrap();
    assert_eq!((bright.name.as_str(), bright.city.as_deref()), ("Bright Dental", Some("Miami")));
    assert_eq!(bright.email.as_deref(), Some("owner@brightdental.test"));
    assert_eq!(harness.changes(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_a_page_is_read_and_what_is_gone_disappears() {
    let harness = Harness::new().await;
    for n in 0..105 {
        harness.create_behind_our_back(&format!("Bulk {n}")).await;
        if n % 40 == 39 {
            // HighLevel allows a hundred calls in ten seconds.
            harness.advance(Duration::from_secs(11)).await;
        }
    }
    harness.advance(Duration::from_secs(60)).await;
    harness.read().await;
    let all = 3 + demo::EARLIER.len() + demo::BY_HAND.len() + 105;
    assert_eq!(usize::try_from(harness.list().await.listed).unwrap(), all);
    harness.sim.delete_location(demo::LUNA_YOGA).unwrap();
    harness.read().await;
    assert_eq!(usize::try_from(harness.list().await.listed).unwrap(), all - 1);
    assert_eq!(harness.row(demo::LUNA_YOGA).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_client_has_everything_that_a_provisioned_one_has() {
    let harness = Harness::new().await;
    harness.install(&[demo::BRIGHT_DENTAL, demo::LUNA_YOGA]);
    harness.read().await;
    let invited = Pick { invite: true, email: Some("ana@bright.example".to_owned()), ..pick(demo::BRIGHT_DENTAL) };
    assert_eq!(harness.pick(&[invited, pick(demo::LUNA_YOGA)]).await, 2);
    assert!(harness.list().await.progress.is_running());
    harness.run().await;
    let progress = harness.list().await.progress;
    assert_eq!((progress.total, progress.imported, progress.failed), (2, 2, 0), "{progress:?}");
    assert!(!progress.is_running());
    let bright = harness.client_at(demo::BRIGHT_DENTAL).await.unwrap();
    assert_eq!((bright.name.as_str(), bright.details.email.as_deref()), ("Bright Dental", Some("ana@bright.example")));
    assert_eq!((bright.details.city.as_deref(), bright.details.country.as_deref()), (Some("Miami"), Some("US")));
    assert_eq!(bright.details.timezone.as_deref(), Some("America/New_York"));
    let luna = harness.client_at(demo::LUNA_YOGA).await.unwrap();
    assert_eq!(luna.details.email.as_deref(), Some("hello@lunayoga.test"));
    let mut tx = harness.in_business(harness.agency, luna.id).await;
    let connection = integrations::location(&mut tx, demo::LUNA_YOGA).await.unwrap().unwrap();
    assert_eq!(connection.business, Some(luna.id));
    assert_eq!(connection.parent_platform_id.as_deref(), Some(demo::HARBOR));
    assert!(connection.last_ok_at.is_some() && connection.last_error_at.is_none());
    assert!(credentials::peek(&mut tx, connection.id).await.unwrap().is_some());
    let mails: Vec<_> = harness.mails.sent().into_iter().filter(|(_, mail)| *mail == Mail::InviteOwner).collect();
    assert_eq!(mails.len(), 1, "only the owner who was ticked");
    assert_eq!((harness.row(demo::LUNA_YOGA).await, harness.changes()), (None, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_asked_for_twice_makes_one_client() {
    let harness = Harness::new().await;
    harness.install(&[demo::LUNA_YOGA]);
    harness.read().await;
    assert_eq!(harness.pick(&[pick(demo::LUNA_YOGA)]).await, 1);
    assert_eq!(harness.pick(&[pick(demo::LUNA_YOGA)]).await, 0, "it waits already");
    let other = harness.another_process().await;
    let both = tokio::join!(testing::run_due(&harness.worker), testing::run_due(&other));
    assert!(both.0 + both.1 > 0);
    harness.run().await;
    assert_eq!(harness.pick(&[pick(demo::LUNA_YOGA)]).await, 0, "it is a client");
    assert_eq!(harness.businesses("Luna Yoga").await, 1);
    harness.read().await;
    assert_eq!(harness.businesses("Luna Yoga").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fails_alone_and_says_why() {
    let harness = Harness::new().await;
    harness.install(&[demo::LUNA_YOGA, demo::SUMMIT_REALTY, demo::BRIGHT_DENTAL]);
    harness.read().await;
    // One is gone, one is in the trash, one is another agency's client here.
    harness.sim.delete_location(demo::SUMMIT_REALTY).unwrap();
    let (trashed, elsewhere) = (harness.db.business(harness.agency).await, harness.db.agency().await);
    let theirs = harness.db.business(elsewhere).await;
    let mut tx = harness.in_business(harness.agency, trashed).await;
    businesses::set_location(&mut tx, trashed, demo::EARLIER[0].id).await.unwrap();
    businesses::remove(&mut tx, trashed).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = harness.in_business(elsewhere, theirs).await;
    businesses::set_location(&mut tx, theirs, demo::BRIGHT_DENTAL).await.unwrap();
    tx.commit().await.unwrap();
    harness.import(&[demo::LUNA_YOGA, demo::SUMMIT_REALTY, demo::EARLIER[0].id, demo::BRIGHT_DENTAL]).await;
    let progress = harness.list().await.progress;
    assert_eq!((progress.imported, progress.failed, progress.is_running()), (1, 3, false), "{progress:?}");
    assert!(harness.client_at(demo::LUNA_YOGA).await.is_some());
    let reason = async |location: &str| {
        let row = harness.row(location).await.unwrap();
        assert_eq!(row.status, ImportStatus::Failed, "{row:?}");
        row.reason.unwrap()
    };
    assert!(reason(demo::SUMMIT_REALTY).await.contains("no longer has"));
    assert!(reason(demo::EARLIER[0].id).await.contains("in the trash"));
    let taken = reason(demo::BRIGHT_DENTAL).await;
    assert!(taken.contains("already in use on this platform"), "{taken}");
    assert!(!taken.contains(&elsewhere.to_string()) && !taken.contains(&theirs.to_string()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sub_account_without_our_app_is_imported_and_its_connection_says_so() {
    let harness = Harness::new().await;
    harness.install(&[demo::LUNA_YOGA]);
    harness.read().await;
    harness.sim.expire(&json!({ "what": "grant", "locationId": demo::LUNA_YOGA })).unwrap();
    harness.import(&[demo::LUNA_YOGA]).await;
    let luna = harness.client_at(demo::LUNA_YOGA).await.unwrap();
    let mut tx = harness.in_business(harness.agency, luna.id).await;
    let connection = integrations::location(&mut tx, demo::LUNA_YOGA).await.unwrap().unwrap();
    assert!(connection.last_error_code.is_some_and(|code| code.contains("not installed")));
    assert_eq!(credentials::peek(&mut tx, connection.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_at_highlevel_is_waited_out() {
    let harness = Harness::new().await;
    harness.install(&[demo::LUNA_YOGA]);
    harness.read().await;
    let refused = json!({ "fault": "status", "status": 500, "times": 3 });
    harness.sim.faults(fault("POST", "/oauth/locationToken", &refused)).unwrap();
    harness.pick(&[pick(demo::LUNA_YOGA)]).await;
    testing::run_due(&harness.worker).await;
    let progress = harness.list().await.progress;
    assert!(progress.is_running() && progress.delay.is_some(), "{progress:?}");
    harness.run().await;
    let progress = harness.list().await.progress;
    assert_eq!((progress.imported, progress.failed, progress.delay), (1, 0, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_reaches_assigned_clients_gets_what_they_import() {
    let harness = Harness::new().await;
    harness.install(&[demo::LUNA_YOGA]);
    harness.read().await;
    let user = harness.db.person(Role::AgencyStaff, Some(harness.agency), None).await;
    let scope = store::Scope::Agency {
        user: Some(user),
        agency: harness.agency,
        reach: domain::identity::Reach::All,
        listed: Vec::new(),
    };
    let mut tx = TenantTx::begin(&harness.web, scope).await.unwrap();
    imports::pick(&mut tx, &[pick(demo::LUNA_YOGA)]).await.unwrap();
    queue::add(&mut tx, &imports::work(harness.agency, harness.integration)).await.unwrap();
    tx.commit().await.unwrap();
    harness.run().await;
    let luna = harness.client_at(demo::LUNA_YOGA).await.unwrap();
    let mut tx = harness.in_business(harness.agency, luna.id).await;
    let colleagues = store::memberships::colleagues(&mut tx).await.unwrap();
    assert!(colleagues.iter().any(|one| one.user == user && one.assigned), "{colleagues:?}");
}
