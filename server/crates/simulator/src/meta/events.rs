//! What Meta tells apps: an event waits until it is due and then becomes a request to every app that is subscribed to it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::world::{Transaction, World};

use super::{
    knobs::MetaKnobs,
    message_records::{Channel, Delivery, Message},
    records::MetaApp,
    templates, wire,
};

/// How long an event waits for others if several are sent in one request, in milliseconds.
const BATCH_WAIT_MS: u64 = 1_000;

/// Something that apps are told once it is due.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetaEvent {
    /// Id; ids grow with time.
    pub id: String,
    /// `whatsapp_business_account`, `page` or `instagram`.
    pub object: String,
    /// The account: WhatsApp Business Account, Page or Instagram account.
    pub entry_id: String,
    /// The field that apps subscribe to.
    pub field: String,
    /// WhatsApp: the value of the change. Otherwise: the item of `messaging`.
    pub item: Value,
    /// The message whose status changes with this event. `None` for any other event.
    pub message_id: Option<String>,
    /// The status that the message gets.
    pub status: String,
    /// When the event happens.
    pub due_at: DateTime<Utc>,
}

impl MetaEvent {
    /// The key of every event.
    const WAITING: &'static str = "waiting";

    /// What events are looked up with.
    pub fn keys(&self) -> Vec<String> {
        vec![Self::WAITING.into()]
    }

    /// When it is due.
    pub const fn since(&self) -> DateTime<Utc> {
        self.due_at
    }
}

/// Adds an event. Its id is made here.
pub fn queue(tx: &mut Transaction<'_>, event: MetaEvent) {
    let delay = tx.delay(tx.world.meta_knobs().webhook_delay_ms);
    tx.put(&MetaEvent { id: growing_id(tx.now), due_at: event.due_at.max(tx.now) + delay, ..event });
}

/// An id that is greater than every earlier one.
pub fn growing_id(now: DateTime<Utc>) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:015}{count:08}", now.timestamp_millis())
}

/// Makes requests of every event that is due by now.
pub fn settle(tx: &mut Transaction<'_>) {
    let world = tx.world;
    let due: Vec<&MetaEvent> = world.meta_events.between(MetaEvent::WAITING, DateTime::UNIX_EPOCH, tx.now).collect();
    if due.is_empty() {
        return;
    }
    let knobs = world.meta_knobs();
    let mut accounts: BTreeMap<(&str, &str), Vec<&MetaEvent>> = BTreeMap::new();
    for event in due {
        accounts.entry((&event.object, &event.entry_id)).or_default().push(event);
    }
    let mut changed: BTreeMap<&str, Message> = BTreeMap::new();
    for mut events in accounts.into_values() {
        if waits_for_more(tx, &knobs, &events) {
            continue;
        }
        if knobs.reorder {
            events.reverse();
        }
        for batch in events.chunks(knobs.batch.max(1)) {
            request(tx, &knobs, batch);
        }
        for event in events {
            tx.remove::<MetaEvent>(&event.id);
            templates::apply(tx, event);
            if let Some(message) = event.message_id.as_ref().and_then(|id| world.messages.get(id)) {
                let message = changed.entry(&message.id).or_insert_with(|| message.clone());
                advance(message, event);
            }
        }
    }
    for message in changed.values() {
        tx.put(message);
    }
}

fn waits_for_more(tx: &Transaction<'_>, knobs: &MetaKnobs, events: &[&MetaEvent]) -> bool {
    let patience = tx.delay(BATCH_WAIT_MS);
    let young = events.first().is_some_and(|oldest| tx.now - oldest.due_at < patience);
    knobs.batch > 1 && events.len() < knobs.batch && young
}

/// Gives a message the status of an event, unless it has a stronger one.
fn advance(message: &mut Message, event: &MetaEvent) {
    let rank =
        |status: &str| ["accepted", "sent", "delivered", "read", "failed"].iter().position(|known| *known == status);
    if rank(&event.status) > rank(&message.status) {
        message.status.clone_from(&event.status);
        if event.status == "failed" {
            message.error = event.item["statuses"][0]["errors"].get(0).cloned();
        }
    }
}

/// Makes one request of these events for each app that is subscribed to them.
fn request(tx: &mut Transaction<'_>, knobs: &MetaKnobs, events: &[&MetaEvent]) {
    let mut receivers: BTreeMap<(String, String), Vec<&MetaEvent>> = BTreeMap::new();
    for event in events {
        for receiver in receivers_of(tx.world, event) {
            receivers.entry(receiver).or_default().push(event);
        }
    }
    for ((url, app_id), events) in receivers {
        let (object, account_id) = (events[0].object.clone(), events[0].entry_id.clone());
        let entry = entry(&object, &account_id, &events, tx.now);
        let body = wire::body(&json!({"object": object, "entry": [entry]}));
        let delivery = Delivery {
            id: String::new(),
            url,
            app_id,
            object,
            account_id,
            body,
            at: tx.now,
            due_at: Some(tx.now),
            attempts: Vec::new(),
        };
        for _ in 0..knobs.copies.clamp(1, 100) {
            tx.put(&Delivery { id: growing_id(tx.now), ..delivery.clone() });
        }
    }
}

fn entry(object: &str, account: &str, events: &[&MetaEvent], now: DateTime<Utc>) -> Value {
    if object != "whatsapp_business_account" {
        let items: Vec<&Value> = events.iter().map(|event| &event.item).collect();
        return json!({"id": account, "time": now.timestamp_millis(), "messaging": items});
    }
    let changes: Vec<Value> = events.iter().map(|event| json!({"field": event.field, "value": event.item})).collect();
    let mut entry = json!({"id": account, "changes": changes});
    if events.iter().any(|event| event.item["metadata"].is_null()) {
        entry["time"] = json!(now.timestamp());
    }
    entry
}

/// Address and app of every subscription to an event.
fn receivers_of(world: &World, event: &MetaEvent) -> Vec<(String, String)> {
    let own = world.subscriptions.of(&event.entry_id).filter(|subscription| subscription.object == event.object);
    let own = own.filter(|subscription| {
        event.object != "page" && event.object != "instagram" || subscription.fields.contains(&event.field)
    });
    // What happens on an Instagram account of a Page is also told to whoever is subscribed to the Page.
    let linked = world.instagrams.get(&event.entry_id).filter(|_| event.object == "instagram");
    let page = linked.and_then(|account| account.page_id.as_deref()).unwrap_or_default();
    let through_page = world.subscriptions.of(page).filter(|subscription| subscription.object == "page");
    let mut receivers: Vec<(String, String)> = own
        .chain(through_page)
        .filter_map(|subscription| {
            let app = app_of(world, &subscription.app_id)?;
            let wanted = |fields: &Vec<String>| fields.is_empty() || fields.contains(&event.field);
            let usual = app
                .callback(&event.object)
                .filter(|_| app.objects.get(&event.object).is_none_or(|o| wanted(&o.fields)));
            let url = subscription.override_url.as_deref().or(usual)?;
            Some((url.to_owned(), subscription.app_id.clone()))
        })
        .collect();
    receivers.dedup();
    receivers
}

/// The app that has this id, or whose Instagram half has it.
pub fn app_of<'w>(world: &'w World, id: &str) -> Option<&'w MetaApp> {
    world.meta_apps.values().find(|app| app.id == id || app.ig_id == id)
}

/// An event of an account of a channel that happens now.
pub fn on_account(tx: &Transaction<'_>, channel: Channel, account: &str, field: &str, item: Value) -> MetaEvent {
    let (object, entry_id) = match channel {
        Channel::Whatsapp => {
            let waba = tx.world.phone_numbers.get(account).map(|number| number.waba_id.clone()).unwrap_or_default();
            ("whatsapp_business_account", waba)
        }
        Channel::Instagram => ("instagram", account.to_owned()),
        Channel::Facebook => ("page", account.to_owned()),
    };
    MetaEvent { object: object.into(), entry_id, field: field.into(), item, due_at: tx.now, ..MetaEvent::default() }
}
