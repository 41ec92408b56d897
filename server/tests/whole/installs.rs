//! Does a consent survive a browser that goes away, and can an agency claim what its own consent installed? Also a single location,
//! before its company is connected.

use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use serde_json::json;
use simulator::{Handle, demo};
use store::tenant::{Scope, TenantTx};

use crate::helpers::{CLIENT_SECRET, Tenant, TestApp, master};

/// Asks for consent as this browser and gives it on HighLevel's page, for one location or the whole company: the way back.
async fn consented(app: &TestApp, sim: &Handle, tenant: &Tenant, cookie: &str, location: Option<&str>) -> String {
    let asked = app.get(&format!("/api/integrations/ghl/connect?agency={}", tenant.agency), Some(cookie)).await;
    let asked = url::Url::parse(&asked.location).unwrap();
    let of = |name: &str| asked.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let wish = json!({ "companyId": demo::HARBOR, "locationId": location, "redirectUri": of("redirect_uri") });
    let consent = format!("{}/_sim/ghl/authorize", sim.base_url());
    let headers = [("content-type", "application/json")];
    let code = simulator::request("POST", &consent, &headers, wish.to_string().as_bytes()).await.unwrap().json();
    format!("/api/integrations/ghl/callback?code={}&state={}", code["code"].as_str().unwrap(), of("state"))
}

#[tokio::test]
async fn tokens_are_kept_although_the_browser_goes_away_in_the_middle() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let back = consented(&app, &sim, &tenant, &cookie, None).await;
    let exchange = |call: &&serde_json::Value| call["path"] == "/oauth/token";
    {
        let gone = app.get(&back, Some(&cookie));
        tokio::pin!(gone);
        // The request is dropped as soon as the code has been sent for exchange, before its answer is read.
        while sim.journal().iter().filter(exchange).count() == 0 {
            assert!(futures::poll!(gone.as_mut()).is_pending(), "it ended before it could be dropped");
            tokio::task::yield_now().await;
        }
    }
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    for _ in 0..100_000 {
        let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
        if store::integrations::company(&mut tx).await.unwrap().is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the tokens are lost");
}

#[tokio::test]
async fn a_consent_for_one_location_is_seen_and_claimed_by_the_browser_that_gave_it() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let colleague = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;

    let location = demo::LUNA_YOGA;
    let back = consented(&app, &sim, &tenant, &cookie, Some(location)).await;
    let back = app.get(&back, Some(&cookie)).await;
    assert!(back.status == StatusCode::SEE_OTHER && back.location.ends_with("/connections"), "{}", back.body);
    let page = format!("/a/{}/connections", tenant.agency);
    let others = app.browse(&page, Some(&colleague)).await.body;
    assert!(!others.contains("/do/claim_install"), "a browser that did not install sees nothing to claim");
    let shown = app.browse(&page, Some(&cookie)).await.body;
    assert!(shown.contains("Claim it below") && shown.contains(location), "{shown}");
    let at = shown.find("name=\"install\" value=\"").expect("it can be claimed") + "name=\"install\" value=\"".len();
    let install: String = shown[at..].chars().take_while(|letter| *letter != '"').collect();
    let form = format!("agency={}&install={install}", tenant.agency);
    let claimed = app.deed("claim_install", &form, Some(&cookie)).await;
    assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.body);
    let after = app.browse(&page, Some(&cookie)).await.body;
    assert!(!after.contains("/do/claim_install") && after.contains(location), "it is a connection now");
}
