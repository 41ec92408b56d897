//! Seeding again completes an interrupted demo world and leaves a complete one unchanged. What it shows is what the
//! simulator does, and its accounts are offered nowhere else.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use domain::AgencyId;
use domain::agency::NewAgency;
use domain::identity::{Reach, Role};
use domain::integration::{State, state};
use domain::messaging::{ConversationStatus, Sender};
use domain::page::ListQuery;
use domain::provisioning::{JobCounts, Step};
use operations::platform::demo::{ACCOUNTS, PASSWORD};
use simulator::Handle;
use store::tenant::{PlatformTx, Scope, TenantTx};
use tower::ServiceExt;

use crate::helpers::{CLIENT_SECRET, TestApp, master};

/// Numbers of clients and people, and the job counts, of the demo agency.
async fn world(app: &TestApp) -> (i64, i64, JobCounts) {
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let agency = store::agencies::find_ref(&mut tx, "harbor").await.unwrap().unwrap();
    let query = ListQuery { q: "harbor".to_owned(), ..Default::default() };
    let row = store::agencies::list(&mut tx, &query).await.unwrap().rows.swap_remove(0);
    assert_eq!(row.agency.id, agency.id);
    let scope = Scope::Agency { user: None, agency: agency.id, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    (row.businesses, row.people, store::provisioning::counts(&mut tx).await.unwrap())
}

#[tokio::test]
async fn an_interrupted_demo_world_is_made_whole_and_a_whole_one_is_left_alone() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    // Seeding was interrupted after the agency and before its people, one of whom has no password yet.
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let new = NewAgency { name: "Harbor Marketing".to_owned(), slug: "harbor".to_owned() };
    store::agencies::add(&mut tx, &new).await.unwrap();
    store::identity::add(&mut tx, "maya@harbor.test", "Maya Okafor", None).await.unwrap();
    tx.commit().await.unwrap();
    assert!(app.browse("/admin/start", Some(&admin)).await.body.contains("/do/seed_demo"), "it is offered once more");

    let seed = async || app.submit("seed_demo", "", Some(&admin)).await;
    let done = seed().await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let form = [("email", "maya@harbor.test"), ("password", "slipway-demo"), ("next", "")];
    let maya = app.submit("sign_in", &serde_urlencoded::to_string(form).unwrap(), None).await;
    assert_eq!(maya.status, StatusCode::OK, "{}", maya.body);
    let whole = world(&app).await;
    assert!(!app.browse("/admin/start", Some(&admin)).await.body.contains("/do/seed_demo"));
    assert_eq!(seed().await.status, StatusCode::CONFLICT);
    assert_eq!(world(&app).await, whole);

    // The same, interrupted later.
    app.base.execute("delete from provisioning_jobs where idempotency_key in ('demo', 'demo: Luna Yoga')").await;
    let done = seed().await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(world(&app).await, whole, "what was there is not made twice");
}

#[tokio::test]
async fn an_agency_of_somebodys_own_that_is_called_harbor_gets_no_demo_data() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let new = NewAgency { name: "Harbor Books".to_owned(), slug: "harbor".to_owned() };
    store::agencies::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let before = world(&app).await;
    let refused = app.submit("seed_demo", "", Some(&admin)).await;
    assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{}", refused.body);
    assert_eq!(world(&app).await, before);
}

/// A server beside a simulator, with the demo world; and the demo agency.
async fn demo() -> (TestApp, Handle, AgencyId) {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = TestApp::beside(&sim, &master()).await;
    assert!(!app.browse("/login", None).await.body.contains(PASSWORD), "an empty installation offers nobody");
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let done = app.submit("seed_demo", "", Some(&admin)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let agency = store::agencies::find_ref(&mut tx, "harbor").await.unwrap().unwrap().id;
    (app, sim, agency)
}

#[tokio::test]
async fn only_a_demo_world_outside_production_offers_its_accounts() {
    let (app, _sim, _) = demo().await;
    let page = app.browse("/login?next=/me", None).await.body;
    for account in ACCOUNTS {
        assert!(page.contains(account.email) && page.contains(account.name), "{}", account.email);
        let form = [("email", account.email), ("password", PASSWORD), ("next", "/me")];
        let entered = app.submit("sign_in", &serde_urlencoded::to_string(form).unwrap(), None).await;
        assert!(entered.cookie().is_some(), "{}: {}", account.email, entered.body);
    }
    let mut request = Request::get("/login").header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 5000))));
    let answer = app.in_production().await.oneshot(request).await.unwrap();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let page = String::from_utf8_lossy(&body);
    assert!(page.contains("/do/sign_in") && !page.contains(PASSWORD) && !page.contains("maya@"), "{page}");
}

#[tokio::test]
async fn past_jobs_took_as_long_as_jobs_take_in_the_simulator() {
    let (app, sim, agency) = demo().await;
    let knobs = sim.world()["knobs"].clone();
    let seconds = |name: &str| knobs[name].as_f64().unwrap() / 1000.0;
    let (load, whole) =
        (seconds("snapshot_ms"), seconds("snapshot_ms") + seconds("search_lag_ms") + seconds("install_lag_ms"));
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let typical = store::provisioning::typical(&mut tx, true).await.unwrap();
    let (p50, p90) = (typical.p50.unwrap(), typical.p90.unwrap());
    assert!((load..=2.0 * whole).contains(&p50) && p90 <= 2.0 * whole, "{p50} and {p90} beside {load} to {whole}");
    let newest = store::provisioning::list(&mut tx, &ListQuery { limit: 1, ..ListQuery::default() }).await.unwrap();
    let job = store::provisioning::get(&mut tx, newest.rows[0].id).await.unwrap();
    let waited = job.steps.iter().find(|step| step.step == Step::WaitSnapshot).unwrap().typical.p50.unwrap();
    assert!((load / 2.0..=2.0 * load).contains(&waited), "{waited} beside {load}");
}

#[tokio::test]
async fn the_demo_world_has_something_in_every_state() {
    let (app, _sim, agency) = demo().await;
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let counts = store::provisioning::counts(&mut tx).await.unwrap();
    assert_eq!((counts.failed, counts.cancelled, counts.with_todos, counts.running), (1, 1, 3, 2), "{counts:?}");
    let clients = store::businesses::list(&mut tx, &ListQuery::default()).await.unwrap();
    for status in ["active", "paused", "archived"] {
        assert!(clients.rows.iter().any(|client| client.status == status), "nobody is {status}");
    }
    assert!(store::agencies::brand(&mut tx).await.unwrap().choice.logo.is_some());
    assert_eq!(store::invites::list(&mut tx).await.unwrap().len(), 1, "a colleague is invited");
    let servers = store::tool_servers::list(&mut tx).await.unwrap();
    assert!(servers.len() == 1 && !servers[0].active && servers[0].tools.len() == 2, "{servers:?}");
    let contents = app.base.contents().await;
    let rows = |table: &str| contents.iter().find(|(name, _)| name == table).map_or("", |(_, rows)| rows.as_str());
    assert!(rows("tool_calls").lines().count() > 5, "an AI agent called tools");
    assert!(
        rows("tool_approvals").lines().count() == 1 && rows("tool_approvals").contains("waiting"),
        "and asks for one"
    );
    assert_eq!(rows("agent_sign_ins").lines().count(), 1, "another one signed in by browser");
    drop(tx);
    let iris = store::identity::auth_user(&app.db, "iris@lighthouse.test").await.unwrap().unwrap().id;
    let page = app.browse("/a/lighthouse", Some(&app.sign_in(iris).await)).await.body;
    assert!(page.contains("Connect HighLevel") && page.contains("/a/lighthouse/connections"), "{page}");
}

/// A server beside a simulator that is also its Meta.
async fn beside_meta(sim: &Handle) -> TestApp {
    let (ghl, meta, base, master) = (simulator::defaults(), simulator::meta_defaults(), sim.base_url(), master());
    let (graph, dialog) = (format!("{base}{}", meta.graph_path), format!("{base}{}", meta.dialog_path));
    TestApp::with(&[
        ("GHL_BASE_URL", &base),
        ("GHL_MARKETPLACE_URL", &base),
        ("GHL_CLIENT_ID", &ghl.client_id),
        ("GHL_CLIENT_SECRET", CLIENT_SECRET),
        ("GHL_APP_ID", &ghl.app_id),
        ("ENCRYPTION_KEY", &master),
        ("META_APP_ID", meta.app_id),
        ("META_APP_SECRET", meta.app_secret),
        ("META_GRAPH_URL", &graph),
        ("META_DIALOG_URL", &dialog),
    ])
    .await
}

#[tokio::test]
async fn customers_of_the_demo_world_have_written_once_however_often_it_is_seeded() {
    let sim = Handle::start_with(|config| config.client_secret = CLIENT_SECRET.to_owned()).await.unwrap();
    let app = beside_meta(&sim).await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    for _ in 0..2 {
        let done = app.submit("seed_demo", "", Some(&admin)).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        app.base.execute("delete from provisioning_jobs where idempotency_key = 'demo'").await;
    }
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let agency = store::agencies::find_ref(&mut tx, "harbor").await.unwrap().unwrap().id;
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let all = ListQuery { view: "all".to_owned(), ..ListQuery::default() };
    let mut lines = store::messaging::list::list(&mut tx, &all, None).await.unwrap().rows;
    lines.sort_by(|one, other| one.contact_name.cmp(&other.contact_name));
    let [ada, bo, kim, zoe] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((ada.unread, ada.waiting_since.is_some(), ada.status), (2, true, ConversationStatus::Open));
    assert_eq!((bo.last_sender, bo.status), (Some(Sender::Person), ConversationStatus::Closed));
    assert_eq!((zoe.assigned_name.as_deref(), zoe.status), (Some("Tess Moreau"), ConversationStatus::Open));
    assert_eq!((kim.unread, kim.status), (1, ConversationStatus::Open));
    assert!([ada, bo, kim, zoe].iter().all(|line| line.business_name == "Bright Dental"));
    let scope =
        Scope::AgencyBusiness { user: None, agency, business: ada.business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let thread = store::messaging::thread::thread(&mut tx, zoe.id, None, 50).await.unwrap();
    assert_eq!(thread.messages.len(), 3, "a question, a note and an answer");
    let connected = store::integrations::of_channels(&mut tx).await.unwrap();
    let states: Vec<State> = connected.iter().map(|one| state(Some(one), chrono::Utc::now()).state).collect();
    assert_eq!(states, [State::Working]);
}
