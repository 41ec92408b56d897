//! Does a rehearsal think as the assistant does, reach nobody, end wherever a process ends, and count what it spends?

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::assistant::HandOver;
use domain::assistant::rehearsal::{CaseState, RunKind, RunState, RunView};
use domain::assistant::settings::Settings;
use domain::identity::Role;
use domain::messaging::AiMode;
use domain::work::Queue;
use domain::{ConversationId, MessageId, RehearsalId};
use store::assistant::rehearsal::{self, NewCase, NewRun};
use store::assistant::{settings, usage};
use worker::{AnswerPoint, Worker, testing};

use super::desk::{Desk, KNOWN, QUESTION, say};

impl Desk {
    /// Begins a test chat or a rehearsal with these settings.
    async fn begins(&self, kind: RunKind, settings: &Settings) -> RehearsalId {
        let by = self.harness.db.person(Role::BusinessOwner, Some(self.harness.agency), Some(self.business)).await;
        let mut tx = self.work().await;
        let new = NewRun { kind, is_published: false, version: 0, settings, by };
        let run = rehearsal::begin(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        run
    }

    /// Asks a question in a test chat.
    async fn asks(&self, run: RehearsalId, position: usize, question: &str) {
        let mut tx = self.work().await;
        let new = NewCase { question, trigger: None, then_text: "", then_sender: None };
        rehearsal::add(&mut tx, run, position, &new).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A customer asks, a person answers; the customer's message.
    async fn past(&self, from: &str, question: &str, answer: &str) -> (ConversationId, MessageId) {
        let conversation = self.hears(from, question).await;
        let mut tx = self.work().await;
        say(&mut tx, conversation, answer).await;
        tx.commit().await.unwrap();
        let messages = self.messages(conversation).await;
        (conversation, messages.iter().find(|one| one.body == question).unwrap().id)
    }

    /// Rehearses these messages.
    async fn rehearses(&self, run: RehearsalId, messages: &[MessageId]) {
        let mut tx = self.work().await;
        for (position, message) in messages.iter().enumerate() {
            let past = rehearsal::past(&mut tx, *message).await.unwrap().unwrap();
            let (question, then_text) = (past.question.as_str(), past.then_text.as_str());
            let new = NewCase { question, trigger: Some(*message), then_text, then_sender: Some(past.then_sender) };
            rehearsal::add(&mut tx, run, position, &new).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// How often pages were told of test chats and rehearsals.
    async fn told(&self) -> usize {
        let contents = self.harness.db.contents().await;
        let (_, rows) = contents.into_iter().find(|(table, _)| table == "outbox_events").unwrap();
        rows.lines().filter(|row| row.contains("rehearsal.changed")).count()
    }

    /// Does what is due, however often it waits.
    async fn rehearsed(&self, worker: &Worker, run: RehearsalId) -> RunView {
        for _ in 0..8 {
            self.harness.db.execute("update work_scheduled set run_at = now() where lane = 'rehearsals'").await;
            testing::run_due_in(worker, &[Queue::Rehearsals]).await;
        }
        rehearsal::get(&mut self.tx().await, run).await.unwrap()
    }
}

#[tokio::test]
async fn a_rehearsal_says_what_would_be_said_and_reaches_nobody() {
    let desk = Desk::new(AiMode::Auto).await;
    let chosen = Settings { never: vec!["refund".to_owned()], ..Settings::default() };
    let run = desk.begins(RunKind::Rehearsal, &chosen).await;
    let mut messages = Vec::new();
    let mut conversations = Vec::new();
    for (at, question) in (0..).zip([QUESTION, "I want a refund", "Do you repair old bicycles?", "Thanks!"]) {
        let (conversation, message) = desk.past(&format!("1650555010{at}"), question, "One moment, please.").await;
        messages.push(message);
        conversations.push(conversation);
    }
    desk.rehearses(run, &messages).await;
    let before = desk.messages(conversations[0]).await.len();
    let done = desk.rehearsed(&desk.harness.worker, run).await;
    let found: Vec<_> = done.cases.iter().map(|case| (case.state, case.reason.as_str())).collect();
    let expected = [
        (CaseState::Answered, ""),
        (CaseState::HandedOver, HandOver::NeverTopic.key()),
        (CaseState::HandedOver, HandOver::NoKnowledge.key()),
        (CaseState::Quiet, "Nothing was asked."),
    ];
    assert_eq!((done.line.state, found.as_slice()), (RunState::Done, expected.as_slice()));
    let first = &done.cases[0];
    assert_eq!((first.answer.as_str(), first.then_text.as_str()), (KNOWN, "One moment, please."));
    assert!(first.sources.len() == 1 && first.trace.steps.len() >= 3 && first.provider == "local", "{first:?}");
    for conversation in conversations {
        assert_eq!(desk.messages(conversation).await.len(), before, "nothing is sent or noted");
        assert!(desk.sent(conversation).await.is_empty() && desk.answers(conversation).await.is_empty());
    }
}

#[tokio::test]
async fn a_test_chat_remembers_what_was_said_and_its_tokens_count_for_the_day() {
    let desk = Desk::new(AiMode::Off).await;
    let worker = desk.model("answer");
    let run = desk.begins(RunKind::Chat, &Settings::default()).await;
    desk.asks(run, 0, QUESTION).await;
    let chat = desk.rehearsed(&worker, run).await;
    assert_eq!((chat.line.state, chat.cases[0].state), (RunState::Done, CaseState::Answered), "{chat:?}");
    assert!(chat.cases[0].answer.contains(KNOWN) && chat.cases[0].prompt_tokens > 0, "{chat:?}");
    let today = usage::today(&mut desk.work().await).await.unwrap();
    assert!(today.tokens >= chat.spent().prompt_tokens, "{today:?}");
    desk.asks(run, 1, "And whitening?").await;
    let chat = desk.rehearsed(&worker, run).await;
    let asked = desk.sim.llm_journal();
    let told = asked.last().unwrap()["request"]["messages"].to_string();
    assert!(told.contains(QUESTION) && told.contains("And whitening?") && chat.cases[1].state != CaseState::Waiting);
    // The limit of the day is that of the settings in use, whatever is tried.
    let mut tx = desk.work().await;
    settings::save(&mut tx, &Settings { daily_tokens: 1, ..Settings::default() }).await.unwrap();
    let by = desk.harness.db.person(Role::BusinessOwner, Some(desk.harness.agency), Some(desk.business)).await;
    settings::publish(&mut tx, by).await.unwrap();
    tx.commit().await.unwrap();
    desk.asks(run, 2, QUESTION).await;
    let chat = desk.rehearsed(&worker, run).await;
    assert_eq!((chat.cases[2].state, chat.cases[2].reason.as_str()), (CaseState::HandedOver, HandOver::Budget.key()));
    assert_eq!(desk.sim.llm_journal().len(), asked.len(), "nobody was asked");
}

#[tokio::test]
async fn an_answer_of_the_test_chat_is_shown_while_it_is_written_and_nothing_stays_of_one_that_breaks_off() {
    let desk = Desk::new(AiMode::Off).await;
    let run = desk.begins(RunKind::Chat, &Settings::default()).await;
    desk.asks(run, 0, QUESTION).await;
    let before = desk.told().await;
    // Long enough for its beginning to arrive and be shown on a machine that has much else to do.
    let stalled = desk.model_within("stalled", Duration::from_secs(8));
    testing::run_due_in(&stalled, &[Queue::Rehearsals]).await;
    let chat = rehearsal::get(&mut desk.tx().await, run).await.unwrap();
    assert_eq!((chat.cases[0].state, chat.cases[0].answer.as_str()), (CaseState::Waiting, ""));
    // A slow machine may show its beginning in more than one step.
    assert!(desk.told().await - before >= 2, "its beginning was shown, and that it broke off");
    let spent = usage::today(&mut desk.work().await).await.unwrap().tokens;
    let chat = desk.rehearsed(&desk.model("answer"), run).await;
    let case = &chat.cases[0];
    assert!(case.state == CaseState::Answered && case.answer.contains(KNOWN), "{case:?}");
    let paid = usage::today(&mut desk.work().await).await.unwrap().tokens - spent;
    assert_eq!(paid, i64::from(case.prompt_tokens) + i64::from(case.completion_tokens), "it is counted once");
    let run = desk.begins(RunKind::Rehearsal, &Settings::default()).await;
    let (_, message) = desk.past("16505550401", QUESTION, "It depends.").await;
    desk.rehearses(run, &[message]).await;
    let rehearsed = desk.rehearsed(&desk.model("answer"), run).await;
    assert_eq!(rehearsed.cases[0].answer, case.answer, "piece by piece it says the same");
    let asked = desk.sim.llm_journal();
    let streamed: Vec<bool> = asked.iter().map(|call| call["request"]["stream"] == true).collect();
    assert_eq!(streamed, [true, true, false], "nobody watches a rehearsal");
}

#[tokio::test]
async fn wherever_the_process_ends_each_question_has_one_result() {
    let desk = Desk::new(AiMode::Off).await;
    for (at, point) in (0..).zip(AnswerPoint::ALL) {
        let run = desk.begins(RunKind::Rehearsal, &Settings::default()).await;
        let (_, message) = desk.past(&format!("1650555020{at}"), QUESTION, "It depends.").await;
        desk.rehearses(run, &[message]).await;
        let died = AtomicBool::new(false);
        let mortal =
            desk.model("answer").answering_until(move |now| now == point && !died.swap(true, Ordering::SeqCst));
        testing::run_due_in(&mortal, &[Queue::Rehearsals]).await;
        let done = desk.rehearsed(&mortal.restarted(), run).await;
        let case = &done.cases[0];
        assert_eq!((done.line.state, case.state), (RunState::Done, CaseState::Answered), "{point:?}: {case:?}");
    }
}

#[tokio::test]
async fn a_model_that_fails_and_a_cancelled_rehearsal_leave_nothing_waiting() {
    let desk = Desk::new(AiMode::Off).await;
    let run = desk.begins(RunKind::Rehearsal, &Settings::default()).await;
    let (_, message) = desk.past("16505550301", QUESTION, "It depends.").await;
    desk.rehearses(run, &[message]).await;
    let failed = desk.rehearsed(&desk.model("error"), run).await;
    let case = &failed.cases[0];
    assert_eq!((failed.line.state, case.reason.as_str()), (RunState::Done, HandOver::ProviderDown.key()), "{case:?}");
    let run = desk.begins(RunKind::Rehearsal, &Settings::default()).await;
    desk.rehearses(run, &[message]).await;
    let mut tx = desk.work().await;
    rehearsal::cancel(&mut tx, run).await.unwrap();
    assert!(matches!(rehearsal::cancel(&mut tx, run).await, Err(store::Error::Stale)));
    tx.commit().await.unwrap();
    let calls = desk.sim.llm_journal().len();
    let cancelled = desk.rehearsed(&desk.model("answer"), run).await;
    assert_eq!((cancelled.line.state, cancelled.cases[0].state), (RunState::Cancelled, CaseState::Cancelled));
    assert_eq!(desk.sim.llm_journal().len(), calls, "nobody was asked");
}
