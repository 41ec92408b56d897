//! Can a person take back what they decided about a conversation, on the page that comes next and without scripts?

use axum::http::StatusCode;
use domain::UserId;
use domain::identity::Role;
use domain::messaging::ConversationStatus;
use domain::messaging::view::ConversationLine;
use scraper::{Html, Selector};
use store::messaging::list;

use crate::conversations::Inbox;
use crate::helpers::{Tenant, TestApp};

/// A person with a conversation.
struct Desk {
    app: TestApp,
    tenant: Tenant,
    user: UserId,
    cookie: String,
    inbox: Inbox,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::TeamMember, &tenant).await;
        let cookie = app.sign_in(user).await;
        let inbox = Inbox::new(&app, &tenant, user).await;
        Self { app, tenant, user, cookie, inbox }
    }

    async fn line(&self) -> ConversationLine {
        list::line(&mut self.inbox.tx().await, self.inbox.conversation).await.unwrap()
    }

    /// Sends a form about the conversation, and returns the form that undoes it, as the next page has it.
    async fn acts(&self, operation: &str, name: &str, value: &str) -> Option<(String, String)> {
        let business = self.tenant.business.to_string();
        let form =
            [("business", business), ("conversation", self.inbox.conversation.to_string()), (name, value.to_owned())];
        self.sends(operation, &serde_urlencoded::to_string(form).unwrap()).await
    }

    async fn sends(&self, operation: &str, form: &str) -> Option<(String, String)> {
        let page = format!("/b/{}/inbox/{}", self.tenant.business, self.inbox.conversation);
        let answer = self.app.post(operation, form, &page, &self.cookie).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{operation} {form}: {}", answer.body);
        undo(&self.app.browse(&page, Some(&self.cookie)).await.body)
    }

    /// Presses Undo.
    async fn takes_back(&self, undo: Option<(String, String)>) -> Option<(String, String)> {
        let (action, form) = undo.unwrap();
        self.sends(action.strip_prefix("/do/").unwrap(), &form).await
    }
}

/// The address and the fields of the form that stands in the notice of a page.
fn undo(page: &str) -> Option<(String, String)> {
    let page = Html::parse_document(page);
    let (forms, inputs) = (Selector::parse(".toast form").unwrap(), Selector::parse("input").unwrap());
    let form = page.select(&forms).next()?;
    let field = |name: &'static str| {
        move |input: scraper::ElementRef<'_>| input.value().attr(name).unwrap_or_default().to_owned()
    };
    let fields: Vec<_> = form.select(&inputs).map(|input| (field("name")(input), field("value")(input))).collect();
    Some((form.value().attr("action")?.to_owned(), serde_urlencoded::to_string(fields).unwrap()))
}

#[tokio::test]
async fn a_conversation_that_was_closed_or_put_off_is_open_again_and_what_is_undone_can_be_done_again() {
    let desk = Desk::new().await;
    for status in [ConversationStatus::Closed, ConversationStatus::Snoozed] {
        let undo = desk.acts("set_conversation_status", "status", status.key()).await;
        assert_eq!(desk.line().await.status, status);
        let again = desk.takes_back(undo).await;
        assert_eq!(desk.line().await.status, ConversationStatus::Open);
        assert_eq!(again.is_some(), status == ConversationStatus::Closed, "until when it was put off is not known");
    }
    let undo = desk.acts("set_conversation_status", "status", "closed").await;
    let again = desk.takes_back(undo).await;
    desk.takes_back(again).await;
    assert_eq!(desk.line().await.status, ConversationStatus::Closed);
    assert_eq!(desk.acts("set_conversation_status", "status", "closed").await, None, "nothing changed");
}

#[tokio::test]
async fn who_looked_after_a_conversation_gets_it_back() {
    let desk = Desk::new().await;
    let (me, other) = (desk.user, desk.app.person(Role::TeamMember, &desk.tenant).await);
    for (before, to) in [(None, Some(me)), (None, Some(other)), (Some(other), Some(me)), (Some(me), None)] {
        let named = |user: Option<UserId>| user.map(|user| user.to_string()).unwrap_or_default();
        desk.acts("assign_conversation", "user", &named(before)).await;
        let undo = desk.acts("assign_conversation", "user", &named(to)).await;
        assert_eq!(desk.line().await.assigned_to, to);
        desk.takes_back(undo).await;
        assert_eq!(desk.line().await.assigned_to, before, "{before:?} {to:?}");
    }
    assert_eq!(desk.acts("assign_conversation", "user", &me.to_string()).await, None, "it was theirs before");
}

#[tokio::test]
async fn what_somebody_else_changed_since_is_not_undone() {
    let desk = Desk::new().await;
    let (me, other) = (desk.user, desk.app.person(Role::TeamMember, &desk.tenant).await);
    for (mine, theirs) in [(Some(me), None), (Some(me), Some(other)), (None, Some(other))] {
        let named = |user: Option<UserId>| user.map(|user| user.to_string()).unwrap_or_default();
        let first = mine.is_none().then_some(me);
        desk.acts("assign_conversation", "user", &named(first)).await;
        let undo = desk.acts("assign_conversation", "user", &named(mine)).await;
        desk.acts("assign_conversation", "user", &named(theirs)).await;
        assert_eq!(desk.takes_back(undo).await, None);
        assert_eq!(desk.line().await.assigned_to, theirs, "{mine:?} {theirs:?}");
    }
    let undo = desk.acts("set_conversation_status", "status", "snoozed").await;
    desk.acts("set_conversation_status", "status", "closed").await;
    assert_eq!(desk.takes_back(undo).await, None);
    assert_eq!(desk.line().await.status, ConversationStatus::Closed);
}

#[tokio::test]
async fn a_customer_whom_nobody_answered_waits_again_once_closing_is_undone() {
    let desk = Desk::new().await;
    let waits = desk.line().await.waiting_since;
    assert!(waits.is_some(), "the customer of the test wrote last");
    let undo = desk.acts("set_conversation_status", "status", "closed").await;
    assert_eq!(desk.line().await.waiting_since, None);
    desk.takes_back(undo).await;
    assert_eq!(desk.line().await.waiting_since, waits);
}
