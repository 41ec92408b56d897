//! What becomes of a draft of the assistant? It is sent once, as it is or changed, or dismissed. A person's own answer drops
//! it, and so does taking over; a note does not.

use axum::http::StatusCode;
use domain::assistant::AnswerState;
use domain::identity::Role;
use domain::messaging::Sender;
use domain::messaging::view::{MessageView, Thread};
use domain::{AnswerId, UserId};
use store::assistant::answers;
use store::messaging::thread;
use uuid::Uuid;

use crate::assistants::ANSWER;
use crate::conversations::Inbox;
use crate::helpers::{Answer, Tenant, TestApp};

/// A conversation with a draft, and a person who may decide about it.
struct Waiting {
    app: TestApp,
    tenant: Tenant,
    user: UserId,
    cookie: String,
}

impl Waiting {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::TeamMember, &tenant).await;
        let cookie = app.sign_in(user).await;
        Self { app, tenant, user, cookie }
    }

    /// A new message of the customer, with a draft.
    async fn drafted(&self) -> (Inbox, AnswerId) {
        let inbox = Inbox::new(&self.app, &self.tenant, self.user).await;
        let answer = inbox.draft().await;
        (inbox, answer)
    }

    async fn submit(
        &self,
        operation: &str,
        (inbox, answer): (&Inbox, AnswerId),
        (field, value): (&str, &str),
        key: Uuid,
    ) -> Answer {
        let form = [
            ("business", self.tenant.business.to_string()),
            ("conversation", inbox.conversation.to_string()),
            ("answer", answer.to_string()),
            ("key", key.to_string()),
            (field, value.to_owned()),
        ];
        self.app.submit(operation, &serde_urlencoded::to_string(form).unwrap(), Some(&self.cookie)).await
    }
}

async fn state(inbox: &Inbox, answer: AnswerId) -> AnswerState {
    answers::get(&mut inbox.tx().await, answer).await.unwrap().line.state
}

async fn read(inbox: &Inbox) -> Thread {
    thread::thread(&mut inbox.tx().await, inbox.conversation, None, 50).await.unwrap()
}

fn by_assistant(thread: &Thread) -> Vec<&MessageView> {
    thread.messages.iter().filter(|message| message.sender == Sender::Assistant).collect()
}

#[tokio::test]
async fn each_decision_ends_a_draft_in_its_own_state() {
    let waiting = Waiting::new().await;
    for (operation, field, value, expected) in [
        ("send_draft", "draft", ANSWER, AnswerState::Sent),
        ("send_draft", "draft", "On Saturdays from ten.", AnswerState::Edited),
        ("dismiss_draft", "draft", "", AnswerState::Dismissed),
        ("reply_to_customer", "text", "Hello, Ana here.", AnswerState::Dropped),
        ("add_conversation_note", "text", "She called.", AnswerState::Drafted),
        ("set_conversation_assistant", "mode", "auto", AnswerState::Drafted),
        ("set_conversation_assistant", "mode", "take_over", AnswerState::Dropped),
        ("set_conversation_assistant", "mode", "give_back", AnswerState::Drafted),
        ("set_conversation_assistant", "mode", "off", AnswerState::Dropped),
    ] {
        let (inbox, answer) = waiting.drafted().await;
        let done = waiting.submit(operation, (&inbox, answer), (field, value), Uuid::now_v7()).await;
        assert!(done.status.is_success() || done.status.is_redirection(), "{operation} {value}: {}", done.body);
        assert_eq!(state(&inbox, answer).await, expected, "{operation} {value}");
    }
}

#[tokio::test]
async fn a_draft_is_sent_once_in_the_name_of_the_assistant_which_goes_on() {
    let waiting = Waiting::new().await;
    let (inbox, answer) = waiting.drafted().await;
    let key = Uuid::now_v7();
    for _ in 0..2 {
        let done = waiting.submit("send_draft", (&inbox, answer), ("draft", ANSWER), key).await;
        assert!(done.status.is_success() || done.status.is_redirection(), "{}", done.body);
    }
    let thread = read(&inbox).await;
    let [sent] = by_assistant(&thread)[..] else { panic!("{:?}", thread.messages) };
    assert_eq!(sent.body, ANSWER);
    assert!(sent.sender_name.is_some(), "who sent it stands beside it");
    assert_eq!((thread.line.ai_paused_until, thread.line.waiting_since), (None, None));
    assert_eq!(answers::get(&mut inbox.tx().await, answer).await.unwrap().reply, Some(sent.id));
}

#[tokio::test]
async fn what_was_decided_is_not_decided_again_and_what_is_empty_is_not_sent() {
    let waiting = Waiting::new().await;
    let (inbox, answer) = waiting.drafted().await;
    let empty = waiting.submit("send_draft", (&inbox, answer), ("draft", " \u{200b} "), Uuid::now_v7()).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.body);
    assert_eq!(state(&inbox, answer).await, AnswerState::Drafted);
    waiting.submit("dismiss_draft", (&inbox, answer), ("draft", ""), Uuid::now_v7()).await;
    for operation in ["send_draft", "dismiss_draft"] {
        let late = waiting.submit(operation, (&inbox, answer), ("draft", ANSWER), Uuid::now_v7()).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{operation}: {}", late.body);
    }
    assert_eq!(state(&inbox, answer).await, AnswerState::Dismissed);
    assert!(by_assistant(&read(&inbox).await).is_empty(), "nothing was sent");
}
