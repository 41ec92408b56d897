//! What becomes of the forms of scheduled messages? One schedules once, a time at which nothing could be sent is asked for
//! twice, and whoever comes too late is told what happened.

use axum::http::StatusCode;
use chrono::{TimeDelta, Utc};
use domain::ScheduledId;
use domain::identity::Role;
use domain::messaging::Direction;
use domain::messaging::view::MessageView;
use store::messaging::scheduled::{self, Scheduled};
use store::messaging::thread;
use uuid::Uuid;

use crate::conversations::Inbox;
use crate::helpers::{Answer, Tenant, TestApp};

/// The clock of every business is four or five hours behind UTC.
const NEW_YORK: &str = "update sub_accounts set timezone = 'America/New_York'";

/// A conversation, and a person who may answer in it.
struct Desk {
    app: TestApp,
    tenant: Tenant,
    inbox: Inbox,
    cookie: String,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::TeamMember, &tenant).await;
        let inbox = Inbox::new(&app, &tenant, user).await;
        let cookie = app.sign_in(user).await;
        Self { app, tenant, inbox, cookie }
    }

    async fn submit(&self, operation: &str, fields: &[(&str, &str)]) -> Answer {
        let business = self.tenant.business.to_string();
        let form: Vec<_> = [("business", business.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.app.submit(operation, &serde_urlencoded::to_string(form).unwrap(), Some(&self.cookie)).await
    }

    /// Schedules a text for a time.
    async fn schedules(&self, when: &str, key: &str, more: &[(&str, &str)]) -> Answer {
        let conversation = self.inbox.conversation.to_string();
        let fields = [("conversation", conversation.as_str()), ("key", key), ("text", "See you."), ("when", when)];
        let fields: Vec<_> = fields.into_iter().chain(more.iter().copied()).collect();
        self.submit("schedule_message", &fields).await
    }

    async fn act(&self, operation: &str, id: ScheduledId) -> Answer {
        self.submit(operation, &[("scheduled", id.to_string().as_str())]).await
    }

    async fn waiting(&self) -> Vec<Scheduled> {
        scheduled::list(&mut self.inbox.tx().await, Some(self.inbox.conversation)).await.unwrap()
    }

    /// The messages of ours in the thread.
    async fn messages(&self) -> Vec<MessageView> {
        let thread = thread::thread(&mut self.inbox.tx().await, self.inbox.conversation, None, 100).await.unwrap();
        thread.messages.into_iter().filter(|message| message.direction == Direction::Out).collect()
    }

    /// How many there are.
    async fn ours(&self) -> usize {
        self.messages().await.len()
    }
}

/// A time by the clock of UTC, as a browser writes it.
fn typed(hours: i64) -> String {
    (Utc::now() + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M").to_string()
}

fn is_done(answer: &Answer) -> bool {
    answer.status.is_success() || answer.status.is_redirection()
}

#[tokio::test]
async fn a_form_schedules_once_by_the_clock_of_the_business() {
    let desk = Desk::new().await;
    desk.app.base.execute(NEW_YORK).await;
    let (key, when) = (Uuid::now_v7().to_string(), typed(2));
    for _ in 0..2 {
        let done = desk.schedules(&when, &key, &[]).await;
        assert!(is_done(&done), "{}", done.body);
    }
    let other = desk.schedules(&typed(3), &key, &[]).await;
    assert!(other.status.is_client_error(), "{}", other.body);
    let waiting = desk.waiting().await;
    let [one] = &waiting[..] else { panic!("{waiting:?}") };
    let ahead = one.at - Utc::now();
    assert!(ahead > TimeDelta::hours(5) && ahead <= TimeDelta::hours(7), "New York is behind UTC: {ahead}");
    assert_eq!(desk.ours().await, 0, "nothing is sent before its time");
    for path in [
        format!("/b/{}/scheduled", desk.tenant.business),
        format!("/b/{}/inbox/{}", desk.tenant.business, one.conversation),
    ] {
        let page = desk.app.browse(&path, Some(&desk.cookie)).await.body;
        assert!(page.contains("Scheduled for") && page.contains("See you."), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_time_after_the_window_is_refused_until_somebody_wants_it_all_the_same() {
    let desk = Desk::new().await;
    for hours in [30, 24 * 300] {
        let (key, when) = (Uuid::now_v7().to_string(), typed(hours));
        let warned = desk.schedules(&when, &key, &[]).await;
        assert_eq!(warned.status, StatusCode::UNPROCESSABLE_ENTITY, "{hours}: {}", warned.body);
        assert!(warned.body.contains("template"), "{}", warned.body);
        let done = desk.schedules(&when, &key, &[("anyway", "on")]).await;
        assert!(is_done(&done), "{hours}: {}", done.body);
    }
    let waiting = desk.waiting().await;
    assert!(waiting.len() == 2 && waiting.iter().all(|one| !one.may_go(one.at)), "{waiting:?}");
    let page = desk.app.browse(&format!("/b/{}/scheduled", desk.tenant.business), Some(&desk.cookie)).await.body;
    assert!(page.contains("only if the customer writes again"), "{page}");

    let soon = typed(2);
    let id = waiting[0].id.to_string();
    let moved = desk.submit("reschedule_message", &[("scheduled", id.as_str()), ("when", soon.as_str())]).await;
    assert!(is_done(&moved), "{}", moved.body);
    let late = typed(40);
    let warned = desk.submit("reschedule_message", &[("scheduled", id.as_str()), ("when", late.as_str())]).await;
    assert_eq!(warned.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", warned.body);
    assert!(desk.waiting().await.iter().any(|one| one.may_go(one.at)));
}

#[tokio::test]
async fn what_is_over_or_no_time_is_refused() {
    let desk = Desk::new().await;
    let conversation = desk.inbox.conversation.to_string();
    let (over, far) = (typed(-10), typed(24 * 400));
    for when in ["", "tomorrow", "2026-02-30T10:00", "99999-01-01T00:00", &over, &far] {
        let key = Uuid::now_v7().to_string();
        let fields = [
            ("conversation", conversation.as_str()),
            ("key", &key),
            ("text", "See you."),
            ("when", when),
            ("anyway", "on"),
        ];
        let refused = desk.submit("schedule_message", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{when}: {}", refused.body);
    }
    assert!(desk.waiting().await.is_empty());
}

#[tokio::test]
async fn who_comes_too_late_is_told_what_happened() {
    let desk = Desk::new().await;
    let (one, two) = (desk.inbox.scheduled().await, desk.inbox.scheduled().await);
    assert!(is_done(&desk.act("cancel_scheduled", one).await));
    assert!(is_done(&desk.act("send_scheduled_now", two).await));
    for (id, says) in [(one, "already canceled"), (two, "Too late")] {
        for operation in ["cancel_scheduled", "send_scheduled_now"] {
            let late = desk.act(operation, id).await;
            assert_eq!(late.status, StatusCode::CONFLICT, "{operation}: {}", late.body);
            assert!(late.body.contains(says), "{operation}: {}", late.body);
        }
    }
    assert_eq!(desk.ours().await, 1);
    let three = desk.inbox.scheduled().await;
    desk.app.base.execute("update conversations set window_closes_at = now() - interval '1 hour'").await;
    let shut = desk.act("send_scheduled_now", three).await;
    assert_eq!(shut.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", shut.body);
    assert_eq!((desk.ours().await, desk.waiting().await.len()), (1, 1), "it still waits");
}

#[tokio::test]
async fn answers_to_tap_go_with_the_text_now_and_later_if_they_fit() {
    let desk = Desk::new().await;
    let (conversation, when) = (desk.inbox.conversation.to_string(), typed(2));
    for operation in ["reply_to_customer", "schedule_message"] {
        for (choices, is_fine) in [
            ("Yes\nNo", true),
            ("a\nb\nc\nd", false),
            ("Yes\nYes", false),
            ("one that is longer than it may be", false),
        ] {
            let key = Uuid::now_v7().to_string();
            let fields = [
                ("conversation", conversation.as_str()),
                ("key", key.as_str()),
                ("text", "Does it suit you?"),
                ("when", when.as_str()),
                ("choices", choices),
            ];
            let answer = desk.submit(operation, &fields).await;
            assert_eq!(is_done(&answer), is_fine, "{operation} {choices}: {}", answer.body);
        }
    }
    let waiting = desk.waiting().await;
    assert_eq!((desk.ours().await, waiting.len()), (1, 1));
    assert!(is_done(&desk.act("send_scheduled_now", waiting[0].id).await));
    let messages = desk.messages().await;
    assert!(messages.len() == 2 && messages.iter().all(|one| one.details["choices"][1] == "No"), "{messages:?}");
    let path = format!("/b/{}/inbox/{conversation}", desk.tenant.business);
    let page = desk.app.browse(&path, Some(&desk.cookie)).await.body;
    assert_eq!(page.matches("data-choices").count(), 2, "{page}");
}
