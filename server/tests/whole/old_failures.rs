//! Is a message sent again as long as it is known how it failed, and refused in words after that?

use axum::http::StatusCode;
use domain::identity::Role;

use crate::conversations::Inbox;
use crate::helpers::TestApp;

/// The message failed just now, or long ago.
const FAILED: &str = "update message_sends set state = 'failed', decided_at = now(); update messages set status = 'failed' where direction = 'out'";
const LONG_AGO: &str = "update message_sends set decided_at = now() - interval '91 days'";
const REMOVED: &str = "delete from message_sends";

#[tokio::test]
async fn a_message_that_failed_long_ago_is_not_sent_again() {
    for (meanwhile, expected) in
        [("select 1", StatusCode::OK), (LONG_AGO, StatusCode::CONFLICT), (REMOVED, StatusCode::CONFLICT)]
    {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::BusinessOwner, &tenant).await;
        let cookie = app.sign_in(user).await;
        let message = Inbox::new(&app, &tenant, user).await.answer().await;
        app.base.execute(FAILED).await;
        app.base.execute(meanwhile).await;
        let form = format!("business={}&message={message}", tenant.business);
        let answer = app.submit("retry_message", &form, Some(&cookie)).await;
        assert_eq!(answer.status, expected, "{meanwhile}: {}", answer.body);
        let is_told = answer.body.contains("more than 90 days ago");
        assert_eq!(is_told, expected == StatusCode::CONFLICT, "{meanwhile}: {}", answer.body);
    }
}
