//! The switches of the simulated Meta and their defaults: how webhooks are sent and how messages fare.
//!
//! Times are in real milliseconds, before they are divided by the time scale.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Simulator, world::Transaction};

/// The switches of Meta.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct MetaKnobs {
    /// Always [`MetaKnobs::ID`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// How long a message takes to be sent.
    pub sent_ms: u64,
    /// How long a message takes to be delivered.
    pub delivered_ms: u64,
    /// How long a message takes to be read. 0 means that nobody reads.
    pub read_ms: u64,
    /// Whether the status `delivered` is left out, as when the chat is open.
    pub skip_delivered: bool,
    /// Whether statuses arrive in the wrong order.
    pub shuffle: bool,
    /// Whether messages stay with the status `sent`.
    pub never_deliver: bool,
    /// Code with which every message fails after it was accepted. 0 means that none does.
    pub fail_code: u32,
    /// Code with which every message is refused at once. 0 means that none is.
    pub refuse_code: u32,
    /// Whether a closed service window is told by a later status instead of at once.
    pub window_late: bool,
    /// Whether templates fail because the account has no means of payment.
    pub unpaid: bool,
    /// When the echo of a message that an app sent is sent: `before` or `after` the answer, or `never`.
    pub echo: String,
    /// Messages to one customer in a minute of one number; more are refused with 131056.
    pub pair_max: usize,
    /// Messages of one number in a second; more are refused with 130429.
    pub throughput_max: usize,
    /// How long an event waits before it is sent to the app.
    pub webhook_delay_ms: u64,
    /// How many events are sent in one request.
    pub batch: usize,
    /// How often each request is sent.
    pub copies: usize,
    /// Whether events that are due together are sent in the wrong order.
    pub reorder: bool,
    /// First wait before a failed request is sent again; each further one is three times as long.
    pub again_ms: u64,
    /// How often a request is sent before Meta gives up.
    pub tries: u32,
    /// What becomes of a new template: `approve`, `reject`, or `wait`.
    pub review: String,
    /// How long the review of a template takes.
    pub review_ms: u64,
}

impl MetaKnobs {
    /// Id of the only set of switches.
    pub const ID: &'static str = "metaKnobs";
}

impl Default for MetaKnobs {
    fn default() -> Self {
        Self {
            id: Self::ID.into(),
            sent_ms: 400,
            delivered_ms: 1_200,
            read_ms: 4_000,
            skip_delivered: false,
            shuffle: false,
            never_deliver: false,
            fail_code: 0,
            refuse_code: 0,
            window_late: false,
            unpaid: false,
            echo: "after".into(),
            pair_max: 45,
            throughput_max: 80,
            webhook_delay_ms: 0,
            batch: 1,
            copies: 1,
            reorder: false,
            again_ms: 10_000,
            tries: 8,
            review: "approve".into(),
            review_ms: 5_000,
        }
    }
}

/// Changes the given switches and leaves the others alone. Returns all of them.
pub fn set(sim: &Simulator, given: &Value) -> Result<Value, String> {
    let transaction = |tx: &mut Transaction<'_>| {
        let mut all = to_json(&tx.world.meta_knobs());
        for (name, value) in given.as_object().ok_or("Give the switches as an object.")? {
            if !all.contains_key(name) {
                return Err(format!("There is no switch called {name}."));
            }
            all.insert(name.clone(), value.clone());
        }
        let knobs: MetaKnobs = serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
        check(&knobs)?;
        tx.put(&MetaKnobs { id: MetaKnobs::ID.into(), ..knobs });
        Ok(())
    };
    sim.run_transaction(transaction).map_err(crate::control::actions::said)?;
    Ok(Value::Object(to_json(&sim.lock().world.meta_knobs())))
}

fn check(knobs: &MetaKnobs) -> Result<(), String> {
    if !["before", "after", "never"].contains(&knobs.echo.as_str()) {
        return Err("echo is before, after or never.".into());
    }
    if !["approve", "reject", "wait"].contains(&knobs.review.as_str()) {
        return Err("review is approve, reject or wait.".into());
    }
    if knobs.batch == 0 || knobs.copies == 0 || knobs.tries == 0 {
        return Err("batch, copies and tries are 1 or more.".into());
    }
    Ok(())
}

/// The switches that can be changed, as JSON.
pub fn to_json(knobs: &MetaKnobs) -> Map<String, Value> {
    let mut all = serde_json::to_value(knobs).unwrap_or_default().as_object().cloned().unwrap_or_default();
    all.remove("id");
    all
}
