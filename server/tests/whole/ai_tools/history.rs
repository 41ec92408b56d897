//! Do people read what agents did, and do they see whether the log of it is whole?

use axum::http::header;
use domain::identity::Role;
use domain::tools::Outcome;

use super::{TOOL, agent, called, filled, has_all};
use crate::helpers::TestApp;

#[tokio::test]
async fn the_log_is_filtered_traced_and_taken_along() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let (owner, token) = (app.sign_in(user).await, agent(&app, &tenant, user).await);
    let done = called(&app, &tenant, user, (token, Outcome::Done)).await;
    let refused = called(&app, &tenant, user, (token, Outcome::Refused)).await;
    let log = format!("/b/{}/ai-tools/log", tenant.business);
    let (done, refused) = (done.to_string(), refused.to_string());
    let by_agent = format!("?token={token}&tool={TOOL}");
    for (query, has_done, has_refused) in [
        ("", true, true),
        ("?view=refused", false, true),
        (by_agent.as_str(), true, true),
        ("?tool=inbox_add_note", false, false),
        ("?to=2001-01-01", false, false),
    ] {
        let shown = app.browse(&format!("{log}{query}"), Some(&owner)).await.body;
        assert_eq!((shown.contains(&done), shown.contains(&refused)), (has_done, has_refused), "{query}");
        let file = app.get(&format!("{log}.csv{query}"), Some(&owner)).await;
        assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        assert_eq!((file.body.contains(&done), file.body.contains(&refused)), (has_done, has_refused), "{query}");
    }
    assert_eq!(app.audited(user, "tool_log.downloaded", "ok").await, 5);
    let trace = app.browse(&format!("{log}/{refused}"), Some(&owner)).await.body;
    has_all(&trace, &["The policy forbids it.", TOOL, "Ana Lee", "42 bytes", "No. 2"]);
    let trust = app.browse(&format!("/b/{}/ai-tools/trust", tenant.business), Some(&owner)).await.body;
    has_all(&trust, &["1 done", "1 stopped", "What you can count on"]);
    assert!(!trust.contains("tool_call.changed"), "a month is summed when the page is opened, and not at each call");
    let old = app.signed_in(user, chrono::TimeDelta::minutes(11)).await;
    let led = app.browse(&format!("{log}.csv"), Some(&old)).await.location;
    assert!(led.starts_with("/me/confirm?next=") && led.contains("log.csv"), "{led}");
}

#[tokio::test]
async fn the_owner_sees_when_the_log_was_verified_and_that_it_was_changed() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let owner = app.sign_in(user).await;
    filled(&app, &tenant, user).await;
    let trust = format!("/b/{}/ai-tools/trust", tenant.business);
    has_all(&app.browse(&trust, Some(&owner)).await.body, &["The first check is still to come"]);
    worker::testing::run_periodic(&app.worker).await.unwrap();
    has_all(&app.browse(&trust, Some(&owner)).await.body, &["Log verified"]);
    app.base.execute("update tool_calls set tool = 'other'; update tool_chains set verified_at = null").await;
    worker::testing::run_periodic(&app.worker).await.unwrap();
    has_all(&app.browse(&trust, Some(&owner)).await.body, &["The log is broken in one place"]);
}
