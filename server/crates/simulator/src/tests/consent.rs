//! Tests that a person can install the app, decline it, and see why an install fails.

use std::collections::BTreeMap;

use serde_json::json;
use url::Url;

use super::CALLBACK;
use crate::{
    Handle, Reply,
    demo::{BRIGHT_DENTAL, CANARY_BRIGHT, HARBOR, LUNA_YOGA, TIDEWATER},
};

fn query(change: &[(&str, &str)]) -> String {
    let app = crate::defaults();
    let mut fields = BTreeMap::from([
        ("response_type", "code"),
        ("client_id", app.client_id.as_str()),
        ("redirect_uri", CALLBACK),
        ("scope", "locations.readonly oauth.write"),
        ("state", "st at&e=1"),
    ]);
    fields.extend(change.iter().copied());
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn show(sim: &Handle, change: &[(&str, &str)]) -> (u16, String) {
    let url = format!("{}/v2/oauth/chooselocation?{}", sim.base_url(), query(change));
    let reply = crate::request("GET", &url, &[], b"").await.unwrap();
    (reply.status, String::from_utf8(reply.body).unwrap())
}

async fn decide(sim: &Handle, change: &[(&str, &str)]) -> Reply {
    let url = format!("{}/v2/oauth/chooselocation", sim.base_url());
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    crate::request("POST", &url, &headers, query(change).as_bytes()).await.unwrap()
}

fn callback(reply: &Reply) -> BTreeMap<String, String> {
    assert_eq!(reply.status, 302);
    let url = Url::parse(reply.header("location").unwrap()).unwrap();
    assert!(url.as_str().starts_with(CALLBACK));
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn the_screen_shows_scopes_locations_and_choices() {
    let sim = Handle::start_frozen().await.unwrap();
    let (status, html) = show(&sim, &[]).await;
    assert_eq!(status, 200);
    for text in ["Harbor Marketing", "Bright Dental", "locations.readonly", "Install to all future locations", "Cancel"]
    {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("<script"));
    assert!(!html.contains(CANARY_BRIGHT));
    let (_, other) = show(&sim, &[("company", TIDEWATER)]).await;
    assert!(other.contains("Tidewater Bakery") && !other.contains("Luna Yoga"));
    let (_, hostile) = show(&sim, &[("state", "\"><script>alert(1)</script>")]).await;
    assert!(!hostile.contains("<script"));
}

#[tokio::test]
async fn approving_leads_back_with_a_code_and_the_state() {
    let sim = Handle::start_frozen().await.unwrap();
    let form =
        [("company", HARBOR), ("as", "company"), ("location", LUNA_YOGA), ("future", "yes"), ("decision", "approve")];
    let back = callback(&decide(&sim, &form).await);
    assert_eq!(back["state"], "st at&e=1");
    let tokens = sim.exchange(&back["code"], CALLBACK).await.unwrap();
    assert_eq!((&tokens["userType"], &tokens["approvedLocations"]), (&json!("Company"), &json!([LUNA_YOGA])));
    assert_eq!(tokens["scope"], "locations.readonly oauth.write");
}

#[tokio::test]
async fn one_location_can_install_for_itself() {
    let sim = Handle::start_frozen().await.unwrap();
    let form = [
        ("company", HARBOR),
        ("as", "location"),
        ("single", BRIGHT_DENTAL),
        ("location", LUNA_YOGA),
        ("decision", "approve"),
    ];
    let back = callback(&decide(&sim, &form).await);
    let tokens = sim.exchange(&back["code"], CALLBACK).await.unwrap();
    assert_eq!((&tokens["userType"], &tokens["locationId"]), (&json!("Location"), &json!(BRIGHT_DENTAL)));
    assert_eq!(tokens["isBulkInstallation"], false);
}

#[tokio::test]
async fn cancelling_and_dropping_the_state_are_possible() {
    let sim = Handle::start_frozen().await.unwrap();
    let back = callback(&decide(&sim, &[("company", HARBOR), ("decision", "cancel")]).await);
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "st at&e=1"));
    assert!(!back.contains_key("code"));
    let form = [
        ("company", HARBOR),
        ("as", "company"),
        ("location", LUNA_YOGA),
        ("decision", "approve"),
        ("drop_state", "yes"),
    ];
    let back = callback(&decide(&sim, &form).await);
    assert!(back.contains_key("code") && !back.contains_key("state"));
}

#[tokio::test]
async fn what_cannot_be_installed_says_why_and_has_no_way_back() {
    let sim = Handle::start_frozen().await.unwrap();
    for (change, text) in [
        (("scope", "locations.readonly wishes.write"), "please contact the developer"),
        (("client_id", "somebody"), "No integration found with the ID"),
        (("redirect_uri", "https://evil.example/cb"), "not one of those registered"),
        (("redirect_uri", "javascript:alert(1)"), "not one of those registered"),
    ] {
        let (status, html) = show(&sim, &[change]).await;
        assert_eq!((status, html.contains(text)), (400, true), "{change:?}");
        assert_eq!(decide(&sim, &[change, ("company", HARBOR), ("decision", "approve")]).await.status, 400);
    }
    let form = [("company", HARBOR), ("location", CANARY_BRIGHT), ("decision", "approve")];
    assert_eq!(decide(&sim, &form).await.status, 400);
    assert_eq!(decide(&sim, &[("decision", "approve"), ("unknown_scope", "yes")]).await.status, 400);
    assert_eq!(decide(&sim, &[("company", HARBOR), ("as", "location"), ("decision", "approve")]).await.status, 400);
}

#[tokio::test]
async fn registered_callbacks_are_the_only_ones_when_there_are_any() {
    let sim = Handle::start_with(|config| config.redirect_uris = vec![CALLBACK.into()]).await.unwrap();
    assert_eq!(show(&sim, &[]).await.0, 200);
    assert_eq!(show(&sim, &[("redirect_uri", "http://127.0.0.1:3000/other")]).await.0, 400);
}

#[tokio::test]
async fn a_white_labelled_agency_is_known_at_its_own_host_alone() {
    let sim = Handle::start_frozen().await.unwrap();
    let change = json!({"id": TIDEWATER, "domain": "https://app.tidewater.example"}).to_string();
    let url = format!("{}/_sim/company", sim.base_url());
    let json = [("content-type", "application/json")];
    assert_eq!(crate::request("POST", &url, &json, change.as_bytes()).await.unwrap().status, 200);
    let (status, html) = show(&sim, &[("company", TIDEWATER)]).await;
    assert!(status == 400 && html.contains("No integration found with the ID"), "{html}");
    let form = [
        ("company", TIDEWATER),
        ("as", "company"),
        ("future", "yes"),
        ("scope", "companies.readonly"),
        ("decision", "approve"),
    ];
    assert_eq!(decide(&sim, &form).await.status, 400);

    let page = format!("{}/v2/oauth/chooselocation", sim.white_label_url());
    let shown = crate::request("GET", &format!("{page}?{}", query(&[("company", TIDEWATER)])), &[], b"").await.unwrap();
    let html = String::from_utf8(shown.body).unwrap();
    assert!(shown.status == 200 && html.contains("action=\"/white-label/v2/oauth/chooselocation\""), "{html}");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let given = crate::request("POST", &page, &headers, query(&form).as_bytes()).await.unwrap();
    let tokens = sim.exchange(&callback(&given)["code"], CALLBACK).await.unwrap();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str()), ("version", "2021-07-28")];
    let url = format!("{}/companies/{TIDEWATER}", sim.base_url());
    let company = crate::request("GET", &url, &headers, b"").await.unwrap().json();
    assert_eq!(company["company"]["domain"], "https://app.tidewater.example", "{company}");
    // Agencies without their own domain still use the standard host.
    assert_eq!(show(&sim, &[("company", HARBOR)]).await.0, 200);
}
