//! The stage of a conversation: a business with a WhatsApp number and an assistant, customers who write, and people who
//! answer.

use std::time::Duration;

use anyhow::{Context, anyhow};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::messaging::{AiMode, Channel, Sender};
use domain::page::ListQuery;
use domain::{AgencyId, BusinessId, ConversationId, MessageId};
use meta::{Call, Login, whatsapp};
use outbound::CallContext;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use simulator::Handle;
use store::assistant::knowledge;
use store::credentials::{self, NewSecret};
use store::integrations::{self, NewConnection};
use store::messaging::channels::{self, NewChannel};
use store::messaging::outgoing::{self, NewOutgoing};
use store::messaging::{list, testing};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx};

use super::intake;
use crate::SCALE;
use crate::clients::{ghl, meta};
use crate::harness::{check_durable, vault};

/// The WhatsApp Business Account of the simulator's world that the business connects, and its number.
const WABA: &str = "102290000000002";
const NUMBER: &str = "106540000000003";
/// What customers ask, and what the business's assistant knows of it.
const QUESTION: &str = "What does a cleaning cost?";
const KNOWN: &str = "A cleaning costs $120.";
/// How long everything may take to end after the last worker was killed.
const PATIENCE: Duration = Duration::from_secs(900);

/// An answer of a person.
pub struct Answer {
    /// Its text, which no other answer has.
    pub text: String,
    /// Whether its commit was answered. One that was not may exist or not.
    pub is_certain: bool,
}

/// Everything except the workers.
pub struct World {
    pub db: TestDb,
    pub sim: Handle,
    /// Connections as those of the pages.
    pub web: Db,
    /// What people answered.
    pub answers: Vec<Answer>,
    agency: AgencyId,
    business: BusinessId,
    customers: u32,
}

impl World {
    /// Connects a business to a simulator that often answers with faults, and tells twice, late and in the wrong order.
    pub async fn new(seed: u64) -> anyhow::Result<Self> {
        let db = TestDb::new().await;
        check_durable(&db).await?;
        let (web, work) = (db.db(DbRole::Web).await, db.db(DbRole::Worker).await);
        let address = intake::start(web.clone()).await?;
        let sim = Handle::start_with(|config| {
            config.time_scale = SCALE;
            config.meta.product_url = Some(address);
        })
        .await?;
        let agency = db.agency().await;
        let business = db.business(agency).await;
        let world = Self { db, sim, web, answers: Vec::new(), agency, business, customers: 0 };
        world.connect(&work).await?;
        world
            .sim
            .meta_knobs(
                &json!({"copies": 2, "reorder": true, "shuffle": true, "pair_max": 1_000, "throughput_max": 1_000}),
            )
            .map_err(|why| anyhow!(why))?;
        let messages = json!({"method": "POST", "path": format!("/meta/*/{NUMBER}/messages")});
        world
            .sim
            .faults(json!([
                {"match": messages.clone(), "fault": "reset_after", "p": 0.1, "seed": seed},
                {"match": messages.clone(), "fault": "reset_before", "p": 0.05, "seed": seed ^ 1},
                {"match": messages, "fault": "status", "status": 503, "p": 0.05, "seed": seed ^ 2},
            ]))
            .map_err(|why| anyhow!(why))?;
        Ok(world)
    }

    /// The command-line argument of a worker process: database URL and simulator URL.
    pub fn child_argument(&self) -> String {
        format!("{} {}", self.db.url(), self.sim.base_url())
    }

    /// Every message that Meta knows of the number.
    pub fn at_meta(&self) -> Vec<Value> {
        self.sim.meta_messages(NUMBER)
    }

    async fn begin(&self, db: &Db) -> store::Result<TenantTx> {
        let (agency, business) = (self.agency, self.business);
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(db, scope).await
    }

    /// Connects the number as a person does with the signup of WhatsApp, and switches the assistant on.
    async fn connect(&self, work: &Db) -> anyhow::Result<()> {
        let (base, about) = (self.sim.base_url(), CallContext::default());
        let meta = meta(&ghl(&base)?, &base)?;
        let consent = self.sim.meta_embedded_signup(&json!({"waba": WABA})).map_err(|why| anyhow!(why))?;
        let code = consent["code"].as_str().context("no code")?;
        let token = meta::auth::exchange(&meta, &about, code, None).await?.token;
        let call = Call { token: &token, login: Login::Facebook, about: &about };
        whatsapp::subscribe(&meta, call, WABA).await?;
        whatsapp::register(&meta, call, NUMBER, "120120").await?;
        let mut tx = self.begin(work).await?;
        let new = NewConnection { kind: Kind::Whatsapp, platform_id: NUMBER, name: Some("Luna Yoga"), parent: None };
        let (integration, _) = integrations::upsert(&mut tx, &new).await?;
        integrations::set_owner(&mut tx, integration, Some(WABA), None, None).await?;
        let secret = NewSecret {
            kind: CredentialKind::SystemUser,
            access: token,
            refresh: None,
            expires_at: None,
            refresh_expires_at: None,
            scopes: Vec::new(),
        };
        credentials::put(&mut tx, &vault(work).await?, integration, &secret).await?;
        let (external_id, name, display_address) = (NUMBER, "Luna Yoga", "+1 555-010-0003");
        let new = NewChannel { kind: Channel::Whatsapp, external_id, integration, name, display_address };
        let channel = channels::upsert(&mut tx, &new).await?;
        channels::set_ai_mode(&mut tx, channel, AiMode::Auto).await?;
        tx.commit().await?;
        let mut tx = self.begin(&self.web).await?;
        knowledge::add_qa(&mut tx, QUESTION, KNOWN).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A customer writes, a new one more often than not, or a person answers one.
    pub async fn go_on(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        if rng.random_bool(0.4) {
            self.answer(rng).await;
            return Ok(());
        }
        let is_new = self.customers == 0 || rng.random_bool(0.6);
        self.customers += u32::from(is_new);
        let number = if is_new { self.customers } else { rng.random_range(1..=self.customers) };
        let customer = format!("1650555{number:04}");
        let order = json!({"channel": "whatsapp", "account": NUMBER, "customer": customer, "text": QUESTION});
        self.sim.meta_inbound(&order).map_err(|why| anyhow!(why))?;
        Ok(())
    }

    /// A person answers in one of the newest conversations. A database that is crashing may refuse it.
    async fn answer(&mut self, rng: &mut StdRng) {
        let Ok(conversations) = self.conversations().await else { return };
        if conversations.is_empty() {
            return;
        }
        let conversation = conversations[rng.random_range(0..conversations.len())];
        let text = format!("Answer {} of the front desk", self.answers.len() + 1);
        let is_certain = self.say(conversation, &text).await.is_ok();
        self.answers.push(Answer { text, is_certain });
    }

    async fn conversations(&self) -> store::Result<Vec<ConversationId>> {
        let mut tx = self.begin(&self.web).await?;
        let page = list::list(&mut tx, &ListQuery::default(), None).await?;
        Ok(page.rows.into_iter().map(|line| line.id).collect())
    }

    async fn say(&self, conversation: ConversationId, body: &str) -> store::Result<()> {
        let mut tx = self.begin(&self.web).await?;
        let new = NewOutgoing {
            conversation,
            sender: Sender::Person,
            user: None,
            kind: "text",
            body,
            details: json!({}),
            reply_to: None,
        };
        outgoing::add(&mut tx, &new).await?;
        tx.commit().await
    }

    /// Removes every fault, so the simulator behaves from now on.
    pub fn clear_faults(&self) -> anyhow::Result<()> {
        self.sim.clear_faults().map_err(|why| anyhow!(why))
    }

    /// Waits until nothing is left to do. A person's answer that failed is sent again, as a person would, but only after
    /// everything that Meta reports has arrived.
    pub async fn wait_until_quiet(&self) {
        let began = tokio::time::Instant::now();
        while began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if !self.is_told() || testing::open_work(&self.db).await != Some(0) {
                continue;
            }
            let kept = testing::messages(&self.db).await;
            let failed = kept.iter().filter(|message| message.sender == "person" && message.status == "failed");
            let failed: Vec<MessageId> = failed.map(|message| message.id).collect();
            // The reports of this moment may have made work.
            if failed.is_empty() && self.is_told() && testing::open_work(&self.db).await == Some(0) {
                return;
            }
            for message in failed {
                self.send_again(message).await;
            }
        }
    }

    async fn send_again(&self, message: MessageId) {
        let again = async {
            let mut tx = self.begin(&self.web).await?;
            outgoing::retry(&mut tx, message).await?;
            tx.commit().await
        };
        // A report came meanwhile, or the database is still starting. The next round looks again.
        drop(again.await);
    }

    /// Whether Meta has told everything: each message of ours was read, and each request was answered.
    fn is_told(&self) -> bool {
        let is_read = |message: &Value| message["outbound"] != true || message["status"] == "read";
        let is_answered = |delivery: &Value| delivery["dueAt"].is_null();
        self.at_meta().iter().all(is_read) && self.sim.meta_deliveries().iter().all(is_answered)
    }
}
