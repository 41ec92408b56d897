//! Clients: a page and the API run the same operations, with the same result and the same refusals in every status; what a
//! paused, archived or removed one loses, it loses at once; who lacks the right changes none.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::clients::{Act, Status};
use domain::field::FieldError;
use domain::identity::{Reach, Role};
use domain::{AgencyId, BusinessId};
use serde_json::{Value, json};
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Answer, Tenant, TestApp};

/// Every act: the server function, and the method and end of the address in the API.
const ACTS: [(Act, &str, Method, &str); 6] = [
    (Act::Pause, "pause_client", Method::POST, "/pause"),
    (Act::Resume, "resume_client", Method::POST, "/resume"),
    (Act::Archive, "archive_client", Method::POST, "/archive"),
    (Act::Reactivate, "reactivate_client", Method::POST, "/reactivate"),
    (Act::Remove, "remove_client", Method::DELETE, ""),
    (Act::Restore, "restore_client", Method::POST, "/restore"),
];

/// A client of the agency with this status.
async fn client(app: &TestApp, agency: AgencyId, status: Status) -> BusinessId {
    let business = app.base.business(agency).await;
    let mut tx = within(app, agency, business).await;
    match status {
        Status::Deleted => store::businesses::remove(&mut tx, business).await.unwrap(),
        Status::Archived => store::businesses::archive(&mut tx, business).await.unwrap(),
        other => store::businesses::set_status(&mut tx, business, other.key()).await.unwrap(),
    }
    tx.commit().await.unwrap();
    business
}

async fn within(app: &TestApp, agency: AgencyId, business: BusinessId) -> TenantTx {
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(&app.db, scope).await.unwrap()
}

/// A valid form of a server function on clients, about a new client that allows it.
pub async fn form(app: &TestApp, agency: AgencyId, operation: &str) -> Option<String> {
    let status = match operation {
        "edit_client" | "pause_client" | "archive_client" | "remove_client" | "retry_client_update" => Status::Active,
        "resume_client" => Status::Paused,
        "reactivate_client" | "retry_offboarding" => Status::Archived,
        "restore_client" => Status::Deleted,
        _ => return None,
    };
    let business = client(app, agency, status).await;
    if operation == "retry_client_update" {
        let mut tx = within(app, agency, business).await;
        store::businesses::ask_update(&mut tx, business, &["phone"]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let fields = "%2Fname=Bright+Dental&%2Fcountry=US&%2Ftimezone=America%2FNew_York";
    Some(format!("agency={agency}&business={business}&{fields}"))
}

struct World {
    app: TestApp,
    tenant: Tenant,
    owner: String,
    token: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
        let token = app.token(&tenant, &["businesses_manage"]).await;
        Self { app, tenant, owner, token }
    }

    async fn client(&self, status: Status) -> BusinessId {
        client(&self.app, self.tenant.agency, status).await
    }

    async fn api(&self, method: Method, business: BusinessId, end: &str, body: &Value) -> (StatusCode, Value) {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.app.api(&self.token, method, &format!("/api/v1/businesses/{business}{end}"), body).await
    }

    async fn read(&self, business: BusinessId) -> Value {
        let (status, view) = self.api(Method::GET, business, "", &Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{view}");
        view
    }

    async fn form(&self, operation: &str, business: BusinessId, fields: &[(&str, &str)], cookie: &str) -> Answer {
        let (agency, business) = (self.tenant.agency.to_string(), business.to_string());
        let own = [("agency", agency.as_str()), ("business", business.as_str())];
        let all: Vec<_> = own.into_iter().chain(fields.iter().copied()).collect();
        self.app.submit(operation, &serde_urlencoded::to_string(all).unwrap(), Some(cookie)).await
    }

    fn page(&self, business: BusinessId) -> String {
        format!("/a/{}/clients/{business}", self.tenant.agency)
    }
}

#[tokio::test]
async fn every_act_ends_alike_from_page_and_api_in_every_status() {
    let world = World::new().await;
    for status in [Status::Active, Status::Paused, Status::Archived, Status::Deleted] {
        for (act, operation, method, end) in &ACTS {
            let (by_page, by_api) = (world.client(status).await, world.client(status).await);
            let page = world.form(operation, by_page, &[], &world.owner).await;
            let (answered, problem) = world.api(method.clone(), by_api, end, &Value::Null).await;
            let what = format!("{operation} of a client that is {status:?}: {} {problem}", page.body);
            assert_eq!(page.status.is_success(), act.is_allowed(status), "{what}");
            assert_eq!(answered.is_success(), act.is_allowed(status), "{what}");
            if !act.is_allowed(status) {
                assert_eq!([page.status, answered], [StatusCode::CONFLICT; 2], "{what}");
                assert!(page.body.contains(act.refusal(status)), "{what}");
                assert_eq!(problem["detail"], act.refusal(status), "{what}");
            }
            let (one, other) = (world.read(by_page).await, world.read(by_api).await);
            assert_eq!(one["status"], other["status"], "{what}");
        }
    }
}

#[tokio::test]
async fn a_form_and_a_body_change_the_same_data() {
    let world = World::new().await;
    let (by_page, by_api) = (world.client(Status::Active).await, world.client(Status::Active).await);
    let typed = [
        ("/name", " Bright   Dental "),
        ("/email", "owner@bright.example"),
        ("/phone", "(305) 555-0100"),
        ("/website", "bright.example"),
        ("/city", "Miami"),
        ("/country", "US"),
        ("/timezone", "America/New_York"),
        ("/notes", "Prefers mornings"),
    ];
    let body = json!({
        "name": "Bright Dental", "email": "owner@bright.example", "phone": "+1 305 555 0100", "website": "https://bright.example",
        "city": "Miami", "country": "us", "timezone": "America/New_York", "notes": "Prefers mornings"
    });
    let answer = world.form("edit_client", by_page, &typed, &world.owner).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let (status, changed) = world.api(Method::PUT, by_api, "", &body).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    let shown = world.read(by_page).await;
    assert_eq!(shown["details"], changed["details"]);
    assert_eq!(shown["details"]["phone"], "+13055550100");
    // What is read can be sent back, and changes nothing.
    let (status, again) = world.api(Method::PUT, by_api, "", &changed["details"]).await;
    assert_eq!((status, &again["details"]), (StatusCode::OK, &changed["details"]));
    let page = world.app.browse(&world.page(by_page), Some(&world.owner)).await.body;
    assert!(
        page.contains("Bright Dental") && page.contains("Prefers mornings") && page.contains("changed the"),
        "{page}"
    );

    for (field, value) in [("/name", ""), ("/email", "nobody"), ("/timezone", "Mars/Olympus"), ("/country", "XX")] {
        let fields: Vec<_> = typed.into_iter().filter(|(name, _)| *name != field).chain([(field, value)]).collect();
        let mut sent = body.clone();
        // The same text: whether a number without a country code can be read depends on the country.
        sent["phone"] = "(305) 555-0100".into();
        sent[&field[1..]] = value.into();
        let page = world.form("edit_client", by_page, &fields, &world.owner).await;
        let (status, problem) = world.api(Method::PUT, by_api, "", &sent).await;
        assert_eq!([page.status, status], [StatusCode::UNPROCESSABLE_ENTITY; 2], "{field}: {} {problem}", page.body);
        let Ok(web::Error::Invalid(errors)) = serde_json::from_str(&page.body) else { panic!("{}", page.body) };
        let named: Vec<FieldError> = serde_json::from_value(problem["errors"].clone()).unwrap();
        assert_eq!(errors, named, "{field}");
        assert!(errors.iter().any(|error| error.pointer == field), "{errors:?}");
    }
}

#[tokio::test]
async fn only_what_highlevel_holds_is_told_to_it_and_a_failure_is_shown_with_a_retry() {
    let world = World::new().await;
    let business = world.client(Status::Active).await;
    let sound = [("/name", "Bay"), ("/country", "US"), ("/timezone", "UTC")];
    let with =
        |more: &[(&'static str, &'static str)]| sound.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
    world.form("edit_client", business, &with(&[("/city", "Miami")]), &world.owner).await;
    assert!(world.read(business).await["highlevel_update"].is_null(), "it has no location");
    world.app.base.execute("update sub_accounts set ghl_location_id = 'L' || replace(id::text, '-', '')").await;
    world.form("edit_client", business, &with(&[("/city", "Miami"), ("/notes", "Ours alone")]), &world.owner).await;
    assert!(world.read(business).await["highlevel_update"].is_null(), "notes stay here");
    world.form("edit_client", business, &with(&[("/city", "Austin")]), &world.owner).await;
    let update = world.read(business).await["highlevel_update"].clone();
    assert_eq!((&update["state"], &update["fields"]), (&json!("waiting"), &json!(["city"])));
    world.app.base.execute("update location_updates set state = 'failed', note = 'No answer.', ended_at = now()").await;
    let shown = world.app.browse(&world.page(business), Some(&world.owner)).await.body;
    assert!(shown.contains("HighLevel wasn") && shown.contains("No answer.") && shown.contains("retry_client_update"));
    // A later change goes with the one that failed.
    world.form("edit_client", business, &with(&[("/city", "Austin"), ("/phone", "+13055550100")]), &world.owner).await;
    let update = world.read(business).await["highlevel_update"].clone();
    assert_eq!((&update["state"], &update["fields"]), (&json!("waiting"), &json!(["city", "phone"])));
}

#[tokio::test]
async fn a_client_that_rests_lets_nobody_of_its_own_in_and_comes_back_as_it_was() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::BusinessOwner, tenant).await).await;
    let home = format!("/b/{}", tenant.business);
    let mut tx = within(app, tenant.agency, tenant.business).await;
    let new =
        store::api_tokens::NewToken { name: "Own".to_owned(), scopes: vec!["businesses".to_owned()], expires_at: None };
    let (_, own) = store::api_tokens::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let program = async || {
        let bearer = format!("Bearer {}", secrecy::ExposeSecret::expose_secret(&own));
        let request = Request::get("/api/v1/businesses").header(header::AUTHORIZATION, bearer);
        app.send(request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!((app.get(&home, Some(&owner)).await.status, program().await), (StatusCode::OK, StatusCode::OK));
    for (stop, start, token) in [
        ("pause_client", "resume_client", [StatusCode::FORBIDDEN, StatusCode::OK]),
        ("archive_client", "reactivate_client", [StatusCode::UNAUTHORIZED; 2]),
        ("remove_client", "restore_client", [StatusCode::UNAUTHORIZED; 2]),
    ] {
        let done = world.form(stop, tenant.business, &[], &world.owner).await;
        assert_eq!(done.status, StatusCode::OK, "{stop}: {}", done.body);
        assert_eq!(app.get(&home, Some(&owner)).await.status, StatusCode::NOT_FOUND, "{stop}");
        assert_eq!(program().await, token[0], "{stop}");
        let page = app.browse(&world.page(tenant.business), Some(&world.owner)).await;
        assert!(page.status == StatusCode::OK && page.body.contains(start), "{stop}: {}", page.body);
        let done = world.form(start, tenant.business, &[], &world.owner).await;
        assert_eq!(done.status, StatusCode::OK, "{start}: {}", done.body);
        assert_eq!(app.get(&home, Some(&owner)).await.status, StatusCode::OK, "{start}");
        assert_eq!(program().await, token[1], "{start}");
    }
}

#[tokio::test]
async fn a_running_job_keeps_its_client_and_what_an_act_means_is_said_before() {
    let world = World::new().await;
    let business = world.client(Status::Active).await;
    let page = world.page(business);
    for (word, act) in [("pause", Act::Pause), ("archive", Act::Archive), ("remove", Act::Remove)] {
        let asks = world.app.browse(&format!("{page}?act={word}"), Some(&world.owner)).await.body;
        for means in act.consequences() {
            let words = means.split('\'').max_by_key(|part| part.len()).unwrap();
            assert!(asks.contains(words), "{word}: {means}");
        }
        assert!(!world.app.browse(&page, Some(&world.owner)).await.body.contains("Cancel</a>"), "only when asked");
    }
    // The client was made last.
    let owned =
        "update provisioning_jobs set sub_account_id = (select id from sub_accounts order by created_at desc limit 1)";
    world.app.base.execute(owned).await;
    for (operation, method, end) in
        [("archive_client", Method::POST, "/archive"), ("remove_client", Method::DELETE, "")]
    {
        let refused = world.form(operation, business, &[], &world.owner).await;
        let (status, problem) = world.api(method, business, end, &Value::Null).await;
        assert_eq!([refused.status, status], [StatusCode::CONFLICT; 2], "{operation}");
        assert!(refused.body.contains("Job #1 is still setting this client up"), "{}", refused.body);
        assert!(problem["detail"].as_str().unwrap().contains("Job #1"), "{problem}");
    }
}

#[tokio::test]
async fn nobody_changes_a_client_that_is_not_theirs_or_without_the_right() {
    let world = World::new().await;
    let business = world.client(Status::Active).await;
    let elsewhere = world.app.tenant().await;
    let foreign = client(&world.app, elsewhere.agency, Status::Active).await;
    let staff = world.app.sign_in(world.app.person(Role::AgencyStaff, &world.tenant).await).await;
    for (_, operation, method, end) in &ACTS {
        let refused = world.form(operation, business, &[], &staff).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{operation}: {}", refused.body);
        let missing = world.form(operation, foreign, &[], &world.owner).await;
        let (status, _) = world.api(method.clone(), foreign, end, &Value::Null).await;
        assert_eq!([missing.status, status], [StatusCode::NOT_FOUND; 2], "{operation}: {}", missing.body);
    }
    let edit = format!("{}/edit", world.page(business));
    assert_eq!(world.app.get(&edit, Some(&staff)).await.status, StatusCode::FORBIDDEN);
    let shown = world.app.browse(&world.page(world.tenant.business), Some(&staff)).await.body;
    assert!(!shown.contains("/edit\"") && !shown.contains("?act="), "staff are offered nothing they may not do");
}

#[tokio::test]
async fn the_list_fills_its_views_and_says_what_is_not_as_it_should_be() {
    let world = World::new().await;
    for status in [Status::Paused, Status::Archived, Status::Deleted] {
        world.client(status).await;
    }
    let mut tx = within(&world.app, world.tenant.agency, world.tenant.business).await;
    let hour = std::time::Duration::from_secs(3600);
    let invite = store::invites::NewInvite {
        hash: [7; 32],
        email: "o@bright.test",
        role: Role::BusinessOwner,
        reach: Reach::Listed,
        valid: hour,
    };
    let open = store::invites::invite(&mut tx, &invite).await.unwrap();
    tx.commit().await.unwrap();
    let list = format!("/a/{}/clients", world.tenant.agency);
    for (view, word) in [("paused", "Paused"), ("archived", "Archived"), ("trash", "In the trash")] {
        let shown = world.app.browse(&format!("{list}?view={view}"), Some(&world.owner)).await.body;
        assert_eq!(shown.matches("data-row=").count(), 1, "{view}");
        assert!(shown.contains(word), "{view}");
    }
    let all = world.app.browse(&list, Some(&world.owner)).await.body;
    assert_eq!(all.matches("data-row=").count(), 3, "all but the trash");
    assert_eq!(all.matches("Invited ").count(), 1, "{all}");
    let mut tx = within(&world.app, world.tenant.agency, world.tenant.business).await;
    store::invites::withdraw(&mut tx, open).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!world.app.browse(&list, Some(&world.owner)).await.body.contains("Invited "), "it was canceled");
    world.app.person(Role::BusinessOwner, &world.tenant).await;
    assert!(world.app.browse(&list, Some(&world.owner)).await.body.contains("Joined"));
}
