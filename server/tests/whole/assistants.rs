//! What does the assistant of a business have? Published settings, something that it knows, a draft that waits: made as the
//! product makes them, for every test that needs some.

use domain::assistant::settings::{Service, Settings};
use domain::assistant::{AnswerState, Source, Trace};
use domain::messaging::AiMode;
use domain::{AnswerId, KnowledgeId, UserId};
use store::assistant::answers::{self, NewAnswer, Outcome};
use store::assistant::{knowledge, settings};

use crate::conversations::{Inbox, QUESTION};

/// What the assistant would answer.
pub const ANSWER: &str = "Yes, on Saturdays from nine to noon.";

impl Inbox {
    /// Something that the assistant knows.
    pub async fn knowledge(&self) -> KnowledgeId {
        let mut tx = self.tx().await;
        let id = knowledge::add_qa(&mut tx, QUESTION, ANSWER).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Settings that are saved and not published.
    pub async fn saved(&self) {
        let service =
            Service { name: "Cleaning".to_owned(), description: "Of all teeth".to_owned(), ..Service::default() };
        let name = format!("Sol {}", self.message.0.simple());
        let chosen =
            Settings { name, services: vec![service], never: vec!["Surgery".to_owned()], ..Settings::default() };
        let mut tx = self.tx().await;
        settings::save(&mut tx, &chosen).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A version of the settings that a person published.
    pub async fn published(&self, by: UserId) -> i32 {
        self.saved().await;
        let mut tx = self.tx().await;
        let version = settings::publish(&mut tx, by).await.unwrap();
        tx.commit().await.unwrap();
        version
    }

    /// The draft that waits in the conversation, with its source and its trace.
    pub async fn draft(&self) -> AnswerId {
        let mut tx = self.tx().await;
        let knowledge = knowledge::add_qa(&mut tx, QUESTION, ANSWER).await.unwrap();
        let new = NewAnswer { conversation: self.conversation, trigger: self.message, version: 0, mode: AiMode::Draft };
        if let Some(id) = answers::begin(&mut tx, &new).await.unwrap() {
            let source = Source { knowledge, title: QUESTION.to_owned(), passage: ANSWER.to_owned() };
            let mut trace = Trace::default();
            trace.step("search", 3, "1 passage");
            let outcome = Outcome {
                state: AnswerState::Drafted,
                text: Some(ANSWER),
                reason: None,
                sources: &[source],
                trace: &trace,
                provider: Some("local"),
                model: None,
                prompt_tokens: 0,
                completion_tokens: 0,
                cost_micros: 0,
                latency_ms: Some(12),
                reply: None,
            };
            answers::finish(&mut tx, id, &outcome).await.unwrap();
        }
        let id = answers::draft(&mut tx, self.conversation).await.unwrap().unwrap().answer;
        tx.commit().await.unwrap();
        id
    }
}
