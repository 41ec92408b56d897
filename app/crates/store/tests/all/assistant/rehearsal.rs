//! Are past questions those of one business that were answered, and has each question of a rehearsal one result that goes with
//! its message?

use domain::assistant::Trace;
use domain::assistant::rehearsal::{CaseState, Mark, RunKind, RunState};
use domain::assistant::settings::Settings;
use domain::messaging::Sender;
use domain::{ConversationId, MessageId, RehearsalCaseId, RehearsalId};
use store::assistant::rehearsal::{self, NewCase, NewRun, Outcome};
use store::messaging::outgoing;
use store::retention;

use super::World;
use crate::inboxes::reply;

impl World {
    /// A person of the business answers.
    async fn says(&self, conversation: ConversationId, body: &str) {
        let mut tx = self.tx().await;
        let new = reply(conversation, Sender::Person, body);
        outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A rehearsal of messages.
    async fn rehearsal(&self, messages: &[MessageId]) -> (RehearsalId, Vec<RehearsalCaseId>) {
        let mut tx = self.tx().await;
        let settings = Settings::default();
        let new =
            NewRun { kind: RunKind::Rehearsal, is_published: false, version: 0, settings: &settings, by: self.user };
        let run = rehearsal::begin(&mut tx, &new).await.unwrap();
        let mut cases = Vec::new();
        for (position, message) in messages.iter().enumerate() {
            let new = NewCase { question: "Price?", trigger: Some(*message), then_text: "$120.", then_sender: None };
            cases.push(rehearsal::add(&mut tx, run, position, &new).await.unwrap());
        }
        tx.commit().await.unwrap();
        (run, cases)
    }

    async fn finishes(&self, case: RehearsalCaseId, answer: &str) {
        let (mut tx, trace) = (self.tx().await, Trace::default());
        let outcome = Outcome {
            state: CaseState::Answered,
            answer,
            reason: "",
            sources: &[],
            trace: &trace,
            provider: "openai",
            model: "large",
            prompt_tokens: 100,
            completion_tokens: 10,
            cost_micros: Some(7),
            latency_ms: Some(5),
        };
        rehearsal::finish(&mut tx, case, &outcome).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn past_questions_are_those_that_were_answered_with_everything_said_to_them() {
    let world = World::new().await;
    let (ada, _) = world.hear("16505550101", "Hi", 40).await;
    let (_, price) = world.hear("16505550101", "What does a cleaning cost?", 30).await;
    world.says(ada, "It is $120.").await;
    world.says(ada, "For everybody.").await;
    let (_, open) = world.hear("16505550102", "Are you open?", 20).await;
    let mut tx = world.tx().await;
    let found = rehearsal::past_questions(&mut tx, 40).await.unwrap();
    assert_eq!(found.iter().map(|one| one.message).collect::<Vec<_>>(), [price]);
    let past = rehearsal::past(&mut tx, price).await.unwrap().unwrap();
    assert_eq!((past.question.as_str(), past.then_sender), ("Hi\nWhat does a cleaning cost?", Sender::Person));
    assert_eq!(past.then_text, "It is $120.\n\nFor everybody.");
    assert_eq!(rehearsal::past(&mut tx, open).await.unwrap(), None, "nobody answered it");
    let mut elsewhere = world.elsewhere().await;
    assert!(rehearsal::past_questions(&mut elsewhere, 40).await.unwrap().is_empty());
    assert_eq!(rehearsal::past(&mut elsewhere, price).await.unwrap(), None);
}

#[tokio::test]
async fn each_question_has_one_result_and_the_last_one_ends_the_rehearsal() {
    let world = World::new().await;
    let (_, first) = world.hear("16505550101", "Price?", 40).await;
    let (_, second) = world.hear("16505550102", "Price?", 30).await;
    let (run, cases) = world.rehearsal(&[first, second]).await;
    let read = async || rehearsal::get(&mut world.tx().await, run).await.unwrap();
    assert_eq!(world.number("select count(*) from work_ready where kind = 'assistant.rehearse'").await, 2);
    assert!(matches!(
        rehearsal::mark(&mut world.tx().await, cases[0], Mark::Better).await,
        Err(store::Error::NotFound)
    ));
    world.finishes(cases[0], "One.").await;
    world.finishes(cases[0], "Two.").await;
    let shown = read().await;
    assert_eq!((shown.cases[0].answer.as_str(), shown.line.state), ("One.", RunState::Running));
    assert!(rehearsal::asked(&mut world.tx().await, cases[0]).await.unwrap().is_none());
    assert!(rehearsal::asked(&mut world.elsewhere().await, cases[1]).await.unwrap().is_none());
    let mut tx = world.tx().await;
    assert!(rehearsal::runs(&mut tx).await.unwrap());
    rehearsal::cancel(&mut tx, run).await.unwrap();
    tx.commit().await.unwrap();
    world.finishes(cases[1], "Too late.").await;
    let shown = read().await;
    let found = (shown.cases[1].state, shown.cases[1].prompt_tokens, shown.line.state);
    assert_eq!(found, (CaseState::Cancelled, 100, RunState::Cancelled), "what was paid for counts");
    assert_eq!(shown.spent().cost_micros, Some(14));
    assert!(matches!(rehearsal::get(&mut world.elsewhere().await, run).await, Err(store::Error::NotFound)));
}

#[tokio::test]
async fn an_answer_grows_in_a_test_chat_alone_and_until_it_has_its_result() {
    let world = World::new().await;
    let (_, message) = world.hear("16505550101", "Price?", 40).await;
    let (run, cases) = world.rehearsal(&[message]).await;
    let mut tx = world.tx().await;
    let settings = Settings::default();
    let new = NewRun { kind: RunKind::Chat, is_published: false, version: 0, settings: &settings, by: world.user };
    let chat = rehearsal::begin(&mut tx, &new).await.unwrap();
    let new = NewCase { question: "Price?", trigger: None, then_text: "", then_sender: None };
    let case = rehearsal::add(&mut tx, chat, 0, &new).await.unwrap();
    tx.commit().await.unwrap();
    let told = async || world.number("select count(*) from outbox_events where topic = 'rehearsal.changed'").await;
    let shown = async |run: RehearsalId| {
        let case = rehearsal::get(&mut world.tx().await, run).await.unwrap().cases.remove(0);
        (case.state, case.answer)
    };
    let before = told().await;
    for (is_ours, of, so_far) in [
        (true, case, "It"),
        (true, case, "It"),
        (true, case, "It is\0"),
        (true, cases[0], "It"),
        (false, case, "Of another business"),
    ] {
        let mut tx = if is_ours { world.tx().await } else { world.elsewhere().await };
        rehearsal::saying(&mut tx, of, so_far).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(told().await - before, 2, "pages are told of what changed alone");
    assert_eq!(shown(chat).await, (CaseState::Waiting, "It is".to_owned()));
    assert_eq!(shown(run).await, (CaseState::Waiting, String::new()));
    world.finishes(case, "It is $120.").await;
    let mut tx = world.tx().await;
    rehearsal::saying(&mut tx, case, "It").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shown(chat).await, (CaseState::Answered, "It is $120.".to_owned()), "what comes late is nothing");
}

#[tokio::test]
async fn a_question_goes_with_its_message_and_a_rehearsal_after_a_month() {
    let world = World::new().await;
    let (_, first) = world.hear("16505550101", "Price?", 40).await;
    let (run, _) = world.rehearsal(&[first]).await;
    world.test.execute("delete from messages").await;
    let shown = rehearsal::get(&mut world.tx().await, run).await.unwrap();
    assert_eq!((shown.cases.len(), shown.line.state), (0, RunState::Done), "nothing waits for ever");
    assert!(!rehearsal::runs(&mut world.tx().await).await.unwrap());
    let (_, second) = world.hear("16505550101", "Price?", 30).await;
    world.rehearsal(&[second]).await;
    world.test.execute("update ai_rehearsals set created_at = now() - interval '31 days'").await;
    retention::sweep(&world.db).await.unwrap();
    assert_eq!(world.number("select count(*) from ai_rehearsals").await, 0);
    assert_eq!(world.number("select count(*) from ai_rehearsal_cases").await, 0);
}
