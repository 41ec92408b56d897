//! Does a client account come to life as it does at the vendor: late, in pieces, and twice if asked twice?

use serde_json::{Value, json};

use super::{Connected, message, new_location};
use crate::demo::{BRIGHT_DENTAL, CANARY, DENTAL_PRO, HARBOR, LUNA_YOGA, TIDEWATER};

async fn create_with_snapshot(connected: &Connected) -> String {
    let mut body = new_location("Bright Smile");
    body["snapshotId"] = json!(DENTAL_PRO);
    let reply = connected.as_company("POST", "/locations/", body).await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply.json()["id"].as_str().unwrap().to_owned()
}

async fn status(connected: &Connected, location: &str) -> Value {
    let path = format!("/snapshots/snapshot-status/{DENTAL_PRO}/location/{location}?companyId={HARBOR}");
    connected.as_company("GET", &path, json!(null)).await.json()["data"].clone()
}

#[tokio::test]
async fn a_snapshot_moves_from_pending_to_completed_and_its_assets_appear_with_their_group() {
    let connected = Connected::start().await;
    let location = create_with_snapshot(&connected).await;
    let begun = status(&connected, &location).await;
    assert_eq!((begun["status"].as_str(), begun["pending"].as_array().map(Vec::len)), (Some("processing"), Some(9)));
    connected.advance(4_000);
    let token = connected.location_token(&location).await;
    let values = format!("/locations/{location}/customValues");
    let count = async || {
        connected.call("GET", &values, &token, json!(null)).await.json()["customValues"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 0);
    connected.advance(4_000);
    let third = status(&connected, &location).await;
    assert_eq!(third["completed"], json!(["tags", "custom_fields", "custom_values"]));
    assert_eq!(count().await, 3);
    connected.advance(15_999);
    assert_eq!(status(&connected, &location).await["status"], "processing");
    connected.advance(1);
    let done = status(&connected, &location).await;
    assert_eq!((done["status"].as_str(), done["pending"].as_array().map(Vec::len)), (Some("completed"), Some(0)));
    let path = format!(
        "/snapshots/snapshot-status/{DENTAL_PRO}?companyId={HARBOR}&from=2020-01-01&to=2099-01-01&lastDoc=&limit=10"
    );
    let pushes = connected.as_company("GET", &path, json!(null)).await.json();
    assert_eq!(
        (&pushes["data"][0]["locationId"], &pushes["data"][0]["status"]),
        (&json!(location), &json!("completed"))
    );
}

#[tokio::test]
async fn a_snapshot_can_fail_or_stay_and_be_pushed_again() {
    let connected = Connected::start().await;
    for (mode, word) in [("failed", "failed"), ("stuck", "processing")] {
        connected.sim.knobs(&json!({"snapshot_mode": mode})).unwrap();
        let location = create_with_snapshot(&connected).await;
        connected.advance(3_600_000);
        let state = status(&connected, &location).await;
        assert_eq!((state["status"].as_str(), state["pending"].as_array().map(Vec::len)), (Some(word), Some(5)));
        connected.sim.knobs(&json!({"snapshot_mode": "normal"})).unwrap();
        let body = json!({"companyId": HARBOR, "snapshot": {"id": DENTAL_PRO, "override": false}});
        assert_eq!(connected.as_company("PUT", &format!("/locations/{location}"), body).await.status, 200);
        assert_eq!(status(&connected, &location).await["completed"], json!([]));
        connected.advance(24_000);
        assert_eq!(status(&connected, &location).await["status"], "completed");
        let values = connected.sim.world()["ghl"]["customValues"].as_array().unwrap().clone();
        assert_eq!(values.iter().filter(|value| value["locationId"] == json!(location)).count(), 3);
    }
}

#[tokio::test]
async fn before_a_push_there_is_no_status_and_a_foreign_snapshot_is_refused() {
    let connected = Connected::start().await;
    assert_eq!(status(&connected, BRIGHT_DENTAL).await, json!({}));
    let mut body = new_location("Mixed up");
    body["snapshotId"] = json!(crate::demo::CANARY_DENTAL);
    assert_eq!(connected.as_company("POST", "/locations/", body).await.status, 400);
    let path = format!(
        "/snapshots/snapshot-status/{}/location/{BRIGHT_DENTAL}?companyId={HARBOR}",
        crate::demo::CANARY_DENTAL
    );
    assert_eq!(connected.as_company("GET", &path, json!(null)).await.status, 403);
    let list = connected.as_company("GET", &format!("/snapshots/?companyId={HARBOR}"), json!(null)).await.json();
    let names: Vec<&str> = list["snapshots"].as_array().unwrap().iter().filter_map(|s| s["name"].as_str()).collect();
    assert_eq!(names, ["Dental Pro", "Fitness Studio", "Real Estate Starter"]);
}

#[tokio::test]
async fn a_low_plan_cannot_create_by_api_until_it_is_raised() {
    let connected = Connected::start().await;
    let code = connected.sim.authorize(TIDEWATER, &[], super::CALLBACK).unwrap();
    let token =
        connected.sim.exchange(&code, super::CALLBACK).await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let body = json!({"name": "New", "companyId": TIDEWATER});
    let refused = connected.call("POST", "/locations/", &token, body.clone()).await;
    assert_eq!(
        (refused.status, &refused.json()["status"], &refused.json()["name"]),
        (401, &json!(401), &json!("HttpException"))
    );
    let url = format!("{}/_sim/company", connected.sim.base_url());
    let raise = json!({"id": TIDEWATER, "plan": 497}).to_string();
    assert_eq!(crate::request("POST", &url, &[], raise.as_bytes()).await.unwrap().status, 200);
    assert_eq!(connected.call("POST", "/locations/", &token, body).await.status, 200);
}

#[tokio::test]
async fn creating_twice_makes_two_and_search_pages_in_order_without_mixing_tenants() {
    let connected = Connected::start().await;
    for _ in 0..2 {
        connected.as_company("POST", "/locations/", new_location("Twin")).await;
        connected.advance(1_000);
    }
    connected.advance(3_000);
    let page = async |query: &str| {
        let path = format!("/locations/search?{query}");
        connected.as_company("GET", &path, json!(null)).await.json()["locations"].as_array().unwrap().clone()
    };
    assert_eq!(page("email=ANA@new.example").await.len(), 2);
    let all = page("limit=100").await;
    assert_eq!(all.len(), 5 + crate::demo::EARLIER.len());
    let mut paged = Vec::new();
    for skip in 0..all.len() {
        paged.extend(page(&format!("limit=1&skip={skip}")).await);
    }
    assert_eq!(paged, all);
    let mut reversed = page("limit=100&order=desc").await;
    reversed.reverse();
    assert_eq!(reversed, all);
    assert!(all.iter().all(|location| location.get("snapshotId").is_none()));
    assert_eq!(connected.as_company("GET", "/locations/search?limit=many", json!(null)).await.status, 422);
}

#[tokio::test]
async fn a_change_sets_what_is_given_and_nothing_else() {
    let connected = Connected::start().await;
    let path = format!("/locations/{LUNA_YOGA}");
    let body =
        json!({"companyId": HARBOR, "name": "Luna Yoga and Pilates", "settings": {"allowDuplicateContact": true}});
    assert_eq!(connected.as_company("PUT", &path, body).await.json()["name"], "Luna Yoga and Pilates");
    let read = connected.as_company("GET", &path, json!(null)).await.json()["location"].clone();
    assert_eq!((&read["city"], &read["settings"]["allowDuplicateContact"]), (&json!("Austin"), &json!(true)));
    let deleted = connected.as_company("DELETE", &path, json!(null)).await;
    assert_eq!((deleted.status, message(&deleted).as_str()), (401, "The token is not authorized for this scope."));
}

#[tokio::test]
async fn a_custom_value_of_a_known_name_becomes_a_second_one() {
    let connected = Connected::start().await;
    let token = connected.location_token(BRIGHT_DENTAL).await;
    let path = format!("/locations/{BRIGHT_DENTAL}/customValues");
    let post = async |name: &str| connected.call("POST", &path, &token, json!({"name": name, "value": "x"})).await;
    let second = post("booking LINK").await;
    assert_eq!(
        (second.status, &second.json()["customValue"]["fieldKey"]),
        (201, &json!("{{ custom_values.booking_link_1 }}"))
    );
    connected.sim.knobs(&json!({"custom_value_collision": "refuse"})).unwrap();
    assert_eq!(post("Booking link").await.status, 400);
    let id = second.json()["customValue"]["id"].as_str().unwrap().to_owned();
    let one = format!("{path}/{id}");
    let set = json!({"name": "Booking link two", "value": "https://x.example"});
    for _ in 0..2 {
        let reply = connected.call("PUT", &one, &token, set.clone()).await.json();
        assert_eq!(reply["customValue"]["value"], "https://x.example");
    }
    assert_eq!(connected.call("PUT", &one, &token, json!({"name": "n", "value": ""})).await.status, 422);
    assert_eq!(connected.call("DELETE", &one, &token, json!(null)).await.json()["succeded"], true);
    assert_eq!(connected.call("DELETE", &one, &token, json!(null)).await.status, 400);
}

#[tokio::test]
async fn tags_are_lower_case_and_once_only_and_so_are_fields() {
    let connected = Connected::start().await;
    let token = connected.location_token(LUNA_YOGA).await;
    let tags = format!("/locations/{LUNA_YOGA}/tags");
    let made = connected.call("POST", &tags, &token, json!({"name": "VIP"})).await;
    assert_eq!((made.status, &made.json()["tag"]["name"]), (200, &json!("vip")));
    assert_eq!(connected.call("POST", &tags, &token, json!({"name": "Vip "})).await.status, 400);
    let fields = format!("/locations/{LUNA_YOGA}/customFields");
    let field = json!({"name": "Pin code", "dataType": "TEXT", "model": "contact"});
    let made = connected.call("POST", &fields, &token, field.clone()).await;
    assert_eq!((made.status, &made.json()["customField"]["fieldKey"]), (201, &json!("contact.pin_code")));
    assert_eq!(connected.call("POST", &fields, &token, field).await.status, 400);
}

fn person(email: &str, location: &str) -> Value {
    json!({"companyId": HARBOR, "firstName": "Ana", "lastName": "Lee", "email": email, "password": "Str0ng-Passw0rd!",
        "type": "account", "role": "user", "locationIds": [location]})
}

#[tokio::test]
async fn an_email_is_unique_over_all_companies_whatever_its_case() {
    let connected = Connected::start().await;
    let made = connected.as_company("POST", "/users/", person("ana@new.example", BRIGHT_DENTAL)).await;
    assert_eq!(made.status, 201);
    for taken in ["ANA@new.example", "iris@LIGHTHOUSE.test"] {
        assert_eq!(connected.as_company("POST", "/users/", person(taken, LUNA_YOGA)).await.status, 400, "{taken}");
    }
    let filter = async |emails: &str| {
        let body = json!({"companyId": HARBOR, "emails": emails, "skip": "0", "limit": "25"});
        connected.as_company("POST", "/users/search/filter-by-email", body).await.json()
    };
    assert_eq!(filter("Ana@New.example, maya@harbor.test").await["count"], 2);
    assert_eq!(filter("iris@lighthouse.test").await["count"], 0);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let changed = connected
        .as_company("PUT", &format!("/users/{id}"), json!({"companyId": HARBOR, "locationIds": [LUNA_YOGA]}))
        .await;
    assert_eq!(changed.json()["roles"]["locationIds"], json!([LUNA_YOGA]));
    let token = connected.location_token(BRIGHT_DENTAL).await;
    assert_eq!(connected.call("GET", &format!("/users/{id}"), &token, json!(null)).await.status, 400);
    let seen = connected.call("GET", &format!("/users/search?companyId={HARBOR}"), &token, json!(null)).await.json();
    assert_eq!((&seen["count"], &seen["users"][0]["email"]), (&json!(1), &json!("tess@brightdental.test")));
}

#[tokio::test]
async fn people_get_only_locations_of_their_agency() {
    let connected = Connected::start().await;
    let reply = connected.as_company("POST", "/users/", person("x@y.example", crate::demo::CANARY_BRIGHT)).await;
    assert_eq!(reply.status, 403);
    let mut nowhere = person("x@y.example", BRIGHT_DENTAL);
    nowhere["locationIds"] = json!([]);
    assert_eq!(connected.as_company("POST", "/users/", nowhere).await.status, 422);
    let mut other = person("x@y.example", BRIGHT_DENTAL);
    other["companyId"] = json!(CANARY);
    assert_eq!(connected.as_company("POST", "/users/", other).await.status, 403);
}
