//! What customers and platforms bring to a business: a number, a customer who wrote and sent a picture, messages of ours, a
//! template, the accounts of a consent. All of it is made as the product makes it, for every test that needs some.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{TimeDelta, Utc};
use domain::channel_setup::{Account, Step};
use domain::feature::FEATURES;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::messaging::inbound::{InboundFile, InboundMessage, Origin, Person, Status, StatusState};
use domain::messaging::{Channel, Sender, file};
use domain::{
    AttachmentId, ChannelChoiceId, ContactId, ConversationId, IntegrationId, MessageId, ScheduledId, SnippetId, UserId,
};
use secrecy::SecretString;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::channel_choices::{self, ChoiceTokens};
use store::integrations::{self, NewConnection};
use store::messaging::attachments::{self, Stored};
use store::messaging::channels::{self, ChannelRow, NewChannel};
use store::messaging::outgoing::{self, NewOutgoing};
use store::messaging::scheduled::{self, NewScheduled};
use store::messaging::templates::{self, Listed};
use store::messaging::{messages, reactions, snippets, statuses, thread};
use store::tenant::{Scope, TenantTx};
use store::{Db, DbRole};
use uuid::Uuid;

use crate::helpers::{Tenant, TestApp};
use crate::{ai_tools, assistants, forms};

/// The beginning of a picture.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The features whose server functions are about what an [`Inbox`] has.
pub const ABOUT: [&str; 3] = ["inbox", "channels", "assistant"];

/// What the customer wrote.
pub const QUESTION: &str = "Are you open on Saturday?";

/// Lets the newest message of ours fail.
const FAIL: &str =
    "update message_sends set state = 'failed', decided_at = now() where seq = (select max(seq) from message_sends);
    update messages m set status = 'failed', error_code = '131026', error_text = 'It could not be delivered' from message_sends s
    where s.sub_account_id = m.sub_account_id and s.message_id = m.id and s.seq = (select max(seq) from message_sends)";

/// The data folder of a server whose mails lie in this folder.
pub fn data(mails: &Path) -> PathBuf {
    mails.with_extension("data")
}

/// Everything of one business of an agency, for a person who reaches all.
pub fn scope(tenant: &Tenant, user: UserId) -> Scope {
    let Tenant { agency, business, .. } = *tenant;
    Scope::AgencyBusiness { user: Some(user), agency, business, reach: Reach::All, listed: Vec::new() }
}

/// The WhatsApp number of a business, to which a customer wrote just now. A business has one of them, however often it is
/// made.
pub struct Inbox {
    db: Db,
    scope: Scope,
    folder: PathBuf,
    waba: String,
    person: Person,
    channel: ChannelRow,
    /// The integration that carries it.
    pub integration: IntegrationId,
    /// The conversation with the customer.
    pub conversation: ConversationId,
    /// What the customer wrote.
    pub message: MessageId,
}

impl Inbox {
    /// Connects the number in the name of a person, and lets the customer write.
    pub async fn new(app: &TestApp, tenant: &Tenant, user: UserId) -> Self {
        let (db, scope) = (app.base.db(DbRole::Worker).await, scope(tenant, user));
        let (number, waba) = (format!("number-{}", tenant.business), format!("waba-{}", tenant.business));
        let mut tx = TenantTx::begin(&db, scope.clone()).await.unwrap();
        let new = NewConnection { kind: Kind::Whatsapp, platform_id: &number, name: Some("Front desk"), parent: None };
        let (integration, _) = integrations::upsert(&mut tx, &new).await.unwrap();
        integrations::set_owner(&mut tx, integration, Some(&waba), None, None).await.unwrap();
        let new = NewChannel {
            kind: Channel::Whatsapp,
            external_id: &number,
            integration,
            name: "Front desk",
            display_address: "+1 555-010-0001",
        };
        let id = channels::upsert(&mut tx, &new).await.unwrap();
        let channel = channels::get(&mut tx, id).await.unwrap();
        let person =
            Person { wa_id: Some("13055550142".to_owned()), name: Some("Ana Diaz".to_owned()), ..Person::default() };
        let received = messages::receive(&mut tx, &channel, None, &question(&person)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let (conversation, message) = (received.conversation, received.message.unwrap());
        let folder = data(&app.mails).join(file::FOLDER);
        Self { db, scope, folder, waba, person, channel, integration, conversation, message }
    }

    /// A transaction of the business as background work has it.
    pub async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.db, self.scope.clone()).await.unwrap()
    }

    /// The customer.
    pub async fn contact(&self) -> ContactId {
        thread::thread(&mut self.tx().await, self.conversation, None, 1).await.unwrap().contact.id
    }

    /// The customer, who wants no automatic messages.
    async fn opted_out(&self) -> ContactId {
        let mut tx = self.tx().await;
        store::assistant::opt_out(&mut tx, self.conversation).await.unwrap();
        tx.commit().await.unwrap();
        self.contact().await
    }

    /// The picture that the customer sent, stored where the server reads it.
    pub async fn picture(&self) -> AttachmentId {
        let mut tx = self.tx().await;
        let read = thread::thread(&mut tx, self.conversation, None, 50).await.unwrap();
        let id = read.messages.iter().find(|one| one.id == self.message).unwrap().attachments[0].id;
        let sha256: [u8; 32] = Sha256::digest(PICTURE).into();
        let waiting = attachments::waiting(&mut tx, id).await.unwrap().unwrap();
        let bytes = i64::try_from(PICTURE.len()).unwrap();
        attachments::stored(&mut tx, &waiting, &Stored { sha256, mime: "image/png", bytes }).await.unwrap();
        let business = tx.business().unwrap();
        tx.commit().await.unwrap();
        let path = self.folder.join(file::path(business, &sha256));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, PICTURE).unwrap();
        id
    }

    /// An answer that waits to be sent.
    pub async fn answer(&self) -> MessageId {
        let mut tx = self.tx().await;
        let new = NewOutgoing {
            conversation: self.conversation,
            sender: Sender::Person,
            user: None,
            kind: "text",
            body: "We are, until noon.",
            details: json!({}),
            reply_to: Some(self.message),
        };
        let id = outgoing::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// An answer that failed.
    async fn failed(&self, app: &TestApp) -> MessageId {
        let id = self.answer().await;
        app.base.execute(FAIL).await;
        id
    }

    /// An answer that the platform took, and later said of it that it did not arrive.
    pub async fn undelivered(&self, app: &TestApp) -> MessageId {
        let id = self.answer().await;
        app.base.execute("update message_sends set state = 'sending', sent_at = now(), attempts = 1").await;
        let report = Status {
            message: format!("wamid.{}", Uuid::now_v7().simple()),
            state: StatusState::Failed,
            person: Person::default(),
            correlation: Some(id.to_string()),
            error_code: Some("131026".to_owned()),
            error_text: None,
            billable: None,
            category: None,
        };
        let mut tx = self.tx().await;
        statuses::report(&mut tx, &self.channel, None, &report).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A template that may be sent.
    async fn template(&self) -> Uuid {
        let listed = Listed {
            external_id: "1".to_owned(),
            name: "opening_hours".to_owned(),
            language: "en_US".to_owned(),
            category: "UTILITY".to_owned(),
            status: "APPROVED".to_owned(),
            components: json!([{ "type": "BODY", "text": "Hello {{1}}, we are open." }]),
        };
        let mut tx = self.tx().await;
        templates::replace(&mut tx, &self.waba, &[listed]).await.unwrap();
        let id = templates::approved(&mut tx, self.channel.id).await.unwrap().remove(0).id;
        tx.commit().await.unwrap();
        id
    }

    /// A text that people put into their answers.
    async fn snippet(&self) -> SnippetId {
        let mut tx = self.tx().await;
        let id = snippets::add(&mut tx, "Hours", "We are open from 9 to 5.").await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A message that waits for its time.
    pub async fn scheduled(&self) -> ScheduledId {
        let mut tx = self.tx().await;
        let new = NewScheduled {
            conversation: self.conversation,
            user: tx.user().unwrap(),
            kind: "text",
            body: "See you tomorrow.",
            details: json!({}),
            reply_to: None,
            at: Utc::now() + TimeDelta::hours(2),
        };
        let id = scheduled::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The setup of the number waits for its first message.
    async fn waits_for_its_test(&self) -> IntegrationId {
        let mut tx = self.tx().await;
        integrations::set_setup(&mut tx, self.integration, Some(Step::Test), None).await.unwrap();
        tx.commit().await.unwrap();
        self.integration
    }

    /// Only a new consent repairs the number. With `link` somebody may give it without an account.
    pub async fn needs_consent(&self, link: bool) -> IntegrationId {
        let mut tx = self.tx().await;
        integrations::needs_reauth(&mut tx, self.integration, "token expired").await.unwrap();
        if link {
            let (hash, valid) = (operations::secret::Secret::new().hash(), std::time::Duration::from_secs(600));
            store::renewal_links::offer(&mut tx, hash, self.integration, valid).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.integration
    }

    /// Adds one of everything else that a conversation shows.
    pub async fn goes_on(&self, app: &TestApp) {
        self.failed(app).await;
        self.answer().await;
        self.template().await;
        self.snippet().await;
        self.scheduled().await;
        let mut tx = self.tx().await;
        outgoing::note(&mut tx, self.conversation, None, "She called twice.").await.unwrap();
        let (channel, person, asked) = (&self.channel, &self.person, question(&self.person));
        messages::receive(&mut tx, channel, None, &asked).await.unwrap().unwrap();
        reactions::react(&mut tx, channel, person, false, &asked.id, "👍", None).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    }
}

/// What the customer writes.
fn question(person: &Person) -> InboundMessage {
    let picture = InboundFile {
        kind: "image".to_owned(),
        media_id: Some("1".to_owned()),
        url: None,
        mime: Some("image/png".to_owned()),
        name: Some("tooth.png".to_owned()),
    };
    InboundMessage {
        id: format!("wamid.{}", Uuid::now_v7().simple()),
        person: person.clone(),
        origin: Origin::Customer,
        kind: "image".to_owned(),
        text: QUESTION.to_owned(),
        attachments: vec![picture],
        reply_to: None,
        details: json!({}),
    }
}

/// The account of a choice that can be used.
pub fn account(tenant: &Tenant) -> String {
    format!("account-{}", tenant.business)
}

/// The accounts of a person's consent, kept with its token until the person chooses one.
pub async fn choice(app: &TestApp, tenant: &Tenant, user: UserId, token: &str) -> ChannelChoiceId {
    let account = |id: String, name: &str, unusable: Option<&str>| Account {
        id,
        name: name.to_owned(),
        address: "+1 555-010-0002".to_owned(),
        waba: Some(format!("waba-{}", tenant.business)),
        page: None,
        unusable: unusable.map(ToOwned::to_owned),
    };
    let accounts = [
        account(self::account(tenant), "Reception", None),
        account("0".to_owned(), "Laboratory", Some("It belongs to another app.")),
    ];
    let tokens = ChoiceTokens {
        token: SecretString::from(token.to_owned()),
        of_accounts: BTreeMap::new(),
        scopes: vec!["whatsapp_business_messaging".to_owned()],
        missing: Vec::new(),
        person: Some("218471000000001".to_owned()),
        expires_at: None,
    };
    let mut tx = TenantTx::begin(&app.db, scope(tenant, user)).await.unwrap();
    let id = channel_choices::add(&mut tx, &app.vault, Kind::Whatsapp, &accounts, &tokens).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Lets every address of the tenant lead somewhere: to the conversation with a customer, to the picture in it, to what the
/// person may choose from, to what the assistant knows, and to its draft.
pub async fn fill(app: &TestApp, tenant: &mut Tenant, user: UserId) -> Inbox {
    let inbox = Inbox::new(app, tenant, user).await;
    tenant.conversation = inbox.conversation;
    tenant.contact = inbox.contact().await;
    tenant.attachment = inbox.picture().await;
    tenant.choice = choice(app, tenant, user, "token").await;
    inbox.published(user).await;
    tenant.knowledge = inbox.knowledge().await;
    tenant.answer = inbox.draft().await;
    tenant.rehearsal = inbox.rehearsed(app).await.0;
    (tenant.agent, tenant.call) = ai_tools::filled(app, tenant, user).await;
    inbox
}

/// The form of a server function about conversations, channels or the assistant, with everything that it is about. `None` if it is about
/// something else.
pub async fn form(app: &TestApp, tenant: &Tenant, user: UserId, operation: &str) -> Option<String> {
    let about = FEATURES.iter().filter(|feature| ABOUT.contains(&feature.key));
    about.flat_map(|feature| feature.operations).find(|one| one.name == operation)?;
    let inbox = Inbox::new(app, tenant, user).await;
    if operation == "publish_assistant" {
        inbox.saved().await;
    }
    if operation == "add_knowledge_files" {
        return Some(assistants::file(tenant));
    }
    let mut fields = forms::fields(operation, tenant);
    for (name, value) in &mut fields {
        *value = match (name.as_str(), operation) {
            ("conversation", _) => inbox.conversation.to_string(),
            ("contact", "allow_automatic_messages") => inbox.opted_out().await.to_string(),
            ("contact", _) => inbox.contact().await.to_string(),
            ("other", _) => inbox.elsewhere().await.0.to_string(),
            ("merged", _) => inbox.merged().await.to_string(),
            ("key", _) => Uuid::now_v7().to_string(),
            ("template", _) => inbox.template().await.to_string(),
            ("message", "retry_message") => inbox.failed(app).await.to_string(),
            ("message", "cancel_message") => inbox.answer().await.to_string(),
            ("message", _) => inbox.message.to_string(),
            ("integration", "skip_channel_test" | "retry_channel_setup") => {
                inbox.waits_for_its_test().await.to_string()
            }
            ("integration", "make_renewal_link" | "end_renewal_link") => {
                inbox.needs_consent(operation == "end_renewal_link").await.to_string()
            }
            ("integration", _) => inbox.integration.to_string(),
            ("choice", _) => choice(app, tenant, user, "token").await.to_string(),
            ("account", _) => account(tenant),
            ("channel", _) => inbox.channel.id.to_string(),
            ("scheduled", _) => inbox.scheduled().await.to_string(),
            ("when", _) => (Utc::now() + TimeDelta::hours(3)).format("%Y-%m-%dT%H:%M").to_string(),
            ("snippet", _) => inbox.snippet().await.to_string(),
            ("address", "add_knowledge_page") => assistants::address(),
            ("knowledge", "reread_knowledge") => inbox.page().await.to_string(),
            ("knowledge", _) => inbox.knowledge().await.to_string(),
            ("answer", _) => inbox.draft().await.to_string(),
            ("messages[]", _) => inbox.answered(app).await.to_string(),
            ("rehearsal", _) => inbox.rehearsal(app).await.0.to_string(),
            ("case", _) => inbox.rehearsed(app).await.1.to_string(),
            ("version", _) => inbox.published(user).await.to_string(),
            _ => continue,
        };
    }
    Some(forms::body(&fields))
}
