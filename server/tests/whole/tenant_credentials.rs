//! A program hands over the HighLevel tokens of a client: what is new, what replaces, what is refused because HighLevel shows
//! nothing to them, and that the tokens are sealed and read again whole.

use axum::body::Body;
use axum::http::{Method, Request, header};
use chrono::{DateTime, TimeZone, Utc};
use domain::IntegrationId;
use domain::credential::CredentialKind;
use domain::identity::{Reach, Role};
use operations::integrations::tenant_credentials;
use operations::{Actor, Refusal};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use simulator::{Handle, demo, demo_script};
use store::credentials::NewSecret;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{CLIENT_SECRET, Tenant, TestApp, master};
use crate::tools_access::token_of;

const ACCESS: &str = "access-token-that-nobody-may-read";
const REFRESH: &str = "refresh-token-that-nobody-may-read";
const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";

/// A simulated HighLevel, and a server that uses it.
async fn beside() -> (Handle, TestApp) {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    (sim, app)
}

async fn post(app: &TestApp, token: &str, body: &Value) -> (u16, Value) {
    let (status, answer) = app.api(token, Method::POST, "/api/tenant/credentials", body.to_string()).await;
    (status.as_u16(), answer)
}

/// Stores tokens of a client as if a program had handed them over and HighLevel had shown its location to them. Returns the
/// access token.
pub async fn hand_over(app: &TestApp, tenant: &Tenant) -> &'static str {
    let location = format!("L{}", tenant.business);
    let mut tx = in_business(app, tenant).await;
    store::businesses::set_location(&mut tx, tenant.business, &location).await.unwrap();
    let business = Some(tenant.business);
    let integration = store::integrations::upsert_location(&mut tx, business, &location, "", None).await.unwrap();
    let secret = NewSecret {
        kind: CredentialKind::OauthLocation,
        access: SecretString::from(ACCESS),
        refresh: None,
        scopes: Vec::new(),
        expires_at: None,
        refresh_expires_at: None,
    };
    store::credentials::put(&mut tx, &app.vault, integration, &secret).await.unwrap();
    tx.commit().await.unwrap();
    ACCESS
}

/// What the script that follows a deployment sends, whose token the simulator knows.
fn minimal(tenant: &str) -> Value {
    json!({ "tenantId": tenant, "accessToken": demo_script::TOKEN, "locationId": demo_script::LOCATION })
}

/// HighLevel's whole answer to a program that asks for tokens of a location of Harbor.
async fn minted(sim: &Handle, location: &str) -> Value {
    let code = sim.authorize(demo::HARBOR, &[location], CALLBACK).unwrap();
    let company = sim.exchange(&code, CALLBACK).await.unwrap();
    let wish = json!({ "companyId": demo::HARBOR, "locationId": location });
    let token = company["access_token"].as_str().unwrap();
    sim.call("POST", "/oauth/locationToken", token, &wish).await.unwrap().json()
}

/// How often HighLevel was asked for a location.
fn asked(sim: &Handle) -> usize {
    let shown = |call: &&Value| call["path"].as_str().is_some_and(|path| path.starts_with("/locations/"));
    sim.journal().iter().filter(shown).count()
}

/// Whether nothing is known of the client in HighLevel.
async fn is_bare(app: &TestApp, tenant: &Tenant) -> bool {
    let mut tx = in_business(app, tenant).await;
    let known = store::businesses::get(&mut tx, tenant.business).await.unwrap();
    tx.commit().await.unwrap();
    let business = tenant.business.to_string();
    let none = tenant_credentials::get(&operator(app, tenant), &app.vault, &business, "a test").await;
    known.ghl_location_id.is_none() && matches!(none, Err(Refusal::NotFound))
}

/// Somebody at the server who acts for the agency.
pub fn operator(app: &TestApp, tenant: &Tenant) -> Actor {
    let agency = tenant.agency;
    Actor::operator(app.db.clone(), Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() })
}

/// Begins a transaction that may write the client.
pub async fn in_business(app: &TestApp, tenant: &Tenant) -> TenantTx {
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
    let (sim, app) = beside().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &["credentials"]).await;
    let slug = format!("business-{}", tenant.business);
    let least = json!({ "tenantId": slug, "accessToken": demo::BRIGHT_PIT, "locationId": demo::BRIGHT_DENTAL });
    let (status, answer) = post(&app, &token, &least).await;
    assert_eq!((status, &answer["refreshable"]), (201, &json!(false)), "{answer}");
    let mut whole = minted(&sim, demo::BRIGHT_DENTAL).await;
    whole["tenantId"] = json!(tenant.business);
    let (status, answer) = post(&app, &token, &whole).await;
    assert_eq!((status, &answer["version"], &answer["refreshable"]), (200, &json!(2), &json!(true)), "{answer}");
    assert_eq!(answer["tenantId"], json!(tenant.business));
    let stored =
        tenant_credentials::get(&operator(&app, &tenant), &app.vault, &slug, "a test").await.expect("the whole set");
    let known = (stored.location.as_str(), stored.company.as_str(), stored.version);
    assert_eq!(known, (demo::BRIGHT_DENTAL, demo::HARBOR, 2), "HighLevel says which company it is");
    let (access, refresh) = (whole["access_token"].as_str().unwrap(), whole["refresh_token"].as_str().unwrap());
    assert_eq!(stored.access.expose_secret(), access);
    assert_eq!(stored.refresh.as_ref().map(ExposeSecret::expose_secret), Some(refresh));
    assert_eq!(stored.scopes.join(" "), whole["scope"].as_str().unwrap());
    assert!(stored.expires_at.is_some() && stored.refresh_expires_at.is_some());
    let secrets = [demo::BRIGHT_PIT, access, refresh];
    assert!(!secrets.iter().any(|secret| answer.to_string().contains(secret)), "{answer}");
    for (table, rows) in app.base.contents().await {
        assert!(!secrets.iter().any(|secret| rows.contains(secret)), "{table} holds a token in clear");
    }
}

/// The second half of the script, too: the token that was handed over opens the client's contacts.
#[tokio::test]
async fn the_script_that_follows_a_deployment_runs_as_it_is_written() {
    let (_sim, app) = beside().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &["credentials"]).await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let agent = token_of(&app, &tenant, Some(owner), &["tools"]).await;
    let slug = format!("business-{}", tenant.business);
    assert_eq!(post(&app, &token, &minimal(&slug)).await.0, 201);
    let answer = app.call(&agent, Method::POST, &format!("/mcp/{slug}/tool/list_contacts"), "{}").await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
}

#[tokio::test]
async fn nobody_gets_a_location_that_highlevel_does_not_show_to_their_token() {
    let (sim, app) = beside().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &["credentials"]).await;
    let ended = minted(&sim, demo::LUNA_YOGA).await;
    let ended = ended["access_token"].as_str().unwrap();
    sim.expire(&json!({ "what": "access" })).unwrap();
    let of_bright = |more: Value| {
        let mut body = json!({
            "tenantId": tenant.business, "accessToken": demo::BRIGHT_PIT, "locationId": demo::BRIGHT_DENTAL
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, pointer) in [
        (json!({ "accessToken": "junk" }), "/accessToken"),
        (json!({ "accessToken": ended, "locationId": demo::LUNA_YOGA }), "/accessToken"),
        (json!({ "locationId": demo::CANARY_BRIGHT }), "/locationId"),
        (json!({ "locationId": demo::LUNA_YOGA }), "/locationId"),
        (json!({ "locationId": "nowhere" }), "/locationId"),
        (json!({ "companyId": demo::CANARY }), "/locationId"),
    ] {
        let (status, problem) = post(&app, &token, &of_bright(more)).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!(pointer)), "{problem}");
        assert!(is_bare(&app, &tenant).await, "{problem}");
    }
    assert_eq!(asked(&sim), 6);
    for fault in ["reset_before", "truncated"] {
        let rule = json!([{ "match": { "method": "GET", "path": "/locations/*" }, "times": 5, "fault": fault }]);
        sim.faults(rule).unwrap();
        let (status, problem) = post(&app, &token, &of_bright(json!({}))).await;
        assert_eq!(status, 502, "{fault}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("Nothing was stored")), "{problem}");
        assert!(is_bare(&app, &tenant).await, "{fault}");
        sim.clear_faults().unwrap();
    }
    assert_eq!(post(&app, &token, &of_bright(json!({}))).await.0, 201);
}

/// `curl -d` calls everything a form.
#[tokio::test]
async fn json_that_says_it_is_a_form_is_read_as_json() {
    let (_sim, app) = beside().await;
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
    let (sim, app) = beside().await;
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
    assert_eq!(asked(&sim), 0, "HighLevel is asked nothing for somebody who may not");
    let none = tenant_credentials::get(&operator(&app, &tenant), &app.vault, &mine, "a test").await;
    assert!(matches!(none, Err(Refusal::NotFound)), "{none:?}");
}

#[tokio::test]
async fn a_sub_account_belongs_to_one_client() {
    let (_sim, app) = beside().await;
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
    let (_sim, app) = beside().await;
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
