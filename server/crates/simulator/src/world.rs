//! The simulated world: one table per kind of record, kept in memory and rebuilt from the log.
//!
//! No code changes a table directly. A `Transaction` collects changes, the log records them, and then they are
//! applied. So every answer is backed by the log, and a transaction that is refused leaves no trace.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    clock::Clock,
    crm::CrmRecord,
    faults::Fault,
    grants::{App, Code, Install, Refresh, Token},
    knobs::Knobs,
    meta::{
        Business, Customer, Delivery, InstagramAccount, Media, Message, MetaApp, MetaCode, MetaConsent, MetaEvent,
        MetaKnobs, MetaToken, Page, Person, PhoneNumber, Subscription, Template, Waba,
    },
    records::{Company, CustomField, CustomValue, Location, Push, Snapshot, Tag, User},
    table::Table,
    webhooks::Event,
};

/// A record with an id, stored in one table.
pub trait Record: Serialize + DeserializeOwned + Clone {
    /// Name of the table in the log.
    const TABLE: &'static str;
    /// The id within the table.
    fn id(&self) -> &str;

    /// What calls look the record up with besides its id.
    fn keys(&self) -> Vec<String> {
        Vec::new()
    }

    /// When the record began. Records with the same key are ordered by it.
    fn since(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }
}

/// One change of one record: table, id and the new record. `None` means that the record is deleted.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub struct Change(pub String, pub String, pub Option<Value>);

macro_rules! tables {
    ($($field:ident: $kind:ident = $name:literal $(by $keys:path, $since:path)?),+ $(,)?) => {
        /// Everything that exists in the simulated world.
        #[derive(Debug, Default, Clone)]
        pub struct World {
            $(#[doc = concat!("The table `", $name, "`.")] pub $field: Table<$kind>,)+
        }

        $(impl Record for $kind {
            const TABLE: &'static str = $name;
            fn id(&self) -> &str { &self.id }
            $(fn keys(&self) -> Vec<String> { $keys(self) }
            fn since(&self) -> DateTime<Utc> { $since(self) })?
        })+

        impl World {
            /// Applies one change. A table or a record shape from another version of the simulator is an error.
            pub fn apply(&mut self, Change(table, id, value): Change) -> serde_json::Result<()> {
                match table.as_str() {
                    $($name => match value {
                        Some(value) => self.$field.insert(serde_json::from_value(value)?),
                        None => self.$field.remove(&id),
                    },)+
                    other => return Err(<serde_json::Error as serde::de::Error>::custom(format!("unknown table {other}"))),
                }
                Ok(())
            }

            /// Every record as a list of changes that would create it. A new log starts with this list.
            pub fn as_changes(&self) -> Vec<Change> {
                let mut changes = Vec::new();
                $(changes.extend(self.$field.values().map(change));)+
                changes
            }

            fn has(&self, table: &str, id: &str) -> bool {
                match table { $($name => self.$field.contains_key(id),)+ _ => false }
            }
        }
    };
}

tables! {
    apps: App = "apps",
    companies: Company = "companies",
    locations: Location = "locations" by Location::keys, Location::since,
    users: User = "users" by User::keys, User::since,
    snapshots: Snapshot = "snapshots",
    pushes: Push = "pushes" by Push::keys, Push::since,
    custom_values: CustomValue = "customValues" by CustomValue::keys, no_order,
    custom_fields: CustomField = "customFields" by CustomField::keys, no_order,
    tags: Tag = "tags" by Tag::keys, no_order,
    crm: CrmRecord = "crm" by CrmRecord::keys, CrmRecord::added,
    installs: Install = "installs",
    codes: Code = "codes",
    tokens: Token = "tokens",
    refreshes: Refresh = "refreshes",
    faults: Fault = "faults",
    knobs: Knobs = "knobs",
    meta_apps: MetaApp = "metaApps",
    people: Person = "metaPeople",
    businesses: Business = "metaBusinesses",
    pages: Page = "metaPages",
    instagrams: InstagramAccount = "metaInstagrams",
    wabas: Waba = "metaWabas",
    phone_numbers: PhoneNumber = "metaPhoneNumbers" by PhoneNumber::keys, PhoneNumber::since,
    meta_consents: MetaConsent = "metaConsents",
    meta_codes: MetaCode = "metaCodes",
    meta_tokens: MetaToken = "metaTokens" by MetaToken::keys, MetaToken::since,
    subscriptions: Subscription = "metaSubscriptions" by Subscription::keys, Subscription::since,
    customers: Customer = "metaCustomers" by Customer::keys, no_order,
    messages: Message = "metaMessages" by Message::keys, Message::since,
    media: Media = "metaMedia",
    templates: Template = "metaTemplates" by Template::keys, Template::since,
    deliveries: Delivery = "metaDeliveries" by Delivery::keys, Delivery::since,
    meta_events: MetaEvent = "metaEvents" by MetaEvent::keys, MetaEvent::since,
    meta_knobs: MetaKnobs = "metaKnobs",
}

/// For records whose order no call shows.
const fn no_order<T>(_: &T) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn change<T: Record>(record: &T) -> Change {
    let value = serde_json::to_value(record).expect("records hold nothing but text, numbers and lists");
    Change(T::TABLE.into(), record.id().into(), Some(value))
}

impl World {
    /// The answer to `GET /_sim/world`: all records, and for tokens only what they may do.
    pub fn to_json(&self, now: DateTime<Utc>) -> Value {
        fn list<T: Serialize>(table: &BTreeMap<String, T>) -> Value {
            json!(table.values().collect::<Vec<_>>())
        }
        let pushes: Vec<Value> = self.pushes.values().map(|push| push.to_json(now)).collect();
        json!({
            "ghl": {
                "companies": list(&self.companies),
                "locations": list(&self.locations),
                "users": list(&self.users),
                "snapshots": list(&self.snapshots),
                "pushes": pushes,
                "customValues": list(&self.custom_values),
                "customFields": list(&self.custom_fields),
                "tags": list(&self.tags),
                "crm": list(&self.crm),
                "installs": list(&self.installs),
                "tokens": self.tokens.values().map(Token::describe).collect::<Vec<_>>(),
            },
            "meta": {
                "apps": list(&self.meta_apps),
                "people": list(&self.people),
                "businesses": list(&self.businesses),
                "pages": list(&self.pages),
                "instagrams": list(&self.instagrams),
                "wabas": list(&self.wabas),
                "phoneNumbers": list(&self.phone_numbers),
                "consents": list(&self.meta_consents),
                "tokens": self.meta_tokens.values().map(MetaToken::describe).collect::<Vec<_>>(),
                "subscriptions": list(&self.subscriptions),
                "customers": list(&self.customers),
                "messages": list(&self.messages),
                "templates": list(&self.templates),
            },
            "faults": list(&self.faults),
            "knobs": self.knobs(),
            "now": now,
        })
    }

    /// The switches. Defaults if none has been set.
    pub fn knobs(&self) -> Knobs {
        self.knobs.get(Knobs::ID).cloned().unwrap_or_default()
    }

    /// The switches of Meta. Defaults if none has been set.
    pub fn meta_knobs(&self) -> MetaKnobs {
        self.meta_knobs.get(MetaKnobs::ID).cloned().unwrap_or_default()
    }

    /// Companies in the order in which they joined, Harbor first.
    pub fn companies_in_order(&self) -> Vec<&Company> {
        let mut companies: Vec<&Company> = self.companies.values().collect();
        companies.sort_by(|one, other| one.relationship_number.cmp(&other.relationship_number));
        companies
    }

    /// Locations of one company, oldest first.
    pub fn locations_of(&self, company: &str) -> impl DoubleEndedIterator<Item = &Location> {
        self.locations.of(company)
    }

    /// The latest push of a snapshot into a location.
    pub fn latest_push(&self, snapshot: &str, location: &str) -> Option<&Push> {
        self.pushes.of(location).filter(|push| push.snapshot_id == snapshot).max_by_key(|push| push.started_at)
    }

    /// The install on a location, which says when tokens can first be minted. `None` if there is none.
    pub fn location_install(&self, location: &str) -> Option<&Install> {
        self.installs.get(&Install::key(None, Some(location)))
    }

    /// The install on a whole company. `None` if there is none.
    pub fn company_install(&self, company: &str) -> Option<&Install> {
        self.installs.get(&Install::key(Some(company), None))
    }
}

/// One transaction. It reads the world as it was at the start; its changes are applied only if it succeeds.
pub struct Transaction<'w> {
    /// The world before this transaction.
    pub world: &'w World,
    /// The time of this transaction.
    pub now: DateTime<Utc>,
    clock: &'w Clock,
    changes: Vec<Change>,
    events: Vec<Event>,
}

impl<'w> Transaction<'w> {
    /// Begins a transaction.
    pub fn new(world: &'w World, clock: &'w Clock) -> Self {
        Self { world, now: clock.now(), clock, changes: Vec::new(), events: Vec::new() }
    }

    /// Adds or replaces a record.
    pub fn put<T: Record>(&mut self, record: &T) {
        self.changes.push(change(record));
    }

    /// Deletes a record.
    pub fn remove<T: Record>(&mut self, id: &str) {
        self.changes.push(Change(T::TABLE.into(), id.into(), None));
    }

    /// A simulated delay, divided by the time scale.
    pub fn delay(&self, milliseconds: u64) -> TimeDelta {
        self.clock.delay(milliseconds)
    }

    /// Sends a webhook after this transaction has been committed.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Ends the transaction and returns its changes and events.
    pub(crate) fn done(self) -> Done {
        let created = self.changes.iter().find(|Change(table, id, _)| !self.world.has(table, id));
        let created = created.map(|Change(_, id, _)| id.clone());
        Done { changes: self.changes, created, events: self.events }
    }
}

/// The result of a transaction.
#[derive(Default)]
pub(crate) struct Done {
    /// Changes, in order.
    pub changes: Vec<Change>,
    /// Id of the first record that the transaction creates, if any.
    pub created: Option<String>,
    /// Webhooks to send.
    pub events: Vec<Event>,
}
