//! Tests that tokens are issued and expire as HighLevel says.

use serde_json::{Value, json};

use super::{CALLBACK, InstalledSimulator, message};
use crate::demo::{BRIGHT_DENTAL, BRIGHT_PIT, CANARY_BRIGHT, HARBOR, HARBOR_PIT, LUNA_YOGA};
use crate::demo_script;

async fn token(installed: &InstalledSimulator, change: Value) -> crate::Reply {
    let app = crate::defaults();
    let mut body = json!({
        "client_id": app.client_id, "client_secret": app.client_secret, "grant_type": "authorization_code",
        "user_type": "Company", "redirect_uri": CALLBACK,
    });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    installed.call("POST", "/oauth/token", "", body).await
}

#[tokio::test]
async fn a_code_works_once_for_ten_minutes_and_for_its_callback_only() {
    let installed = InstalledSimulator::start().await;
    let code = || installed.sim.authorize(HARBOR, &[LUNA_YOGA], CALLBACK).unwrap();
    let first = code();
    assert_eq!(first.len(), 40);
    assert_eq!(token(&installed, json!({"code": first, "redirect_uri": "http://127.0.0.1/other"})).await.status, 400);
    let answer = token(&installed, json!({"code": first})).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(
        (&body["userType"], &body["companyId"], &body["expires_in"]),
        (&json!("Company"), &json!(HARBOR), &json!(86_399))
    );
    assert_eq!((&body["approvedLocations"], &body["installToFutureLocations"]), (&json!([LUNA_YOGA]), &json!(true)));
    assert_eq!(token(&installed, json!({"code": first})).await.json()["error"], "invalid_grant");
    let late = code();
    installed.advance(600_000);
    assert_eq!(token(&installed, json!({"code": late})).await.status, 400);
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_and_refuses_strangers_and_nonsense() {
    let installed = InstalledSimulator::start().await;
    let code = installed.sim.authorize(HARBOR, &[LUNA_YOGA], CALLBACK).unwrap();
    let app = crate::defaults();
    let form = format!(
        "client_id={}&client_secret={}&grant_type=authorization_code&code={code}&user_type=Company",
        app.client_id, app.client_secret
    );
    let url = format!("{}/oauth/token", installed.sim.base_url());
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(crate::request("POST", &url, &headers, form.as_bytes()).await.unwrap().status, 200);
    assert_eq!(token(&installed, json!({"client_secret": "wrong", "code": "x"})).await.status, 401);
    assert_eq!(token(&installed, json!({"grant_type": "password"})).await.status, 422);
    assert_eq!(token(&installed, json!({"grant_type": "client_credentials"})).await.status, 400);
    assert_eq!(token(&installed, json!({"code": "unknown"})).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_location_token_needs_the_install_and_only_oauth_mints_it() {
    let installed = InstalledSimulator::start().await;
    let body = |location: &str| json!({"companyId": HARBOR, "locationId": location});
    let mint =
        async |token: &str, location: &str| installed.call("POST", "/oauth/locationToken", token, body(location)).await;
    assert_eq!(mint(&installed.company, CANARY_BRIGHT).await.status, 403);
    assert_eq!(mint(HARBOR_PIT, BRIGHT_DENTAL).await.status, 401);
    let made = installed.as_company("POST", "/locations/", super::new_location("Fresh")).await.json();
    let fresh = made["id"].as_str().unwrap();
    let early = mint(&installed.company, fresh).await;
    assert_eq!((early.status, message(&early).as_str()), (400, "App is not installed on this location"));
    installed.advance(4_000);
    let minted = mint(&installed.company, fresh).await;
    assert_eq!(
        (minted.status, &minted.json()["locationId"], &minted.json()["userType"]),
        (200, &json!(fresh), &json!("Location"))
    );
}

#[tokio::test]
async fn without_future_installs_a_new_location_never_gets_the_app() {
    let installed = InstalledSimulator::start().await;
    let body = json!({"companyId": HARBOR, "future": false, "redirectUri": CALLBACK}).to_string();
    let url = format!("{}/_sim/ghl/authorize", installed.sim.base_url());
    assert_eq!(crate::request("POST", &url, &[], body.as_bytes()).await.unwrap().status, 200);
    let made = installed.as_company("POST", "/locations/", super::new_location("Fresh")).await.json();
    installed.advance(3_600_000);
    let body = json!({"companyId": HARBOR, "locationId": made["id"]});
    assert_eq!(installed.as_company("POST", "/oauth/locationToken", body).await.status, 400);
    let path =
        format!("/oauth/installedLocations?companyId={HARBOR}&appId={}&isInstalled=false", crate::defaults().app_id);
    let list = installed.as_company("GET", &path, json!(null)).await.json();
    assert_eq!((&list["locations"][0]["_id"], &list["installToFutureLocations"]), (&made["id"], &json!(false)));
}

#[tokio::test]
async fn expiry_can_be_forced_for_every_kind_of_credential() {
    let installed = InstalledSimulator::start().await;
    let path = format!("/companies/{HARBOR}");
    assert_eq!(installed.sim.expire(&json!({"what": "scope", "scope": "companies.readonly"})).unwrap(), 4);
    let reply = installed.as_company("GET", &path, json!(null)).await;
    assert_eq!(message(&reply), "The token is not authorized for this scope.");
    assert_eq!(installed.sim.expire(&json!({"what": "access", "companyId": HARBOR})).unwrap(), 1);
    assert_eq!(installed.as_company("GET", &path, json!(null)).await.status, 401);
    assert_eq!(installed.sim.expire(&json!({"what": "refresh", "companyId": HARBOR})).unwrap(), 1);
    assert_eq!(installed.refresh(&installed.refresh).await.json()["error"], "invalid_grant");
    assert_eq!(installed.sim.expire(&json!({"what": "grant", "companyId": HARBOR})).unwrap(), 1);
    assert_eq!(installed.sim.world()["ghl"]["installs"], json!([]));
    assert!(installed.sim.expire(&json!({"what": "patience"})).is_err());
}

#[tokio::test]
async fn a_paused_location_refuses_its_refresh() {
    let installed = InstalledSimulator::start().await;
    let minted = installed
        .as_company("POST", "/oauth/locationToken", json!({"companyId": HARBOR, "locationId": BRIGHT_DENTAL}))
        .await
        .json();
    let url = format!("{}/_sim/location", installed.sim.base_url());
    let body = json!({"id": BRIGHT_DENTAL, "active": false}).to_string();
    assert_eq!(crate::request("POST", &url, &[], body.as_bytes()).await.unwrap().status, 200);
    let reply = installed.refresh(minted["refresh_token"].as_str().unwrap()).await;
    assert_eq!((reply.status, message(&reply).as_str()), (400, "Location is not active"));
}

#[tokio::test]
async fn private_integration_tokens_do_what_their_level_allows() {
    let installed = InstalledSimulator::start().await;
    let tags = format!("/locations/{BRIGHT_DENTAL}/tags");
    assert_eq!(installed.call("GET", &tags, BRIGHT_PIT, json!(null)).await.status, 200);
    assert_eq!(installed.call("GET", &tags, HARBOR_PIT, json!(null)).await.status, 401);
    let company = format!("/companies/{HARBOR}");
    assert_eq!(installed.call("GET", &company, HARBOR_PIT, json!(null)).await.status, 200);
    let last = installed.sim.journal().last().cloned().unwrap();
    assert_eq!(last["token"], "agency_pit");
    assert!(!last.to_string().contains("pit-511b0a7d"));
}

#[tokio::test]
async fn an_uninstall_ends_the_tokens_of_what_was_uninstalled() {
    let installed = InstalledSimulator::start().await;
    let bright = installed.location_token(BRIGHT_DENTAL).await;
    let path = format!("/marketplace/app/{}/installations", crate::defaults().app_id);
    let reply = installed.as_company("DELETE", &path, json!({"locationId": BRIGHT_DENTAL, "reason": "test"})).await;
    assert_eq!(reply.json()["success"], true);
    let tags = format!("/locations/{BRIGHT_DENTAL}/tags");
    assert_eq!(installed.call("GET", &tags, &bright, json!(null)).await.status, 401);
    assert_eq!(installed.as_company("DELETE", &path, json!({"companyId": HARBOR})).await.status, 200);
    assert_eq!(installed.as_company("GET", &format!("/companies/{HARBOR}"), json!(null)).await.status, 401);
    assert_eq!(installed.refresh(&installed.refresh).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn no_secret_is_in_the_data_folder_the_journal_or_the_world() {
    let folder = std::env::temp_dir().join(format!("slipway-simulator-secrets-{}", crate::ids::new_id(10)));
    let kept = folder.clone();
    let sim = crate::Handle::start_with(move |config| config.data_dir = kept).await.unwrap();
    let installed = InstalledSimulator::to(sim).await;
    let user = json!({"companyId": HARBOR, "firstName": "A", "lastName": "B", "email": "a@b.example", "password": "Canary-Passw0rd",
        "type": "account", "role": "user", "locationIds": [BRIGHT_DENTAL]});
    assert_eq!(installed.as_company("POST", "/users/", user).await.status, 201);
    let told = format!("{:?}{}", installed.sim.journal(), installed.sim.world());
    let log = std::fs::read_to_string(folder.join("simulator/log.ndjson")).unwrap();
    for secret in
        ["Canary-Passw0rd", &installed.company, &installed.refresh, HARBOR_PIT, &crate::defaults().client_secret]
    {
        assert!(!told.contains(secret) && !log.contains(secret), "{secret}");
    }
    drop(installed);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_token_of_the_script_opens_its_own_location_alone_and_no_company_lists_it() {
    let installed = InstalledSimulator::start().await;
    let get = async |token: &str, location: &str| {
        installed.call("GET", &format!("/locations/{location}"), token, Value::Null).await
    };
    let own = get(demo_script::TOKEN, demo_script::LOCATION).await;
    assert_eq!((own.status, &own.json()["location"]["id"]), (200, &json!(demo_script::LOCATION)));
    assert_eq!(get(demo_script::TOKEN, BRIGHT_DENTAL).await.status, 403);
    for token in [BRIGHT_PIT, HARBOR_PIT] {
        assert_eq!(get(token, demo_script::LOCATION).await.status, 403);
    }
    let path = format!("/locations/search?companyId={HARBOR}&limit=100");
    let listed = installed.as_company("GET", &path, Value::Null).await.json();
    let ids: Vec<&str> = listed["locations"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert!(ids.contains(&BRIGHT_DENTAL) && !ids.contains(&demo_script::LOCATION));
}
