//! What an open page's islands fetch: the same facts that the page was rendered from, only what changed since, and only for
//! those who may see the page.

use axum::http::StatusCode;
use domain::identity::Role;
use scraper::{Html, Selector};
use serde_json::Value;

use crate::happy_paths::World;

/// What the island of this component starts from, as the page carries it.
fn start(page: &str, component: &str) -> Value {
    let page = Html::parse_document(page);
    let carried = Selector::parse(&format!("[data-start={component}]")).unwrap();
    let mut carried = page.select(&carried).map(|element| element.value());
    let json = carried.next().and_then(|element| element.attr("data-json")).unwrap();
    assert!(carried.next().is_none(), "a page carries what an island starts from once");
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn the_state_of_a_job_is_what_its_page_was_rendered_from() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    let address = format!("/a/{}/provisioning/{}", tenant.agency, tenant.job);
    for query in ["", "step=FINISH", "tab=calls&step=CREATE_LOCATION"] {
        let page = app.browse(&format!("{address}?{query}"), Some(&owner)).await;
        assert_eq!(page.status, StatusCode::OK);
        let start = start(&page.body, "JobMonitor");
        let answer = app.get(&format!("{address}/state?{query}"), Some(&owner)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let update: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(update["state"], start["state"], "{query}");
        assert_eq!(update["version"], start["version"], "{query}");
        assert_eq!(update["log"].is_null(), query.starts_with("tab="), "the log is sent to pages that show it");
    }
}

/// Without these an island would render into nothing, or ask for regions that its page does not have.
#[tokio::test]
async fn the_regions_that_islands_name_are_on_their_pages() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    let root = format!("/a/{}", tenant.agency);
    let job = format!("{root}/provisioning/{}", tenant.job);
    let monitor = "head flight progress steps step log actions state";
    for (address, component, regions) in [
        (job.clone(), "JobMonitor", monitor),
        (format!("{job}?tab=calls"), "JobMonitor", "head flight progress steps step pane actions state"),
        (root.clone(), "LiveFigures", "figures weeks steps today recent"),
        (
            format!("{root}/connections"),
            "LiveConnection",
            "connection connection-facts company connection-actions locations",
        ),
        (format!("{root}/provisioning/new"), "LivePlan", "plan"),
    ] {
        let page = app.browse(&address, Some(&owner)).await.body;
        assert!(page.contains(&format!("data-component=\"{component}_")), "{address}");
        for region in regions.split(' ') {
            assert!(page.contains(&format!("data-live=\"{region}\"")), "{address}: {region}");
        }
    }
}

#[tokio::test]
async fn a_page_is_sent_what_changed_since_its_version() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    let address = format!("/a/{}/provisioning/{}", tenant.agency, tenant.job);
    let page = app.browse(&address, Some(&owner)).await;
    let start = start(&page.body, "JobMonitor");
    let version = start["version"].as_str().unwrap();
    let since = format!("{address}/state?since={version}");
    let same: Value = serde_json::from_str(&app.get(&since, Some(&owner)).await.body).unwrap();
    assert!(same["state"].is_null() && same["version"] == start["version"], "{same}");

    world
        .job_is("update provisioning_jobs set status = 'FAILED', finished_at = now(), error_message = '<b>refused</b>'")
        .await;
    let answer = app.get(&since, Some(&owner)).await;
    let changed: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(changed["state"]["row"]["error"], "<b>refused</b>");
    assert_ne!(changed["state"]["forms"], start["state"]["forms"], "the card of the state is another one");
    assert_ne!(changed["version"], start["version"]);
    let page = app.browse(&address, Some(&owner)).await.body;
    assert!(!page.contains("<b>refused"), "{page}");
}

#[tokio::test]
async fn a_log_is_sent_from_the_line_that_the_page_has() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    let address = format!("/a/{}/provisioning/{}", tenant.agency, tenant.job);
    // Without a connection the job begins, says so and waits.
    worker::testing::run_due(&app.worker).await;
    let log = async |line: &str| {
        let answer = app.get(&format!("{address}/state?all=1{line}"), Some(&owner)).await;
        serde_json::from_str::<Value>(&answer.body).unwrap()["log"].take()
    };
    let whole = log("").await;
    let lines = whole["lines"].as_array().unwrap();
    assert!(whole["whole"] == true && lines.len() >= 2, "{whole}");
    let id = |line: &Value| line["id"].as_str().unwrap().to_owned();
    let start = start(&app.browse(&format!("{address}?all=1"), Some(&owner)).await.body, "JobMonitor");
    assert_eq!(start["line"].as_str(), lines.last().map(id).as_deref());
    let rest = log(&format!("&line={}", id(&lines[0]))).await;
    assert_eq!(rest["whole"], false);
    assert_eq!(rest["lines"].as_array().unwrap(), &lines[1..]);
    assert!(log(&format!("&line={}", id(&lines[lines.len() - 1]))).await.is_null(), "nothing is new");
    let gap = log(&format!("&line={}", uuid::Uuid::now_v7())).await;
    assert_eq!(gap, whole, "a line that is not among the newest gets the whole log");
}

#[tokio::test]
async fn a_job_whose_order_cannot_be_read_has_no_state() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    let address = format!("/a/{}/provisioning/{}", tenant.agency, tenant.job);
    world.job_is("update provisioning_jobs set client_data_json = '{\"name\": 7}'").await;
    let answer = app.get(&format!("{address}/state"), Some(&owner)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    let page = app.browse(&address, Some(&owner)).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("JobMonitor"), "{}", page.body);
}

#[tokio::test]
async fn the_figures_of_an_agency_are_what_its_home_was_rendered_from() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let staff = app.sign_in(app.person(Role::AgencyStaff, tenant).await).await;
    let home = format!("/a/{}", tenant.agency);
    let start = start(&app.browse(&home, Some(&staff)).await.body, "LiveFigures");
    let answer = app.get(&format!("{home}/figures"), Some(&staff)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let figures: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(figures, start);
    let weeks = figures["weeks"].as_array().unwrap();
    assert_eq!(weeks.len(), 8);
    assert!(weeks[7]["jobs"].as_i64() >= Some(1), "the job of the test began this week: {figures}");
}

#[tokio::test]
async fn the_states_of_islands_are_not_there_for_others() {
    let world = World::new().await;
    let (app, tenant, other) = (&world.app, &world.tenant, world.app.tenant().await);
    let stranger = app.sign_in(app.person(Role::AgencyOwner, &other).await).await;
    let client = app.sign_in(app.person(Role::BusinessOwner, tenant).await).await;
    for address in [
        format!("/a/{}/figures", tenant.agency),
        format!("/a/{}/provisioning/{}/state", tenant.agency, tenant.job),
        format!("/a/{}/provisioning/{}/state", other.agency, tenant.job),
    ] {
        for cookie in [&stranger, &client] {
            let answer = app.get(&address, Some(cookie)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
            assert!(!answer.body.contains("Bright Dental"), "{address}");
        }
    }
}
