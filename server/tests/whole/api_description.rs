//! The API behaves as it is described: each page begins where the previous one ended, and answers match their
//! schemas.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::feature::{self, Call, Takes};
use domain::identity::{Reach, Role};
use domain::permission::TOKEN_SCOPES;
use domain::snapshot::SeenSnapshot;
use serde_json::{Value, json};
use store::DbRole;
use store::notifications::Event;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Answer, TestApp};

/// The list endpoints of the API.
fn lists() -> impl Iterator<Item = &'static str> {
    let is_list = |call: &Call| call.doc.as_ref().is_some_and(|doc| doc.takes == Takes::ListQuery);
    feature::routes().filter(move |route| route.calls.iter().any(is_list)).map(|route| route.path)
}

const JOBS: &str = "/api/v1/provisioning/jobs";

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
    for list in lists() {
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

#[tokio::test]
async fn a_cursor_belongs_to_its_list_order_and_filters() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.base.business(tenant.agency).await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    let first = read(&app, "/api/v1/businesses?limit=1&status.any_of=active,trial", &token).await;
    let next = first["next"].as_str().unwrap();
    read(&app, &format!("/api/v1/businesses?limit=1&status.any_of=active,trial&cursor={next}"), &token).await;
    for other in [
        "businesses?limit=1",
        "businesses?limit=1&status.any_of=active",
        "businesses?limit=1&status.any_of=active,trial&sort=-created",
        "businesses?limit=1&status.any_of=active,trial&q=b",
        "snapshots?limit=1",
        "provisioning/jobs?limit=1",
    ] {
        let answer = get(&app, &format!("/api/v1/{other}&cursor={next}"), &token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{other}: {}", answer.body);
        assert!(answer.body.contains("Cursor not usable"), "{other}: {}", answer.body);
    }
}

#[tokio::test]
async fn filters_narrow_a_list_and_one_that_it_does_not_have_is_named() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    let all = read(&app, "/api/v1/businesses", &token).await["total"].as_i64().unwrap();
    for (query, total) in [
        ("status.is=active&unknown=x", all),
        ("status.is_not=active", 0),
        ("created.after=2020-01-01&order=-created", all),
        ("created.before=2020-01-01", 0),
        ("city.is=Nowhere", 0),
    ] {
        let found = read(&app, &format!("/api/v1/businesses?{query}"), &token).await;
        assert_eq!(found["total"].as_i64(), Some(total), "{query}");
    }
    let answer = get(&app, "/api/v1/businesses?stage.is=lead&created.after=soon&city.is=Miami", &token).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    let named: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str()).collect();
    assert_eq!(named, [Some("stage.is"), Some("created.after")]);
}

/// Asserts that an answer matches its schema and contains nothing that the schema does not list.
fn fits(value: &Value, schema: &Value, all: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return fits(value, all.pointer(name.trim_start_matches('#')).unwrap(), all, at);
    }
    if let Some(ways) = schema["anyOf"].as_array() {
        // One of the ways is null.
        assert!(
            ways.len() == 2 && ways[1]["type"] == "null",
            "{at} is described in a way that this test does not know"
        );
        if !value.is_null() {
            fits(value, &ways[0], all, at);
        }
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if value.is_null() && types.contains(&"null") {
        return;
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at} is none of {words:?}: {value}");
    }
    match types.first().copied() {
        Some("string") => assert!(value.is_string(), "{at}: {value}"),
        Some("integer") => assert!(value.is_i64(), "{at}: {value}"),
        Some("number") => assert!(value.is_number(), "{at}: {value}"),
        Some("boolean") => assert!(value.is_boolean(), "{at}: {value}"),
        Some("array") => value.as_array().unwrap().iter().for_each(|one| fits(one, &schema["items"], all, at)),
        Some("object") => assert!(value.is_object(), "{at}: {value}"),
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
    let owner = app.person(Role::AgencyOwner, &tenant).await;
    let token = app.token_by(Some(owner), &tenant, &TOKEN_SCOPES).await;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.base.db(DbRole::Worker).await, scope).await.unwrap();
    let seen = SeenSnapshot { ghl_snapshot_id: "s1".to_owned(), name: "Dental".to_owned(), kind: None };
    store::snapshots::sync(&mut tx, &[seen]).await.unwrap();
    let route =
        json!({ "number": "+13055550100", "business": tenant.business, "timezone": "UTC", "hours": { "mon": [] } });
    store::phone_routes::add(&mut tx, &serde_json::from_value(route).unwrap()).await.unwrap();
    let webhook = json!({ "url": "https://example.com/x", "events": ["job.failed"] });
    let (webhook, _) =
        store::webhooks::add(&mut tx, &app.vault, &serde_json::from_value(webhook).unwrap()).await.unwrap();
    store::webhooks::add_test(&mut tx, webhook.id, webhook.format, "https://slipway.test").await.unwrap();
    let left = json!({ "todo": [{ "kind": "publish_workflows", "what": "Publish", "why": "They are drafts." }] });
    store::todos::leave(&mut tx, tenant.job, &serde_json::from_value(left).unwrap(), false).await.unwrap();
    let kind = domain::notifications::Kind::ConnectionLost;
    let (key, title, detail) = (kind.to_string(), "HighLevel", "");
    let event = Event { kind, key, subject: None, business: None, to: None, title, detail };
    store::notifications::tell(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
    crate::imports::listed(&app, tenant.agency, "L1", "Bay Dental").await;
    let all = read(&app, "/api/openapi.json", &token).await;
    let schema = |path: &str, method: &str, status: &str| {
        all["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"].clone()
    };
    for list in lists() {
        let answer = read(&app, list, &token).await;
        assert!(
            answer["rows"].as_array().is_some_and(|rows| !rows.is_empty()),
            "{list} shows nothing: create one here"
        );
        fits(&answer, &schema(list, "get", "200"), &all, list);
    }
    let one = format!("{}/{}", JOBS, tenant.job);
    fits(&read(&app, &one, &token).await, &schema("/api/v1/provisioning/jobs/{id}", "get", "200"), &all, "job");
    let import = "/api/v1/sub-accounts/import";
    fits(&read(&app, import, &token).await, &schema(import, "get", "200"), &all, "import");
    let unknown = get(&app, &format!("{}/{}", JOBS, tenant.agency), &token).await;
    let problem = all["components"]["schemas"]["Problem"].clone();
    fits(&serde_json::from_str(&unknown.body).unwrap(), &problem, &all, "problem");
}
