//! Do the inboxes say in the line of a conversation that our last message did not arrive, until it is sent again?

use axum::http::StatusCode;
use domain::identity::Role;
use scraper::{Html, Selector};

use crate::conversations::Inbox;
use crate::helpers::TestApp;

/// The marks of the lines of a page.
async fn marks(app: &TestApp, page: &str, cookie: &str) -> Vec<String> {
    let answer = app.get(page, Some(cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.body);
    let mark = Selector::parse(".inbox-fact.text-bad").unwrap();
    Html::parse_document(&answer.body).select(&mark).map(|found| found.text().collect()).collect()
}

#[tokio::test]
async fn a_line_is_marked_while_its_last_message_is_one_that_did_not_arrive() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(user).await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let inbox = Inbox::new(&app, &tenant, user).await;
    let pages = [(format!("/b/{}/inbox", tenant.business), &cookie), (format!("/a/{}/inbox", tenant.agency), &owner)];
    let none: [&str; 0] = [];
    for (page, cookie) in &pages {
        assert_eq!(marks(&app, page, cookie).await, none, "{page}");
    }
    let message = inbox.undelivered(&app).await;
    for (page, cookie) in &pages {
        assert_eq!(marks(&app, page, cookie).await, ["Not delivered"], "{page}");
    }
    let form = format!("business={}&message={message}", tenant.business);
    let answer = app.submit("retry_message", &form, Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    for (page, cookie) in &pages {
        assert_eq!(marks(&app, page, cookie).await, none, "{page}: it is sent again");
    }
}
