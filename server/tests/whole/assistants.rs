//! What does the assistant of a business have? Published settings, something that it knows, a draft that waits: made as the
//! product makes them, for every test that needs some.

use domain::assistant::settings::{Service, Settings};
use domain::assistant::{AnswerState, Source, Trace};
use domain::messaging::AiMode;
use domain::{AnswerId, KnowledgeId, UserId};
use store::assistant::answers::{self, NewAnswer, Outcome};
use store::assistant::{knowledge, settings, sources};
use store::new_id;
use uuid::Uuid;

use crate::conversations::{Inbox, QUESTION};
use crate::helpers::Tenant;

/// What the assistant would answer.
pub const ANSWER: &str = "Yes, on Saturdays from nine to noon.";

/// The address of a page that nobody added.
pub fn address() -> String {
    format!("https://shop.example.com/{}", new_id::<Uuid>())
}

/// The form of a file that an assistant is to know.
pub fn file(tenant: &Tenant) -> String {
    let field = |head: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n");
    let business = field("name=\"business\"", &tenant.business.to_string());
    let file = field("name=\"files\"; filename=\"prices.csv\"", "Treatment,Price\nCleaning,$120");
    format!("{business}{file}--x--\r\n")
}

impl Inbox {
    /// Something that the assistant knows.
    pub async fn knowledge(&self) -> KnowledgeId {
        let mut tx = self.tx().await;
        let id = knowledge::add_qa(&mut tx, QUESTION, ANSWER).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A page of a web site that waits to be read.
    pub async fn page(&self) -> KnowledgeId {
        let mut tx = self.tx().await;
        let id = sources::add_page(&mut tx, &address()).await.unwrap();
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
