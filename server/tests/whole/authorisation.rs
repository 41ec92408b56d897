//! Who may come in where: every way in of the policy × every role × own, other and nobody's tenant.
//! The lists come from the router, the server functions and the policy themselves, so nothing new escapes.

use std::collections::BTreeSet;

use crate::helpers::{Answer, Tenant, TestApp};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::{Reach, Role};
use domain::permission::{Needs, POLICY, Rule, TOKEN_SCOPES, Way, allows};
use secrecy::ExposeSecret;
use store::tenant::{Scope, TenantTx};

#[test]
fn every_page_has_its_line_and_every_line_its_page() {
    let pages: BTreeSet<String> = slipway::pages::pages().iter().map(|page| page.path().to_owned()).collect();
    assert_eq!(pages, listed(Way::Page));
}

#[test]
fn every_server_function_has_its_line_and_every_line_its_function() {
    let deeds: BTreeSet<String> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path.trim_start_matches("/do/").to_owned())
        .collect();
    assert_eq!(deeds, listed(Way::Deed));
    assert!(
        leptos::server_fn::axum::server_fn_paths().all(|(_, method)| method == "POST"),
        "server functions change things by POST only"
    );
}

#[test]
fn every_route_has_its_line_and_every_line_its_route() {
    let routes: BTreeSet<String> = slipway::routes::ROUTES.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(routes, listed(Way::Route));
}

fn listed(way: Way) -> BTreeSet<String> {
    POLICY.iter().filter(|rule| rule.way == way).map(|rule| rule.path.to_owned()).collect()
}

/// Pages and streams of people, which a GET opens.
fn opened() -> impl Iterator<Item = &'static Rule> {
    let by_people =
        |needs| matches!(needs, Needs::SignedIn | Needs::Platform(_) | Needs::Agency(_) | Needs::Business(_));
    POLICY.iter().filter(move |rule| rule.way != Way::Deed && by_people(rule.needs))
}

fn address(rule: &Rule, tenant: &Tenant) -> String {
    let path = rule
        .path
        .replace("{agency}", &tenant.agency.to_string())
        .replace("{business}", &tenant.business.to_string())
        .replace("{job}", &tenant.job.to_string());
    if rule.path.contains("/connect") { format!("{path}?agency={}", tenant.agency) } else { path }
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    for rule in opened() {
        let answer = app.get(&address(rule, &tenant), None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", rule.path);
        assert!(answer.location.starts_with("/login"), "{} → {}", rule.path, answer.location);
    }
}

#[tokio::test]
async fn each_role_opens_what_the_policy_says_and_nothing_else() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    for role in Role::ALL {
        let cookie = app.sign_in(app.person(role, &tenant).await).await;
        for rule in opened() {
            let answer = app.get(&address(rule, &tenant), Some(&cookie)).await;
            let refused = matches!(answer.status.as_u16(), 401 | 403 | 404) || answer.location.starts_with("/login");
            let wanted = may(role, rule.needs);
            assert_eq!(refused, !wanted, "{role:?} {} → {} {}", rule.path, answer.status, answer.location);
        }
    }
}

/// Whether a role, held in the tenant that is named, may come in.
fn may(role: Role, needs: Needs) -> bool {
    match needs {
        Needs::SignedIn | Needs::Nothing => true,
        Needs::Platform(action) => matches!(role, Role::SuperAdmin | Role::Support) && allows(role, action),
        Needs::Agency(action) => role.is_staff() && allows(role, action),
        // A platform role opens no business; agency staff and the business's own people do.
        Needs::Business(action) => !matches!(role, Role::SuperAdmin | Role::Support) && allows(role, action),
        Needs::Token(_) | Needs::Proof => false,
    }
}

#[tokio::test]
async fn another_tenants_address_does_not_exist() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let roles = [Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner, Role::TeamMember];
    for role in roles {
        let cookie = app.sign_in(app.person(role, &own).await).await;
        for rule in opened().filter(|rule| matches!(rule.needs, Needs::Agency(_) | Needs::Business(_))) {
            let answer = app.get(&address(rule, &other), Some(&cookie)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role:?} {}", rule.path);
            assert!(!answer.body.contains("Bright Dental"), "{role:?} {}", rule.path);
            // One's own agency with the other's object inside is no way around.
            let mixed = rule
                .path
                .replace("{agency}", &own.agency.to_string())
                .replace("{job}", &other.job.to_string())
                .replace("{business}", &other.business.to_string());
            if mixed.contains(&other.job.to_string()) || mixed.contains(&other.business.to_string()) {
                let answer = app.get(&mixed, Some(&cookie)).await;
                assert!(matches!(answer.status.as_u16(), 403 | 404), "{role:?} {mixed} → {}", answer.status);
            }
        }
    }
}

/// A form that each server function understands, naming this tenant.
fn form(deed: &str, tenant: &Tenant) -> String {
    let (agency, id) = (tenant.agency, tenant.job);
    let rest = match deed {
        "start_job" => "%2Fclient%2Fname=X&%2Fclient%2Fcountry=US".to_owned(),
        "resume_job" => format!("id={id}"),
        "retry_job" | "cancel_job" | "undo_job" => format!("id%5B%5D={id}"),
        // The one that a script calls with JSON.
        "check_job" => return format!(r#"{{"agency":"{agency}","fields":{{}}}}"#),
        "set_snapshot_active" => format!("snapshot={id}&active=true"),
        "add_private_token" => "token=pit-00000000-0000-4000-8000-000000000000".to_owned(),
        "check_connection" | "disconnect" => format!("integration={id}"),
        "claim_install" => format!("install={id}"),
        "invite_colleague" => "email=x%40example.test&role=agency_staff".to_owned(),
        "remove_member" => format!("user={id}"),
        "revoke_invite" => format!("invite={id}"),
        "create_token" => "name=x&provisioning=on".to_owned(),
        "revoke_token" => format!("token={id}"),
        "find" | "find_platform" => "q=bri".to_owned(),
        "ask_access" => "right=TeamManage".to_owned(),
        "rename_agency" => "name=Harbor".to_owned(),
        "set_agency_settings" => "max_retries=3".to_owned(),
        "set_agency_deleted" => "deleted=false".to_owned(),
        "restore_business" => format!("business={}", tenant.business),
        "create_agency" => "name=X&slug=x-agency&owner=o%40example.test".to_owned(),
        "invite_to_agency" => "owner=o%40example.test".to_owned(),
        "set_business_status" => format!("business={}&status=active", tenant.business),
        "set_person_disabled" => format!("user={id}&disabled=true"),
        "end_sessions_of" => format!("user={id}"),
        _ => String::new(),
    };
    format!("agency={agency}&{rest}")
}

#[tokio::test]
async fn server_functions_obey_the_policy_in_their_bodies() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let guarded = || {
        POLICY
            .iter()
            .filter(|rule| rule.way == Way::Deed && matches!(rule.needs, Needs::Agency(_) | Needs::Platform(_)))
    };
    for rule in guarded() {
        let answer = app.deed(rule.path, &form(rule.path, &own), None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "nobody, {}: {}", rule.path, answer.body);
    }
    for role in Role::ALL {
        let cookie = app.sign_in(app.person(role, &own).await).await;
        for rule in guarded() {
            let answer = app.deed(rule.path, &form(rule.path, &own), Some(&cookie)).await;
            if may(role, rule.needs) {
                assert!(!is_refusal(&answer), "{role:?} {} → {} {}", rule.path, answer.status, answer.body);
            } else {
                assert!(
                    matches!(answer.status.as_u16(), 403 | 404),
                    "{role:?} {} → {} {}",
                    rule.path,
                    answer.status,
                    answer.body
                );
            }
            if matches!(rule.needs, Needs::Agency(_)) && !matches!(role, Role::SuperAdmin | Role::Support) {
                let answer = app.deed(rule.path, &form(rule.path, &other), Some(&cookie)).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role:?} elsewhere {}: {}", rule.path, answer.body);
            }
        }
    }
}

/// Whether the answer says that the role does not allow it; a missing object is no refusal.
fn is_refusal(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 401 | 403)
}

#[tokio::test]
async fn a_token_opens_its_scope_in_its_agency_only() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let routes = || POLICY.iter().filter(|rule| matches!(rule.needs, Needs::Token(_)));
    for scope in TOKEN_SCOPES {
        let secret = token(&app, &own, scope).await;
        for rule in routes() {
            let wanted = rule.needs == Needs::Token(scope);
            let (mine, theirs) =
                (rule.path.replace("{id}", &own.job.to_string()), rule.path.replace("{id}", &other.job.to_string()));
            let method = if rule.path.ends_with("}") || !rule.path.contains("{id}") || rule.path.ends_with("events") {
                "GET"
            } else {
                "POST"
            };
            let answer = call(&app, method, &mine, Some(&secret)).await;
            assert_eq!(answer.status == StatusCode::FORBIDDEN, !wanted, "{scope} {} → {}", rule.path, answer.status);
            if wanted && rule.path.contains("{id}") {
                let answer = call(&app, method, &theirs, Some(&secret)).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{scope} {}", rule.path);
            }
            assert_eq!(call(&app, method, &mine, None).await.status, StatusCode::UNAUTHORIZED, "{}", rule.path);
            assert_eq!(
                call(&app, method, &mine, Some("slw_nonsense")).await.status,
                StatusCode::UNAUTHORIZED,
                "{}",
                rule.path
            );
        }
    }
}

async fn token(app: &TestApp, tenant: &Tenant, scope: &str) -> String {
    let agency = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, agency).await.unwrap();
    let new = store::api_tokens::NewToken { name: "test".to_owned(), scopes: vec![scope.to_owned()], expires_at: None };
    let (_, secret) = store::api_tokens::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    secret.expose_secret().to_owned()
}

async fn call(app: &TestApp, method: &str, path: &str, secret: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(secret) = secret {
        request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_person_who_lost_their_place_is_out_with_the_next_request() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let cookie = app.sign_in(user).await;
    let home = format!("/a/{}", tenant.agency);
    assert_eq!(app.get(&home, Some(&cookie)).await.status, StatusCode::OK);
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::memberships::remove_from_agency(&mut tx, user).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.get(&home, Some(&cookie)).await.status, StatusCode::NOT_FOUND);
}
