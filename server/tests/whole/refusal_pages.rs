//! What a person sees who may not or cannot see a page: a page that says so and offers a way on. API clients get
//! problem+json.

use crate::authorisation::own_role;
use crate::helpers::TestApp;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::permission::Right;

#[tokio::test]
async fn an_unknown_address_is_a_page_for_browsers_and_a_problem_for_programs() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let other = app.tenant().await;
    let paths = [
        "/secret-word-x".to_owned(),
        "/a/secret-word-x".to_owned(),
        "/pkg/secret-word-x.js".to_owned(),
        format!("/a/{}", other.agency),
    ];
    for path in paths {
        let page = app.browse(&path, Some(&cookie)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        let kind = page.headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap();
        assert!(kind.starts_with("text/html"), "{path}: {kind}");
        assert!(page.body.contains("Page not found") && page.body.contains("href=\"/\""), "{path}");
        assert!(!page.body.contains("<!></title>"), "{path}: a mark of the framework is part of the title");
        assert!(!page.body.contains("secret-word-x"), "{path} is repeated");
        assert!(
            !page.headers.get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap().contains("unsafe-inline")
        );
    }
    let problem = app.get("/secret-word-x", None).await;
    assert_eq!(problem.status, StatusCode::NOT_FOUND);
    let body: serde_json::Value = serde_json::from_str(&problem.body).unwrap();
    assert_eq!(body["status"], 404);
    assert!(!problem.body.contains("secret-word-x"));
}

#[tokio::test]
async fn an_answer_without_words_gets_some() {
    let app = TestApp::new().await;
    let wrong = Request::delete("/login").header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap();
    let answer = app.send(wrong).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert!(body["detail"].as_str().is_some_and(|text| !text.is_empty()));
}

#[tokio::test]
async fn a_closed_page_of_ones_own_agency_says_who_can_open_it_and_asks_them() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.person(Role::AgencyOwner, &tenant).await;
    let staff = app.person(Role::AgencyStaff, &tenant).await;
    let cookie = app.sign_in(staff).await;
    let path = format!("/a/{}/audit", tenant.agency);
    let page = app.browse(&path, Some(&cookie)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    for text in
        [" Ask an agency owner or agency admin for the agency admin role.", "/do/ask_access", "aria-label=\"Main\""]
    {
        assert!(page.body.contains(text), "the page lacks {text}");
    }
    let form = format!("agency={}&right=AuditRead", tenant.agency);
    let asked = app.post("ask_access", &form, &path, &cookie).await;
    assert_eq!((asked.status, asked.location.as_str()), (StatusCode::SEE_OTHER, path.as_str()));
    assert!(app.browse(&path, Some(&cookie)).await.body.contains("Request sent to one person who can grant it"));
    assert_eq!(app.audited(staff, "access.asked", "ok").await, 1);
    let owned = app.post("ask_access", &form.replace("AuditRead", "ClientsRead"), &path, &cookie).await;
    assert_eq!(owned.status, StatusCode::SEE_OTHER);
    assert!(app.browse(&path, Some(&cookie)).await.body.contains("You already have this permission"));
}

#[tokio::test]
async fn a_closed_page_of_ones_own_business_names_the_role_that_opens_it_and_whom_to_ask() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.person(Role::BusinessOwner, &tenant).await;
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    let page = app.browse(&format!("/b/{}/assistant", tenant.business), Some(&member)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    // Whoever is made by a test is called by their role.
    for text in [" Ask Business owner for the business owner role.", "aria-label=\"Main\""] {
        assert!(page.body.contains(text), "the page lacks {text}");
    }
    assert!(!page.body.contains("/do/ask_access"), "an owner of a business is named and not written to");
}

#[tokio::test]
async fn people_of_the_agency_ask_it_for_what_they_lack_in_a_business() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    for role in [Role::AgencyOwner, Role::BusinessOwner] {
        app.person(role, &tenant).await;
    }
    let (staff, _) = own_role(&app, &tenant, "Front desk", &[Right::AgencyRead, Right::BusinessRead]).await;
    let cookie = app.sign_in(staff).await;
    let path = format!("/b/{}/assistant", tenant.business);
    let page = app.browse(&path, Some(&cookie)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    for text in ["Your role, front desk, can't", " Ask an agency owner or agency admin for the ", "/do/ask_access"] {
        assert!(page.body.contains(text), "the page lacks {text}");
    }
    assert!(!page.body.contains("Ask Business owner"), "the client does not manage the agency's people");
    let form = format!("agency={}&right=AssistantManage", tenant.agency);
    let asked = app.post("ask_access", &form, &path, &cookie).await;
    assert_eq!((asked.status, asked.location.as_str()), (StatusCode::SEE_OTHER, path.as_str()));
    assert!(app.browse(&path, Some(&cookie)).await.body.contains("Request sent to one person who can grant it"));
    assert_eq!(app.audited(staff, "access.asked", "ok").await, 1);
}

#[tokio::test]
async fn staff_ask_for_the_client_of_a_job_that_is_not_assigned_to_them() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.person(Role::AgencyOwner, &tenant).await;
    let staff = app.base.person(Role::AgencyStaff, Some(tenant.agency), None).await;
    let cookie = app.sign_in(staff).await;
    let page = format!("/a/{}/provisioning/{}", tenant.agency, tenant.job);
    let form = format!("agency={}&right=ClientsRead&job={}", tenant.agency, tenant.job);
    let none = app.submit("ask_access", &form, Some(&cookie)).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "the job has no client yet: {}", none.body);
    app.base.execute("update provisioning_jobs set status = 'IN_PROGRESS'").await;
    let done = "update provisioning_jobs set status = 'COMPLETED', finished_at = now()";
    app.base.execute(format!("{done}, sub_account_id = '{}'", tenant.business).leak()).await;
    assert!(app.browse(&page, Some(&cookie)).await.body.contains("Ask for access"));
    let asked = app.post("ask_access", &form, &page, &cookie).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert_eq!(app.audited(staff, "access.asked", "ok").await, 1);
    app.send_mails().await;
    let mail = app.mailed().pop().unwrap();
    let client = format!("/clients/{}", tenant.business);
    assert!(mail.contains("asks to open the client") && mail.contains(&client), "{mail}");
    let assigned = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    assert!(!app.browse(&page, Some(&assigned)).await.body.contains("Ask for access"));
    let has = app.submit("ask_access", &form, Some(&assigned)).await;
    assert!(
        has.status == StatusCode::CONFLICT && has.body.contains("You already have access to this client"),
        "{}",
        has.body
    );
}
