//! Can an agency claim what its own consent installed? Also a single location, before its company is connected.

use axum::http::StatusCode;
use domain::identity::Role;
use serde_json::json;
use simulator::{Handle, demo};

use crate::helpers::TestApp;

const CLIENT_SECRET: &str = "a client secret of this test";

#[tokio::test]
async fn a_consent_for_one_location_is_seen_and_claimed_by_the_browser_that_gave_it() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let (base, master, defaults) = (sim.base_url(), hex::encode(rand::random::<[u8; 32]>()), simulator::defaults());
    let app = TestApp::with(&[
        ("GHL_BASE_URL", &base),
        ("GHL_MARKETPLACE_URL", &base),
        ("GHL_CLIENT_ID", &defaults.client_id),
        ("GHL_CLIENT_SECRET", CLIENT_SECRET),
        ("GHL_APP_ID", &defaults.app_id),
        ("ENCRYPTION_KEY", &master),
    ])
    .await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let colleague = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;

    let asked = app.get(&format!("/api/integrations/ghl/connect?agency={}", tenant.agency), Some(&cookie)).await;
    let asked = url::Url::parse(&asked.location).unwrap();
    let of = |name: &str| asked.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let location = demo::LUNA_YOGA;
    let wish = json!({ "companyId": demo::HARBOR, "locationId": location, "redirectUri": of("redirect_uri") });
    let consent = format!("{base}/_sim/ghl/authorize");
    let headers = [("content-type", "application/json")];
    let code = simulator::request("POST", &consent, &headers, wish.to_string().as_bytes()).await.unwrap().json();
    let code = code["code"].as_str().unwrap().to_owned();

    let back = format!("/api/integrations/ghl/callback?code={code}&state={}", of("state"));
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
