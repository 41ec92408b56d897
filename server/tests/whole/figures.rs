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
    assert_eq!(names(&body["checks"]), ["accepting", "database", "migrations", "queue"]);
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
        "process_resident_memory_bytes ",
    ] {
        assert!(answer.body.contains(name), "{name} is missing in:\n{}", answer.body);
    }
    for line in answer.body.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}
