//! What exists in the simulated world? One table per kind of record, kept in memory and rebuilt from the log.
//! Nothing changes a table directly: a `Transaction` gathers changes, the log takes them, then they are applied. So what
//! was answered is always on disk, and a transaction that ends in a refusal leaves no trace.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    clock::Clock,
    faults::Fault,
    grants::{App, Code, Install, Refresh, Token},
    knobs::Knobs,
    records::{Company, CustomField, CustomValue, Location, Push, Snapshot, Tag, User},
    webhooks::Event,
};

/// Something with an id that lives in one table.
pub trait Record: Serialize + DeserializeOwned + Clone {
    /// Name of the table, in the log and in `/_sim/world`.
    const TABLE: &'static str;
    /// The id within the table.
    fn id(&self) -> &str;
}

/// One change of one record: the new record, or none when it is gone.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub struct Change(pub String, pub String, pub Option<Value>);

macro_rules! tables {
    ($($field:ident: $kind:ident = $name:literal),+ $(,)?) => {
        /// Everything that exists.
        #[derive(Debug, Default, Clone)]
        pub struct World {
            $(#[doc = concat!("The table `", $name, "`.")] pub $field: BTreeMap<String, $kind>,)+
        }

        $(impl Record for $kind {
            const TABLE: &'static str = $name;
            fn id(&self) -> &str { &self.id }
        })+

        impl World {
            /// Applies one change. A table or a shape from another version of the simulator is an error.
            pub fn apply(&mut self, Change(table, id, value): Change) -> serde_json::Result<()> {
                match table.as_str() {
                    $($name => match value {
                        Some(value) => { self.$field.insert(id, serde_json::from_value(value)?); }
                        None => { self.$field.remove(&id); }
                    },)+
                    other => return Err(<serde_json::Error as serde::de::Error>::custom(format!("unknown table {other}"))),
                }
                Ok(())
            }

            /// Every record as a list of changes that would make it: what a fresh log begins with.
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
    locations: Location = "locations",
    users: User = "users",
    snapshots: Snapshot = "snapshots",
    pushes: Push = "pushes",
    custom_values: CustomValue = "customValues",
    custom_fields: CustomField = "customFields",
    tags: Tag = "tags",
    installs: Install = "installs",
    codes: Code = "codes",
    tokens: Token = "tokens",
    refreshes: Refresh = "refreshes",
    faults: Fault = "faults",
    knobs: Knobs = "knobs",
}

fn change<T: Record>(record: &T) -> Change {
    let value = serde_json::to_value(record).expect("records hold nothing but text, numbers and lists");
    Change(T::TABLE.into(), record.id().into(), Some(value))
}

impl World {
    /// What `GET /_sim/world` tells: records as they are, of tokens only what they may do.
    pub fn told(&self, now: DateTime<Utc>) -> Value {
        fn list<T: Serialize>(table: &BTreeMap<String, T>) -> Value {
            json!(table.values().collect::<Vec<_>>())
        }
        let pushes: Vec<Value> = self.pushes.values().map(|push| push.told(now)).collect();
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
                "installs": list(&self.installs),
                "tokens": self.tokens.values().map(Token::told).collect::<Vec<_>>(),
            },
            "meta": {},
            "faults": list(&self.faults),
            "knobs": self.knobs(),
            "now": now,
        })
    }

    /// The switches; their defaults while none was touched.
    pub fn knobs(&self) -> Knobs {
        self.knobs.get(Knobs::ID).cloned().unwrap_or_default()
    }

    /// Companies as they joined, Harbor first.
    pub fn companies_in_order(&self) -> Vec<&Company> {
        let mut companies: Vec<&Company> = self.companies.values().collect();
        companies.sort_by(|one, other| one.relationship_number.cmp(&other.relationship_number));
        companies
    }

    /// Locations of one company.
    pub fn locations_of<'a>(&'a self, company: &'a str) -> impl Iterator<Item = &'a Location> {
        self.locations.values().filter(move |location| location.company_id == company)
    }

    /// The newest push of a snapshot into a location.
    pub fn latest_push(&self, snapshot: &str, location: &str) -> Option<&Push> {
        self.pushes
            .values()
            .filter(|push| push.snapshot_id == snapshot && push.location_id == location)
            .max_by_key(|push| push.started_at)
    }

    /// Whether the app is installed on a location, and since when a token may be minted for it.
    pub fn location_install(&self, location: &str) -> Option<&Install> {
        self.installs.get(&Install::key(None, Some(location)))
    }

    /// The install of a whole company.
    pub fn company_install(&self, company: &str) -> Option<&Install> {
        self.installs.get(&Install::key(Some(company), None))
    }
}

/// One act upon the world: reads see the world as it was, changes wait until the act succeeded.
pub struct Transaction<'w> {
    /// The world before this transaction.
    pub world: &'w World,
    /// The moment of this transaction.
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

    /// Takes a record away.
    pub fn remove<T: Record>(&mut self, id: &str) {
        self.changes.push(Change(T::TABLE.into(), id.into(), None));
    }

    /// A simulated delay, divided by the time scale.
    pub fn delay(&self, milliseconds: u64) -> TimeDelta {
        self.clock.delay(milliseconds)
    }

    /// Sends a webhook once this transaction is done.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Ends the transaction.
    pub(crate) fn done(self) -> Done {
        let created = self.changes.iter().find(|Change(table, id, _)| !self.world.has(table, id));
        let created = created.map(|Change(_, id, _)| id.clone());
        Done { changes: self.changes, created, events: self.events }
    }
}

/// What a transaction leaves behind.
#[derive(Default)]
pub(crate) struct Done {
    /// Changes, in order.
    pub changes: Vec<Change>,
    /// Id of the first record that is new.
    pub created: Option<String>,
    /// Webhooks to send.
    pub events: Vec<Event>,
}
