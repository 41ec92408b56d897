//! Tests that every operation refuses what it must. The tests iterate over the route table so that no route is
//! forgotten.

use serde_json::json;

use super::{InstalledSimulator, message, token_with};
use crate::{
    demo::{BRIGHT_DENTAL, CANARY, CANARY_BRIGHT, DENTAL_PRO, HARBOR},
    ghl::routes::{Access, ROUTES, Route},
};

fn guarded() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.access != Access::Open)
}

fn path_of(route: &Route, company: &str, location: &str) -> String {
    route
        .path
        .replace("{companyId}", company)
        .replace("{locationId}", location)
        .replace("{snapshotId}", DENTAL_PRO)
        .replace("{appId}", &crate::defaults().app_id)
        .replace("{id}", "x")
        .replace("{tagId}", "x")
        .replace("{userId}", "x")
}

/// Returns a token of the class that a route requires.
async fn token_for(installed: &InstalledSimulator, route: &Route) -> String {
    match route.access {
        Access::Location => installed.location_token(BRIGHT_DENTAL).await,
        _ => installed.company.clone(),
    }
}

#[tokio::test]
async fn every_route_refuses_a_missing_or_wrong_version_and_takes_those_that_the_live_service_takes() {
    let installed = InstalledSimulator::start().await;
    for route in guarded() {
        installed.advance(10_000);
        let bearer = format!("Bearer {}", token_for(&installed, route).await);
        let url = format!("{}{}", installed.sim.base_url(), path_of(route, HARBOR, BRIGHT_DENTAL));
        let ask = async |version: Option<&str>| {
            let mut headers = vec![("authorization", bearer.as_str())];
            headers.extend(version.map(|version| ("version", version)));
            crate::request(route.method, &url, &headers, b"").await.unwrap()
        };
        for (version, text) in [
            (None, "version header was not found."),
            (Some("2021-07-29"), "version header is invalid"),
            (Some("v2"), "version header is invalid"),
        ] {
            let reply = ask(version).await;
            assert_eq!(reply.status, 401, "{} {} {version:?}", route.method, route.path);
            assert!(message(&reply).contains(text), "{} {}: {}", route.method, route.path, message(&reply));
        }
        // A read gives the same answer under every accepted version. Calls that change something are not repeated.
        if route.method == "GET" {
            let dated = ask(Some("2021-07-28")).await;
            for version in ["2021-04-15", "2023-02-21", "v3"] {
                let reply = ask(Some(version)).await;
                if version == "v3" && crate::ghl::routes::NOT_IN_V3.contains(&route.path) {
                    assert_eq!(reply.status, 400, "{}", route.path);
                    assert!(message(&reply).contains("not available in API version v3"), "{}", message(&reply));
                } else {
                    assert_eq!(reply.status, dated.status, "{} {version}", route.path);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_route_refuses_strangers_and_the_wrong_class_of_token() {
    let installed = InstalledSimulator::start().await;
    for route in guarded() {
        installed.advance(10_000);
        let path = path_of(route, HARBOR, BRIGHT_DENTAL);
        for token in ["", "nonsense", "pit-00000000-0000-0000-0000-000000000000"] {
            let reply = installed.call(route.method, &path, token, json!(null)).await;
            assert_eq!(reply.status, 401, "{} {} {token}", route.method, route.path);
        }
        let wrong = match route.access {
            Access::Location => Some(installed.company.clone()),
            Access::Agency | Access::AgencyOnly => Some(installed.location_token(BRIGHT_DENTAL).await),
            Access::OAuth => Some(crate::demo::HARBOR_PIT.to_owned()),
            Access::Both | Access::Open => None,
        };
        if let Some(wrong) = wrong {
            let reply = installed.call(route.method, &path, &wrong, json!(null)).await;
            assert_eq!(reply.status, 401, "{} {}", route.method, route.path);
            assert!(message(&reply).contains("scope"), "{}", message(&reply));
        }
    }
}

#[tokio::test]
async fn every_route_refuses_a_token_without_its_scope() {
    let installed = InstalledSimulator::start().await;
    for route in guarded() {
        installed.advance(10_000);
        let all = crate::defaults().scopes;
        let others: Vec<&str> = all.iter().copied().filter(|scope| *scope != route.scope).collect();
        let single = (route.access == Access::Location).then_some(BRIGHT_DENTAL);
        let token = token_with(&installed.sim, single, &others).await;
        let reply = installed.call(route.method, &path_of(route, HARBOR, BRIGHT_DENTAL), &token, json!(null)).await;
        assert_eq!(reply.status, 401, "{} {}", route.method, route.path);
        assert_eq!(message(&reply), "The token is not authorized for this scope.");
    }
}

#[tokio::test]
async fn every_route_refuses_another_tenants_ids_wherever_they_stand() {
    let installed = InstalledSimulator::start().await;
    for route in guarded().filter(|route| route.method != "DELETE" || route.path != "/locations/{locationId}") {
        installed.advance(10_000);
        let token = token_for(&installed, route).await;
        let mut foreign = vec![
            (path_of(route, HARBOR, BRIGHT_DENTAL) + "?companyId=" + CANARY, json!(null)),
            (path_of(route, HARBOR, BRIGHT_DENTAL) + "?locationId=" + CANARY_BRIGHT, json!(null)),
            (path_of(route, HARBOR, BRIGHT_DENTAL), json!({"companyId": CANARY})),
            (path_of(route, HARBOR, BRIGHT_DENTAL), json!({"locationId": CANARY_BRIGHT})),
        ];
        if route.path.contains("{locationId}") || route.path.contains("{companyId}") {
            foreign.push((path_of(route, CANARY, CANARY_BRIGHT), json!(null)));
            foreign.push((path_of(route, "unknown", "unknown"), json!(null)));
        }
        for (path, body) in foreign {
            let reply = installed.call(route.method, &path, &token, body).await;
            assert_eq!(reply.status, 403, "{} {path}", route.method);
            assert!(message(&reply).starts_with("The token does not have access to this"), "{}", message(&reply));
        }
    }
    let world = installed.sim.world().to_string();
    assert!(world.contains("never-show-this"), "the canary is there to be leaked");
}

#[tokio::test]
async fn every_route_with_a_body_refuses_an_unknown_property_and_all_refuse_broken_json() {
    let installed = InstalledSimulator::start().await;
    for route in ROUTES.iter().filter(|route| route.body.is_some()) {
        installed.advance(10_000);
        let token = token_for(&installed, route).await;
        let path = path_of(route, HARBOR, BRIGHT_DENTAL);
        let reply = installed.call(route.method, &path, &token, json!({"idempotencyKey": "ours"})).await;
        assert_eq!(reply.status, 422, "{} {}", route.method, route.path);
        let list = reply.json()["message"].clone();
        assert!(list.as_array().unwrap().contains(&json!("property idempotencyKey should not exist")), "{list}");
        let bearer = format!("Bearer {token}");
        let headers =
            [("authorization", bearer.as_str()), ("version", "2021-07-28"), ("content-type", "application/json")];
        let url = format!("{}{path}", installed.sim.base_url());
        for broken in [&b"{\"name\": "[..], b"[1,2]", b"\"text\"", b"\xff\xfe"] {
            let reply = crate::request(route.method, &url, &headers, broken).await.unwrap();
            assert_eq!(reply.status, 400, "{} {}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn what_is_no_route_is_a_404_in_the_vendors_words() {
    let installed = InstalledSimulator::start().await;
    for (method, path) in [
        ("GET", "/nothing/here"),
        ("PATCH", "/locations/x"),
        ("GET", "/oauth/installed-locations"),
        ("POST", "/oauth/location-token"),
    ] {
        let reply = installed.as_company(method, path, json!(null)).await;
        assert_eq!(
            reply.json(),
            json!({"message": format!("Cannot {method} {path}"), "error": "Not Found", "statusCode": 404})
        );
        assert_eq!(reply.status, 404);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let installed = InstalledSimulator::start().await;
    let url = format!("{}/oauth/token", installed.sim.base_url());
    let reply = crate::request("POST", &url, &[], &vec![b'a'; (1 << 20) + 1]).await.unwrap();
    assert_eq!(reply.status, 413);
}
