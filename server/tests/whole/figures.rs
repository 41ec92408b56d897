//! What do `/health` and `/metrics` tell?

use crate::helpers::TestApp;
use axum::http::StatusCode;

#[tokio::test]
async fn health_names_every_check_and_nothing_more() {
    let app = TestApp::new().await;
    let answer = app.get("/health", None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let names = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&body), ["checks", "status", "version"]);
    assert_eq!(names(&body["checks"]), ["accepting", "database", "disk", "listening", "migrations", "queue"]);
}

#[tokio::test]
async fn the_figures_can_be_read_by_prometheus() {
    let app = TestApp::new().await;
    app.tenant().await;
    app.get("/login", None).await;
    let answer = app.get("/metrics", None).await;
    assert_eq!(answer.status, StatusCode::OK);
    for name in [
        "http_requests_total{",
        "provisioning_jobs{status=\"PENDING\"} 1",
        "work_ready 1",
        "work_lag_seconds ",
        "outbound_breakers_open 0",
        "outbound_breakers_opened_total 0",
        "database_connections{pool=\"web\",state=\"used\"}",
        "database_dead_rows{table=\"work_ready\"}",
        "process_resident_memory_bytes ",
    ] {
        assert!(answer.body.contains(name), "{name} is missing in:\n{}", answer.body);
    }
    for line in answer.body.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn a_flood_of_questions_after_health_asks_the_database_once() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/health", None).await.status, StatusCode::OK);
    app.db.close().await;
    // From here on time goes on only when it is told to.
    tokio::time::pause();
    for _ in 0..1000 {
        assert_eq!(app.get("/health", None).await.status, StatusCode::OK);
    }
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    let answer = app.get("/health", None).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert!(answer.body.contains(r#""database":"failed""#), "{}", answer.body);
}

#[tokio::test]
async fn every_call_that_was_reported_is_written_before_the_process_ends() {
    use outbound::Calls;
    let app = TestApp::new().await;
    let agency = app.base.agency().await;
    let log = slipway::outward::CallLog::start(&app.base.db(store::DbRole::Worker).await);
    for n in 0..1000 {
        log.report(outbound::Call {
            at: app::clock::now(),
            provider: "ghl",
            operation: "get_location",
            method: "GET".to_owned(),
            endpoint: "/locations/{locationId}",
            status: Some(200),
            outcome: outbound::Outcome::Ok,
            ms: n,
            request_id: None,
            quota_left: None,
            about: outbound::About { agency: Some(agency.0), ..outbound::About::default() },
        });
    }
    log.finish().await;
    let contents = app.base.contents().await;
    let (_, written) = contents.iter().find(|(table, _)| table == "api_calls").unwrap();
    assert_eq!(written.lines().count(), 1000);
}
