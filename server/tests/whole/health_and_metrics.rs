//! What `/health` and `/metrics` report.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use domain::identity::Role;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::helpers::{Answer, TestApp};

/// The metrics belong to the process, so only one of the tests that read them may run at a time.
pub static FIGURES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The figures, with these words in them. Other tests ask all endpoints, and what one of them was told may come in between.
async fn figures(app: &TestApp, wanted: &[&str]) -> Answer {
    let _alone = FIGURES.lock().await;
    let mut tries = 0;
    loop {
        let answer = app.get("/metrics", None).await;
        assert_eq!(answer.status, StatusCode::OK);
        let missing: Vec<_> = wanted.iter().filter(|words| !answer.body.contains(**words)).collect();
        if missing.is_empty() {
            return answer;
        }
        tries += 1;
        assert!(tries < 20, "{missing:?} are missing in:\n{}", answer.body);
    }
}

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
async fn a_periodic_job_that_is_late_is_named_and_makes_no_process_unready() {
    let app = TestApp::new().await;
    worker::testing::run_periodic(&app.worker).await.unwrap();
    // Each check uses another process, because a process caches its result for a moment.
    let checks = async || {
        let mut request = Request::get("/health").body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5000))));
        let answer = app.second().await.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()
    };
    assert_eq!(checks().await["status"], "ok");
    app.base.execute("update periodic_jobs set succeeded_at = now() - interval '40 days' where name = 'trash'").await;
    let body = checks().await;
    assert_eq!((&body["status"], &body["checks"]["periodic.trash"]), (&"degraded".into(), &"overdue".into()));
    assert_eq!(body["checks"].as_object().unwrap().keys().filter(|name| name.starts_with("periodic.")).count(), 1);
    let lines = [
        "periodic_job_overdue{job=\"trash\"} 1",
        "periodic_job_overdue{job=\"calls\"} 0",
        "periodic_job_since_success_seconds{job=\"trash\"} 3456",
    ];
    figures(&app, &lines).await;
    // Nothing runs the jobs: every job is overdue, and the web process still answers.
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
    assert!(page().await.contains("Nothing has run yet"));
    worker::testing::run_periodic(&app.worker).await.unwrap();
    let well = page().await;
    assert!(well.contains("Every task is on time."), "{well}");
    for job in worker::periodic::all() {
        assert!(well.contains(job.title), "{} is not told", job.title);
    }
    let broken = app.worker.with_broken("trash", worker::periodic::Broken::Fails);
    app.base.execute("update periodic_jobs set succeeded_at = now() - interval '40 days' where name = 'trash'").await;
    worker::testing::run_periodic(&broken).await.unwrap();
    let late = page().await;
    for words in ["One task is overdue.", "Overdue", "broken by a test"] {
        assert!(late.contains(words), "{words} is missing in {late}");
    }
}

#[tokio::test]
async fn the_system_page_says_what_was_given_up_and_why() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let page = async || app.browse("/admin/system", Some(&admin)).await.body;
    assert!(!page().await.contains("won't be retried automatically"));
    app.base
        .execute(
            "insert into work_dead (lane, tenant_key, kind, cause, died_at)
             select 'mail', gen_random_uuid(), k.kind, k.cause, now() - k.ago from (values ('mail.send', 'the server said 550', interval '2 days'),
               ('mail.send', 'the first error', interval '5 days'), ('thing.new', 'it is new', interval '1 day')) k(kind, cause, ago)",
        )
        .await;
    let told = page().await;
    for words in ["won't be retried automatically", "Sending mails", "the server said 550", "thing.new", "2 days ago"] {
        assert!(told.contains(words), "{words} is missing in {told}");
    }
    assert!(!told.contains("the first error"), "the last one of a kind is enough");
}

#[tokio::test]
async fn work_that_was_given_up_runs_again_or_is_discarded() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let support = app.sign_in(app.person(Role::Support, &tenant).await).await;
    app.base
        .execute(
            "insert into work_dead (lane, tenant_key, kind, attempt)
             values ('mail', gen_random_uuid(), 'mail.send', 5), ('mail', gen_random_uuid(), 'mail.send', 5), ('later', gen_random_uuid(), 'thing.new', 1)",
        )
        .await;
    let page = async |who: &str| app.browse("/admin/system", Some(who)).await.body;
    let submit =
        async |operation: &str, kind: &str| app.submit(operation, &format!("kind={kind}"), Some(&admin)).await.status;
    for operation in ["/do/retry_given_up_work", "/do/discard_given_up_work"] {
        assert!(page(&admin).await.contains(operation) && !page(&support).await.contains(operation), "{operation}");
    }
    assert_eq!(submit("retry_given_up_work", "mail.send").await, StatusCode::OK);
    assert_eq!((app.mail_queue().await.len(), app.dead_mails().await.len()), (2, 0));
    assert_eq!(submit("retry_given_up_work", "mail.send").await, StatusCode::CONFLICT, "nothing is left");
    assert_eq!(submit("discard_given_up_work", "thing.new").await, StatusCode::OK);
    assert!(!page(&admin).await.contains("won't be retried automatically"));
    assert_eq!(submit("discard_given_up_work", "thing.new").await, StatusCode::CONFLICT, "nothing is left");
}

#[tokio::test]
async fn the_figures_can_be_read_by_prometheus() {
    let app = TestApp::new().await;
    app.tenant().await;
    app.get("/login", None).await;
    let names = [
        "http_requests_total{",
        "provisioning_jobs{status=\"PENDING\"} 1",
        "work_ready 1",
        "work_lag_seconds ",
        "inbound_items_failing ",
        "inbound_put_aside_last_hour ",
        "outbound_breakers_open 0",
        "outbound_breakers_opened_total 0",
        "database_connections{pool=\"web\",state=\"used\"}",
        "database_dead_rows{table=\"work_ready\"}",
        "process_resident_memory_bytes ",
    ];
    let answer = figures(&app, &names).await;
    for line in answer.body.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn a_flood_of_questions_after_health_asks_the_database_once() {
    let mut tries = 0;
    let app = loop {
        let (app, begun) = (TestApp::new().await, tokio::time::Instant::now());
        assert_eq!(app.get("/health", None).await.status, StatusCode::OK);
        app.db.close().await;
        // From here on time advances only when the test says so.
        tokio::time::pause();
        tries += 1;
        if begun.elapsed() < std::time::Duration::from_secs(1) || tries == 10 {
            break app;
        }
        // The machine took so long that the answer may be too old by now.
        tokio::time::resume();
    };
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
    use outbound::CallRecorder;
    let app = TestApp::new().await;
    let agency = app.base.agency().await;
    let worker = app.base.db(store::DbRole::Worker).await;
    let log = slipway::boot::outbound_adapters::CallLog::start(&worker, ["ghl", "flood"]);
    let call = |provider, ms| outbound::Call {
        at: web::clock::now(),
        provider,
        operation: "get_location",
        method: "GET".to_owned(),
        endpoint: "/locations/{locationId}",
        status: Some(200),
        outcome: outbound::Outcome::Ok,
        ms,
        request_id: None,
        quota_left: None,
        about: outbound::CallContext { agency: Some(agency.0), ..outbound::CallContext::default() },
    };
    // More calls to another provider than may wait: they are dropped, and no others.
    (0..5000).for_each(|n| log.report(call("flood", n)));
    (0..1000).for_each(|n| log.report(call("ghl", n)));
    log.report(call("unknown", 1));
    log.finish().await;
    let contents = app.base.contents().await;
    let (_, written) = contents.iter().find(|(table, _)| table == "api_calls").unwrap();
    let of = |provider: &str| written.lines().filter(|line| line.contains(provider)).count();
    assert_eq!((of("ghl"), of("flood"), of("unknown")), (1000, 4096, 0));
}
