//! What HighLevel tells of installs changes the connection that it is about, once, in whatever order it comes.

use std::time::Duration;

use domain::IntegrationId;
use domain::identity::Role;
use domain::integration::{Kind, State};
use ghl::webhook::{INSTALL, UNINSTALL};
use serde_json::json;
use simulator::demo;
use store::inbound::{self, Body, HIGHLEVEL};
use store::integrations::{self, NewConnection};
use store::tenant::TenantTx;
use worker::testing;

use crate::harness::{Harness, fault};

/// An event of a company, or of one of its locations, that happens so many seconds from now.
struct Said<'a> {
    kind: &'a str,
    company: Option<&'a str>,
    location: Option<&'a str>,
    seconds: i64,
    id: &'a str,
}

const OF_COMPANY: Said<'static> =
    Said { kind: UNINSTALL, company: Some(demo::HARBOR), location: None, seconds: 1, id: "w1" };

impl Harness {
    async fn body(&self, said: &Said<'_>) -> Vec<u8> {
        let at = self.work.clock().await.unwrap() + chrono::TimeDelta::seconds(said.seconds);
        let app = simulator::defaults().app_id;
        let event = json!({
            "type": said.kind, "appId": app, "versionId": app, "companyId": said.company, "locationId": said.location,
            "timestamp": at.to_rfc3339(), "webhookId": said.id
        });
        serde_json::to_vec(&event).unwrap()
    }

    /// Stores a body as the endpoint does, and does what it says.
    async fn arrives(&self, body: &[u8]) {
        inbound::add(&self.web, HIGHLEVEL, &[Body { bytes: body, account: None }]).await.unwrap();
        testing::run_due(&self.worker).await;
    }

    async fn hears(&self, said: Said<'_>) {
        self.arrives(&self.body(&said).await).await;
    }

    async fn is_lost(&self, id: IntegrationId) -> bool {
        self.connection(id).await.needs_reauth_at.is_some()
    }

    /// How many events ended so.
    async fn ended(&self, outcome: &str) -> usize {
        let contents = self.db.contents().await;
        let (_, rows) = contents.into_iter().find(|(table, _)| table == "inbound_items").unwrap();
        rows.lines().filter(|row| row.contains(&format!(",{outcome},"))).count()
    }

    async fn with_owner() -> Self {
        let harness = Self::new().await;
        harness.db.person(Role::AgencyOwner, Some(harness.agency), None).await;
        harness
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_whose_app_was_removed_is_lost_once_however_often_it_is_said() {
    let harness = Harness::with_owner().await;
    let removed = harness.body(&OF_COMPANY).await;
    harness.arrives(&removed).await;
    assert_eq!((harness.word().await, harness.told().await), (State::Expired, 1));
    harness.arrives(&removed).await;
    harness.hears(Said { seconds: 2, id: "w2", ..OF_COMPANY }).await;
    assert_eq!((harness.word().await, harness.told().await), (State::Expired, 1), "nobody is told again");
    assert_eq!((harness.ended("processed").await, harness.ended("duplicate").await), (2, 1));
    harness.connect_again().await;
    harness.arrives(&removed).await;
    harness.hears(Said { seconds: -60, id: "w3", ..OF_COMPANY }).await;
    assert!(!harness.is_lost(harness.integration).await, "a repeat and old news end no new consent");
    harness.hears(Said { seconds: 60, id: "w4", ..OF_COMPANY }).await;
    assert_eq!((harness.is_lost(harness.integration).await, harness.told().await), (true, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_whose_app_is_installed_again_gets_a_token_again() {
    let harness = Harness::with_owner().await;
    let (business, location) = harness.single(demo::HARBOR).await;
    let of = |kind: &'static str, seconds: i64, id: &'static str| Said {
        kind,
        company: None,
        location: Some(demo::LUNA_YOGA),
        seconds,
        id,
    };
    harness.hears(of(UNINSTALL, 1, "w1")).await;
    assert_eq!((harness.is_lost(location).await, harness.told().await), (true, 1));
    assert!(!harness.is_lost(harness.integration).await, "its company is as it was");
    let before = harness.opened_now(location, Some(business)).await.version;
    harness.hears(of(INSTALL, 5, "w2")).await;
    assert!(!harness.is_lost(location).await);
    assert_eq!(harness.opened_now(location, Some(business)).await.version, before + 1, "HighLevel gave a token");
    harness.hears(of(UNINSTALL, 3, "w3")).await;
    assert!(!harness.is_lost(location).await, "it was removed before it was installed again");
    harness.hears(of(UNINSTALL, 7, "w4")).await;
    assert_eq!((harness.is_lost(location).await, harness.told().await), (true, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_is_stored_meanwhile_is_not_ended_by_older_news() {
    let harness = Harness::with_owner().await;
    harness.db.execute("update integrations set connected_at = now() - interval '1 hour'").await;
    let removed = harness.body(&Said { seconds: -1, ..OF_COMPANY }).await;
    let mut consent = TenantTx::begin(&harness.work, harness.scope()).await.unwrap();
    let new = NewConnection { kind: Kind::Gohighlevel, platform_id: demo::HARBOR, name: None, parent: None };
    integrations::upsert(&mut consent, &new).await.unwrap();
    let ends = async {
        while !harness.db.waits_for_a_lock().await {}
        consent.commit().await.unwrap();
    };
    tokio::join!(harness.arrives(&removed), ends);
    assert_eq!((harness.ended("ignored").await, harness.is_lost(harness.integration).await), (1, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_install_is_believed_only_if_highlevel_gives_a_token() {
    let harness = Harness::with_owner().await;
    let (_, location) = harness.single(demo::HARBOR).await;
    let of = |kind: &'static str, seconds: i64, id: &'static str| Said {
        kind,
        company: Some(demo::HARBOR),
        location: Some(demo::LUNA_YOGA),
        seconds,
        id,
    };
    harness.hears(of(UNINSTALL, 1, "w1")).await;
    let refused = json!({ "fault": "status", "status": 400, "times": 100 });
    harness.sim.faults(fault("POST", "/oauth/locationToken", &refused)).unwrap();
    harness.hears(of(INSTALL, 2, "w2")).await;
    harness.run().await;
    assert_eq!((harness.is_lost(location).await, harness.told().await), (true, 1));
    let left = store::queue::depth(&harness.work).await.unwrap();
    assert_eq!(left.dead, 0, "it is given up in silence: people were told before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_one_company_touches_no_other() {
    let harness = Harness::with_owner().await;
    harness.another_agency().await;
    let (_, location) = harness.single(demo::HARBOR).await;
    let canary = Said { company: Some(demo::CANARY), ..OF_COMPANY };
    harness.hears(Said { location: Some(demo::LUNA_YOGA), id: "w1", ..canary }).await;
    harness.hears(Said { id: "w2", ..canary }).await;
    for (company, location) in [(Some("nobody"), None), (None, Some("nobody")), (None, None)] {
        let id = format!("w-{}-{}", company.is_some(), location.is_some());
        harness.hears(Said { company, location, id: &id, ..OF_COMPANY }).await;
    }
    assert_eq!(harness.ended("unroutable").await, 3);
    assert!(!harness.is_lost(harness.integration).await && !harness.is_lost(location).await);
    assert_eq!(harness.told().await, 0);
    // An unknown location of a company that is known ends nothing.
    harness.hears(Said { location: Some("unknown"), id: "w3", ..OF_COMPANY }).await;
    assert!(!harness.is_lost(harness.integration).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_in_the_middle_is_done_whole_later() {
    let harness = Harness::with_owner().await;
    harness.db.execute("alter table notifications add constraint closed check (false) not valid").await;
    harness.hears(OF_COMPANY).await;
    assert_eq!((harness.ended("waiting").await, harness.is_lost(harness.integration).await), (1, false));
    harness.db.execute("alter table notifications drop constraint closed").await;
    harness.advance(Duration::from_secs(600)).await;
    testing::run_due(&harness.worker).await;
    assert_eq!((harness.ended("processed").await, harness.told().await), (1, 1));
    assert!(harness.is_lost(harness.integration).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_at_a_company_is_read_from_highlevel() {
    let harness = Harness::with_owner().await;
    let search = |harness: &Harness| harness.calls("GET", "/locations/search");
    let before = search(&harness);
    for (n, kind) in [INSTALL, "LocationCreate", "LocationUpdate", "ContactCreate"].into_iter().enumerate() {
        let id = format!("w{n}");
        let said = Said { kind, location: Some("new-location"), id: &id, ..OF_COMPANY };
        harness.hears(said).await;
    }
    assert_eq!(search(&harness), before, "changes of a minute are read together");
    harness.advance(Duration::from_secs(61)).await;
    testing::run_due(&harness.worker).await;
    assert_eq!(search(&harness), before + 1);
    assert_eq!((harness.ended("processed").await, harness.ended("ignored").await), (3, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_event_is_put_aside_and_fails_nothing() {
    let harness = Harness::new().await;
    for body in [&b"no json"[..], b"{}", b"[]"] {
        harness.arrives(body).await;
    }
    let contents = harness.db.contents().await;
    let (_, events) = contents.into_iter().find(|(table, _)| table == "inbound_events").unwrap();
    assert_eq!(events.lines().filter(|row| row.contains(",quarantined,")).count(), 3, "{events}");
    assert_eq!(store::queue::depth(&harness.work).await.unwrap().dead, 0);
}
