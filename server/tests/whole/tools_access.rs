//! Whom do the tools of a business answer? A token of that business with the scope of tools, while whoever made it may use
//! them, from no foreign site and under no foreign name; and nobody within another tenant.

use axum::body::Body;
use axum::http::{HeaderName, Request, StatusCode, header};
use domain::UserId;
use domain::identity::{Reach, Role};
use secrecy::ExposeSecret;
use serde_json::Value;
use store::tenant::{Scope, TenantTx};
use tower::ServiceExt;

use crate::helpers::{Answer, Tenant, TestApp};
use crate::tools_statements::Statements;

/// A read that needs no arguments.
pub const READ: &str = "/tools/business_get_details";

/// A token of the tenant's business with these scopes, made by this person, or by nobody.
pub async fn token_of(app: &TestApp, tenant: &Tenant, maker: Option<UserId>, scopes: &[&str]) -> String {
    let (agency, business) = (tenant.agency, tenant.business);
    let scope = Scope::AgencyBusiness { user: maker, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let new = store::api_tokens::NewToken { name: "Claude".to_owned(), scopes, expires_at: None };
    let (_, secret) = store::api_tokens::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    secret.expose_secret().to_owned()
}

/// A token for tools that the owner of the tenant's business made.
pub async fn owners(app: &TestApp, tenant: &Tenant) -> String {
    let owner = app.person(Role::BusinessOwner, tenant).await;
    token_of(app, tenant, Some(owner), &["tools"]).await
}

/// A request of a program: JSON, and as an MCP client accepts answers.
pub fn request(path: &str, secret: &str, body: &Value) -> Request<Body> {
    let request = Request::post(path)
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream");
    request.body(Body::from(body.to_string())).unwrap()
}

/// Sends such a request.
pub async fn post(app: &TestApp, path: &str, secret: &str, body: Value) -> Answer {
    app.send(request(path, secret, &body)).await
}

/// The JSON of an answer.
pub fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

fn nothing() -> Value {
    serde_json::json!({})
}

#[tokio::test]
async fn a_token_answers_for_whoever_made_it_and_for_nobody_else() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    for role in Role::ALL {
        let maker = app.person(role, &own).await;
        let secret = token_of(&app, &own, Some(maker), &["tools"]).await;
        let may = domain::permission::allows(role, domain::permission::Right::ToolsManage);
        let answer = post(&app, READ, &secret, nothing()).await;
        let wanted = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, wanted, "{role:?}: {}", answer.body);
        assert!(!answer.body.contains(&other.business.to_string()), "{}", answer.body);
    }
    let foreign = app.person(Role::BusinessOwner, &other).await;
    let secret = token_of(&app, &own, Some(foreign), &["tools"]).await;
    let answer = post(&app, READ, &secret, nothing()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "its maker belongs elsewhere: {}", answer.body);
}

#[tokio::test]
async fn other_tokens_open_no_tool() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let admin = app.person(Role::AgencyAdmin, &tenant).await;
    for (secret, says) in [
        (app.token_by(Some(admin), &tenant, &["tools"]).await, "Tools act for one client"),
        (token_of(&app, &tenant, None, &["tools"]).await, "no person made this one"),
        (token_of(&app, &tenant, Some(owner), &["businesses"]).await, "lacks the scope"),
    ] {
        for path in [READ, "/mcp", "/tools/approvals/018f0000-0000-7000-8000-000000000000"] {
            let answer = post(&app, path, &secret, nothing()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {says}: {}", answer.body);
            assert!(answer.body.contains(says), "{path}: {}", answer.body);
        }
    }
    for secret in ["slw_nonsense", ""] {
        for path in [READ, "/mcp", "/mcp/somebody", "/mcp/somebody/tool/list_contacts"] {
            let answer = post(&app, path, secret, nothing()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {}", answer.body);
            let challenge = answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
            let tenant = if path.starts_with("/mcp/") { "/somebody" } else { "" };
            let metadata = format!("/.well-known/oauth-protected-resource/mcp{tenant}\", scope=\"tools\"");
            assert!(challenge.ends_with(&metadata), "{challenge}");
        }
    }
    let path = format!("{READ}?access_token={}", owners(&app, &tenant).await);
    let in_address = app.send(Request::post(path).body(Body::empty()).unwrap()).await;
    assert_eq!(in_address.status, StatusCode::UNAUTHORIZED, "a token in an address is none");
}

#[tokio::test]
async fn the_metadata_name_the_resource_and_its_scope() {
    let app = TestApp::new().await;
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let answer = app.get(path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let metadata = json(&answer);
        assert!(metadata["resource"].as_str().is_some_and(|resource| resource.ends_with("/mcp")), "{metadata}");
        assert_eq!(metadata["bearer_methods_supported"], serde_json::json!(["header"]));
        assert_eq!(metadata["scopes_supported"], serde_json::json!(["tools"]));
        assert_eq!(metadata["authorization_servers"], serde_json::json!(["http://127.0.0.1:3000"]));
    }
    let path = "/.well-known/oauth-protected-resource/mcp";
    let of_one = json(&app.get(&format!("{path}/bright-dental"), None).await);
    assert_eq!(of_one["resource"], "http://127.0.0.1:3000/mcp/bright-dental", "whether or not there is one");
    assert_eq!(app.get(&format!("{path}/%22%3E"), None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_that_names_another_client_is_refused_and_noted() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let secret = owners(&app, &own).await;
    let slug = format!("business-{}", own.business);
    for named in [own.business.to_string(), slug] {
        let answer = post(&app, &format!("/mcp/{named}/tool/business_get_details"), &secret, nothing()).await;
        assert_eq!(answer.status, StatusCode::OK, "{named}: {}", answer.body);
    }
    let unknown = "018f0000-0000-7000-8000-000000000000";
    let mut said = Vec::new();
    for named in [other.business.to_string(), format!("business-{}", other.business), unknown.to_owned()] {
        for path in [format!("/mcp/{named}/tool/business_get_details"), format!("/mcp/{named}")] {
            let answer = post(&app, &path, &secret, nothing()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
            said.push(json(&answer)["detail"].clone());
        }
    }
    said.dedup();
    assert_eq!(said.len(), 1, "nothing tells whether a client exists: {said:?}");
    let tables = app.base.contents().await.into_iter().filter(|(table, _)| table.starts_with("audit"));
    let log: String = tables.map(|(_, rows)| rows).collect();
    assert!(log.contains("access.denied") && log.contains("/mcp/{tenant}/tool/{name}"), "the audit log knows it");
}

#[tokio::test]
async fn foreign_sites_and_names_are_refused_before_anything_else() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let with = |name: HeaderName, value: &'static str, path: &str| {
        let mut request = request(path, &secret, &nothing());
        request.headers_mut().insert(name, value.parse().unwrap());
        app.send(request)
    };
    for path in [READ, "/mcp"] {
        for (name, value) in [
            (header::ORIGIN, "https://evil.example"),
            (header::ORIGIN, "null"),
            (header::HOST, "evil.example"),
            (header::HOST, "127.0.0.1.evil.example"),
        ] {
            let answer = with(name.clone(), value, path).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} {value} {path}: {}", answer.body);
        }
    }
    assert_eq!(with(header::HOST, "localhost:3000", READ).await.status, StatusCode::OK);
    assert_eq!(with(header::COOKIE, "sid=1", READ).await.status, StatusCode::OK, "cookies mean nothing");
}

#[tokio::test]
async fn requests_to_tools_count_for_the_minute_of_the_business_alone() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let (secret, neighbour) = (owners(&app, &own).await, owners(&app, &other).await);
    for sent in 1..=60_u32 {
        // The minute does not end while the test sends its requests.
        app.base.execute("update request_counts set began = clock_timestamp()").await;
        let answer = post(&app, READ, &secret, nothing()).await;
        assert_ne!(answer.headers["ratelimit-limit"], "0");
        assert_eq!(answer.headers["ratelimit-remaining"], (60 - sent).to_string().as_str(), "{}", answer.body);
        assert_eq!(answer.headers["ratelimit-policy"], "60;w=60");
    }
    for path in [READ, "/mcp", "/tools/nothing"] {
        let refused = post(&app, path, &secret, nothing()).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{path}: {}", refused.body);
        assert!(refused.headers.contains_key(header::RETRY_AFTER) && refused.headers["ratelimit-remaining"] == "0");
    }
    assert_eq!(post(&app, READ, &neighbour, nothing()).await.status, StatusCode::OK, "others go on");
}

#[tokio::test]
async fn what_changed_since_the_request_before_holds_at_the_next_one() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let status = async || post(&app, READ, &secret, nothing()).await.status;
    assert_eq!((status().await, status().await), (StatusCode::OK, StatusCode::OK));
    for (change, wanted, back) in [
        (
            "update sub_accounts set status = 'paused'",
            StatusCode::FORBIDDEN,
            "update sub_accounts set status = 'active'",
        ),
        (
            "update user_sub_account_memberships set status = 'suspended'",
            StatusCode::UNAUTHORIZED,
            "update user_sub_account_memberships set status = 'active'",
        ),
        ("update users set disabled_at = now()", StatusCode::UNAUTHORIZED, "update users set disabled_at = null"),
        (
            "update api_tokens set scopes = array['businesses']",
            StatusCode::FORBIDDEN,
            "update api_tokens set scopes = array['tools']",
        ),
        (
            "update api_tokens set expires_at = now()",
            StatusCode::UNAUTHORIZED,
            "update api_tokens set expires_at = null",
        ),
        (
            "update api_tokens set revoked_at = now()",
            StatusCode::UNAUTHORIZED,
            "update api_tokens set revoked_at = null",
        ),
    ] {
        app.base.execute(change).await;
        assert_eq!(status().await, wanted, "{change}");
        app.base.execute(back).await;
        assert_eq!(status().await, StatusCode::OK, "{back}");
    }
    assert_eq!(app.second().await.oneshot(request(READ, &secret, &nothing())).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_ended_takes_no_turns_of_its_business() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let status = async || post(&app, READ, &secret, nothing()).await.status;
    assert_eq!((status().await, status().await), (StatusCode::OK, StatusCode::OK));
    app.base.execute("update api_tokens set revoked_at = now()").await;
    let (statements, _watching) = Statements::watch();
    // Whoever is admitted is read with every place where they work, in a turn of their business.
    for is_known in [true, false, false] {
        assert_eq!(status().await, StatusCode::UNAUTHORIZED);
        let (sent, _) = statements.take();
        assert_eq!(sent.iter().any(|sql| sql.contains("my_places")), is_known, "{sent:#?}");
        assert!(sent.iter().any(|sql| sql.contains("api_tokens")), "statements are seen: {sent:#?}");
    }
}
