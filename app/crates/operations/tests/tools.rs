//! Does every tool on our own data do what its preview says, for whoever may, and in their own business alone?
#![expect(clippy::unwrap_used, reason = "a test that cannot make its world has failed")]
#![expect(clippy::disallowed_methods, reason = "the database has the clock of the machine")]

#[path = "tools/authority.rs"]
mod authority;
#[path = "tools/contacts.rs"]
mod contacts;
#[path = "tools/effects.rs"]
mod effects;
#[path = "tools/messages.rs"]
mod messages;

use chrono::{TimeDelta, Utc};
use domain::access::{AgencyAccess, BusinessAccess};
use domain::identity::{AgencyRole, Reach, Role};
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::{AgencyId, BusinessId, ChannelId, ContactId, ConversationId, UserId};
use operations::BusinessActor;
use operations::tools::{ToolContext, ToolError, check, find};
use serde_json::{Value, json};
use store::messaging::templates::Listed;
use store::messaging::{channels, list, messages as rows, templates};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole};

const CHANNEL: &str = "019b0000-0000-7000-8000-000000000001";
const TASK: &str = "019b0000-0000-7000-8000-000000000002";

/// The channel and a to-do of the first business, and the account in whose name the channel sends.
const SEED: &str = "insert into channels (id, sub_account_id, agency_id, type, external_id, name)
    select '019b0000-0000-7000-8000-000000000001', id, agency_id, 'WHATSAPP', 'account', 'Desk' from sub_accounts order by created_at limit 1;
  with i as (insert into integrations (agency_id, sub_account_id, type, platform_id, waba_id) select agency_id, sub_account_id, 'WHATSAPP', 'number', 'waba' from channels returning id)
    update channels set integration_id = i.id from i;
  insert into todos (id, agency_id, sub_account_id, kind, key, what, for_owner)
    select '019b0000-0000-7000-8000-000000000002', agency_id, sub_account_id, 'other', 'sign', 'Sign the contract', true from channels";

/// A business in which Ada wrote, and a second one of the same agency.
struct World {
    test: TestDb,
    web: Db,
    agency: AgencyId,
    business: BusinessId,
    other: BusinessId,
    owner: UserId,
    conversation: ConversationId,
    contact: ContactId,
    template: Value,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let (web, worker, agency) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await, test.agency().await);
        let (business, other) = (test.business(agency).await, test.business(agency).await);
        let owner = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        test.execute(SEED).await;
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&worker, scope).await.unwrap();
        let channel = channels::get(&mut tx, CHANNEL.parse::<ChannelId>().unwrap()).await.unwrap();
        let received = rows::receive(&mut tx, &channel, Some(Utc::now()), &hello()).await.unwrap().unwrap();
        let contact = list::line(&mut tx, received.conversation).await.unwrap().contact;
        templates::replace(&mut tx, "waba", &[appointment()]).await.unwrap();
        let template = templates::approved(&mut tx, channel.id).await.unwrap().remove(0).id;
        tx.commit().await.unwrap();
        let conversation = received.conversation;
        Self { test, web, agency, business, other, owner, conversation, contact, template: json!(template) }
    }

    /// Somebody with this role in a business, as its own person or, with a role of the agency, as somebody of it.
    fn as_role(&self, role: AgencyRole, business: BusinessId) -> ToolContext {
        let is_own = role.is(Role::BusinessOwner) || role.is(Role::TeamMember);
        let of_agency = || AgencyAccess {
            id: self.agency,
            slug: String::new(),
            name: String::new(),
            role: role.clone(),
            reach: Reach::All,
            listed: Vec::new(),
        };
        let from_agency = (!is_own).then(of_agency);
        let (slug, name) = (String::new(), String::new());
        let access = BusinessAccess { id: business, agency: self.agency, slug, name, role, from_agency };
        let actor = BusinessActor::new(self.web.clone(), self.owner, access);
        ToolContext { actor, highlevel: None, now: Utc::now() }
    }

    /// The owner of the first business.
    fn context(&self) -> ToolContext {
        self.as_role(AgencyRole::BuiltIn(Role::BusinessOwner), self.business)
    }

    /// Calls a tool as the owner, with arguments that fit.
    async fn call(&self, name: &str, arguments: Value) -> Result<Value, ToolError> {
        let tool = find(name).unwrap();
        check(tool, &arguments).unwrap();
        (tool.run)(self.context(), arguments).await
    }

    /// Every own tool with arguments that fit, and a part of its preview if it changes something.
    async fn samples(&self) -> Vec<(&'static str, Value, &'static str)> {
        let (conversation, contact) = (self.conversation, self.contact);
        let (later, tomorrow) = (Utc::now() + TimeDelta::hours(1), Utc::now() + TimeDelta::days(1));
        let waiting = json!({ "conversation": conversation, "text": "Bye.", "when": later, "key": "waiting" });
        let waiting = self.call("inbox_schedule_message", waiting).await.unwrap()["scheduled"].clone();
        let known = json!({ "kind": "question", "title": "Do you park?", "content": "Behind the house." });
        let known = self.call("knowledge_add_entry", known).await.unwrap()["knowledge"].clone();
        let of_conversation = json!({ "conversation": conversation });
        vec![
            ("business_get_details", json!({}), ""),
            ("inbox_add_note", json!({ "conversation": conversation, "text": "Called.", "key": "note" }), "Called."),
            ("inbox_assign_conversation", json!({ "conversation": conversation, "user": self.owner }), "Assigns"),
            ("inbox_cancel_scheduled", json!({ "scheduled": waiting }), "Bye."),
            ("inbox_close_conversation", of_conversation.clone(), "Closes the conversation with \"Ada\" on WhatsApp"),
            ("inbox_get_contact", json!({ "contact": contact }), ""),
            ("inbox_get_conversation", of_conversation.clone(), ""),
            ("inbox_get_template", json!({ "conversation": conversation, "template": self.template }), ""),
            ("inbox_list_contacts", json!({}), ""),
            ("inbox_list_conversations", json!({ "view": "all", "channel": "whatsapp" }), ""),
            ("inbox_list_messages", of_conversation.clone(), ""),
            ("inbox_list_people", json!({}), ""),
            ("inbox_list_templates", of_conversation.clone(), ""),
            ("inbox_reopen_conversation", of_conversation, "Reopens"),
            (
                "inbox_schedule_message",
                json!({ "conversation": conversation, "text": "See you.", "when": later, "key": "later" }),
                "See you.",
            ),
            ("inbox_search_contacts", json!({ "query": "ada" }), ""),
            (
                "inbox_send_message",
                json!({ "conversation": conversation, "text": "We are open.", "key": "now" }),
                "We are open.",
            ),
            (
                "inbox_send_template",
                json!({ "conversation": conversation, "template": self.template, "values": ["ten"], "key": "template" }),
                "ten",
            ),
            ("inbox_snooze_conversation", json!({ "conversation": conversation, "until": tomorrow }), "Snoozes"),
            ("inbox_update_contact", json!({ "contact": contact, "company_name": "Acme" }), "Company:\n+ Acme"),
            (
                "knowledge_add_entry",
                json!({ "kind": "text", "title": "Prices", "content": "A cleaning is 80." }),
                "A cleaning is 80.",
            ),
            ("knowledge_remove_entry", json!({ "knowledge": known }), "Removes \"Do you park?\""),
            ("knowledge_search_passages", json!({ "query": "Where do I park?" }), ""),
            ("todos_complete_task", json!({ "todo": TASK }), "Sign the contract"),
            ("todos_list_tasks", json!({}), ""),
            ("usage_get_month", json!({}), ""),
            // The last one: it leaves nothing of what the others work on.
            ("inbox_erase_contacts", json!({ "contacts": [contact] }), "Erases 1 contact"),
        ]
    }
}

/// Whether a tool reads and writes what we store, and nothing at HighLevel.
fn is_own(name: &str) -> bool {
    ["business_", "inbox_", "knowledge_", "todos_", "usage_"].iter().any(|area| name.starts_with(area))
}

fn hello() -> InboundMessage {
    InboundMessage {
        id: "m1".to_owned(),
        person: Person { wa_id: Some("16505550101".into()), name: Some("Ada".into()), ..Person::default() },
        origin: Origin::Customer,
        kind: "text".to_owned(),
        text: "Are you open?".to_owned(),
        attachments: Vec::new(),
        reply_to: None,
        details: json!({}),
    }
}

fn appointment() -> Listed {
    Listed {
        external_id: "t1".to_owned(),
        name: "appointment".to_owned(),
        language: "en".to_owned(),
        category: "UTILITY".to_owned(),
        status: "APPROVED".to_owned(),
        components: json!([{ "type": "BODY", "text": "See you at {{1}}" }]),
    }
}
