//! An anonymous caller costs us little: a small row for a short time, and now and then a call to HighLevel.

use crate::helpers::{Answer, TestApp, master};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::permission::{EndpointKind, Needs, POLICY};
use futures::future::join_all;
use tokio::net::TcpListener;

/// Sends a form as a browser without a cookie does.
async fn form(app: &TestApp, operation: &str, body: String) -> Answer {
    let request = Request::post(format!("/do/{operation}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, "http://127.0.0.1:3000/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn nobody_calls_a_server_function_that_is_not_open() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let before = app.written().await;
    let open = |needs| matches!(needs, Needs::Nothing | Needs::Proof);
    for rule in POLICY.iter().filter(|rule| rule.kind == EndpointKind::ServerFunction && !open(rule.needs)) {
        let answer = app.submit(rule.path, &crate::forms::form(rule.path, &tenant), None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}: {}", rule.path, answer.body);
    }
    assert_eq!(app.written().await, before, "and nothing is done");
}

/// The rows of all sessions, as text.
async fn sessions(app: &TestApp) -> String {
    app.base.contents().await.into_iter().find(|(table, _)| table == "sessions").unwrap().1
}

#[tokio::test]
async fn a_failed_form_of_somebody_unknown_leaves_little_behind() {
    let app = TestApp::new().await;
    let junk: String = (0..25).map(|n| format!("&junk{n}={}", "x".repeat(10_000))).collect();
    let failed = form(&app, "sign_in", format!("email=ann%40example.test&password=wrong{junk}")).await;
    assert_eq!((failed.status, failed.location.as_str()), (StatusCode::SEE_OTHER, "/login"));
    let kept = sessions(&app).await;
    assert!(kept.len() < 2_000 && !kept.contains("xxx"), "{} bytes", kept.len());
    assert!(kept.contains("ann@example.test"), "{kept}");
    let page = app.browse("/login", failed.cookie().as_deref()).await.body;
    assert!(page.contains("Wrong email or password.") && page.contains("ann@example.test"), "what matters is kept");

    app.base.execute("update auth_throttles set blocked_until = now() + interval '10 minutes'").await;
    let many: String = (0..30).map(|n| format!("&f{n}={}", "y".repeat(200))).collect();
    let refused = form(&app, "sign_in", format!("email=ann%40example.test&password=wrong{many}")).await;
    let page = app.browse("/login", refused.cookie().as_deref()).await.body;
    assert!(page.contains("Too many tries.") && page.contains("ann@example.test"));
    form(&app, "sign_in", format!("email=ann%40example.test&password=wrong{many}")).await;
    assert!(sessions(&app).await.matches("yyyyy").count() < 5 * 40, "a refusal keeps less still");
    let rows = sessions(&app).await;
    assert_eq!(form(&app, &"z".repeat(4_000), many).await.status, StatusCode::NOT_FOUND);
    assert_eq!(sessions(&app).await, rows, "an address that takes no form keeps nothing");

    app.base.execute("update sessions set last_seen_at = now() - interval '61 minutes'").await;
    assert!(store::retention::sweep(&app.db).await.unwrap() >= 3, "gone after an hour");
}

#[tokio::test]
async fn failed_forms_of_one_address_are_kept_so_many_times() {
    let app = TestApp::new().await;
    let fails = async |from: &str| {
        let request = Request::post("/do/set_password")
            .header("x-forwarded-for", from)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        app.send(request.body(Body::from("token=t&password=nine+ships+leave+at+dawn")).unwrap()).await
    };
    let rows = async || sessions(&app).await.lines().count();
    let mut told = None;
    for _ in 0..110 {
        let answer = fails("192.0.2.1").await;
        if answer.status != StatusCode::SEE_OTHER {
            told = Some(answer);
            break;
        }
    }
    let told = told.expect("the hundred and first is answered at once");
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.body);
    assert!(told.body.contains("Ask for a new one") && told.cookie().is_none(), "{}", told.body);
    let kept = rows().await;
    assert!(kept <= 100, "{kept} rows");
    for _ in 0..5 {
        assert_eq!(fails("192.0.2.1").await.status, StatusCode::CONFLICT);
    }
    assert_eq!(rows().await, kept, "and leaves no rows");
    assert_eq!(fails("192.0.2.2").await.status, StatusCode::SEE_OTHER, "others go on");
    // Somebody with the right credentials can still sign in from there.
    let user = app.base.person(Role::TeamMember, None, None).await;
    crate::step_up::with_password(&app, user).await;
    let right = format!("email={user}%40example.test&password={}", crate::step_up::PASSWORD.replace(' ', "+"));
    let request = Request::post("/do/sign_in").header("x-forwarded-for", "192.0.2.1");
    let request = request.header("sec-fetch-site", "same-origin").header(header::ACCEPT, "text/html");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let signed_in = app.send(request.body(Body::from(right)).unwrap()).await;
    assert_eq!((signed_in.status, signed_in.location.as_str()), (StatusCode::SEE_OTHER, "/"), "{}", signed_in.body);
    let owner = app.sign_in(app.base.person(Role::TeamMember, None, None).await).await;
    let request = Request::post("/do/set_theme").header("x-forwarded-for", "192.0.2.1").header(header::COOKIE, owner);
    let request = request.header("sec-fetch-site", "same-origin").header(header::ACCEPT, "text/html");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let known = app.send(request.body(Body::from("theme=dark")).unwrap()).await;
    assert_eq!(known.status, StatusCode::SEE_OTHER, "whoever is signed in is no stranger there: {}", known.body);
}

/// A text that looks like a code of HighLevel.
const CODE: &str = "0123456789abcdef0123456789abcdef01234567";

fn callback(query: &str, from: &str) -> Request<Body> {
    callback_of("sid=nobody", query, from)
}

fn callback_of(cookie: &str, query: &str, from: &str) -> Request<Body> {
    Request::get(format!("/api/integrations/ghl/callback?{query}"))
        .header("x-forwarded-for", from)
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn consents_nobody_asked_for_are_few_from_one_address() {
    let app = TestApp::new().await;
    let junk = app.send(callback("code=x", "2001:db8::1")).await;
    assert_eq!(junk.status, StatusCode::BAD_REQUEST, "{}", junk.body);
    let asked = app.send(callback(&format!("code={CODE}"), "2001:db8::1")).await;
    assert_eq!(asked.status, StatusCode::BAD_GATEWAY, "nobody answers here");
    let cookie = app.sign_in(app.base.person(Role::TeamMember, None, None).await).await;
    app.base.execute("update auth_throttles set failures = 30").await;
    let once = app.send(callback_of(&cookie, "code=x&state=unknown", "2001:db8::2")).await;
    assert_eq!(once.status, StatusCode::CONFLICT, "{}", once.body);
    let paused = app.send(callback(&format!("code={CODE}"), "2001:db8::3")).await;
    assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(paused.body.contains("Too many tries.") && paused.headers.contains_key(header::RETRY_AFTER));
    assert_eq!(
        app.send(callback_of(&cookie, "code=x&state=y", "2001:db8::4")).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(app.send(callback_of(&cookie, "code=x&state=y", "2001:db8:0:1::4")).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn few_unsolicited_codes_are_exchanged_at_once() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let master = master();
    let settings = [
        ("GHL_BASE_URL", base.as_str()),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", &master),
    ];
    let app = TestApp::with(&settings).await;
    let waiting = join_all((0..2).map(|n| app.send(callback(&format!("code={CODE}{n}"), &format!("192.0.2.{n}")))));
    let meanwhile = async {
        // Both requests wait for HighLevel, which does not answer.
        let held = (silent.accept().await.unwrap(), silent.accept().await.unwrap());
        let third = app.send(callback(&format!("code={CODE}9"), "192.0.2.9")).await;
        drop((held, silent));
        third
    };
    let (answers, third) = tokio::join!(waiting, meanwhile);
    assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(third.body.contains("Several installs from the marketplace arrive just now"), "{}", third.body);
    assert!(answers.iter().all(|answer| answer.status == StatusCode::BAD_GATEWAY), "{:?}", answers[0].status);
    // Afterwards there is room again.
    assert_eq!(app.send(callback(&format!("code={CODE}10"), "192.0.2.10")).await.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn without_an_app_at_highlevel_no_answer_is_taken() {
    let master = master();
    let settings = [
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("ENCRYPTION_KEY", &*master),
    ];
    let app = TestApp::with(&settings).await;
    for query in [format!("code={CODE}"), format!("code={CODE}&state=some"), "error=access_denied".to_owned()] {
        let refused = app.send(callback(&query, "192.0.2.1")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
        assert!(refused.body.contains("not set up on this installation"), "{}", refused.body);
    }
}
