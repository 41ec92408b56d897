//! Does an agency set all limits of a client or none, and does a customer who agreed again get automatic messages?

use axum::http::StatusCode;
use domain::UserId;
use domain::identity::Role;
use domain::messaging::{Direction, Sender};
use domain::usage::{MOST_REQUESTS, USUAL_TOKENS};
use store::messaging::thread;
use store::tenant::TenantTx;
use store::usage;

use crate::conversations::{self, Inbox, scope};
use crate::forms;
use crate::helpers::{Answer, Tenant, TestApp};

/// Somebody who sets the limits of a client.
struct Desk {
    app: TestApp,
    tenant: Tenant,
    user: UserId,
    cookie: String,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::AgencyOwner, &tenant).await;
        let cookie = app.sign_in(user).await;
        Self { app, tenant, user, cookie }
    }

    /// Sends the form with these fields.
    async fn sets(&self, values: [(&str, &str); 2]) -> Answer {
        let mut fields = forms::fields("set_message_limit", &self.tenant);
        fields.extend(values.map(|(name, value)| (name.to_owned(), value.to_owned())));
        self.app.submit("set_message_limit", &forms::body(&fields), Some(&self.cookie)).await
    }

    async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.app.db, scope(&self.tenant, self.user)).await.unwrap()
    }
}

#[tokio::test]
async fn both_limits_are_set_or_none_and_an_empty_one_stays() {
    let desk = Desk::new().await;
    for (limit, tokens, is_right, expected) in [
        ("2000", "300,000", true, (2000, 300_000)),
        ("3000", "", true, (3000, 300_000)),
        ("4000", "many", false, (3000, 300_000)),
        ("many", "5", false, (3000, 300_000)),
        ("3000", "0", true, (3000, 0)),
        ("1000", "1000000", true, (1000, USUAL_TOKENS)),
    ] {
        let done = desk.sets([("limit", limit), ("tokens", tokens)]).await;
        let is_refused = done.status == StatusCode::UNPROCESSABLE_ENTITY;
        assert_eq!(is_refused, !is_right, "{limit} {tokens}: {} {}", done.status, done.body);
        let mut tx = desk.tx().await;
        let month = usage::month(&mut tx).await.unwrap();
        assert_eq!((month.limit, usage::today(&mut tx).await.unwrap().limit), expected, "{limit} {tokens}");
    }
}

#[tokio::test]
async fn a_limit_of_requests_that_cannot_be_changes_no_other_one_and_an_empty_one_stays() {
    let desk = Desk::new().await;
    for (limit, requests, is_right, expected) in [
        ("2000", "90", true, (2000, 90)),
        ("3000", "0", false, (2000, 90)),
        ("3000", "601", false, (2000, 90)),
        ("3000", "many", false, (2000, 90)),
        ("4000", "", true, (4000, 90)),
        ("1000", "600", true, (1000, MOST_REQUESTS)),
    ] {
        let done = desk.sets([("limit", limit), ("requests", requests)]).await;
        let is_refused = done.status == StatusCode::UNPROCESSABLE_ENTITY;
        assert_eq!(is_refused, !is_right, "{limit} {requests}: {} {}", done.status, done.body);
        let mut tx = desk.tx().await;
        let known = usage::request_limit(&mut tx, desk.tenant.business).await.unwrap();
        assert_eq!((usage::month(&mut tx).await.unwrap().limit, known), expected, "{limit} {requests}");
    }
}

#[tokio::test]
async fn a_customer_who_agreed_again_is_noted_with_the_words_and_the_person_once() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::TeamMember, &tenant).await;
    let cookie = app.sign_in(user).await;
    let operation = "allow_automatic_messages";
    let form = conversations::form(&app, &tenant, user, operation).await.unwrap();
    let inbox = Inbox::new(&app, &tenant, user).await;
    let without = form.replace("consent=", "consent=&other=");
    let refused = app.submit(operation, &without, Some(&cookie)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let done = app.submit(operation, &form, Some(&cookie)).await;
    assert!(done.status.is_success() || done.status.is_redirection(), "{}", done.body);
    let again = app.submit(operation, &form, Some(&cookie)).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
    let thread = thread::thread(&mut inbox.tx().await, inbox.conversation, None, 50).await.unwrap();
    assert!(thread.contact.opted_out_at.is_none());
    let notes: Vec<_> = thread.messages.iter().filter(|one| one.direction == Direction::Internal).collect();
    let [note] = notes[..] else { panic!("{notes:?}") };
    assert!(note.sender == Sender::Person && note.body.ends_with("She asked for them on the phone."), "{note:?}");
}
