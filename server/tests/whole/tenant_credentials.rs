//! A program hands over the HighLevel tokens of a client: what is new, what replaces, what is refused, and that the tokens
//! are sealed and read again whole.

use axum::body::Body;
use axum::http::{Request, header};
use chrono::{DateTime, TimeZone, Utc};
use domain::IntegrationId;
use domain::credential::CredentialKind;
use domain::identity::Reach;
use operations::integrations::tenant_credentials;
use operations::{Actor, Refusal};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use store::credentials::NewSecret;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Tenant, TestApp};

const ACCESS: &str = "access-token-that-nobody-may-read";
const REFRESH: &str = "refresh-token-that-nobody-may-read";

async fn post(app: &TestApp, token: &str, body: &Value) -> (u16, Value) {
    let request = Request::post("/api/tenant/credentials")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
    (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap_or_default())
}

/// Hands over the tokens of a client, as a program of its agency does. Returns its access token.
pub async fn hand_over(app: &TestApp, tenant: &Tenant) -> &'static str {
    let token = app.token(tenant, &["credentials"]).await;
    let body =
        json!({ "tenantId": tenant.business, "accessToken": ACCESS, "locationId": format!("L{}", tenant.business) });
    let (status, answer) = post(app, &token, &body).await;
    assert_eq!(status, 201, "{answer}");
    ACCESS
}

fn minimal(tenant: &str) -> Value {
    json!({ "tenantId": tenant, "accessToken": ACCESS, "locationId": "123" })
}

fn operator(app: &TestApp, tenant: &Tenant) -> Actor {
    let agency = tenant.agency;
    Actor::operator(app.db.clone(), Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() })
}

async fn in_business(app: &TestApp, tenant: &Tenant) -> TenantTx {
    let (agency, business) = (tenant.agency, tenant.business);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(&app.db, scope).await.unwrap()
}

async fn expiry(app: &TestApp, tenant: &Tenant, integration: IntegrationId) -> Option<DateTime<Utc>> {
    let mut tx = in_business(app, tenant).await;
    let found = store::integrations::get(&mut tx, integration).await.unwrap();
    tx.commit().await.unwrap();
    found.token_expires_at
}

#[tokio::test]
async fn the_first_tokens_are_new_and_the_next_replace_them() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &["credentials"]).await;
    let slug = format!("business-{}", tenant.business);
    let (status, answer) = post(&app, &token, &minimal(&slug)).await;
    assert_eq!((status, &answer["refreshable"]), (201, &json!(false)), "{answer}");
    let whole = json!({
        "tenantId": tenant.business, "access_token": ACCESS, "token_type": "Bearer", "expires_in": 86399,
        "refresh_token": REFRESH, "scope": "contacts.readonly contacts.write", "userType": "Location",
        "companyId": "C1", "locationId": "123", "userId": "U1", "refreshTokenId": "R1"
    });
    let (status, answer) = post(&app, &token, &whole).await;
    assert_eq!((status, &answer["version"], &answer["refreshable"]), (200, &json!(2), &json!(true)), "{answer}");
    assert_eq!(answer["tenantId"], json!(tenant.business));
    let stored =
        tenant_credentials::get(&operator(&app, &tenant), &app.vault, &slug, "a test").await.expect("the whole set");
    assert_eq!((stored.location.as_str(), stored.company.as_str(), stored.version), ("123", "C1", 2));
    assert_eq!(stored.access.expose_secret(), ACCESS);
    assert_eq!(stored.refresh.as_ref().map(ExposeSecret::expose_secret), Some(REFRESH));
    assert_eq!(stored.scopes, ["contacts.readonly", "contacts.write"]);
    assert!(stored.expires_at.is_some() && stored.refresh_expires_at.is_some());
    assert!(!answer.to_string().contains("nobody-may-read"), "{answer}");
    for (table, rows) in app.base.contents().await {
        assert!(!rows.contains("nobody-may-read"), "{table} holds a token in clear");
    }
}

/// `curl -d` calls everything a form.
#[tokio::test]
async fn json_that_says_it_is_a_form_is_read_as_json() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &["credentials"]).await;
    let send = async |body: String| {
        let request = Request::post("/api/tenant/credentials")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        app.send(request.body(Body::from(body)).unwrap()).await.status.as_u16()
    };
    assert_eq!(send(minimal(&tenant.business.to_string()).to_string()).await, 201);
    assert_eq!(send(format!("tenantId={}", tenant.business)).await, 400);
}

#[tokio::test]
async fn what_is_missing_or_not_allowed_is_said_and_nothing_is_stored() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let token = app.token(&tenant, &["credentials"]).await;
    let mine = tenant.business.to_string();
    let before = app.written().await;
    for member in ["tenantId", "accessToken", "locationId"] {
        let mut body = minimal(&mine);
        body.as_object_mut().unwrap().remove(member);
        let (status, problem) = post(&app, &token, &body).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!(format!("/{member}"))), "{problem}");
        let mut body = minimal(&mine);
        body[member] = json!(7);
        let (status, problem) = post(&app, &token, &body).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!(format!("/{member}"))), "{problem}");
    }
    for tenant in [other.business.to_string(), "nobody".to_owned(), tenant.agency.to_string()] {
        assert_eq!(post(&app, &token, &minimal(&tenant)).await.0, 404, "{tenant}");
    }
    assert_eq!(post(&app, "slw_nonsense", &minimal(&mine)).await.0, 401);
    let without = app.token(&tenant, &["provisioning"]).await;
    assert_eq!(post(&app, &without, &minimal(&mine)).await.0, 403);
    assert_eq!(app.written().await, before, "nothing was written");
    let none = tenant_credentials::get(&operator(&app, &tenant), &app.vault, &mine, "a test").await;
    assert!(matches!(none, Err(Refusal::NotFound)), "{none:?}");
}

#[tokio::test]
async fn a_sub_account_belongs_to_one_client() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let second = app.base.business(tenant.agency).await.to_string();
    let token = app.token(&tenant, &["credentials"]).await;
    let mine = tenant.business.to_string();
    assert_eq!(post(&app, &token, &minimal(&mine)).await.0, 201);
    let mut moved = minimal(&mine);
    moved["locationId"] = json!("456");
    for body in [moved, minimal(&second)] {
        let (status, problem) = post(&app, &token, &body).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/locationId")), "{problem}");
    }
}

#[tokio::test]
async fn a_renewal_writes_the_new_expiry_to_the_same_record() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &["credentials"]).await;
    let mine = tenant.business.to_string();
    let mut body = minimal(&mine);
    body["refreshToken"] = json!(REFRESH);
    body["expiresAt"] = json!("2030-01-01T00:00:00Z");
    assert_eq!(post(&app, &token, &body).await.0, 201);
    let actor = operator(&app, &tenant);
    let first = tenant_credentials::get(&actor, &app.vault, &mine, "a test").await.expect("the first set");
    let (old, new) =
        (Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).single(), Utc.with_ymd_and_hms(2030, 1, 2, 0, 0, 0).single());
    assert_eq!((first.expires_at, expiry(&app, &tenant, first.integration).await), (old, old));
    let renewed = NewSecret {
        kind: CredentialKind::OauthLocation,
        access: SecretString::from("renewed"),
        refresh: Some(SecretString::from("renewed-refresh")),
        scopes: Vec::new(),
        expires_at: new,
        refresh_expires_at: None,
    };
    let mut tx = in_business(&app, &tenant).await;
    store::credentials::put_renewed(&mut tx, &app.vault, first.integration, first.version, &renewed).await.unwrap();
    tx.commit().await.unwrap();
    let second = tenant_credentials::get(&actor, &app.vault, &mine, "a test").await.expect("the renewed set");
    assert_eq!((second.integration, second.expires_at), (first.integration, new));
    assert_eq!(expiry(&app, &tenant, first.integration).await, new, "the record of the connection says it, too");
}
