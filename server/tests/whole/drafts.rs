//! Drafts of new clients: what is typed outlives the page and the session, and is gone when the client is created.

use axum::http::StatusCode;
use domain::identity::Role;

use crate::helpers::{Tenant, TestApp};

const DRAFT: &str = "0197a000-0000-7000-8000-000000000001";

/// The form as it stands, with this name.
fn form(tenant: &Tenant, name: &str, more: &[(&str, &str)]) -> String {
    let agency = tenant.agency.to_string();
    let fields = [
        ("agency", agency.as_str()),
        ("draft", DRAFT),
        ("once", "0123456789"),
        ("/client/name", name),
        ("/client/email", "owner@seaside.example"),
        ("/client/country", "US"),
        ("/client/postal_code", "33101"),
    ];
    serde_urlencoded::to_string(fields.iter().chain(more).collect::<Vec<_>>()).unwrap()
}

fn page(tenant: &Tenant) -> String {
    format!("/a/agency-{}/provisioning/new", tenant.agency)
}

#[tokio::test]
async fn what_is_typed_outlives_the_session_and_is_its_persons_alone() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (me, other) = (app.person(Role::AgencyStaff, &tenant).await, app.person(Role::AgencyOwner, &tenant).await);
    let cookie = app.sign_in(me).await;
    let page = page(&tenant);
    let typed = app.submit("check_job", &form(&tenant, "Seaside <b>Dental", &[]), Some(&cookie)).await;
    assert_eq!(typed.status, StatusCode::OK, "{}", typed.body);

    let again = app.sign_in(me).await;
    let offered = app.browse(&page, Some(&again)).await.body;
    assert!(offered.contains("Seaside &lt;b&gt;Dental") && offered.contains(&format!("?draft={DRAFT}")), "{offered}");
    let begun = app.browse(&format!("{page}?draft={DRAFT}"), Some(&again)).await.body;
    assert!(begun.contains("value=\"owner@seaside.example\"") && begun.contains("This is your draft"), "{begun}");
    assert!(begun.contains("Time zone: Eastern Time"), "the address says the zone");

    let colleague = app.sign_in(other).await;
    for address in [page.clone(), format!("{page}?draft={DRAFT}")] {
        assert!(!app.browse(&address, Some(&colleague)).await.body.contains("seaside"), "{address}");
    }
    let foreign = format!("agency={}&id={DRAFT}", tenant.agency);
    assert_eq!(app.submit("discard_draft", &foreign, Some(&colleague)).await.status, StatusCode::NOT_FOUND);

    let gone = app.post("discard_draft", &foreign, &page, &again).await;
    assert_eq!((gone.status, gone.location.as_str()), (StatusCode::SEE_OTHER, page.as_str()));
    app.browse(&page, Some(&again)).await;
    assert!(!app.browse(&page, Some(&again)).await.body.contains("?draft="));
}

#[tokio::test]
async fn a_preview_writes_the_persons_draft_and_nothing_else() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    let before = app.written().await;
    app.submit("check_job", &form(&tenant, "Seaside Dental", &[]), Some(&cookie)).await;
    let after = app.written().await;
    let changed: Vec<_> = after.iter().filter(|(table, rows)| before.get(*table) != Some(rows)).collect();
    assert_eq!(changed.iter().map(|(table, _)| table.as_str()).collect::<Vec<_>>(), ["client_drafts"]);
    // What nobody would miss is not kept: the draft goes when the form is emptied.
    let emptied = format!("agency={}&draft={DRAFT}&%2Fclient%2Fcountry=US", tenant.agency);
    app.submit("check_job", &emptied, Some(&cookie)).await;
    assert_eq!(app.written().await, before);
}

#[tokio::test]
async fn a_draft_stays_until_its_client_is_created() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    let page = page(&tenant);
    // Without scripts there is no preview: the form that comes back with an error was saved, too.
    app.post("start_job", &form(&tenant, "Seaside Dental", &[("/client/phone", "12")]), &page, &cookie).await;
    app.browse(&page, Some(&cookie)).await;
    assert!(app.browse(&page, Some(&cookie)).await.body.contains(&format!("?draft={DRAFT}")));
    let label = [("/client/timezone", "Eastern Time \u{2013} New York (UTC\u{2212}5)")];
    let started = app.post("start_job", &form(&tenant, "Seaside Dental", &label), &page, &cookie).await;
    assert!(
        started.location.contains("/provisioning/") && !started.location.ends_with("/new"),
        "{} {}",
        started.location,
        started.body
    );
    assert!(!app.browse(&page, Some(&cookie)).await.body.contains("?draft="));
}

#[tokio::test]
async fn a_client_of_the_same_name_is_told_before_the_form_is_sent() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    app.post("start_job", &form(&tenant, "Seaside Dental", &[]), &page(&tenant), &cookie).await;
    let preview = app.submit("check_job", &form(&tenant, "SEASIDE dental", &[]), Some(&cookie)).await;
    assert!(preview.body.contains("You already have a client called Seaside Dental"), "{}", preview.body);
}
