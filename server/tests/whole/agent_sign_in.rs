//! Does a standard MCP client sign in by browser, and does nobody else get in that way: with a code of somebody else, an address
//! of their own, a used secret, or the rights of a person who lost them?

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use domain::UserId;
use domain::identity::Role;
use serde_json::{Value, json};
use store::tenant::{PlatformTx, TenantTx};
use url::Url;
use uuid::Uuid;

use crate::conversations::scope;
use crate::helpers::{Answer, Tenant, TestApp};
use crate::step_up::{PASSWORD, confirm_shown, with_password};
use crate::tools_access::{json as parsed, post};

const ORIGIN: &str = "http://127.0.0.1:3000";
const CALLBACK: &str = "https://claude.example/callback";
/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub fn encoded(fields: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(fields).unwrap()
}

/// Sends what a program sends: without a cookie and without an origin.
async fn sent(app: &TestApp, path: &str, kind: &str, body: String) -> Answer {
    app.send(Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()).await
}

pub async fn form(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
    sent(app, path, "application/x-www-form-urlencoded", encoded(fields)).await
}

pub async fn register(app: &TestApp, told: Value) -> Answer {
    sent(app, "/oauth/register", "application/json", told.to_string()).await
}

/// The id of a program that registered this name.
pub async fn registered(app: &TestApp, name: &str) -> String {
    let answer = register(app, json!({ "client_name": name, "redirect_uris": [CALLBACK] })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    parsed(&answer)["client_id"].as_str().unwrap().to_owned()
}

/// The address that a program opens in a browser.
pub fn asking(client: &str, more: &[(&str, &str)]) -> String {
    let fields = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "s 1"),
    ];
    let kept = fields.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let all: Vec<_> = kept.chain(more).copied().collect();
    format!("/oauth/authorize?{}", encoded(&all))
}

/// The form with which a person lets a program work with the tenant's business.
fn consent(tenant: &Tenant, client: &str, once: &str) -> String {
    encoded(&[
        ("business", &tenant.business.to_string()),
        ("client", client),
        ("redirect", CALLBACK),
        ("challenge", CHALLENGE),
        ("state", "s 1"),
        ("once", once),
    ])
}

/// The address to which the page leads a browser by itself.
pub async fn led_to(app: &TestApp, cookie: &str) -> Option<Url> {
    let page = app.browse("/oauth/return", Some(cookie)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let refresh = page.headers.get("refresh")?.to_str().unwrap();
    Some(Url::parse(refresh.strip_prefix("0; url=").unwrap()).unwrap())
}

pub fn parameter(address: &Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The code that a person gives the program.
pub async fn code(app: &TestApp, tenant: &Tenant, cookie: &str, client: &str) -> String {
    let consent = consent(tenant, client, &Uuid::now_v7().to_string());
    let allowed = app.post("allow_agent", &consent, "/oauth/consent", cookie).await;
    assert_eq!(allowed.location, "/oauth/return", "{}", allowed.body);
    parameter(&led_to(app, cookie).await.unwrap(), "code").unwrap()
}

pub async fn redeem(app: &TestApp, client: &str, code: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let kept = fields.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let all: Vec<_> = kept.chain(more).copied().collect();
    form(app, "/oauth/token", &all).await
}

pub async fn renew(app: &TestApp, client: &str, refresh: &str) -> Answer {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", client)];
    form(app, "/oauth/token", &fields).await
}

/// The access token and the refresh token of an answer.
pub fn tokens(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let body = parsed(answer);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    assert_eq!(
        (&body["token_type"], &body["scope"], &body["expires_in"]),
        (&json!("Bearer"), &json!("tools"), &json!(3600))
    );
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    (text("access_token"), text("refresh_token"))
}

/// Asserts a refusal with this word of OAuth.
pub fn refused(answer: &Answer, word: &str, what: &str) {
    assert_eq!((answer.status, parsed(answer)["error"].as_str()), (StatusCode::BAD_REQUEST, Some(word)), "{what}");
}

/// The status of a list of tools with this token.
pub async fn listed(app: &TestApp, secret: &str) -> StatusCode {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    post(app, "/mcp", secret, message).await.status
}

/// A person who owns the tenant's business, signed in.
pub async fn owner(app: &TestApp, tenant: &Tenant) -> (UserId, String) {
    let user = app.person(Role::BusinessOwner, tenant).await;
    (user, app.sign_in(user).await)
}

#[tokio::test]
async fn a_standard_client_finds_its_way_from_a_refusal_to_the_tools() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    with_password(&app, user).await;
    let resource = format!("/mcp/{}", tenant.business);
    let closed = post(&app, &resource, "", json!({})).await;
    assert_eq!(closed.status, StatusCode::UNAUTHORIZED);
    let challenge = closed.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
    let metadata = challenge.split('"').nth(1).unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
    let protected = parsed(&app.get(&metadata, None).await);
    assert_eq!(protected["resource"], format!("{ORIGIN}{resource}"));
    assert_eq!(protected["authorization_servers"], json!([ORIGIN]));
    let server = parsed(&app.get("/.well-known/oauth-authorization-server", None).await);
    assert_eq!(server["issuer"], ORIGIN);
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    for name in ["authorization", "token", "registration", "revocation"] {
        assert!(server[format!("{name}_endpoint")].as_str().unwrap().starts_with(ORIGIN), "{server}");
    }

    let client = registered(&app, "Claude").await;
    let named = format!("{ORIGIN}{resource}");
    let begun = app.browse(&asking(&client, &[("resource", &named), ("scope", "tools provisioning")]), None).await;
    assert!(begun.location.starts_with("/oauth/consent?request="), "{} {}", begun.status, begun.body);
    let cookie = begun.cookie().unwrap();
    let first = app.browse(&begun.location, Some(&cookie)).await;
    assert!(first.location.starts_with("/login?next="), "{}", first.location);
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let email = store::identity::get(&mut tx, user).await.unwrap().email;
    drop(tx);
    let typed = encoded(&[("email", &email), ("password", PASSWORD), ("next", &begun.location)]);
    let entered = app.post("sign_in", &typed, &first.location, &cookie).await;
    assert_eq!(entered.location, begun.location, "{}", entered.body);
    let cookie = entered.cookie().unwrap();
    let page = app.browse(&entered.location, Some(&cookie)).await.body;
    for part in
        ["Connect Claude?", "claude.example", "/do/allow_agent", tenant.business.to_string().as_str(), email.as_str()]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("error=access_denied&amp;state=s+1&amp;iss="), "whoever says no is led back, too: {page}");

    let allowed = app.post("allow_agent", &consent(&tenant, &client, "0123456789"), &entered.location, &cookie).await;
    assert_eq!(allowed.location, "/oauth/return");
    let back = led_to(&app, &cookie).await.unwrap();
    assert!(back.as_str().starts_with(CALLBACK), "{back}");
    assert_eq!(parameter(&back, "state").as_deref(), Some("s 1"));
    assert_eq!(parameter(&back, "iss").as_deref(), Some(ORIGIN));
    let code = parameter(&back, "code").unwrap();
    let (access, _) = tokens(&redeem(&app, &client, &code, &[("resource", &named)]).await);
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    let tools = post(&app, &resource, &access, message).await;
    assert!(parsed(&tools)["result"]["tools"].as_array().is_some_and(|tools| !tools.is_empty()), "{}", tools.body);
    assert_eq!(app.audited(user, "agent_sign_in.allowed", "ok").await, 1);
    assert_eq!(app.audited(user, "token.made", "ok").await, 1);
    let kept: String = app.base.contents().await.into_iter().map(|(_, rows)| rows).collect();
    for secret in [&code, &access] {
        assert!(!kept.contains(secret.as_str()), "only hashes are stored");
    }
}

#[tokio::test]
async fn a_code_is_tried_once_and_only_as_it_was_asked_for() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let (_, cookie) = owner(&app, &tenant).await;
    let (client, stranger) = (registered(&app, "Claude").await, registered(&app, "Evil").await);
    let others = format!("{ORIGIN}/mcp/{}", other.business);
    let verifier = "x".repeat(43);
    for (word, more) in [
        ("invalid_grant", ("code_verifier", verifier.as_str())),
        ("invalid_grant", ("redirect_uri", "https://evil.example/")),
        ("invalid_grant", ("client_id", stranger.as_str())),
        ("invalid_target", ("resource", others.as_str())),
    ] {
        let code = code(&app, &tenant, &cookie, &client).await;
        refused(&redeem(&app, &client, &code, &[more]).await, word, more.0);
        refused(&redeem(&app, &client, &code, &[]).await, "invalid_grant", "it was tried");
    }
    for (word, more) in [
        ("invalid_target", ("resource", "https://evil.example/mcp")),
        ("invalid_request", ("code_verifier", "")),
        ("unsupported_grant_type", ("grant_type", "password")),
        ("invalid_grant", ("code", "slc_nothing")),
    ] {
        refused(&redeem(&app, &client, "slc_", &[more]).await, word, more.0);
    }
    let late = code(&app, &tenant, &cookie, &client).await;
    app.base.execute("update agent_sign_ins set expires_at = now() - interval '1 second'").await;
    refused(&redeem(&app, &client, &late, &[]).await, "invalid_grant", "it is over");

    let twice = code(&app, &tenant, &cookie, &client).await;
    let (access, refresh) = tokens(&redeem(&app, &client, &twice, &[]).await);
    assert_eq!(listed(&app, &access).await, StatusCode::OK);
    refused(&redeem(&app, &client, &twice, &[]).await, "invalid_grant", "two programs know it");
    assert_eq!(listed(&app, &access).await, StatusCode::UNAUTHORIZED, "the first one is out, too");
    refused(&renew(&app, &client, &refresh).await, "invalid_grant", "for good");
}

#[tokio::test]
async fn an_agent_ends_with_the_person_who_let_it_in_and_when_somebody_disconnects_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (user, cookie) = owner(&app, &tenant).await;
    let client = registered(&app, "Claude").await;
    let page = format!("/b/{}/ai-tools", tenant.business);

    let given = code(&app, &tenant, &cookie, &client).await;
    let (access, refresh) = tokens(&redeem(&app, &client, &given, &[]).await);
    let shown = app.browse(&page, Some(&cookie)).await.body;
    assert!(shown.contains("signed in from claude.example"), "{shown}");
    let mut tx = TenantTx::begin(&app.db, scope(&tenant, user)).await.unwrap();
    let token = store::api_tokens::list(&mut tx).await.unwrap().remove(0).id;
    drop(tx);
    let disconnect = format!("business={}&token={token}", tenant.business);
    assert_eq!(app.post("revoke_tool_token", &disconnect, &page, &cookie).await.location, page);
    assert_eq!(listed(&app, &access).await, StatusCode::UNAUTHORIZED);
    refused(&renew(&app, &client, &refresh).await, "invalid_grant", "disconnected");

    for by_refresh in [true, false] {
        let given = code(&app, &tenant, &cookie, &client).await;
        let (access, refresh) = tokens(&redeem(&app, &client, &given, &[]).await);
        let shown = if by_refresh { refresh.as_str() } else { access.as_str() };
        for token in ["slw_nothing", shown, shown] {
            assert_eq!(form(&app, "/oauth/revoke", &[("token", token)]).await.status, StatusCode::OK);
        }
        assert_eq!(listed(&app, &access).await, StatusCode::UNAUTHORIZED);
        refused(&renew(&app, &client, &refresh).await, "invalid_grant", "the program ended it");
    }

    let waiting = code(&app, &tenant, &cookie, &client).await;
    let given = code(&app, &tenant, &cookie, &client).await;
    let (access, refresh) = tokens(&redeem(&app, &client, &given, &[]).await);
    app.base.execute("update user_sub_account_memberships set deleted_at = now()").await;
    assert_eq!(listed(&app, &access).await, StatusCode::UNAUTHORIZED, "they left");
    refused(&renew(&app, &client, &refresh).await, "invalid_grant", "and their agent with them");
    refused(&redeem(&app, &client, &waiting, &[]).await, "invalid_grant", "and the one that was about to begin");
}

#[tokio::test]
async fn a_program_that_lies_is_told_so_and_leads_nobody_away() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (_, cookie) = owner(&app, &tenant).await;
    let client = registered(&app, "<script>alert(1)</script><b data-x>").await;
    for (word, told) in [
        ("invalid_redirect_uri", json!({ "client_name": "x", "redirect_uris": ["http://evil.example/"] })),
        ("invalid_redirect_uri", json!({ "client_name": "x", "redirect_uris": ["javascript:alert(1)"] })),
        ("invalid_redirect_uri", json!({ "client_name": "x" })),
        ("invalid_client_metadata", json!({ "client_name": "x".repeat(81), "redirect_uris": [CALLBACK] })),
        ("invalid_client_metadata", json!({ "redirect_uris": 7 })),
        ("invalid_client_metadata", json!([])),
    ] {
        refused(&register(&app, told.clone()).await, word, &told.to_string());
    }
    for more in [
        ("client_id", "slc-00"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "https://claude.example/callback/.."),
        ("code_challenge", ""),
        ("code_challenge_method", "plain"),
        ("response_type", "token"),
        ("resource", "https://evil.example/mcp"),
    ] {
        let answer = app.browse(&asking(&client, &[more]), Some(&cookie)).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::BAD_REQUEST, ""), "{more:?}");
        assert!(!answer.body.contains("evil.example"), "{more:?}: {}", answer.body);
    }
    let begun = app.browse(&asking(&client, &[]), Some(&cookie)).await;
    let page = app.browse(&begun.location, Some(&cookie)).await.body;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert(1)"), "{page}");
    assert!(!page.contains("<b data-x"), "{page}");
    let stranger = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let elsewhere = app.browse(&begun.location, Some(&stranger)).await.body;
    assert!(
        elsewhere.contains("Nothing to approve here"),
        "a request belongs to the browser that brought it: {elsewhere}"
    );
}

#[tokio::test]
async fn a_person_gives_only_their_own_business_once_and_with_a_fresh_proof() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let (user, cookie) = owner(&app, &tenant).await;
    let client = registered(&app, "Claude").await;
    let foreign = app.submit("allow_agent", &consent(&other, &client, "0123456789"), Some(&cookie)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{}", foreign.body);
    let named = format!("{ORIGIN}/mcp/{}", other.business);
    let asked = format!("{}&{}", consent(&tenant, &client, "0123456789"), encoded(&[("resource", &named)]));
    let wrong = app.submit("allow_agent", &asked, Some(&cookie)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "the program asks for another one: {}", wrong.body);
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    let refused = app.submit("allow_agent", &consent(&tenant, &client, "0123456789"), Some(&member)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let led = app.post("allow_agent", &consent(&tenant, &client, "0123456789"), "/oauth/consent", &old).await;
    assert!(led.location.starts_with("/me/confirm?next="), "{}", led.location);

    for _ in 0..2 {
        let sent = app.post("allow_agent", &consent(&tenant, &client, "9876543210"), "/oauth/consent", &cookie).await;
        assert_eq!(sent.location, "/oauth/return");
    }
    let code = led_to(&app, &cookie).await.and_then(|back| parameter(&back, "code")).unwrap();
    assert_eq!(led_to(&app, &cookie).await, None, "it leads once");
    assert_eq!(app.audited(user, "agent_sign_in.allowed", "ok").await, 1, "the second press let nobody else in");
    tokens(&redeem(&app, &client, &code, &[]).await);
}

#[tokio::test]
async fn a_consent_that_waited_for_a_proof_leads_on_with_its_code() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    with_password(&app, user).await;
    let client = registered(&app, "Claude").await;
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let led = app.post("allow_agent", &consent(&tenant, &client, "0123456789"), "/oauth/consent", &old).await.location;
    let asked = app.browse(&led, Some(&old)).await.body;
    let given = app.post("confirm_identity", &confirm_shown(&asked, "/oauth/consent"), &led, &old).await;
    assert_eq!(given.location, "/oauth/return", "{}", given.body);
    let back = led_to(&app, &given.cookie().unwrap()).await.unwrap();
    tokens(&redeem(&app, &client, &parameter(&back, "code").unwrap(), &[]).await);
}
