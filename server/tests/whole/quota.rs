//! An API client is told how many requests it has left, and a flood from one tenant does not affect others.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::usage::USUAL_REQUESTS;
use tower::ServiceExt;

use crate::forms;
use crate::helpers::{Answer, TestApp};

fn request(path: &str, token: &str) -> Request<Body> {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

async fn ask(app: &TestApp, token: &str) -> Answer {
    app.send(request("/api/v1/businesses?limit=1", token)).await
}

fn field(answer: &Answer, name: &str) -> u64 {
    answer.headers[name].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_request_after_the_last_of_a_minute_waits_and_nobody_elses_does() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let scopes = ["businesses".to_owned()];
    let business =
        async |id: String| slipway::cli::tokens::create(&app.db, None, Some(&id), &scopes, "its").await.unwrap();
    let (first, second) = (business(own.business.to_string()).await, business(own.business.to_string()).await);
    for sent in 1..=60 {
        // The minute does not end while the test sends its requests.
        app.base.execute("update request_counts set began = clock_timestamp()").await;
        // Two tokens of one business share its quota per minute.
        let answer = ask(&app, if sent % 2 == 0 { &first } else { &second }).await;
        assert_eq!(answer.status, StatusCode::OK, "{sent}: {}", answer.body);
        assert_eq!(field(&answer, "ratelimit-limit"), 60);
        assert_eq!(field(&answer, "ratelimit-remaining"), 60 - sent);
        assert_eq!(answer.headers["ratelimit-policy"], "60;w=60");
    }
    let refused = ask(&app, &first).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.body);
    assert_eq!(field(&refused, "ratelimit-remaining"), 0);
    assert!((1..=61).contains(&field(&refused, "retry-after")));
    assert_eq!(field(&refused, "retry-after"), field(&refused, "ratelimit-reset"));
    assert!(refused.body.contains("Send this one again in"), "{}", refused.body);

    // A request that the token may not make counts too.
    let barred = app.send(request("/api/v1/snapshots", &first)).await;
    assert_eq!(barred.status, StatusCode::TOO_MANY_REQUESTS, "{}", barred.body);

    let agency = ask(&app, &app.token(&own, &["businesses"]).await).await;
    assert_eq!(
        (agency.status, field(&agency, "ratelimit-limit")),
        (StatusCode::OK, 600),
        "the agency's own is another"
    );
    let neighbour = ask(&app, &business(other.business.to_string()).await).await;
    assert_eq!((neighbour.status, field(&neighbour, "ratelimit-remaining")), (StatusCode::OK, 59));

    // The previous minute must be over too, by the database's clock. The test moves the stored time instead of the
    // clock.
    app.base.execute("update request_counts set began = began - interval '121 s'").await;
    // This process remembers how long the quota is used up; another process asks the database.
    assert_eq!(ask(&app, &first).await.status, StatusCode::TOO_MANY_REQUESTS);
    let again = app.second().await.oneshot(request("/api/v1/businesses?limit=1", &first)).await.unwrap();
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(again.headers()["ratelimit-remaining"], "59");
}

#[tokio::test]
async fn an_agency_says_how_many_requests_a_client_has_and_others_keep_theirs() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let cookie = app.sign_in(app.person(Role::AgencyOwner, &own).await).await;
    let mut fields = forms::fields("set_message_limit", &own);
    fields.insert("requests".to_owned(), "3".to_owned());
    let set = app.submit("set_message_limit", &forms::body(&fields), Some(&cookie)).await;
    assert!(set.status.is_success() || set.status.is_redirection(), "{} {}", set.status, set.body);
    let page = app.browse(&format!("/a/{}/usage?client={}", own.agency, own.business), Some(&cookie)).await;
    assert!(page.body.contains("Requests a minute"), "{}", page.body);

    let scopes = ["businesses".to_owned()];
    let token =
        async |id: String| slipway::cli::tokens::create(&app.db, None, Some(&id), &scopes, "its").await.unwrap();
    let mine = token(own.business.to_string()).await;
    for sent in 1..=3 {
        let answer = ask(&app, &mine).await;
        assert_eq!(answer.status, StatusCode::OK, "{sent}: {}", answer.body);
        assert_eq!((field(&answer, "ratelimit-limit"), field(&answer, "ratelimit-remaining")), (3, 3 - sent));
        assert_eq!(answer.headers["ratelimit-policy"], "3;w=60");
    }
    let refused = ask(&app, &mine).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.body);
    assert!(refused.body.contains("3 requests were sent"), "{}", refused.body);
    let neighbour = ask(&app, &token(other.business.to_string()).await).await;
    assert_eq!(field(&neighbour, "ratelimit-limit"), u64::from(USUAL_REQUESTS.unsigned_abs()), "nobody else's changed");
}
