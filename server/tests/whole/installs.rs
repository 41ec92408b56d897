//! A consent survives a browser that disconnects, a second delivery and a new proof of identity. An agency can
//! claim what its own consent installed, even a single location before its company is connected. What a stranger
//! sent is shown as such.

use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use serde_json::json;
use simulator::{Handle, demo};
use store::tenant::{Scope, TenantTx};

use crate::helpers::{CLIENT_SECRET, Tenant, TestApp, master};

/// Requests consent as this browser and gives it on HighLevel's page, for one location or the whole company.
/// Returns the callback URL.
pub async fn consented(app: &TestApp, sim: &Handle, tenant: &Tenant, cookie: &str, location: Option<&str>) -> String {
    agreed(app, sim, tenant, cookie, json!({ "locationId": location })).await
}

/// The same with any other choice that a person may make there.
async fn agreed(app: &TestApp, sim: &Handle, tenant: &Tenant, cookie: &str, mut wish: serde_json::Value) -> String {
    let asked = app.get(&format!("/api/integrations/ghl/connect?agency={}", tenant.agency), Some(cookie)).await;
    let asked = url::Url::parse(&asked.location).unwrap();
    let of = |name: &str| asked.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    wish["companyId"] = json!(demo::HARBOR);
    wish["redirectUri"] = json!(of("redirect_uri"));
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
    let claimed = app.submit("claim_install", &form, Some(&cookie)).await;
    assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.body);
    let after = app.browse(&format!("{page}?view=all"), Some(&cookie)).await.body;
    assert!(!after.contains("/do/claim_install") && after.contains("Luna Yoga"), "it is a connection now, by its name");
}

async fn stage() -> (Handle, TestApp, Tenant) {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    let tenant = app.tenant().await;
    (sim, app, tenant)
}

/// How often a code was exchanged for tokens.
fn exchanges(sim: &Handle) -> usize {
    let sent = |call: &&serde_json::Value| {
        call["path"] == "/oauth/token" && call["body"]["grant_type"] == "authorization_code"
    };
    sim.journal().iter().filter(sent).count()
}

/// The install that a page offers to claim.
fn offered(page: &str) -> Option<String> {
    let at = page.find("name=\"install\" value=\"")? + "name=\"install\" value=\"".len();
    Some(page[at..].chars().take_while(|letter| *letter != '"').collect())
}

#[tokio::test]
async fn an_answer_that_comes_twice_is_told_what_the_first_one_brought() {
    let (sim, app, tenant) = stage().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = format!("/a/{}/connections", tenant.agency);
    let consent_url = consented(&app, &sim, &tenant, &cookie, None).await;
    // A double click: both requests at the same time.
    let (first, second) = tokio::join!(app.get(&consent_url, Some(&cookie)), app.get(&consent_url, Some(&cookie)));
    for answer in [first, second] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert!(answer.location.ends_with("/connections"), "{}", answer.location);
    }
    assert!(app.browse(&page, Some(&cookie)).await.body.contains("Harbor Marketing is connected."));
    // And a reload later.
    let again = app.get(&consent_url, Some(&cookie)).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    let shown = app.browse(&page, Some(&cookie)).await.body;
    assert!(shown.contains("answered already. Harbor Marketing is connected."), "{shown}");
    assert_eq!(exchanges(&sim), 1, "a code is sent once");
    // Another person's browser learns nothing about it.
    let other = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let refused = app.get(&consent_url, Some(&other)).await;
    assert!(refused.status == StatusCode::CONFLICT && !refused.body.contains("Harbor"), "{}", refused.body);
}

#[tokio::test]
async fn a_refused_answer_that_comes_twice_is_told_the_same() {
    let (sim, app, tenant) = stage().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = format!("/a/{}/connections", tenant.agency);
    let consent_url = consented(&app, &sim, &tenant, &cookie, None).await;
    let state = consent_url.split("&state=").nth(1).unwrap();
    let junk = format!("/api/integrations/ghl/callback?code=0123456789abcdef0123456789abcdef01234567&state={state}");
    for _ in 0..2 {
        assert_eq!(app.get(&junk, Some(&cookie)).await.status, StatusCode::SEE_OTHER);
        assert!(app.browse(&page, Some(&cookie)).await.body.contains("HighLevel refused the code"));
    }
    assert_eq!(exchanges(&sim), 1);
}

#[tokio::test]
async fn a_consent_outlives_a_new_proof_of_identity_in_another_tab() {
    let (sim, app, tenant) = stage().await;
    let user = app.person(Role::AgencyOwner, &tenant).await;
    crate::step_up::with_password(&app, user).await;
    let old = app.signed_in(user, chrono::TimeDelta::minutes(11)).await;
    let consent_url = consented(&app, &sim, &tenant, &old, None).await;
    let form = serde_urlencoded::to_string([("password", crate::step_up::PASSWORD), ("next", "/me")]).unwrap();
    let proven = app.post("confirm_identity", &form, "/me", &old).await;
    let new = proven.cookie().expect("a new id");
    assert_ne!(new, old);
    let back = app.get(&consent_url, Some(&new)).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    let shown = app.browse(&format!("/a/{}/connections", tenant.agency), Some(&new)).await.body;
    assert!(shown.contains("Harbor Marketing is connected."), "{shown}");
}

#[tokio::test]
async fn a_consent_without_future_locations_says_which_box_to_tick() {
    let (sim, app, tenant) = stage().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = format!("/a/{}/connections", tenant.agency);
    let consent_url = agreed(&app, &sim, &tenant, &cookie, json!({ "future": false })).await;
    app.get(&consent_url, Some(&cookie)).await;
    let told = app.browse(&page, Some(&cookie)).await.body;
    assert!(told.contains("was not checked, so new clients can"), "{told}");
    let card = app.browse(&page, Some(&cookie)).await.body;
    assert!(card.contains("install the app in new sub-accounts"), "{card}");
    let home = app.browse(&format!("/a/{}", tenant.agency), Some(&cookie)).await.body;
    assert!(home.contains("HighLevel: Error") && home.contains("Install to all future locations"), "{home}");
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let kept = store::integrations::company(&mut tx).await.unwrap().unwrap();
    assert_eq!(kept.installs_future_locations, Some(false));
    drop(tx);

    let consent_url = agreed(&app, &sim, &tenant, &cookie, json!({ "future": true })).await;
    app.get(&consent_url, Some(&cookie)).await;
    app.browse(&page, Some(&cookie)).await;
    assert!(!app.browse(&page, Some(&cookie)).await.body.contains("install the app in new sub-accounts"));
}

#[tokio::test]
async fn an_unsolicited_install_is_labelled_and_costs_more_than_a_click() {
    let (sim, app, tenant) = stage().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = format!("/a/{}/connections", tenant.agency);
    let redirect = "http://127.0.0.1:3000/api/integrations/ghl/callback";
    let code = sim.authorize(demo::CANARY, &[], redirect).unwrap();
    let link = format!("/api/integrations/ghl/callback?code={code}");
    for turn in ["arrived from HighLevel. It did not start here", "arrived already. It did not start here"] {
        let landed = app.get(&link, Some(&cookie)).await;
        assert_eq!(
            (landed.status, landed.location.as_str()),
            (StatusCode::SEE_OTHER, "/integrations"),
            "{}",
            landed.body
        );
        let shown = app.browse(&page, Some(&cookie)).await.body;
        assert!(shown.contains(turn), "{turn}: {shown}");
    }
    assert_eq!(exchanges(&sim), 1, "a reload asks nothing");
    let shown = app.browse(&page, Some(&cookie)).await.body;
    for said in ["You didn't start this here", "Connect from here", "Lighthouse Media", "Installed"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let facts = sim.world();
    let company = &facts["ghl"]["companies"];
    let owner = company.as_array().unwrap().iter().find(|one| one["id"] == demo::CANARY).unwrap();
    assert!(shown.contains(owner["email"].as_str().unwrap()), "its address");
    let install = offered(&shown).expect("it can be claimed");
    for typed in ["", "&company=", "&company=Harbor+Marketing"] {
        let form = format!("agency={}&install={install}{typed}", tenant.agency);
        let refused = app.submit("claim_install", &form, Some(&cookie)).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{typed}: {}", refused.body);
    }
    assert!(app.browse(&page, Some(&cookie)).await.body.contains("HighLevel is not connected"));
    app.base.execute("update app_installs set installed_at = now() - interval '61 minutes'").await;
    assert_eq!(offered(&app.browse(&page, Some(&cookie)).await.body), None, "after an hour it is nobody's");
    app.base.execute("update app_installs set installed_at = now()").await;
    let form = format!("agency={}&install={install}&company=lighthouse+media", tenant.agency);
    let claimed = app.submit("claim_install", &form, Some(&cookie)).await;
    assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.body);
    app.get(&link, Some(&cookie)).await;
    let shown = app.browse(&page, Some(&cookie)).await.body;
    assert!(shown.contains("The install of Lighthouse Media arrived already and is connected."), "{shown}");

    // The integration is disconnected and the app installed again in HighLevel, so the install may be claimed
    // again.
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let company = store::integrations::company(&mut tx).await.unwrap().unwrap().id;
    drop(tx);
    let form = format!("agency={}&integration={company}", tenant.agency);
    assert_eq!(app.submit("disconnect", &form, Some(&cookie)).await.status, StatusCode::OK);
    worker::testing::run_due(&app.worker).await;
    let code = sim.authorize(demo::CANARY, &[], redirect).unwrap();
    app.get(&format!("/api/integrations/ghl/callback?code={code}"), Some(&cookie)).await;
    assert!(offered(&app.browse(&page, Some(&cookie)).await.body).is_some());
}

#[tokio::test]
async fn disconnecting_needs_a_fresh_proof_and_the_days_limit_is_said() {
    let (sim, app, tenant) = stage().await;
    let user = app.person(Role::AgencyOwner, &tenant).await;
    let (old, fresh) = (app.signed_in(user, chrono::TimeDelta::minutes(11)).await, app.sign_in(user).await);
    let consent_url = consented(&app, &sim, &tenant, &fresh, None).await;
    app.get(&consent_url, Some(&fresh)).await;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let company = store::integrations::company(&mut tx).await.unwrap().unwrap().id;
    drop(tx);
    let form = format!("agency={}&integration={company}", tenant.agency);
    app.base.execute("update integrations set limited_until = now() + interval '3 hours'").await;
    let limited = app.submit("check_connection", &form, Some(&fresh)).await;
    assert!(
        limited.status == StatusCode::CONFLICT && limited.body.contains("limit for today is used up"),
        "{}",
        limited.body
    );
    app.base.execute("update integrations set limited_until = null").await;
    assert_eq!(app.submit("check_connection", &form, Some(&fresh)).await.status, StatusCode::OK);

    let refused = app.submit("disconnect", &form, Some(&old)).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.body.contains("StepUp"), "{}", refused.body);
    assert_eq!(app.submit("disconnect", &form, Some(&fresh)).await.status, StatusCode::OK);
    let page = format!("/a/{}/connections", tenant.agency);
    assert!(app.browse(&page, Some(&fresh)).await.body.contains("The app is being removed at HighLevel"));
    worker::testing::run_due(&app.worker).await;
    let shown = app.browse(&page, Some(&fresh)).await.body;
    assert!(shown.contains("The app was removed at HighLevel, and our keys were deleted."), "{shown}");
}

#[tokio::test]
async fn a_white_labelled_agency_consents_at_its_own_host_and_opens_its_own_address() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let company = json!({ "id": demo::HARBOR, "domain": "https://app.harbor.example/" }).to_string();
    let headers = [("content-type", "application/json")];
    let set = format!("{}/_sim/company", sim.base_url());
    assert_eq!(simulator::request("POST", &set, &headers, company.as_bytes()).await.unwrap().status, 200);

    let page = app.browse(&format!("/a/{}/connections", tenant.agency), Some(&cookie)).await.body;
    let connect = format!("/api/integrations/ghl/connect?agency={}", tenant.agency);
    let hosts =
        [(connect.clone(), sim.base_url(), 400), (format!("{connect}&host=white-label"), sim.white_label_url(), 200)];
    for (link, host, status) in &hosts {
        assert!(page.contains(&format!("href=\"{}\"", link.replace('&', "&amp;"))), "{link}: {page}");
        let there = app.get(link, Some(&cookie)).await.location;
        assert!(there.starts_with(&format!("{host}/v2/oauth/chooselocation?")), "{there}");
        let shown = simulator::request("GET", &there, &[], b"").await.unwrap();
        assert_eq!(shown.status, *status, "{there}");
    }

    let back = consented(&app, &sim, &tenant, &cookie, None).await;
    assert_eq!(app.get(&back, Some(&cookie)).await.status, StatusCode::SEE_OTHER);
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let opened = async |company: Option<&str>| {
        let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
        store::agencies::location_page(&mut tx, "https://app.gohighlevel.com", company, "L1").await.unwrap()
    };
    assert_eq!(opened(None).await, "https://app.harbor.example/v2/location/L1/dashboard");
    assert_eq!(opened(Some(demo::HARBOR)).await, "https://app.harbor.example/v2/location/L1/dashboard");
    let elsewhere = opened(Some(demo::CANARY)).await;
    assert_eq!(elsewhere, "https://app.gohighlevel.com/v2/location/L1/dashboard", "another company's location");
    let settings = app.browse(&format!("/a/{}/settings", tenant.agency), Some(&cookie)).await.body;
    assert!(settings.contains("Left empty it is https://app.harbor.example"), "{settings}");
    // The value that the agency typed wins, and a value that is not an address is not used as a link.
    let typed = format!("agency={}&max_retries=3&jobs_at_once=5&app_address=crm.harbor.example", tenant.agency);
    assert_eq!(app.submit("set_agency_settings", &typed, Some(&cookie)).await.status, StatusCode::OK);
    assert_eq!(opened(None).await, "https://crm.harbor.example/v2/location/L1/dashboard");
    let none = typed.replace("crm.harbor.example", "");
    assert_eq!(app.submit("set_agency_settings", &none, Some(&cookie)).await.status, StatusCode::OK);
    app.base.execute("update integrations set platform_domain = 'javascript:alert(1)'").await;
    assert_eq!(opened(None).await, "https://app.gohighlevel.com/v2/location/L1/dashboard");
}
