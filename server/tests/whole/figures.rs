//! What do `/health` and `/metrics` tell?

use crate::helpers::TestApp;
use axum::http::StatusCode;
use domain::identity::Role;

/// The figures are the process's: of two tests that ask for them, one does so at a time.
static FIGURES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

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
async fn a_periodic_job_that_is_late_is_named_and_makes_no_process_unready() {
    let app = TestApp::new().await;
    worker::testing::run_periodic(&app.worker).await.unwrap();
    let checks = async || {
        let answer = app.get("/health", None).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str::<serde_json::Value>(&answer.body).unwrap()
    };
    assert_eq!(checks().await["status"], "ok");
    app.base.execute("update periodic_jobs set succeeded_at = now() - interval '40 days' where name = 'trash'").await;
    let body = checks().await;
    assert_eq!((&body["status"], &body["checks"]["periodic.trash"]), (&"degraded".into(), &"overdue".into()));
    assert_eq!(body["checks"].as_object().unwrap().keys().filter(|name| name.starts_with("periodic.")).count(), 1);
    let alone = FIGURES.lock().await;
    let figures = app.get("/metrics", None).await.body;
    drop(alone);
    for line in ["periodic_job_overdue{job=\"trash\"} 1", "periodic_job_overdue{job=\"calls\"} 0"] {
        assert!(figures.contains(line), "{line} is missing in:\n{figures}");
    }
    assert!(figures.contains("periodic_job_since_success_seconds{job=\"trash\"} 3456"), "{figures}");
    // Nobody runs anything: every job is late, and the web process still answers.
    app.base
        .execute(
            "update periodic_jobs set succeeded_at = now() - interval '40 days', known_at = now() - interval '40 days'",
        )
        .await;
    let body = checks().await;
    let late = body["checks"].as_object().unwrap().keys().filter(|name| name.starts_with("periodic.")).count();
    assert_eq!(late, worker::periodic::all().count());
}

#[tokio::test]
async fn the_system_page_says_of_each_periodic_job_how_it_goes() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let page = async || app.browse("/admin/system", Some(&admin)).await.body;
    assert!(page().await.contains("Nothing ran yet"));
    worker::testing::run_periodic(&app.worker).await.unwrap();
    let well = page().await;
    assert!(well.contains("Everything that runs by itself is on time."), "{well}");
    for job in worker::periodic::all() {
        assert!(well.contains(job.title), "{} is not told", job.title);
    }
    let broken = app.worker.with_broken("trash", worker::periodic::Broken::Fails);
    app.base.execute("update periodic_jobs set succeeded_at = now() - interval '40 days' where name = 'trash'").await;
    worker::testing::run_periodic(&broken).await.unwrap();
    let late = page().await;
    for words in ["One job is overdue.", "Overdue", "broken by a test"] {
        assert!(late.contains(words), "{words} is missing in {late}");
    }
}

#[tokio::test]
async fn the_figures_can_be_read_by_prometheus() {
    let app = TestApp::new().await;
    app.tenant().await;
    app.get("/login", None).await;
    let _alone = FIGURES.lock().await;
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
