//! A browser may fetch a page ahead that nobody then looks at: that changes nothing, and whoever opens the page reads its
//! data anew. A page that was navigated to continues from the data that it shows.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::{Reach, Role};
use domain::notifications::Kind;
use futures::StreamExt;
use scraper::{Html, Selector};
use store::notifications::{self, Event};
use store::tenant::{Scope, TenantTx};
use uuid::Uuid;

use crate::conversations::fill;
use crate::helpers::{Tenant, TestApp};

async fn ahead(app: &TestApp, path: &str, cookie: &str) -> String {
    let request = Request::get(path)
        .header(header::COOKIE, cookie)
        .header("sec-purpose", "prefetch;anonymous-client-ip")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document");
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.body
}

/// The value of an attribute in a page.
fn attribute(page: &str, name: &str) -> Option<String> {
    let (_, after) = page.split_once(&format!("{name}=\""))?;
    after.split('"').next().map(ToOwned::to_owned)
}

fn scope(tenant: &Tenant) -> Scope {
    Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() }
}

#[tokio::test]
async fn a_page_that_is_fetched_ahead_was_not_seen() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let staff = app.person(Role::AgencyStaff, &tenant).await;
    let cookie = app.sign_in(staff).await;
    let mut tx = TenantTx::begin(&app.db, scope(&tenant)).await.unwrap();
    let (kind, key) = (Kind::TodoAssigned, "one".to_owned());
    let event =
        Event { kind, key, subject: Some(Uuid::now_v7()), business: None, to: Some(staff), title: "Do it", detail: "" };
    notifications::tell(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();

    let path = format!("/a/{}/to-dos", tenant.agency);
    for _ in 0..2 {
        let page = ahead(&app, &path, &cookie).await;
        assert_eq!(attribute(&page, "data-unread").as_deref(), Some("1"));
        assert_eq!(attribute(&page, "data-version"), None, "it reads its data anew when it is opened");
    }
    let page = app.get(&path, Some(&cookie)).await.body;
    assert_eq!(attribute(&page, "data-unread").as_deref(), Some(""));
    assert!(attribute(&page, "data-version").is_some());
}

#[tokio::test]
async fn a_page_that_is_fetched_ahead_leaves_the_message_to_the_next_page() {
    let app = TestApp::new().await;
    let path = "/login";
    let answer = app.post("sign_in", "email=ana%40example.test&password=wrong&next=", path, "").await;
    let cookie = answer.cookie().unwrap();
    let shows = |page: &str| page.contains("role=\"alert\"");
    assert!(!shows(&ahead(&app, path, &cookie).await));
    assert!(shows(&app.get(path, Some(&cookie)).await.body));
    assert!(!shows(&app.get(path, Some(&cookie)).await.body), "once");
}

/// The rules of a page by which the browser fetches others ahead.
fn rules(page: &str) -> Option<serde_json::Value> {
    let script = Selector::parse("script[type=speculationrules][nonce]").unwrap();
    let page = Html::parse_document(page);
    let text: String = page.select(&script).next()?.text().collect();
    Some(serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn only_pages_of_the_own_tenant_are_fetched_ahead_and_none_for_the_platforms_staff() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let home = format!("/a/{}", tenant.agency);
    let page = app.get(&home, Some(&owner)).await.body;
    let found = rules(&page).unwrap();
    let only = &found["prefetch"][0]["where"]["and"][0]["href_matches"];
    assert!(only.as_array().unwrap().iter().all(|path| path.as_str().unwrap().starts_with("/a/")), "{found}");
    assert_eq!(found["prefetch"][0]["eagerness"], "moderate");
    assert_eq!(rules(&app.get(&home, Some(&admin)).await.body), None);
    assert_eq!(rules(&app.get("/admin", Some(&admin)).await.body), None);
    assert_eq!(rules(&app.get("/login", None).await.body), None);
}

#[tokio::test]
async fn a_stream_continues_from_the_data_of_its_page() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let home = format!("/a/{}", tenant.agency);
    let page = app.get(&home, Some(&cookie)).await.body;
    let version = attribute(&page, "data-version").unwrap();
    let subject = Uuid::now_v7();
    let mut tx = TenantTx::begin(&app.db, scope(&tenant)).await.unwrap();
    store::outbox::add(&mut tx, "zz", Some(subject), &serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();

    let heard = async |since: &str| {
        let address = format!("{home}/live?topics=zz:*&since={since}");
        let request = Request::get(address).header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
        app.open(request).await.into_body().into_data_stream()
    };
    let mut stream = heard(&version).await;
    let mut said = String::new();
    while !said.contains(&format!("zz:{subject}")) {
        said.push_str(&String::from_utf8_lossy(&stream.next().await.unwrap().unwrap()));
    }
    assert!(said.contains("event: resumed") && !said.contains("event: hello"), "{said}");
    let mut other = heard("elsewhere-1").await;
    let first = other.next().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("event: hello"), "the page reads what it missed");
}

#[tokio::test]
async fn a_conversation_is_read_once_somebody_looks_at_it_and_not_by_a_page_ahead_or_in_the_background() {
    let app = TestApp::new().await;
    let mut tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(owner).await;
    fill(&app, &mut tenant, owner).await;
    app.base.execute("update conversations set unread = 1").await;
    let scope = Scope::Business { user: Some(owner), business: tenant.business };
    let unread = async || {
        let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
        store::messaging::list::line(&mut tx, tenant.conversation).await.unwrap().unread
    };
    let path = format!("/b/{}/inbox/{}", tenant.business, tenant.conversation);
    ahead(&app, &path, &cookie).await;
    assert_eq!(unread().await, 1);
    let page = app.get(&path, Some(&cookie)).await;
    assert_eq!((page.status, unread().await), (StatusCode::OK, 1), "its tab may be in the background");
    let topic = format!("conversation.changed:{}", tenant.conversation);
    assert_eq!(attribute(&page.body, "data-unseen"), Some(topic), "the browser tells when it is looked at");
    // Only a tab that is visible refreshes its regions.
    let refresh = Request::get(path.as_str())
        .header(header::COOKIE, &cookie)
        .header("sec-fetch-dest", "empty")
        .header(kit::region::HEADER, "head,composer");
    assert_eq!(app.send(refresh.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    assert_eq!(unread().await, 0);
    assert_eq!(attribute(&app.get(&path, Some(&cookie)).await.body, "data-unseen"), None);
}
