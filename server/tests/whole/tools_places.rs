//! Slow tools hold up nobody else: a client has a few calls at once, the gateway has places of its own, and pages have theirs.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use serde_json::json;
use simulator::Handle;

use crate::helpers::{Answer, CLIENT_SECRET, Tenant, TestApp, master, until};
use crate::tenant_credentials::hand_over;
use crate::tools_access::{owners, post};

/// How many calls of one client run at once.
const AT_ONCE: usize = 8;

/// A HighLevel that never answers a search of contacts, and a server that uses it.
async fn slow() -> (Handle, TestApp) {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let silent =
        json!([{ "match": { "path": "/contacts/search" }, "times": 1000, "fault": "timeout", "delay_ms": 600_000 }]);
    sim.faults(silent).unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    (sim, app)
}

/// How many searches arrived at HighLevel.
fn arrived(sim: &Handle) -> usize {
    sim.journal().iter().filter(|call| call["path"] == "/contacts/search").count()
}

/// As many slow calls as a client may have at once. They are no repetitions of each other.
async fn calls(app: &TestApp, secret: &str) -> Vec<Answer> {
    let each = (1..=AT_ONCE).map(|limit| post(app, "/tools/list_contacts", secret, json!({ "limit": limit })));
    futures::future::join_all(each).await
}

/// Another client of the agency of `tenant`.
async fn beside(app: &TestApp, tenant: &Tenant) -> Tenant {
    Tenant::bare(tenant.agency, app.base.business(tenant.agency).await, tenant.job)
}

#[tokio::test]
async fn a_client_has_eight_calls_at_once_and_others_go_on() {
    let (sim, app) = slow().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    hand_over(&app, &tenant).await;
    let (secret, others) = (owners(&app, &tenant).await, owners(&app, &other).await);
    let under_way = calls(&app, &secret);
    let checked = async {
        until("the calls", async || (arrived(&sim) == AT_ONCE).then_some(())).await;
        let more = post(&app, "/tools/business_get_details", &secret, json!({})).await;
        assert_eq!(more.status, StatusCode::TOO_MANY_REQUESTS, "{}", more.body);
        assert!(more.headers.contains_key(header::RETRY_AFTER));
        let elsewhere = post(&app, "/tools/business_get_details", &others, json!({})).await;
        assert_eq!(elsewhere.status, StatusCode::OK, "{}", elsewhere.body);
    };
    tokio::select! {
        ended = under_way => panic!("HighLevel never answers: {}", ended[0].body),
        () = checked => {}
    }
}

#[tokio::test]
async fn an_agency_whose_tools_are_slow_uses_up_its_share_of_the_gateway_and_none_of_the_pages() {
    let (sim, app) = slow().await;
    let tenant = app.tenant().await;
    let mut secrets = Vec::new();
    for _ in 0..4 {
        let client = beside(&app, &tenant).await;
        hand_over(&app, &client).await;
        secrets.push(owners(&app, &client).await);
    }
    let (fifth, owner) = (owners(&app, &tenant).await, app.person(Role::AgencyOwner, &tenant).await);
    let cookie = app.sign_in(owner).await;
    let under_way = futures::future::join_all(secrets.iter().map(|secret| calls(&app, secret)));
    let checked = async {
        until("the calls", async || (arrived(&sim) == 4 * AT_ONCE).then_some(())).await;
        let more = post(&app, "/tools/business_get_details", &fifth, json!({})).await;
        assert_eq!(more.status, StatusCode::TOO_MANY_REQUESTS, "a quarter of the places: {}", more.body);
        let page = app.browse(&format!("/a/{}", tenant.agency), Some(&cookie)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let program = app.token(&tenant, &["businesses"]).await;
        let listed = Request::get("/api/v1/businesses")
            .header(header::AUTHORIZATION, format!("Bearer {program}"))
            .body(Body::empty());
        assert_eq!(app.send(listed.unwrap()).await.status, StatusCode::OK);
    };
    tokio::select! {
        _ = under_way => panic!("HighLevel never answers"),
        () = checked => {}
    }
}
