//! Whoever runs the platform tries the redirect address at HighLevel: a registered one leads back, which is told, another one
//! does not, and nothing is connected either way.

use axum::http::StatusCode;
use domain::identity::Role;
use simulator::{Handle, demo};

use crate::helpers::{CLIENT_SECRET, TestApp, master};

const TRY: &str = "/api/integrations/ghl/try";
const PAGE: &str = "/admin/system";
const ORIGIN: &str = "http://127.0.0.1:3000";
const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";
const CANCELLED: &[(&str, &str)] = &[("decision", "cancel")];
const APPROVED: &[(&str, &str)] = &[
    ("company", demo::HARBOR),
    ("as", "company"),
    ("location", demo::LUNA_YOGA),
    ("future", "yes"),
    ("decision", "approve"),
];

/// A simulated HighLevel where this address is registered, and a server that uses it.
async fn beside(registered: &str) -> (Handle, TestApp) {
    let sim = Handle::start_with(|config| {
        config.client_secret = CLIENT_SECRET.to_owned();
        config.redirect_uris = vec![registered.to_owned()];
    });
    let sim = sim.await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    (sim, app)
}

/// Answers on HighLevel's consent page at this address. Returns where it leads.
async fn answered(page: &str, more: &[(&str, &str)]) -> String {
    let (address, query) = page.split_once('?').unwrap();
    let form = url::form_urlencoded::Serializer::new(query.to_owned()).extend_pairs(more).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = simulator::request("POST", address, &headers, form.as_bytes()).await.unwrap();
    assert_eq!(reply.status, 302, "{}", String::from_utf8_lossy(&reply.body));
    reply.header("location").unwrap().strip_prefix(ORIGIN).unwrap().to_owned()
}

fn exchanges(sim: &Handle) -> usize {
    sim.journal().iter().filter(|call| call["path"] == "/oauth/token").count()
}

#[tokio::test]
async fn a_registered_address_leads_back_and_a_code_is_not_used() {
    let (sim, app) = beside(CALLBACK).await;
    let tenant = app.tenant().await;
    for (role, answer, words) in [
        (Role::SuperAdmin, CANCELLED, "Nothing was connected."),
        (Role::Support, APPROVED, "You approved the app there"),
    ] {
        let cookie = app.sign_in(app.person(role, &tenant).await).await;
        let offered = app.browse(PAGE, Some(&cookie)).await.body;
        assert!(offered.contains(&format!("href=\"{TRY}\"")) && offered.contains(CALLBACK), "{offered}");
        let there = app.get(TRY, Some(&cookie)).await.location;
        assert!(there.starts_with(&format!("{}/v2/oauth/chooselocation?", sim.base_url())), "{there}");
        assert_eq!(simulator::request("GET", &there, &[], b"").await.unwrap().status, 200);
        let back = answered(&there, answer).await;
        let told = app.get(&back, Some(&cookie)).await;
        assert_eq!((told.status, told.location.as_str()), (StatusCode::SEE_OTHER, PAGE), "{}", told.body);
        let page = app.browse(PAGE, Some(&cookie)).await.body;
        assert!(page.contains("HighLevel led your browser back") && page.contains(words), "{role:?}: {page}");
    }
    assert_eq!(exchanges(&sim), 0);
}

#[tokio::test]
async fn an_address_that_is_not_registered_gets_no_consent_page() {
    let (_sim, app) = beside("https://elsewhere.example/callback").await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let there = app.get(TRY, Some(&cookie)).await.location;
    let shown = simulator::request("GET", &there, &[], b"").await.unwrap();
    let html = String::from_utf8_lossy(&shown.body).into_owned();
    assert!(shown.status == 400 && html.contains("not one of those registered"), "{html}");
}

#[tokio::test]
async fn a_trial_of_another_browser_tells_nothing_and_connects_nothing() {
    let (sim, app) = beside(CALLBACK).await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    assert!(app.get(TRY, Some(&owner)).await.status.is_client_error());
    let back = answered(&app.get(TRY, Some(&cookie)).await.location, APPROVED).await;
    for other in [Some(owner.as_str()), None] {
        let refused = app.get(&back, other).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    }
    assert_eq!(exchanges(&sim), 0);
}
