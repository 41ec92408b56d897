//! The API behaves as it is described: each page begins where the previous one ended, and answers match their
//! schemas.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Reach;
use domain::permission::TOKEN_SCOPES;
use domain::snapshot::SeenSnapshot;
use serde_json::Value;
use store::DbRole;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Answer, TestApp};

/// The list endpoints of the API.
const LISTS: [&str; 3] = ["/api/v1/provisioning/jobs", "/api/v1/snapshots", "/api/v1/businesses"];

async fn get(app: &TestApp, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn read(app: &TestApp, path: &str, token: &str) -> Value {
    let answer = get(app, path, token).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn a_cursor_that_no_list_gave_is_refused_and_one_that_a_list_gave_goes_on() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.base.business(tenant.agency).await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    for list in LISTS {
        for cursor in ["x", "7b7d", "1~2~3", "00", "%F0%9F%A6%B7"] {
            let answer = get(&app, &format!("{list}?cursor={cursor}"), &token).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{list} from {cursor}: {}", answer.body);
            assert!(answer.body.contains("Cursor not usable"), "{}", answer.body);
        }
        read(&app, &format!("{list}?cursor="), &token).await;
    }
    let first = read(&app, "/api/v1/businesses?limit=1", &token).await;
    let next = first["next"].as_str().unwrap();
    let second = read(&app, &format!("/api/v1/businesses?limit=1&cursor={next}"), &token).await;
    assert_eq!(second["rows"].as_array().map(Vec::len), Some(1));
    assert_ne!(second["rows"], first["rows"]);
}

/// Asserts that an answer matches its schema and contains nothing that the schema does not list.
fn fits(value: &Value, schema: &Value, all: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return fits(value, all.pointer(name.trim_start_matches('#')).unwrap(), all, at);
    }
    if let Some(ways) = schema["anyOf"].as_array() {
        if !value.is_null() {
            fits(value, &ways[0], all, at);
        }
        return;
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at} is none of {words:?}: {value}");
    }
    match schema["type"].as_str() {
        Some("string") => assert!(value.is_string(), "{at}: {value}"),
        Some("integer") => assert!(value.is_i64(), "{at}: {value}"),
        Some("number") => assert!(value.is_number(), "{at}: {value}"),
        Some("boolean") => assert!(value.is_boolean(), "{at}: {value}"),
        Some("array") => value.as_array().unwrap().iter().for_each(|one| fits(one, &schema["items"], all, at)),
        _ => {}
    }
    let Some(members) = schema["properties"].as_object() else { return };
    for (name, inner) in value.as_object().unwrap() {
        assert!(members.contains_key(name), "{at}/{name} is not described");
        fits(inner, &members[name], all, &format!("{at}/{name}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(value.get(name).is_some(), "{at}/{name} is missing");
    }
}

#[tokio::test]
async fn answers_are_as_they_are_described() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.base.db(DbRole::Worker).await, scope).await.unwrap();
    let seen = SeenSnapshot { ghl_snapshot_id: "s1".to_owned(), name: "Dental".to_owned(), kind: None };
    store::snapshots::sync(&mut tx, &[seen]).await.unwrap();
    tx.commit().await.unwrap();
    let all = read(&app, "/api/openapi.json", &token).await;
    let schema = |path: &str, method: &str, status: &str| {
        all["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"].clone()
    };
    for list in LISTS {
        let answer = read(&app, list, &token).await;
        assert!(answer["rows"].as_array().is_some_and(|rows| !rows.is_empty()), "{list} shows nothing");
        fits(&answer, &schema(list, "get", "200"), &all, list);
    }
    let one = format!("{}/{}", LISTS[0], tenant.job);
    fits(&read(&app, &one, &token).await, &schema("/api/v1/provisioning/jobs/{id}", "get", "200"), &all, "job");
    let unknown = get(&app, &format!("{}/{}", LISTS[0], tenant.agency), &token).await;
    let problem = all["components"]["schemas"]["Problem"].clone();
    fits(&serde_json::from_str(&unknown.body).unwrap(), &problem, &all, "problem");
}
