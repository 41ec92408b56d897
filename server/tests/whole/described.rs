//! Is the API as it is described: pages that begin where the one before ended, and answers of the shape that is promised?

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::permission::TOKEN_SCOPES;
use serde_json::Value;

use crate::helpers::{Answer, TestApp};

/// Lists of the API.
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
