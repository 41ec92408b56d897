//! Nothing of an agency or business in the trash can be opened. Every endpoint is tried: invitations on their page
//! and as a form, by a new person, a known person and one who is signed in; answer links, sessions, streams, API
//! tokens, and a consent in progress.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::permission::TOKEN_SCOPES;
use simulator::Handle;

use crate::answer_links::{ask, link};
use crate::conversations::{self, QUESTION, fill};
use crate::helpers::{Answer, CLIENT_SECRET, Tenant, TestApp, master};
use crate::installs::consented;
use crate::step_up::{PASSWORD, with_password};

/// The objects that are moved to the trash and restored.
const TRASHED: [(&str, &str, &str); 2] = [
    (
        "the agency",
        "update agencies set deleted_at = now(), status = 'deleted'",
        "update agencies set deleted_at = null, status = 'active'",
    ),
    (
        "the business",
        "update sub_accounts set deleted_at = now(), status = 'deleted'",
        "update sub_accounts set deleted_at = null, status = 'active'",
    ),
];

fn gone(answer: &Answer, words: &str, what: &str) {
    assert_eq!(answer.status, StatusCode::CONFLICT, "{what}: {}", answer.body);
    assert!(answer.body.contains(words), "{what}: {}", answer.body);
    assert!(!answer.body.contains("<form action=\"/do/a"), "{what}: {}", answer.body);
}

#[tokio::test]
async fn an_invitation_to_what_lies_in_the_trash_is_gone_in_every_way() {
    const GONE: &str = "no longer exists";
    for (what, trash, restore) in TRASHED {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
        let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
        let known = app.base.person(Role::TeamMember, None, None).await;
        with_password(&app, known).await;
        let session = app.sign_in(known).await;
        let invited = async |email: &str| {
            let (operation, form, by) = match what {
                // Invited by the platform, because none of its rights are lost with the agency.
                "the agency" => ("invite_to_agency", format!("agency={}&owner={email}", tenant.agency), &admin),
                _ => (
                    "invite_owner",
                    format!("agency={}&business={}&email={email}", tenant.agency, tenant.business),
                    &owner,
                ),
            };
            let sent = app.submit(operation, &form, Some(by)).await;
            assert_eq!(sent.status, StatusCode::OK, "{operation}: {}", sent.body);
            app.send_mails().await;
            app.mailed_secret()
        };
        let known_address = format!("{known}@example.test");
        for (who, email, cookie, typed) in [
            ("somebody new", "new@example.test", None, "&name=X&password=a+long+enough+sentence".to_owned()),
            ("somebody known", known_address.as_str(), None, format!("&password={}", PASSWORD.replace(' ', "+"))),
            ("somebody signed in", known_address.as_str(), Some(session.as_str()), String::new()),
        ] {
            let token = invited(&email.replace('@', "%40")).await;
            let page = format!("/invite/{token}");
            assert_eq!(app.browse(&page, cookie).await.status, StatusCode::OK, "{who}");
            app.base.execute(trash).await;
            gone(&app.browse(&page, cookie).await, GONE, &format!("{who}, the page, {what}"));
            let form = format!("token={token}{typed}");
            gone(&app.submit("accept_invite", &form, cookie).await, GONE, &format!("{who}, the form, {what}"));
            assert!(store::identity::auth_user(&app.db, "new@example.test").await.unwrap().is_none());
            app.base.execute(restore).await;
            assert_eq!(app.browse(&page, cookie).await.status, StatusCode::OK, "{who}, restored");
        }
    }
}

#[tokio::test]
async fn a_link_of_a_job_asks_nothing_for_what_lies_in_the_trash() {
    for (what, trash, restore) in TRASHED {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
        app.base.execute("update provisioning_jobs set sub_account_id = (select id from sub_accounts limit 1)").await;
        ask(&app).await;
        let (secret, shown) = link(&app, &tenant, &cookie).await;
        assert_eq!(secret.len(), 64, "{}", shown.body);
        app.base.execute(trash).await;
        let page = format!("/answer/{secret}");
        let form = format!("token={secret}&%2Finput%2Fphone=%2B13055550100");
        gone(&app.browse(&page, None).await, "Your details are no longer needed", what);
        gone(&app.submit("answer_question", &form, None).await, "Your details are no longer needed", what);
        app.base.execute(restore).await;
        assert_eq!(app.browse(&page, None).await.status, StatusCode::OK, "{what} restored");
    }
}

/// The addresses of what customers wrote and sent to the business, and of what somebody may connect there.
fn inboxes(tenant: &Tenant) -> [String; 11] {
    let business = format!("/b/{}", tenant.business);
    [
        format!("{business}/inbox"),
        format!("{business}/inbox/{}", tenant.conversation),
        format!("{business}/media/{}", tenant.attachment),
        format!("{business}/integrations/choose/{}", tenant.choice),
        format!("{business}/assistant"),
        format!("{business}/assistant/knowledge/{}", tenant.knowledge),
        format!("{business}/assistant/answers"),
        format!("{business}/assistant/answers/{}", tenant.answer),
        format!("{business}/assistant/try"),
        format!("{business}/assistant/rehearsals"),
        format!("{business}/assistant/rehearsals/{}", tenant.rehearsal),
    ]
}

#[tokio::test]
async fn an_inbox_in_the_trash_is_neither_read_nor_answered_and_comes_back_whole() {
    let app = TestApp::new().await;
    let mut tenant = app.tenant().await;
    let owner = app.person(Role::AgencyOwner, &tenant).await;
    let colleague = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    let session = app.sign_in(owner).await;
    fill(&app, &mut tenant, owner).await;
    let all = format!("/a/{}/inbox", tenant.agency);
    let reply = conversations::form(&app, &tenant, owner, "reply_to_customer").await.unwrap();
    assert!(app.browse(&all, Some(&session)).await.body.contains(QUESTION));
    app.base.execute(TRASHED[1].1).await;
    for page in inboxes(&tenant) {
        for cookie in [&session, &colleague] {
            assert_eq!(app.browse(&page, Some(cookie)).await.status, StatusCode::NOT_FOUND, "{page}");
        }
    }
    assert!(!app.browse(&all, Some(&session)).await.body.contains(QUESTION), "the agency's list leaves it out");
    let answer = app.submit("reply_to_customer", &reply, Some(&session)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
    app.base.execute(TRASHED[1].2).await;
    for page in inboxes(&tenant) {
        assert_eq!(app.browse(&page, Some(&session)).await.status, StatusCode::OK, "{page} restored");
    }
    let answer = app.submit("reply_to_customer", &reply, Some(&session)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn program(app: &TestApp, token: &str, path: &str) -> StatusCode {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.open(request.body(Body::empty()).unwrap()).await.status()
}

#[tokio::test]
async fn sessions_streams_tokens_and_consents_end_with_their_agency() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    let mut tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let owner = app.person(Role::AgencyOwner, &tenant).await;
    let session = app.sign_in(owner).await;
    fill(&app, &mut tenant, owner).await;
    let tokens = [app.token(&tenant, &TOKEN_SCOPES).await, app.token_by(Some(owner), &tenant, &TOKEN_SCOPES).await];
    let back = consented(&app, &sim, &tenant, &session, None).await;
    let (pages, events) = (
        [format!("/a/{}", tenant.agency), format!("/a/{}/live", tenant.agency), format!("/b/{}", tenant.business)],
        format!("/api/v1/provisioning/jobs/{}/events", tenant.job),
    );
    let inboxes = inboxes(&tenant);
    for page in pages[..2].iter().chain(&inboxes) {
        assert_eq!(app.browse(page, Some(&session)).await.status, StatusCode::OK, "{page}");
    }
    let form = |deleted: bool| format!("agency={0}&deleted={deleted}&confirm=agency-{0}", tenant.agency);
    assert_eq!(app.submit("set_agency_deleted", &form(true), Some(&admin)).await.status, StatusCode::OK);
    for page in pages.iter().chain(&inboxes) {
        assert_eq!(app.browse(page, Some(&session)).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    for token in &tokens {
        for path in ["/api/v1/businesses", events.as_str()] {
            assert_eq!(program(&app, token, path).await, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    let late = app.get(&back, Some(&session)).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "{} {}", late.location, late.body);
    assert_eq!(sim.journal().iter().filter(|call| call["path"] == "/oauth/token").count(), 0, "no code is exchanged");
    // A restored agency has no valid API tokens, because the people who held them may have left meanwhile.
    assert_eq!(app.submit("set_agency_deleted", &form(false), Some(&admin)).await.status, StatusCode::OK);
    assert_eq!(program(&app, &tokens[0], "/api/v1/businesses").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_of_a_business_ends_with_it() {
    let app = TestApp::new().await;
    let Tenant { agency, business, .. } = app.tenant().await;
    let scope = store::tenant::Scope::AgencyBusiness {
        user: None,
        agency,
        business,
        reach: domain::identity::Reach::All,
        listed: Vec::new(),
    };
    let begin = async || store::tenant::TenantTx::begin(&app.db, scope.clone()).await.unwrap();
    let mut tx = begin().await;
    let new = store::api_tokens::NewToken { name: "x".into(), scopes: vec!["businesses".into()], expires_at: None };
    let (_, token) = store::api_tokens::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let token = secrecy::ExposeSecret::expose_secret(&token).to_owned();
    assert_eq!(program(&app, &token, "/api/v1/businesses").await, StatusCode::OK);
    let mut tx = begin().await;
    store::businesses::remove(&mut tx, business).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(program(&app, &token, "/api/v1/businesses").await, StatusCode::UNAUTHORIZED);
}
