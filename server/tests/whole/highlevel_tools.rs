//! Do the tools on a client's HighLevel sub-account do there what they say, in that sub-account alone, and pass on no token?

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::access::BusinessAccess;
use domain::credential::CredentialKind;
use domain::identity::{AgencyRole, Reach, Role};
use domain::integration::Kind;
use domain::{AgencyId, BusinessId, UserId};
use ghl::Ghl;
use ghl::auth::{self, Class};
use operations::tools::{Compiled, Effect, HighLevel, TOOLS, ToolContext, ToolError, check, find, output_schema};
use operations::{BusinessActor, Refusal};
use outbound::{CallContext, LocalLedger, NoCalls, Outbound};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulator::{Handle, demo};
use store::credentials::{self, Cache, NewSecret};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::vault::Vault;
use store::{Db, DbRole, integrations};

const CALLBACK: &str = "http://127.0.0.1:3000/api/integrations/ghl/callback";
/// A contact of Bright Dental in the demo world.
const ROSA: &str = "DemoContactRosa00001";
/// The contact of the same name in another agency's location.
const FOREIGN: &str = "DemoContactRosa00002";

/// The locations of the demo world that the two businesses have.
const LOCATED: &str =
    "update sub_accounts set ghl_location_id = case when id = (select id from sub_accounts order by created_at limit 1)
    then 'BrightDental00000001' else 'LunaYoga000000000002' end";

/// An agency that is connected with HighLevel, and two of its clients.
pub struct World {
    pub sim: Handle,
    pub base: TestDb,
    pub web: Db,
    work: Db,
    vault: Vault,
    ghl: Ghl,
    agency: AgencyId,
    pub bright: BusinessId,
    luna: BusinessId,
    owner: UserId,
    pub cache: Cache,
}

impl World {
    pub async fn new() -> Self {
        let sim = Handle::start().await.unwrap();
        let base = TestDb::new().await;
        let (web, work) = (base.db(DbRole::Web).await, base.db(DbRole::Worker).await);
        let vault = store::testing::vault(&work).await;
        let ghl = client(&sim);
        let agency = base.agency().await;
        let (bright, luna) = (base.business(agency).await, base.business(agency).await);
        base.execute(LOCATED).await;
        let owner = base.person(Role::BusinessOwner, Some(agency), Some(bright)).await;
        let cache = Cache::default();
        let world = Self { sim, base, web, work, vault, ghl, agency, bright, luna, owner, cache };
        world.connect().await;
        world
    }

    /// Connects the agency to its company.
    async fn connect(&self) {
        let code = self.sim.authorize(demo::HARBOR, &[demo::BRIGHT_DENTAL, demo::LUNA_YOGA], CALLBACK).unwrap();
        let (about, callback) = (CallContext::default(), CALLBACK.parse().unwrap());
        let tokens = auth::exchange(&self.ghl, &about, &code, &callback, &Class::Company).await.unwrap();
        let mut tx = TenantTx::begin(&self.work, self.scope()).await.unwrap();
        let new = integrations::NewConnection {
            kind: Kind::Gohighlevel,
            platform_id: demo::HARBOR,
            name: Some("Harbor"),
            parent: None,
        };
        let id = integrations::upsert(&mut tx, &new).await.unwrap().0;
        let secret = NewSecret {
            kind: CredentialKind::OauthCompany,
            access: tokens.access,
            refresh: tokens.refresh,
            expires_at: Some(Utc::now() + TimeDelta::days(1)),
            refresh_expires_at: None,
            scopes: tokens.scopes,
        };
        credentials::put(&mut tx, &self.vault, id, &secret).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn scope(&self) -> Scope {
        Scope::Agency { user: None, agency: self.agency, reach: Reach::All, listed: Vec::new() }
    }

    /// The owner of a business, with its location.
    fn context(&self, business: BusinessId) -> ToolContext {
        let role = AgencyRole::BuiltIn(Role::BusinessOwner);
        let (slug, name) = (String::new(), String::new());
        let access = BusinessAccess { id: business, agency: self.agency, slug, name, role, from_agency: None };
        let actor = BusinessActor::new(self.web.clone(), self.owner, access);
        let location = if business == self.bright { demo::BRIGHT_DENTAL } else { demo::LUNA_YOGA };
        let (db, vault, ghl) = (self.web.clone(), self.vault.clone(), self.ghl.clone());
        let highlevel = HighLevel::new(db, vault, ghl, self.agency, business, location.to_owned());
        let highlevel = highlevel.sharing(self.cache.clone());
        ToolContext { actor, highlevel: Some(highlevel), now: Utc::now() }
    }

    pub async fn call(&self, business: BusinessId, name: &str, arguments: Value) -> Result<Value, ToolError> {
        let tool = find(name).unwrap();
        assert_eq!(check(tool, &arguments), Ok(()), "{name}");
        (tool.run)(self.context(business), arguments).await
    }

    /// A call in Bright Dental that goes well and answers as its schema says. A write first says what it will do, and does
    /// nothing by that.
    async fn done(&self, name: &str, arguments: Value, says: &str) -> Value {
        let tool = find(name).unwrap();
        if tool.effect != Effect::Read {
            let before = self.writes();
            let told = (tool.preview)(self.context(self.bright), arguments.clone()).await;
            let told = told.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert!(!says.is_empty() && told.contains(says), "{name}: {told}");
            assert_eq!(self.writes(), before, "the preview of {name} wrote something");
        }
        let answer = self.call(self.bright, name, arguments).await;
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let fits = Compiled::of(output_schema(tool)).unwrap().check(&answer);
        assert_eq!(fits, Ok(()), "{name}: {answer}");
        answer
    }

    /// How many calls of this method and path began at HighLevel.
    pub fn calls(&self, method: &str, path: &str) -> usize {
        self.sim.journal().iter().filter(|call| call["method"] == method && call["path"] == path).count()
    }

    /// How many calls that write arrived, apart from searches and new tokens.
    fn writes(&self) -> usize {
        let reads = ["/contacts/search", "/oauth/locationToken"];
        let wrote =
            |call: &&Value| call["method"] != "GET" && !reads.contains(&call["path"].as_str().unwrap_or_default());
        self.sim.journal().iter().filter(wrote).count()
    }

    /// The token of Bright Dental that is stored now.
    pub async fn token(&self) -> String {
        let (agency, business, listed) = (self.agency, self.bright, Vec::new());
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed };
        let mut tx = TenantTx::begin(&self.work, scope).await.unwrap();
        let own = integrations::location(&mut tx, demo::BRIGHT_DENTAL).await.unwrap().unwrap();
        assert_eq!(own.business, Some(self.bright), "it belongs to the business");
        let opened = credentials::current(&mut tx, &self.vault, own.id, "test").await.unwrap().unwrap();
        opened.access.expose_secret().to_owned()
    }

    /// One rule of what goes wrong next.
    pub fn fault(&self, method: &str, path: &str, mut rule: Value) {
        rule["match"] = json!({"method": method, "path": path});
        rule["times"] = json!(1);
        self.sim.faults(json!([rule])).unwrap();
    }
}

/// A client of the HighLevel that the simulator plays.
fn client(sim: &Handle) -> Ghl {
    let base: url::Url = sim.base_url().parse().unwrap();
    let config = outbound::Config { profiles: vec![ghl::profile(base.clone())], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    let app = simulator::defaults();
    let settings = ghl::Settings {
        base: base.clone(),
        white_label: base.clone(),
        marketplace: base,
        client_id: app.client_id,
        client_secret: app.client_secret.into(),
        app_id: app.app_id,
    };
    Ghl::new(http, settings)
}

/// The names of the tools on HighLevel.
fn all() -> BTreeSet<&'static str> {
    let names = TOOLS.iter().copied().flatten().map(|tool| tool.name);
    names.filter(|name| name.starts_with("highlevel_") || *name == "list_contacts").collect()
}

pub fn words(answer: Result<Value, ToolError>) -> String {
    match answer {
        Err(ToolError::Upstream(words)) => words,
        other => panic!("no refusal of HighLevel: {other:?}"),
    }
}

#[tokio::test]
async fn every_tool_does_at_highlevel_what_it_says_and_no_answer_holds_a_token() {
    let world = World::new().await;
    let mut seen: Vec<(&str, Value)> = Vec::new();
    seen.extend(of_contacts(&world).await);
    seen.extend(of_messages(&world).await);
    seen.extend(of_appointments(&world).await);
    seen.extend(of_opportunities(&world).await);
    let named: BTreeSet<&str> = seen.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, all(), "every tool stands here");
    let token = world.token().await;
    assert!(!token.is_empty());
    for (name, answer) in seen {
        assert!(!answer.to_string().contains(&token), "{name} passes on the token");
    }
    assert_eq!(world.calls("POST", "/oauth/locationToken"), 1, "one token serves all calls");
}

async fn of_contacts(world: &World) -> Vec<(&'static str, Value)> {
    let all = world.done("list_contacts", json!({}), "").await;
    assert_eq!((all["contacts"].as_array().map(Vec::len), &all["total"]), (Some(2), &json!(2)));
    let first = world.done("list_contacts", json!({"limit": 1}), "").await;
    let second = world.done("list_contacts", json!({"limit": 1, "cursor": first["next"]}), "").await;
    assert_ne!(first["contacts"][0]["id"], second["contacts"][0]["id"]);
    let fields = json!({"first_name": "Ana", "email": "ana@tools.example", "country": "US"});
    let made = world
        .done("highlevel_create_contact", json!({"fields": fields, "tags": ["Web Lead"]}), "ana@tools.example")
        .await;
    assert_eq!(made["contact"]["tags"], json!(["web lead"]));
    let again = world.call(world.bright, "highlevel_create_contact", json!({"fields": fields})).await;
    let (again, known) = (words(again), made["contact"]["id"].as_str().unwrap());
    assert!(again.contains("duplicated") && again.contains(known), "{again}");
    let id = made["contact"]["id"].clone();
    let change = json!({"contact_id": id, "fields": {"city": "Miami"}});
    let changed = world.done("highlevel_update_contact", change, "City:\n+ Miami").await;
    assert_eq!(
        (&changed["contact"]["city"], &changed["contact"]["email"]),
        (&json!("Miami"), &json!("ana@tools.example"))
    );
    let tags = json!({"contact_id": id, "tags": ["vip"]});
    let tagged =
        world.done("highlevel_add_tags", tags.clone(), "Adds the tags \"vip\" to the HighLevel contact Ana").await;
    let bare = world.done("highlevel_remove_tags", tags, "Removes the tags \"vip\"").await;
    let read = world.done("highlevel_get_contact", json!({"contact_id": id}), "").await;
    assert_eq!(read["contact"]["tags"], json!(["web lead"]));
    vec![
        ("list_contacts", all),
        ("highlevel_create_contact", made),
        ("highlevel_update_contact", changed),
        ("highlevel_add_tags", tagged),
        ("highlevel_remove_tags", bare),
        ("highlevel_get_contact", read),
    ]
}

async fn of_messages(world: &World) -> Vec<(&'static str, Value)> {
    let message = json!({"channel": "SMS", "contact_id": ROSA, "text": "See you at ten."});
    let sent = world.done("highlevel_send_message", message, "Rosa Kent").await;
    let found = world.done("highlevel_search_conversations", json!({"contact_id": ROSA}), "").await;
    let conversation = found["conversations"][0]["id"].clone();
    assert_eq!(conversation, sent["message"]["conversationId"]);
    let read = world.done("highlevel_list_messages", json!({"conversation_id": conversation}), "").await;
    assert_eq!((&read["messages"][0]["body"], &read["next"]), (&json!("See you at ten."), &Value::Null));
    vec![("highlevel_send_message", sent), ("highlevel_search_conversations", found), ("highlevel_list_messages", read)]
}

async fn of_appointments(world: &World) -> Vec<(&'static str, Value)> {
    let listed = world.done("highlevel_list_calendars", json!({}), "").await;
    let calendar = listed["calendars"][0]["id"].clone();
    let range = json!({"calendar_id": calendar, "from": "2040-01-02T00:00:00Z", "to": "2040-01-03T00:00:00Z"});
    let free = world.done("highlevel_list_slots", range.clone(), "").await;
    let slot = free["days"]["2040-01-02"][0].clone();
    let visit = json!({"calendar_id": calendar, "contact_id": ROSA, "start_time": slot, "title": "Check-up"});
    let booked =
        world.done("highlevel_book_appointment", visit.clone(), "in the calendar \"Consultation\" for Rosa Kent").await;
    let taken = world.done("highlevel_list_slots", range.clone(), "").await;
    assert_ne!(taken["days"]["2040-01-02"][0], slot);
    assert!(words(world.call(world.bright, "highlevel_book_appointment", visit).await).contains("no longer available"));
    let named = json!({"appointment_id": booked["appointment"]["id"]});
    let cancelled = world.done("highlevel_cancel_appointment", named, "Cancels the appointment \"Check-up\"").await;
    assert_eq!(world.done("highlevel_list_slots", range, "").await["days"]["2040-01-02"][0], slot);
    vec![
        ("highlevel_list_calendars", listed),
        ("highlevel_list_slots", free),
        ("highlevel_book_appointment", booked),
        ("highlevel_cancel_appointment", cancelled),
    ]
}

async fn of_opportunities(world: &World) -> Vec<(&'static str, Value)> {
    let listed = world.done("highlevel_list_pipelines", json!({}), "").await;
    let new = json!({
        "pipeline_id": listed["pipelines"][0]["id"], "name": "Implant", "status": "open", "contact_id": ROSA,
        "monetary_value": 1200,
    });
    let made = world.done("highlevel_create_opportunity", new, "in the pipeline \"New patients\" for Rosa Kent").await;
    let change = json!({"opportunity_id": made["opportunity"]["id"], "fields": {"status": "won"}});
    let won = world.done("highlevel_update_opportunity", change, "Status:\n- open\n+ won").await;
    let found = world.done("highlevel_search_opportunities", json!({"status": "won"}), "").await;
    assert_eq!(found["opportunities"][0]["name"], "Implant");
    let place = world.done("highlevel_get_location", json!({}), "").await;
    assert_eq!(place["details"]["id"], demo::BRIGHT_DENTAL);
    let values = world.done("highlevel_list_values", json!({}), "").await;
    assert_eq!(values["values"][0]["name"], "Booking link");
    vec![
        ("highlevel_list_pipelines", listed),
        ("highlevel_create_opportunity", made),
        ("highlevel_update_opportunity", won),
        ("highlevel_search_opportunities", found),
        ("highlevel_get_location", place),
        ("highlevel_list_values", values),
    ]
}

#[tokio::test]
async fn a_client_reaches_its_own_sub_account_alone() {
    let world = World::new().await;
    let none = world.call(world.luna, "list_contacts", json!({})).await.unwrap();
    assert_eq!(none["contacts"], json!([]));
    for (business, id) in [(world.luna, ROSA), (world.bright, FOREIGN)] {
        let read = json!({"contact_id": id});
        assert!(words(world.call(business, "highlevel_get_contact", read).await).contains("not found"));
        let change = json!({"contact_id": id, "fields": {"city": "Elsewhere"}});
        assert!(words(world.call(business, "highlevel_update_contact", change).await).contains("not found"));
        let message = json!({"channel": "SMS", "contact_id": id, "text": "Hello"});
        assert!(words(world.call(business, "highlevel_send_message", message).await).contains("not found"));
    }
    let place = world.call(world.luna, "highlevel_get_location", json!({})).await.unwrap();
    assert_eq!(place["details"]["id"], demo::LUNA_YOGA);
    assert!(!world.sim.world().to_string().contains("Elsewhere"));
}

#[tokio::test]
async fn arguments_that_lead_elsewhere_are_refused_before_any_call() {
    let world = World::new().await;
    for tool in all().into_iter().filter_map(find) {
        let errors = check(tool, &json!({"locationId": demo::CANARY_BRIGHT})).unwrap_err();
        assert!(errors.iter().any(|error| error.pointer == "/locationId"), "{}: {errors:?}", tool.name);
    }
    let path = json!({"contact_id": "../locations"});
    assert!(world.call(world.bright, "highlevel_get_contact", path).await.is_err());
    let cursor = json!({"cursor": "[{\"a\":1}]"});
    assert!(matches!(world.call(world.bright, "list_contacts", cursor).await, Err(ToolError::Invalid(_))));
    let far = json!({"calendar_id": "c", "from": "2040-01-01T00:00:00Z", "to": "2040-03-01T00:00:00Z"});
    assert!(matches!(world.call(world.bright, "highlevel_list_slots", far).await, Err(ToolError::Invalid(_))));
    let asked =
        world.sim.journal().iter().any(|call| call["path"] != "/oauth/token" && call["path"] != "/oauth/locationToken");
    assert!(!asked, "nothing of it was sent");
}

#[tokio::test]
async fn a_message_whose_end_is_unclear_is_not_sent_twice_and_a_limit_says_how_long() {
    let world = World::new().await;
    let message = || json!({"channel": "SMS", "contact_id": ROSA, "text": "Once."});
    world.fault("POST", "/conversations/messages", json!({"fault": "status", "status": 500, "executed": true}));
    let unclear = words(world.call(world.bright, "highlevel_send_message", message()).await);
    assert!(unclear.contains("Look before you repeat it"), "{unclear}");
    assert_eq!(world.calls("POST", "/conversations/messages"), 1);
    world.fault("POST", "/conversations/messages", json!({"fault": "status", "status": 429}));
    let limited = world.call(world.bright, "highlevel_send_message", message()).await;
    assert!(matches!(limited, Err(ToolError::RateLimited { after }) if after >= Duration::from_secs(1)), "{limited:?}");
    assert_eq!(world.calls("POST", "/conversations/messages"), 2);
}

#[tokio::test]
async fn a_missing_permission_and_a_missing_connection_are_said_in_words() {
    let world = World::new().await;
    world.call(world.bright, "list_contacts", json!({})).await.unwrap();
    world.sim.expire(&json!({"what": "scope", "scope": "contacts.readonly"})).unwrap();
    let refused = words(world.call(world.bright, "list_contacts", json!({})).await);
    assert!(refused.contains("contacts.readonly"), "{refused}");
    world.call(world.bright, "highlevel_list_calendars", json!({})).await.unwrap();
    world.base.execute("update integrations set needs_reauth_at = now()").await;
    let ended = words(world.call(world.luna, "list_contacts", json!({})).await);
    assert!(ended.contains("HighLevel"), "{ended}");
    let none = ToolContext { highlevel: None, ..world.context(world.bright) };
    let refused = (find("list_contacts").unwrap().run)(none, json!({})).await;
    assert!(matches!(refused, Err(ToolError::Refused(Refusal::State(_)))), "{refused:?}");
}
