//! Tests that a location is created as at HighLevel: visible late, filled in parts, and twice if requested twice.

use serde_json::{Value, json};

use super::{InstalledSimulator, message, new_location};
use crate::demo::{BRIGHT_DENTAL, CANARY, DENTAL_PRO, HARBOR, LUNA_YOGA, TIDEWATER};

async fn create_with_snapshot(installed: &InstalledSimulator) -> String {
    let mut body = new_location("Bright Smile");
    body["snapshotId"] = json!(DENTAL_PRO);
    let reply = installed.as_company("POST", "/locations/", body).await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply.json()["id"].as_str().unwrap().to_owned()
}

async fn status(installed: &InstalledSimulator, location: &str) -> Value {
    let path = format!("/snapshots/snapshot-status/{DENTAL_PRO}/location/{location}?companyId={HARBOR}");
    installed.as_company("GET", &path, json!(null)).await.json()["data"].clone()
}

#[tokio::test]
async fn a_snapshot_moves_from_pending_to_completed_and_its_assets_appear_with_their_group() {
    let installed = InstalledSimulator::start().await;
    let location = create_with_snapshot(&installed).await;
    let begun = status(&installed, &location).await;
    assert_eq!((begun["status"].as_str(), begun["pending"].as_array().map(Vec::len)), (Some("processing"), Some(9)));
    installed.advance(4_000);
    let token = installed.location_token(&location).await;
    let values = format!("/locations/{location}/customValues");
    let count = async || {
        installed.call("GET", &values, &token, json!(null)).await.json()["customValues"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 0);
    installed.advance(4_000);
    let third = status(&installed, &location).await;
    assert_eq!(third["completed"], json!(["tags", "custom_fields", "custom_values"]));
    assert_eq!(count().await, 3);
    installed.advance(15_999);
    assert_eq!(status(&installed, &location).await["status"], "processing");
    installed.advance(1);
    let done = status(&installed, &location).await;
    assert_eq!((done["status"].as_str(), done["pending"].as_array().map(Vec::len)), (Some("completed"), Some(0)));
    let path = format!(
        "/snapshots/snapshot-status/{DENTAL_PRO}?companyId={HARBOR}&from=2020-01-01&to=2099-01-01&lastDoc=&limit=10"
    );
    let pushes = installed.as_company("GET", &path, json!(null)).await.json();
    assert_eq!(
        (&pushes["data"][0]["locationId"], &pushes["data"][0]["status"]),
        (&json!(location), &json!("completed"))
    );
}

#[tokio::test]
async fn a_snapshot_can_fail_or_stay_and_be_pushed_again() {
    let installed = InstalledSimulator::start().await;
    for (mode, word) in [("failed", "failed"), ("stuck", "processing")] {
        installed.sim.knobs(&json!({"snapshot_mode": mode})).unwrap();
        let location = create_with_snapshot(&installed).await;
        installed.advance(3_600_000);
        let state = status(&installed, &location).await;
        assert_eq!((state["status"].as_str(), state["pending"].as_array().map(Vec::len)), (Some(word), Some(5)));
        installed.sim.knobs(&json!({"snapshot_mode": "normal"})).unwrap();
        let body = json!({"companyId": HARBOR, "snapshot": {"id": DENTAL_PRO, "override": false}});
        assert_eq!(installed.as_company("PUT", &format!("/locations/{location}"), body).await.status, 200);
        assert_eq!(status(&installed, &location).await["completed"], json!([]));
        installed.advance(24_000);
        assert_eq!(status(&installed, &location).await["status"], "completed");
        let values = installed.sim.world()["ghl"]["customValues"].as_array().unwrap().clone();
        assert_eq!(values.iter().filter(|value| value["locationId"] == json!(location)).count(), 3);
    }
}

#[tokio::test]
async fn before_a_push_there_is_no_status_and_a_foreign_snapshot_is_refused() {
    let installed = InstalledSimulator::start().await;
    assert_eq!(status(&installed, BRIGHT_DENTAL).await, json!({}));
    let mut body = new_location("Mixed up");
    body["snapshotId"] = json!(crate::demo::CANARY_DENTAL);
    assert_eq!(installed.as_company("POST", "/locations/", body).await.status, 400);
    let path = format!(
        "/snapshots/snapshot-status/{}/location/{BRIGHT_DENTAL}?companyId={HARBOR}",
        crate::demo::CANARY_DENTAL
    );
    assert_eq!(installed.as_company("GET", &path, json!(null)).await.status, 403);
    let list = installed.as_company("GET", &format!("/snapshots/?companyId={HARBOR}"), json!(null)).await.json();
    let names: Vec<&str> = list["snapshots"].as_array().unwrap().iter().filter_map(|s| s["name"].as_str()).collect();
    assert_eq!(names, ["Dental Pro", "Fitness Studio", "Real Estate Starter"]);
}

#[tokio::test]
async fn a_low_plan_cannot_create_by_api_until_it_is_raised() {
    let installed = InstalledSimulator::start().await;
    let code = installed.sim.authorize(TIDEWATER, &[], super::CALLBACK).unwrap();
    let token =
        installed.sim.exchange(&code, super::CALLBACK).await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let body = json!({"name": "New", "companyId": TIDEWATER});
    let refused = installed.call("POST", "/locations/", &token, body.clone()).await;
    assert_eq!(
        (refused.status, &refused.json()["status"], &refused.json()["name"]),
        (401, &json!(401), &json!("HttpException"))
    );
    let url = format!("{}/_sim/company", installed.sim.base_url());
    let raise = json!({"id": TIDEWATER, "plan": 497}).to_string();
    assert_eq!(crate::request("POST", &url, &[], raise.as_bytes()).await.unwrap().status, 200);
    assert_eq!(installed.call("POST", "/locations/", &token, body).await.status, 200);
}

#[tokio::test]
async fn creating_twice_makes_two_and_search_pages_in_order_without_mixing_tenants() {
    let installed = InstalledSimulator::start().await;
    for _ in 0..2 {
        installed.as_company("POST", "/locations/", new_location("Twin")).await;
        installed.advance(1_000);
    }
    installed.advance(3_000);
    let page = async |query: &str| {
        let path = format!("/locations/search?{query}");
        installed.as_company("GET", &path, json!(null)).await.json()["locations"].as_array().unwrap().clone()
    };
    assert_eq!(page("email=ANA@new.example").await.len(), 2);
    let all = page("limit=100").await;
    assert_eq!(all.len(), 5 + crate::demo::EARLIER.len() + crate::demo::BY_HAND.len());
    let mut paged = Vec::new();
    for skip in 0..all.len() {
        paged.extend(page(&format!("limit=1&skip={skip}")).await);
    }
    assert_eq!(paged, all);
    let mut reversed = page("limit=100&order=desc").await;
    reversed.reverse();
    assert_eq!(reversed, all);
    assert!(all.iter().all(|location| location.get("snapshotId").is_none()));
    assert_eq!(installed.as_company("GET", "/locations/search?limit=many", json!(null)).await.status, 422);
}

#[tokio::test]
async fn a_change_sets_what_is_given_and_nothing_else() {
    let installed = InstalledSimulator::start().await;
    let path = format!("/locations/{LUNA_YOGA}");
    let body =
        json!({"companyId": HARBOR, "name": "Luna Yoga and Pilates", "settings": {"allowDuplicateContact": true}});
    assert_eq!(installed.as_company("PUT", &path, body).await.json()["name"], "Luna Yoga and Pilates");
    let read = installed.as_company("GET", &path, json!(null)).await.json()["location"].clone();
    assert_eq!((&read["city"], &read["settings"]["allowDuplicateContact"]), (&json!("Austin"), &json!(true)));
    let deleted = installed.as_company("DELETE", &path, json!(null)).await;
    assert_eq!((deleted.status, message(&deleted).as_str()), (401, "The token is not authorized for this scope."));
}

#[tokio::test]
async fn a_custom_value_of_a_known_name_becomes_a_second_one() {
    let installed = InstalledSimulator::start().await;
    let token = installed.location_token(BRIGHT_DENTAL).await;
    let path = format!("/locations/{BRIGHT_DENTAL}/customValues");
    let post = async |name: &str| installed.call("POST", &path, &token, json!({"name": name, "value": "x"})).await;
    let second = post("booking LINK").await;
    assert_eq!(
        (second.status, &second.json()["customValue"]["fieldKey"]),
        (201, &json!("{{ custom_values.booking_link_1 }}"))
    );
    installed.sim.knobs(&json!({"custom_value_collision": "refuse"})).unwrap();
    assert_eq!(post("Booking link").await.status, 400);
    let id = second.json()["customValue"]["id"].as_str().unwrap().to_owned();
    let one = format!("{path}/{id}");
    let set = json!({"name": "Booking link two", "value": "https://x.example"});
    for _ in 0..2 {
        let reply = installed.call("PUT", &one, &token, set.clone()).await.json();
        assert_eq!(reply["customValue"]["value"], "https://x.example");
    }
    assert_eq!(installed.call("PUT", &one, &token, json!({"name": "n", "value": ""})).await.status, 422);
    assert_eq!(installed.call("DELETE", &one, &token, json!(null)).await.json()["succeded"], true);
    assert_eq!(installed.call("DELETE", &one, &token, json!(null)).await.status, 400);
}

#[tokio::test]
async fn tags_are_lower_case_and_once_only_and_so_are_fields() {
    let installed = InstalledSimulator::start().await;
    let token = installed.location_token(LUNA_YOGA).await;
    let tags = format!("/locations/{LUNA_YOGA}/tags");
    let made = installed.call("POST", &tags, &token, json!({"name": "VIP"})).await;
    assert_eq!((made.status, &made.json()["tag"]["name"]), (200, &json!("vip")));
    assert_eq!(installed.call("POST", &tags, &token, json!({"name": "Vip "})).await.status, 400);
    let fields = format!("/locations/{LUNA_YOGA}/customFields");
    let field = json!({"name": "Pin code", "dataType": "TEXT", "model": "contact"});
    let made = installed.call("POST", &fields, &token, field.clone()).await;
    assert_eq!((made.status, &made.json()["customField"]["fieldKey"]), (201, &json!("contact.pin_code")));
    assert_eq!(installed.call("POST", &fields, &token, field).await.status, 400);
}

fn person(email: &str, location: &str) -> Value {
    json!({"companyId": HARBOR, "firstName": "Ana", "lastName": "Lee", "email": email, "password": "Str0ng-Passw0rd!",
        "type": "account", "role": "user", "locationIds": [location]})
}

#[tokio::test]
async fn an_email_is_unique_over_all_companies_whatever_its_case() {
    let installed = InstalledSimulator::start().await;
    let made = installed.as_company("POST", "/users/", person("ana@new.example", BRIGHT_DENTAL)).await;
    assert_eq!(made.status, 201);
    for taken in ["ANA@new.example", "iris@LIGHTHOUSE.test"] {
        assert_eq!(installed.as_company("POST", "/users/", person(taken, LUNA_YOGA)).await.status, 400, "{taken}");
    }
    let filter = async |emails: &str| {
        let body = json!({"companyId": HARBOR, "emails": emails, "skip": "0", "limit": "25"});
        installed.as_company("POST", "/users/search/filter-by-email", body).await.json()
    };
    assert_eq!(filter("Ana@New.example, maya@harbor.test").await["count"], 2);
    assert_eq!(filter("iris@lighthouse.test").await["count"], 0);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let changed = installed
        .as_company("PUT", &format!("/users/{id}"), json!({"companyId": HARBOR, "locationIds": [LUNA_YOGA]}))
        .await;
    assert_eq!(changed.json()["roles"]["locationIds"], json!([LUNA_YOGA]));
    let token = installed.location_token(BRIGHT_DENTAL).await;
    assert_eq!(installed.call("GET", &format!("/users/{id}"), &token, json!(null)).await.status, 400);
    let seen = installed.call("GET", &format!("/users/search?companyId={HARBOR}"), &token, json!(null)).await.json();
    assert_eq!((&seen["count"], &seen["users"][0]["email"]), (&json!(1), &json!("tess@brightdental.test")));
}

#[tokio::test]
async fn people_get_only_locations_of_their_agency() {
    let installed = InstalledSimulator::start().await;
    let reply = installed.as_company("POST", "/users/", person("x@y.example", crate::demo::CANARY_BRIGHT)).await;
    assert_eq!(reply.status, 403);
    let mut nowhere = person("x@y.example", BRIGHT_DENTAL);
    nowhere["locationIds"] = json!([]);
    assert_eq!(installed.as_company("POST", "/users/", nowhere).await.status, 422);
    let mut other = person("x@y.example", BRIGHT_DENTAL);
    other["companyId"] = json!(CANARY);
    assert_eq!(installed.as_company("POST", "/users/", other).await.status, 403);
}
