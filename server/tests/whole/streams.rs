//! What may an event stream of the API do: say what happens to its job from then on, a few at once, while its token may.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use domain::ApiTokenId;
use domain::identity::{Reach, Role};
use futures::StreamExt;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Tenant, TestApp, until};

async fn follow(app: &TestApp, tenant: &Tenant, secret: &str) -> Response {
    let request = Request::get(format!("/api/v1/provisioning/jobs/{}/events", tenant.job))
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header("last-event-id", "0-0");
    app.open(request.body(Body::empty()).unwrap()).await
}

async fn agency(app: &TestApp, tenant: &Tenant) -> TenantTx {
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(&app.db, scope).await.unwrap()
}

/// The next piece of a stream, or that it ended.
async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let piece = tokio::time::timeout(Duration::from_secs(60), stream.next()).await.expect("something happens");
    piece.map(|bytes| String::from_utf8_lossy(&bytes.unwrap()).into_owned())
}

/// The next event of a stream; what only keeps it alive is passed over.
async fn event(stream: &mut BodyDataStream) -> Option<String> {
    loop {
        match next(stream).await {
            Some(piece) if piece.starts_with(':') => {}
            other => return other,
        }
    }
}

#[tokio::test]
async fn a_token_holds_so_many_streams_and_no_more() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (secret, other) = (app.token(&tenant, &["provisioning"]).await, app.token(&tenant, &["provisioning"]).await);
    let mut held = Vec::new();
    for _ in 0..slipway::v1::streams::MOST {
        let answer = follow(&app, &tenant, &secret).await;
        assert_eq!(answer.status(), StatusCode::OK);
        held.push(answer);
    }
    let refused = follow(&app, &tenant, &secret).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    let said = axum::body::to_bytes(refused.into_body(), 10_000).await.unwrap();
    assert!(String::from_utf8_lossy(&said).contains("20 event streams"), "{said:?}");
    assert_eq!(follow(&app, &tenant, &other).await.status(), StatusCode::OK, "another token has its own");
    held.pop();
    until("room", async || (follow(&app, &tenant, &secret).await.status() == StatusCode::OK).then_some(())).await;
}

#[tokio::test]
async fn a_stream_tells_its_own_jobs_past_and_ends_with_its_token() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let maker = app.person(Role::AgencyAdmin, &tenant).await;
    let (mine, makers) =
        (app.token(&tenant, &["provisioning"]).await, app.token_by(Some(maker), &tenant, &["provisioning"]).await);
    let mut of_token = follow(&app, &tenant, &mine).await.into_body().into_data_stream();
    let mut of_maker = follow(&app, &tenant, &makers).await.into_body().into_data_stream();
    for stream in [&mut of_token, &mut of_maker] {
        assert!(event(stream).await.unwrap().contains("event: job"));
        let past = event(stream).await.unwrap();
        assert!(past.contains("event: change") && past.contains("PENDING"), "{past}");
    }

    let mut tx = agency(&app, &tenant).await;
    let tokens = store::api_tokens::list(&mut tx).await.unwrap();
    let token: ApiTokenId = tokens.iter().find(|token| token.made_by.is_none()).unwrap().id;
    store::api_tokens::revoke(&mut tx, token).await.unwrap();
    store::memberships::remove_from_agency(&mut tx, maker).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = agency(&app, &tenant).await;
    store::provisioning::cancel(&mut tx, tenant.job).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = agency(&app, &other).await;
    store::provisioning::cancel(&mut tx, other.job).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(event(&mut of_token).await, None, "a revoked token hears nothing more");
    assert_eq!(event(&mut of_maker).await, None, "nor does one whose maker left");
}
