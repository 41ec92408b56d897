//! Does whoever tries the assistant see what it would say, beside what was said then? And is nothing of it asked twice at once,
//! too often, or by somebody of another business?

use axum::http::StatusCode;
use domain::assistant::rehearsal::{CaseState, QUESTIONS_A_DAY, RunKind};
use domain::assistant::settings::Settings;
use domain::assistant::{Source, Trace};
use domain::identity::Role;
use domain::{MessageId, RehearsalCaseId, RehearsalId};
use store::assistant::knowledge;
use store::assistant::rehearsal::{self, NewCase, NewRun, Outcome};

use crate::assistants::ANSWER;
use crate::conversations::{Inbox, QUESTION};
use crate::helpers::TestApp;

/// Whatever runs is over.
const OVER: &str = "update ai_rehearsals set state = 'done' where state = 'running'";

impl Inbox {
    /// The customer's message, answered by a person. No rehearsal runs.
    pub async fn answered(&self, app: &TestApp) -> MessageId {
        self.answer().await;
        app.base.execute(OVER).await;
        self.message
    }

    /// A rehearsal of the saved settings that runs, and its question.
    pub async fn rehearsal(&self, app: &TestApp) -> (RehearsalId, RehearsalCaseId) {
        let message = self.answered(app).await;
        let mut tx = self.tx().await;
        let settings = store::assistant::settings::get(&mut tx).await.unwrap().settings;
        let by = tx.user().unwrap();
        let new = NewRun { kind: RunKind::Rehearsal, is_published: false, version: 0, settings: &settings, by };
        let run = rehearsal::begin(&mut tx, &new).await.unwrap();
        let past = rehearsal::past(&mut tx, message).await.unwrap().unwrap();
        let new = NewCase {
            question: &past.question,
            trigger: Some(message),
            then_text: &past.then_text,
            then_sender: Some(past.then_sender),
        };
        let case = rehearsal::add(&mut tx, run, 0, &new).await.unwrap();
        tx.commit().await.unwrap();
        (run, case)
    }

    /// A rehearsal that is done, and its question.
    pub async fn rehearsed(&self, app: &TestApp) -> (RehearsalId, RehearsalCaseId) {
        let (run, case) = self.rehearsal(app).await;
        self.finish(case, ANSWER).await;
        (run, case)
    }

    /// Settings of this name are saved.
    async fn saved_as(&self, name: &str) {
        let settings = Settings { name: name.to_owned(), ..Settings::default() };
        let mut tx = self.tx().await;
        store::assistant::settings::save(&mut tx, &settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A worker has written this much of an answer.
    async fn says_so_far(&self, case: RehearsalCaseId, text: &str) {
        let mut tx = self.tx().await;
        rehearsal::saying(&mut tx, case, text).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A worker gives a question this answer.
    async fn finish(&self, case: RehearsalCaseId, answer: &str) {
        let mut tx = self.tx().await;
        let knowledge = knowledge::add_qa(&mut tx, QUESTION, ANSWER).await.unwrap();
        let source = Source { knowledge, title: QUESTION.to_owned(), passage: ANSWER.to_owned() };
        let mut trace = Trace::default();
        trace.step("guard", 3, "The answer is fit to be sent.");
        let outcome = Outcome {
            state: CaseState::Answered,
            answer,
            reason: "",
            sources: &[source],
            trace: &trace,
            provider: "openai",
            model: "large",
            prompt_tokens: 1200,
            completion_tokens: 30,
            cost_micros: None,
            latency_ms: Some(12),
        };
        rehearsal::finish(&mut tx, case, &outcome).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_rehearsal_shows_both_answers_what_it_cost_and_publishes_what_was_rehearsed() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(user).await;
    let inbox = Inbox::new(&app, &tenant, user).await;
    inbox.published(user).await;
    inbox.saved_as("Rehearsed").await;
    let message = inbox.answered(&app).await;
    let business = tenant.business;
    let list = format!("/b/{business}/assistant/rehearsals");
    let page = app.browse(&list, Some(&cookie)).await;
    assert!(
        page.body.contains(&format!("value=\"{message}\"")) && page.body.contains("We are, until noon."),
        "{}",
        page.body
    );
    let form = format!("business={business}&messages%5B%5D={message}");
    let answer = app.submit("start_rehearsal", &form, Some(&cookie)).await;
    assert!(answer.status.is_redirection() || answer.status.is_success(), "{} {}", answer.status, answer.body);
    let again = app.submit("start_rehearsal", &form, Some(&cookie)).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "one at a time: {}", again.body);
    let run = rehearsal::list(&mut inbox.tx().await).await.unwrap().remove(0);
    let shown = rehearsal::get(&mut inbox.tx().await, run.id).await.unwrap();
    let case = shown.cases[0].clone();
    assert_eq!((case.question.as_str(), case.then_text.as_str()), (QUESTION, "We are, until noon."));
    inbox.finish(case.id, ANSWER).await;
    let page = app.browse(&format!("{list}/{}", run.id), Some(&cookie)).await.body;
    for text in
        ["1 of 1 would be answered.", "A person's answer then", "cost unknown", "/do/publish_assistant", "<ins", "<del"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let form = format!("business={business}&case={}&mark=better", case.id);
    app.submit("mark_rehearsed", &form, Some(&cookie)).await;
    inbox.saved_as("Other").await;
    let page = app.browse(&format!("{list}/{}", run.id), Some(&cookie)).await.body;
    assert!(page.contains("1 better, 0 the same, 0 worse"), "{page}");
    assert!(!page.contains("/do/publish_assistant"), "what was not rehearsed is not published here: {page}");
}

#[tokio::test]
async fn a_test_chat_goes_on_while_its_settings_stay_and_one_question_waits_at_a_time() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let cookie = app.sign_in(user).await;
    let inbox = Inbox::new(&app, &tenant, user).await;
    let (business, page) = (tenant.business, format!("/b/{}/assistant/try", tenant.business));
    let chat = async || rehearsal::chat(&mut inbox.tx().await, user).await.unwrap().unwrap();
    let ask = async |chat: String| {
        let form = format!("business={business}&question=Are+you+open%3F&settings=saved&chat={chat}");
        app.submit("try_assistant", &form, Some(&cookie)).await.status
    };
    assert!(!ask(String::new()).await.is_client_error());
    let first = chat().await;
    assert!(app.browse(&page, Some(&cookie)).await.body.contains("Thinking"));
    inbox.says_so_far(first.cases[0].id, "<b onclick=x>We are").await;
    let so_far = app.browse(&page, Some(&cookie)).await.body;
    assert!(
        so_far.contains("&lt;b onclick=x") && so_far.contains("We are") && so_far.contains("Still writing"),
        "{so_far}"
    );
    assert_eq!(ask(first.line.id.to_string()).await, StatusCode::CONFLICT, "the last question waits");
    inbox.finish(first.cases[0].id, ANSWER).await;
    let shown = app.browse(&page, Some(&cookie)).await.body;
    assert!(shown.contains(ANSWER) && shown.contains("The answer is fit to be sent."), "{shown}");
    assert!(!shown.contains("Still writing") && !shown.contains("onclick=x"), "{shown}");
    assert!(!ask(first.line.id.to_string()).await.is_client_error());
    let second = chat().await;
    assert_eq!((second.line.id, second.cases.len()), (first.line.id, 2), "it goes on");
    inbox.finish(second.cases[1].id, ANSWER).await;
    inbox.saved().await;
    assert!(!ask(first.line.id.to_string()).await.is_client_error());
    assert_ne!(chat().await.line.id, first.line.id, "other settings begin another chat");
    app.base.execute("update ai_rehearsal_cases set state = 'failed' where state = 'waiting'").await;
    let fill = "insert into ai_rehearsal_cases (sub_account_id, rehearsal_id, position, question, state)
                select r.sub_account_id, r.id, n.place, 'Again?', 'failed' from (select * from ai_rehearsals limit 2) r cross join generate_series(2, 99) n (place)";
    app.base.execute(fill).await;
    let asked = rehearsal::asked_today(&mut inbox.tx().await).await.unwrap();
    assert!(asked < QUESTIONS_A_DAY, "{asked}");
    for _ in asked..QUESTIONS_A_DAY {
        assert!(!ask(String::new()).await.is_client_error());
    }
    assert_eq!(ask(String::new()).await, StatusCode::TOO_MANY_REQUESTS, "enough for a day");
}
