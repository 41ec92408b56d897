//! What the platform sees of one agency, one business and one person, what it can do there, and what needs attention.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use uuid::Uuid;

use crate::forms::form;
use crate::helpers::TestApp;

#[tokio::test]
async fn the_lists_lead_to_an_agency_a_business_and_a_person() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let member = app.person(Role::AgencyAdmin, &tenant).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let page = async |address: &str| app.browse(address, Some(&admin)).await;
    let agency = format!("/admin/agencies/{}", tenant.agency);
    let business = format!("/admin/businesses/{}", tenant.business);
    let person = format!("/admin/people/{member}");
    for (list, one) in [("agencies", &agency), ("businesses", &business), ("people", &person)] {
        let list = page(&format!("/admin/{list}")).await.body;
        assert!(list.contains(&format!("href=\"{one}\"")), "{one} is not linked in {list}");
    }
    let people = page("/admin/people").await.body;
    assert!(people.contains(&format!("agency-{} (Agency admin)", tenant.agency)), "the agency of a person is shown");

    let shown = page(&agency).await.body;
    for words in ["Limits", "Jobs at the same time", "Activity", "/do/set_agency_status", "/do/invite_to_agency"] {
        assert!(shown.contains(words), "{words} is missing in {shown}");
    }
    let shown = page(&business).await.body;
    for words in [&*agency, "Connections", "Last jobs", "People", "/do/set_business_status"] {
        assert!(shown.contains(words), "{words} is missing in {shown}");
    }
    app.sign_in(member).await;
    let shown = page(&person).await.body;
    for words in [&*agency, "Two-factor authentication", "Active sessions", "/do/end_sessions_of"] {
        assert!(shown.contains(words), "{words} is missing in {shown}");
    }
    for list in ["agencies", "businesses", "people"] {
        for odd in [Uuid::nil().to_string(), "nobody".to_owned()] {
            assert_eq!(page(&format!("/admin/{list}/{odd}")).await.status, StatusCode::NOT_FOUND, "{list} {odd}");
        }
    }
}

#[tokio::test]
async fn support_sees_the_same_and_changes_nothing() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let member = app.person(Role::AgencyAdmin, &tenant).await;
    let support = app.sign_in(app.person(Role::Support, &tenant).await).await;
    for address in [
        format!("/admin/agencies/{}", tenant.agency),
        format!("/admin/businesses/{}", tenant.business),
        format!("/admin/people/{member}"),
    ] {
        let page = app.browse(&address, Some(&support)).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        for form in ["set_agency", "set_business", "set_person", "end_sessions_of", "reset_second", "invite_to"] {
            assert!(!page.body.contains(&format!("/do/{form}")), "{address} offers {form}");
        }
    }
}

#[tokio::test]
async fn a_paused_agency_opens_and_starts_no_job() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let member = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let set = async |status: &str| {
        let fields = format!("agency={}&status={status}", tenant.agency);
        app.submit("set_agency_status", &fields, Some(&admin)).await.status
    };
    let start = async || app.submit("start_job", &form("start_job", &tenant), Some(&member)).await;
    assert_eq!(set("asleep").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(set("paused").await, StatusCode::OK);
    assert_eq!(app.get(&format!("/a/{}", tenant.agency), Some(&member)).await.status, StatusCode::OK);
    let refused = start().await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert!(refused.body.contains("is paused"), "{}", refused.body);
    let list = app.browse("/admin/agencies?view=paused", Some(&admin)).await.body;
    assert!(list.contains("Resume") && list.contains("Paused"), "{list}");
    assert_eq!(set("active").await, StatusCode::OK);
    let started = start().await;
    assert_ne!(started.status, StatusCode::CONFLICT, "{}", started.body);
}

#[tokio::test]
async fn the_overview_names_each_thing_that_needs_attention_and_leads_to_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let page = async || app.browse("/admin", Some(&admin)).await.body;
    assert!(page().await.contains("No worker is running"), "nothing has reported");
    let id = Uuid::now_v7();
    store::platform::report(&app.db, id, "web-1", "1", std::time::Duration::from_secs(60)).await.unwrap();
    app.base.execute("update provisioning_jobs set status = 'IN_PROGRESS'").await;
    app.base.execute("update provisioning_jobs set status = 'FAILED', finished_at = now()").await;
    let shown = page().await;
    let words = format!("1 job failed \u{2013} waiting for agency-{}", tenant.agency);
    assert!(shown.contains(&words) && !shown.contains("No worker is running"), "{shown}");
    assert!(shown.contains(&format!("/provisioning/{}", tenant.job)));

    let system = async || app.browse("/admin/system", Some(&admin)).await.body;
    let well = system().await;
    for words in ["web-1", "Last heartbeat", "Queues", "No backup known", "Connections"] {
        assert!(well.contains(words), "{words} is missing in {well}");
    }
    app.base.execute("update worker_processes set seen_at = now() - interval '10 minutes'").await;
    let ill = system().await;
    assert!(ill.contains("No worker is running") && ill.contains("Silent"), "{ill}");
    store::platform::gone(&app.db, id).await.unwrap();
    assert!(!system().await.contains("web-1"), "a worker that stopped is not listed");
}

#[tokio::test]
async fn the_system_page_shows_the_redirect_address_and_tries_its_host_by_the_request_itself() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    for (host, word, other) in [("127.0.0.1:3000", "Reached", "Not tried"), ("192.0.2.7:3000", "Not tried", "Reached")]
    {
        let request = Request::get("/admin/system")
            .header(header::HOST, host)
            .header(header::COOKIE, &admin)
            .header(header::ACCEPT, "text/html");
        let page = app.send(request.body(Body::empty()).unwrap()).await.body;
        assert!(page.contains("http://127.0.0.1:3000/api/integrations/ghl/callback"), "{host}: {page}");
        assert!(page.contains(word) && !page.contains(other), "{host}: {page}");
    }
}

#[tokio::test]
async fn an_agency_gets_the_url_name_of_its_name() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let create = async |form: &str| app.submit("create_agency", form, Some(&admin)).await;
    let made = create("name=Caf%C3%A9+Lighthouse+%26+Co.&slug=&owner=iris%40light.test").await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert_eq!(app.get("/a/cafe-lighthouse-co", Some(&admin)).await.status, StatusCode::OK);
    let again = create("name=Cafe+Lighthouse+Co&owner=iris%40light.test").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", again.body);
    assert!(again.body.contains("Another agency has this URL name."));
}
