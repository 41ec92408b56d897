//! The stage of the laws of the assistant: a business with a WhatsApp number, what it knows, and a model that the simulator
//! plays.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::Utc;
use domain::assistant::AnswerState;
use domain::assistant::view::AnswerView;
use domain::integration::Kind;
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::messaging::view::{ConversationLine, MessageView};
use domain::messaging::{AiMode, Channel, Direction, Sender};
use domain::page::ListQuery;
use domain::work::{Kind as WorkKind, Queue};
use domain::{BusinessId, ChannelId, ConversationId};
use outbound::{LocalLedger, NoCalls, Outbound};
use serde_json::Value;
use simulator::Handle;
use store::TenantTx;
use store::assistant::{answers, knowledge};
use store::integrations::{self, NewConnection};
use store::messaging::channels::{self, NewChannel};
use store::messaging::outgoing;
use store::messaging::{messages, thread};
use store::queue::{self, Work};
use worker::{Worker, Writer, testing};

use crate::harness::Harness;
use crate::harness::business::{begin, reply};

/// What the business knows, and what customers ask.
pub const KNOWN: &str = "A cleaning costs $120.";
pub const QUESTION: &str = "What does a cleaning cost?";
/// What the model costs: 2 US dollars for a million tokens that it reads, and 8 for a million that it writes.
pub const PRICES: model::Prices = model::Prices { input: 2_000_000, output: 8_000_000 };

/// A business whose assistant answers.
pub struct Desk {
    pub harness: Harness,
    /// The world of the model: its clock goes fast.
    pub sim: Handle,
    pub business: BusinessId,
    pub channel: ChannelId,
    count: AtomicU32,
}

impl Desk {
    pub async fn new(mode: AiMode) -> Self {
        let harness = Harness::new().await;
        let sim = Handle::start_with(|config| config.time_scale = 1_000.0).await.unwrap();
        let business = harness.db.business(harness.agency).await;
        let mut tx = begin(harness.agency, &harness.work, business).await;
        let new = NewConnection { kind: Kind::Whatsapp, platform_id: "1065", name: Some("Shop"), parent: None };
        let integration = integrations::upsert(&mut tx, &new).await.unwrap().0;
        let (external_id, name, display_address) = ("1065", "Shop", "+1 555-010-0077");
        let new = NewChannel { kind: Channel::Whatsapp, external_id, integration, name, display_address };
        let channel = channels::upsert(&mut tx, &new).await.unwrap();
        channels::set_ai_mode(&mut tx, channel, mode).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = begin(harness.agency, &harness.web, business).await;
        knowledge::add_qa(&mut tx, QUESTION, KNOWN).await.unwrap();
        tx.commit().await.unwrap();
        Self { harness, sim, business, channel, count: AtomicU32::new(0) }
    }

    /// A transaction of a page.
    pub async fn tx(&self) -> TenantTx {
        begin(self.harness.agency, &self.harness.web, self.business).await
    }

    /// A transaction of a worker.
    pub async fn work(&self) -> TenantTx {
        begin(self.harness.agency, &self.harness.work, self.business).await
    }

    /// A worker whose answers the model writes under this script.
    pub fn model(&self, script: &str) -> Worker {
        self.model_within(script, Duration::from_secs(20))
    }

    /// The same for a model that has to answer within this time.
    pub fn model_within(&self, script: &str, deadline: Duration) -> Worker {
        let base: url::Url = format!("{}{}", self.sim.base_url(), simulator::llm_defaults().path).parse().unwrap();
        let mut profile = model::profile(Some(&base));
        profile.deadlines.background = deadline;
        let config = outbound::Config { profiles: vec![profile], production: false };
        let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
        let settings = model::Settings {
            provider: model::Provider::OpenAi,
            base,
            key: Some("key".to_owned().into()),
            model: format!("sim-{script}"),
            prices: Some(PRICES),
        };
        self.harness.worker.clone().written_by(Writer::Model(model::Client::new(http, settings)))
    }

    /// A customer writes, and the assistant is woken if it is its turn.
    pub async fn hears(&self, from: &str, text: &str) -> ConversationId {
        let mut tx = self.work().await;
        let heard = hear(&mut tx, self.channel, from, text, self.count.fetch_add(1, Ordering::SeqCst)).await;
        tx.commit().await.unwrap();
        heard
    }

    /// Does what is due for the assistant.
    pub async fn run(&self, worker: &Worker) {
        testing::run_due_in(worker, &[Queue::Assistant]).await;
    }

    /// Time goes by: every wait of the queue is over, and everything that was said is half a minute older.
    pub async fn waits_end(&self) {
        self.harness.db.execute("update work_scheduled set run_at = now() where lane = 'assistant'").await;
        self.harness.db.execute("update messages set happened_at = happened_at - interval '30 seconds'").await;
    }

    /// Lets the worker do everything, however often it waits.
    pub async fn finish(&self, worker: &Worker) {
        for _ in 0..12 {
            self.waits_end().await;
            self.run(worker).await;
        }
    }

    /// The answers in a conversation, newest first.
    pub async fn answers(&self, conversation: ConversationId) -> Vec<AnswerView> {
        let mut tx = self.tx().await;
        let lines = answers::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
        let mut views = Vec::new();
        for line in lines.into_iter().filter(|line| line.conversation == conversation) {
            views.push(answers::get(&mut tx, line.id).await.unwrap());
        }
        views
    }

    /// The states of the answers in a conversation, newest first.
    pub async fn states(&self, conversation: ConversationId) -> Vec<AnswerState> {
        self.answers(conversation).await.iter().map(|answer| answer.line.state).collect()
    }

    pub async fn messages(&self, conversation: ConversationId) -> Vec<MessageView> {
        thread::thread(&mut self.tx().await, conversation, None, 100).await.unwrap().messages
    }

    /// What was sent to the customer without a person, in its order.
    pub async fn sent(&self, conversation: ConversationId) -> Vec<String> {
        let all = self.messages(conversation).await;
        let own = all.into_iter().filter(|one| one.direction == Direction::Out && one.sender == Sender::Assistant);
        own.map(|one| one.body).collect()
    }

    /// The notes for people.
    pub async fn notes(&self, conversation: ConversationId) -> Vec<String> {
        let all = self.messages(conversation).await;
        all.into_iter().filter(|one| one.direction == Direction::Internal).map(|one| one.body).collect()
    }

    pub async fn line(&self, conversation: ConversationId) -> ConversationLine {
        thread::thread(&mut self.tx().await, conversation, None, 1).await.unwrap().line
    }
}

/// A customer writes the message of this number.
pub async fn hear(tx: &mut TenantTx, channel: ChannelId, from: &str, text: &str, number: u32) -> ConversationId {
    let channel = channels::get(tx, channel).await.unwrap();
    let message = InboundMessage {
        id: format!("wamid.in.{from}.{number}"),
        person: Person { wa_id: Some(from.to_owned()), ..Person::default() },
        origin: Origin::Customer,
        kind: "text".to_owned(),
        text: text.to_owned(),
        attachments: Vec::new(),
        reply_to: None,
        details: Value::Null,
    };
    let received = messages::receive(tx, &channel, Some(Utc::now()), &message).await.unwrap().unwrap();
    if received.wakes_assistant {
        let once = format!("answer:{}", received.conversation);
        let work = Work::new(WorkKind::AnswerConversation).subject(received.conversation).once(once);
        queue::add(tx, &work).await.unwrap();
    }
    received.conversation
}

/// A person answers a customer.
pub async fn say(tx: &mut TenantTx, conversation: ConversationId, text: &str) {
    let new = reply(conversation, Sender::Person, text);
    outgoing::add(tx, &new).await.unwrap();
}
