//! What an event stream does. A stream of the API reports what happens to its job from then on; a token may have a
//! few at once, while it is valid. A stream of a page reports that something changed or that the server is there;
//! a person may have a few, while the session lives.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use domain::ApiTokenId;
use domain::identity::{Reach, Role};
use store::tenant::{Scope, TenantTx};

use crate::event_streams::{event, next, quick};
use crate::helpers::{Tenant, TestApp, until};

async fn follow(app: &TestApp, tenant: &Tenant, secret: &str) -> Response {
    let request = Request::get(format!("/api/v1/provisioning/jobs/{}/events", tenant.job))
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header("last-event-id", uuid::Uuid::nil().to_string());
    app.open(request.body(Body::empty()).unwrap()).await
}

async fn agency(app: &TestApp, tenant: &Tenant) -> TenantTx {
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(&app.db, scope).await.unwrap()
}

#[tokio::test]
async fn a_token_holds_so_many_streams_and_no_more() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (secret, other) = (app.token(&tenant, &["provisioning"]).await, app.token(&tenant, &["provisioning"]).await);
    let mut held = Vec::new();
    for _ in 0..slipway::http::streams::OF_TOKEN {
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

/// Opens a page's stream with this session cookie.
async fn look(app: &TestApp, tenant: &Tenant, cookie: &str) -> Response {
    let request = Request::get(format!("/a/{}/live", tenant.agency)).header(header::COOKIE, cookie);
    app.open(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_person_holds_so_many_streams_of_pages_and_no_more() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyOwner, &tenant).await;
    let (one, two) = (app.sign_in(user).await, app.sign_in(user).await);
    let mut held = Vec::new();
    for n in 0..slipway::http::streams::OF_PERSON {
        let answer = look(&app, &tenant, if n % 2 == 0 { &one } else { &two }).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        let cache = answer.headers()[header::CACHE_CONTROL].to_str().unwrap();
        assert!(cache.contains("no-transform") && cache.contains("no-store"), "{cache}");
        held.push(answer);
    }
    let refused = look(&app, &tenant, &one).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "another browser brings no more");
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    let colleague = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    assert_eq!(look(&app, &tenant, &colleague).await.status(), StatusCode::OK, "each has their own");
    held.pop();
    assert_eq!(look(&app, &tenant, &one).await.status(), StatusCode::OK, "one that ends makes room");
}

#[tokio::test]
async fn a_pages_stream_says_that_it_lives_and_ends_with_its_session() {
    let app = quick().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyOwner, &tenant).await;
    let (ended, kept) = (app.sign_in(user).await, app.sign_in(user).await);
    let mut of_ended = look(&app, &tenant, &ended).await.into_body().into_data_stream();
    let mut of_kept = look(&app, &tenant, &kept).await.into_body().into_data_stream();
    for stream in [&mut of_ended, &mut of_kept] {
        assert!(next(stream).await.unwrap().contains("event: hello"));
        assert!(next(stream).await.unwrap().contains("event: beat"));
    }
    let form = "";
    assert!(app.submit("sign_out", form, Some(&ended)).await.status.is_success());
    while let Some(piece) = next(&mut of_ended).await {
        assert!(piece.contains("beat"), "{piece}");
    }
    assert!(next(&mut of_kept).await.is_some(), "another session's goes on");
    let everywhere = app.submit("sign_out_everywhere", form, Some(&kept)).await;
    assert!(everywhere.status.is_success() || everywhere.status.is_redirection(), "{}", everywhere.body);
    while next(&mut of_kept).await.is_some() {}
}

#[tokio::test]
async fn more_tokens_of_one_person_bring_no_more_streams() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let maker = app.person(Role::AgencyAdmin, &tenant).await;
    let mut held = Vec::new();
    let mut refused = 0;
    for _ in 0..3 {
        let token = app.token_by(Some(maker), &tenant, &["provisioning"]).await;
        for _ in 0..slipway::http::streams::OF_TOKEN {
            let answer = follow(&app, &tenant, &token).await;
            refused += usize::from(answer.status() == StatusCode::TOO_MANY_REQUESTS);
            held.push(answer);
        }
    }
    assert_eq!(held.len() - refused, slipway::http::streams::OF_MAKER);
}
