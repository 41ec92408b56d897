//! What people and API clients get while Postgres crashes under the running server and comes back.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use domain::agency::NewAgency;
use embedded::process::{Signal, send};
use http_body_util::BodyExt;
use store::tenant::PlatformTx;
use store::{Db, DbRole, migrate};
use tower::ServiceExt;
use tower_sessions::session::Id;

/// A page behind the sign-in, opened by a person and by a script, and API routes that the token may and may not
/// use; and the normal status of each.
const ASKED: [(&str, &str, u16); 4] = [
    ("/a/harbor", "text/html", 303),
    ("/a/harbor", "*/*", 303),
    ("/api/v1/provisioning/jobs", "application/json", 200),
    ("/api/v1/businesses", "application/json", 403),
];

/// A token that may read the jobs of an agency.
async fn token(web: &Db) -> String {
    let mut tx = PlatformTx::begin(web, None).await.unwrap();
    let new = NewAgency { name: "Harbor".to_owned(), slug: "harbor".to_owned() };
    store::agencies::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    slipway::cli::tokens::create(web, Some("harbor"), None, &["provisioning".to_owned()], "jobs").await.unwrap()
}

async fn ask(router: &Router, token: &str, path: &str, accept: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).header(header::ACCEPT, accept);
    let request = request.header(header::COOKIE, format!("sid={}", Id::default()));
    let mut request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5000))));
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
    (parts.status, kind, body)
}

/// Asserts that the answer gives the reason, in a form that the caller can read, and says what to do.
fn is_told(path: &str, accept: &str, kind: &str, body: &str) {
    let told_as = if accept == "text/html" { "text/html" } else { "application/problem+json" };
    assert!(kind.starts_with(told_as), "{path}: {kind}");
    assert!(body.contains("again"), "{path} says what to do: {body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_restarts_requests_are_told_so_and_then_served_again() {
    let folder = std::env::temp_dir().join(format!("slipway-restart-{}", std::process::id()));
    let data = folder.clone();
    let start = move || {
        std::fs::create_dir_all(&data).unwrap();
        // With every commit on disk: a test database is configured without that and would lose data in a crash.
        embedded::Postgres::join_or_start(&data, embedded::Options::default()).unwrap()
    };
    let again = start.clone();
    let postgres = tokio::task::spawn_blocking(start).await.unwrap();
    postgres.ensure_database("slipway").unwrap();
    let (owner, url) = (postgres.superuser_url("slipway"), postgres.url("slipway", "slipway"));
    migrate::prepare(&owner, Some(&url)).await.unwrap();
    migrate::run(&owner).await.unwrap();
    let (web, work) =
        (Db::connect(&url, DbRole::Web, 4).await.unwrap(), Db::connect(&url, DbRole::Worker, 4).await.unwrap());
    let (token, router) = (token(&web).await, crate::helpers::router(&web, &work).await);
    for (path, accept, good) in ASKED {
        assert_eq!(ask(&router, &token, path, accept).await.0.as_u16(), good, "{path}");
    }

    let mut session = postgres.session("postgres").unwrap();
    let victim = session.run("select pg_backend_pid()").unwrap().remove(0).remove(0);
    // A killed backend makes Postgres disconnect everybody and recover, as after a crash.
    let pid = victim.map(|pid| pid.parse().unwrap()).unwrap();
    assert!(send(pid, Signal::Kill));
    // How long that takes is up to Postgres; requests meanwhile wait or get an explanation.
    for (path, accept, good) in ASKED.iter().cycle().take(30) {
        let (status, kind, body) = ask(&router, &token, path, accept).await;
        assert!([*good, 503].contains(&status.as_u16()), "{path}: {status} {body}");
        if status == StatusCode::SERVICE_UNAVAILABLE {
            is_told(path, accept, &kind, &body);
        }
    }
    // While Postgres is stopped, nobody can be served.
    tokio::task::spawn_blocking(move || postgres.stop()).await.unwrap();
    for (path, accept, _) in ASKED {
        let (status, kind, body) = ask(&router, &token, path, accept).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {body}");
        is_told(path, accept, &kind, &body);
    }
    let postgres = tokio::task::spawn_blocking(again).await.unwrap();
    for (path, accept, good) in ASKED {
        // The first request may still meet a connection that has died.
        let (mut status, mut tries) = (ask(&router, &token, path, accept).await.0.as_u16(), 0);
        while status == 503 && tries < 50 {
            (status, tries) = (ask(&router, &token, path, accept).await.0.as_u16(), tries + 1);
        }
        assert_eq!(status, good, "{path} is served again");
    }
    drop((router, web, work));
    tokio::task::spawn_blocking(move || postgres.stop()).await.unwrap();
    let _ = embedded::forget(&folder);
    let _ = std::fs::remove_dir_all(&folder);
}
