//! Who has access: every endpoint of the policy × every role × the own tenant, another tenant and no tenant. The
//! list is the policy itself; `inventory.rs` checks that it is complete, so that no new endpoint is missed.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::feature;
use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::{EndpointKind, Needs, POLICY, Right, Rule, TOKEN_SCOPES, allows};
use domain::{RoleId, UserId};
use store::tenant::{Scope, TenantTx};

use crate::conversations::fill;
use crate::forms::form;
use crate::helpers::{Answer, Tenant, TestApp};

/// The pages and streams for people, which a GET opens.
pub fn opened() -> impl Iterator<Item = &'static Rule> {
    let open = |needs| matches!(needs, Needs::Nothing | Needs::Proof | Needs::PendingSecondFactor | Needs::Token(_));
    POLICY.iter().filter(move |rule| rule.kind != EndpointKind::ServerFunction && !open(rule.needs))
}

/// The address of an endpoint for this tenant.
pub fn address(rule: &Rule, tenant: &Tenant) -> String {
    let path = rule
        .path
        .replace("{agency}", &tenant.agency.to_string())
        .replace("{business}", &tenant.business.to_string())
        .replace("{job}", &tenant.job.to_string())
        .replace("{user}", &tenant.job.to_string())
        .replace("{conversation}", &tenant.conversation.to_string())
        .replace("{contact}", &tenant.contact.to_string())
        .replace("{attachment}", &tenant.attachment.to_string())
        .replace("{choice}", &tenant.choice.to_string())
        .replace("{knowledge}", &tenant.knowledge.to_string())
        .replace("{answer}", &tenant.answer.to_string())
        .replace("{rehearsal}", &tenant.rehearsal.to_string())
        .replace("{agent}", &tenant.agent.to_string())
        .replace("{call}", &tenant.call.to_string());
    match rule.needs {
        _ if !rule.path.ends_with("/connect") => path,
        Needs::Business(_) => format!("{path}?business={}&type=whatsapp", tenant.business),
        _ => format!("{path}?agency={}", tenant.agency),
    }
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
    let mut tenant = app.tenant().await;
    for role in Role::ALL {
        let user = app.person(role, &tenant).await;
        let cookie = app.sign_in(user).await;
        fill(&app, &mut tenant, user).await;
        for rule in opened() {
            // The page of a person is asked for the caller's own.
            let address =
                address(rule, &tenant).replace(&format!("/people/{}", tenant.job), &format!("/people/{user}"));
            let answer = app.get(&address, Some(&cookie)).await;
            let refused = matches!(answer.status.as_u16(), 401 | 403 | 404) || answer.location.starts_with("/login");
            let wanted = may(role, rule.needs);
            assert_eq!(refused, !wanted, "{role:?} {} → {} {}", rule.path, answer.status, answer.location);
        }
    }
}

/// Returns true if a role, held in the named tenant, has access.
fn may(role: Role, needs: Needs) -> bool {
    match needs {
        Needs::SignedIn | Needs::SecondFactorSetup | Needs::Nothing => true,
        Needs::Platform(action) => matches!(role, Role::SuperAdmin | Role::Support) && allows(role, action),
        Needs::Agency(action) => role.is_staff() && allows(role, action),
        // A platform role opens no business; agency staff and the business's own people do.
        Needs::Business(action) => !matches!(role, Role::SuperAdmin | Role::Support) && allows(role, action),
        Needs::PendingSecondFactor | Needs::Token(_) | Needs::Proof => false,
    }
}

#[tokio::test]
async fn another_tenants_address_does_not_exist() {
    let app = TestApp::new().await;
    let (own, mut other) = (app.tenant().await, app.tenant().await);
    let roles = [Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner, Role::TeamMember];
    for role in roles {
        let user = app.person(role, &own).await;
        let cookie = app.sign_in(user).await;
        fill(&app, &mut other, user).await;
        for rule in opened().filter(|rule| matches!(rule.needs, Needs::Agency(_) | Needs::Business(_))) {
            let answer = app.get(&address(rule, &other), Some(&cookie)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role:?} {}", rule.path);
            assert!(!answer.body.contains("Bright Dental"), "{role:?} {}", rule.path);
            // The path of one's own agency with another agency's object gives no access.
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

#[tokio::test]
async fn server_functions_obey_the_policy() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let guarded = || {
        POLICY.iter().filter(|rule| {
            rule.kind == EndpointKind::ServerFunction
                && matches!(rule.needs, Needs::Agency(_) | Needs::Business(_) | Needs::Platform(_))
        })
    };
    for rule in guarded() {
        let answer = app.submit(rule.path, &form(rule.path, &own), None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "nobody, {}: {}", rule.path, answer.body);
    }
    for role in Role::ALL {
        let cookie = app.sign_in(app.person(role, &own).await).await;
        for rule in guarded() {
            let answer = app.submit(rule.path, &form(rule.path, &own), Some(&cookie)).await;
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
            if matches!(rule.needs, Needs::Agency(_) | Needs::Business(_))
                && !matches!(role, Role::SuperAdmin | Role::Support)
            {
                let answer = app.submit(rule.path, &form(rule.path, &other), Some(&cookie)).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role:?} elsewhere {}: {}", rule.path, answer.body);
            }
        }
    }
}

/// Returns true if the answer says that the role does not allow the request; a missing object is not a refusal.
fn is_refusal(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 401 | 403)
}

#[tokio::test]
async fn a_token_opens_its_scope_in_its_agency_only() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    // Tools take tokens of one business alone: `tools_access.rs`.
    let routes =
        || POLICY.iter().filter(|rule| matches!(rule.needs, Needs::Token(_)) && rule.path.starts_with("/api/"));
    for scope in TOKEN_SCOPES {
        let secret = app.token(&own, &[scope]).await;
        for rule in routes() {
            let wanted = rule.needs == Needs::Token(scope);
            let (mine, theirs) =
                (rule.path.replace("{id}", &own.job.to_string()), rule.path.replace("{id}", &other.job.to_string()));
            let method = method(rule);
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

/// A method that a route answers.
pub fn method(rule: &Rule) -> &'static str {
    let route = feature::routes().find(|route| route.path == rule.path).unwrap();
    route.calls[0].method.key()
}

/// Sends a request without a body, with the secret of a token or without one.
pub async fn call(app: &TestApp, method: &str, path: &str, secret: Option<&str>) -> Answer {
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

/// Gives somebody a custom role of the agency with these rights.
pub async fn own_role(app: &TestApp, tenant: &Tenant, name: &str, actions: &[Right]) -> (UserId, RoleId) {
    let user = app.person(Role::AgencyAdmin, tenant).await;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let id = store::roles::add(&mut tx, name, actions).await.unwrap();
    let role = store::roles::find(&mut tx, id).await.unwrap().unwrap();
    store::memberships::set_role(&mut tx, user, &AgencyRole::Custom(role), Reach::All).await.unwrap();
    tx.commit().await.unwrap();
    (user, id)
}

#[tokio::test]
async fn a_role_of_the_agencys_own_may_do_exactly_what_it_lists() {
    let app = TestApp::new().await;
    let mut tenant = app.tenant().await;
    // Every right in turn, and one that no agency may give.
    for action in Right::ALL {
        let (user, _) = own_role(&app, &tenant, action.key(), &[action]).await;
        fill(&app, &mut tenant, user).await;
        let cookie = app.sign_in(user).await;
        let may = |needs| match needs {
            Needs::Agency(asked) | Needs::Business(asked) => asked == action && action.is_agency_right(),
            Needs::SignedIn | Needs::SecondFactorSetup | Needs::Nothing => true,
            Needs::Platform(_) | Needs::PendingSecondFactor | Needs::Token(_) | Needs::Proof => false,
        };
        for rule in opened() {
            let answer = app.get(&address(rule, &tenant), Some(&cookie)).await;
            let refused = matches!(answer.status.as_u16(), 401 | 403 | 404);
            assert_eq!(refused, !may(rule.needs), "{action:?} {} → {}", rule.path, answer.status);
        }
        let operations = POLICY
            .iter()
            .filter(|rule| rule.kind == EndpointKind::ServerFunction && matches!(rule.needs, Needs::Agency(_)));
        for rule in operations {
            let answer = app.submit(rule.path, &form(rule.path, &tenant), Some(&cookie)).await;
            // An allowed request may still fail for its object; a forbidden one is refused before that.
            assert_eq!(
                answer.status == StatusCode::FORBIDDEN,
                !may(rule.needs),
                "{action:?} {} → {}",
                rule.path,
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn a_changed_role_binds_the_next_request() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (user, role) = own_role(&app, &tenant, "Launcher", &[Right::AgencyRead, Right::TeamRead]).await;
    let cookie = app.sign_in(user).await;
    let team = format!("/a/{}/team", tenant.agency);
    assert_eq!(app.get(&team, Some(&cookie)).await.status, StatusCode::OK);
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let change = format!("agency={}&role={role}&name=Launcher&rights%5B%5D=clients.read", tenant.agency);
    assert_eq!(app.submit("change_role", &change, Some(&owner)).await.status, StatusCode::OK);
    assert_eq!(app.get(&team, Some(&cookie)).await.status, StatusCode::FORBIDDEN);
    let clients = format!("/a/{}/clients", tenant.agency);
    assert_eq!(app.get(&clients, Some(&cookie)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_rises_above_themselves() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let rights = [Right::AgencyRead, Right::TeamRead, Right::TeamManage];
    let (user, role) = own_role(&app, &tenant, "People", &rights).await;
    let admin = app.person(Role::AgencyAdmin, &tenant).await;
    let cookie = app.sign_in(user).await;
    let agency = tenant.agency;
    // The same rights over all clients are more than the same rights over a few.
    let wider = app.person(Role::AgencyStaff, &tenant).await;
    give(&app, &tenant, wider, own(role), Reach::All).await;
    give(&app, &tenant, user, own(role), Reach::Listed).await;
    for (operation, form) in [
        ("set_member_role", format!("agency={agency}&user={wider}&role={role}&reach=listed")),
        ("remove_member", format!("agency={agency}&user={wider}")),
        ("make_role", format!("agency={agency}&name=More&rights%5B%5D=provision")),
        ("make_role", format!("agency={agency}&name=More&rights%5B%5D=platform.manage")),
        ("change_role", format!("agency={agency}&role={role}&name=People&rights%5B%5D=tokens.manage")),
        ("set_member_role", format!("agency={agency}&user={user}&role=agency_admin&reach=all")),
        ("set_member_role", format!("agency={agency}&user={admin}&role={role}&reach=all")),
        ("remove_member", format!("agency={agency}&user={admin}")),
        ("invite_colleague", format!("agency={agency}&email=x%40example.test&role=agency_admin")),
    ] {
        let answer = app.submit(operation, &form, Some(&cookie)).await;
        assert!(matches!(answer.status.as_u16(), 409 | 422), "{operation} {form} → {} {}", answer.status, answer.body);
    }
}

/// Gives somebody this custom role of the agency, for all clients or for those assigned to them.
pub async fn give(app: &TestApp, tenant: &Tenant, user: UserId, role: AgencyRole, reach: Reach) {
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let role = match role {
        AgencyRole::Custom(own) => AgencyRole::Custom(store::roles::find(&mut tx, own.id).await.unwrap().unwrap()),
        built_in => built_in,
    };
    store::memberships::set_role(&mut tx, user, &role, reach).await.unwrap();
    tx.commit().await.unwrap();
}

/// A custom role, as far as it is needed to give it.
pub fn own(id: RoleId) -> AgencyRole {
    AgencyRole::Custom(domain::identity::CustomRole { id, name: String::new(), actions: Vec::new() })
}

#[tokio::test]
async fn somebody_with_some_clients_invites_nobody_who_has_all() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    give(&app, &tenant, user, AgencyRole::BuiltIn(Role::AgencyAdmin), Reach::Listed).await;
    let cookie = app.sign_in(user).await;
    let invite = async |role: &str| {
        let form = format!("agency={}&email=x%40example.test&role={role}", tenant.agency);
        app.submit("invite_colleague", &form, Some(&cookie)).await.status
    };
    assert_eq!(invite("agency_admin").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(invite("agency_staff").await, StatusCode::OK);
    let team = app.get(&format!("/a/{}/team", tenant.agency), Some(&cookie)).await.body;
    assert!(!team.contains("value=\"agency_admin\""), "nor does the form offer it");
}
