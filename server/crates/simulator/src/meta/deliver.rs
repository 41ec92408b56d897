//! Sends the requests that are waiting, signed by the app's secret, until each is answered with 200 or given up.
//!
//! The requests of one account are sent one after another; what is sent again overtakes nobody and holds nobody up.

use std::collections::HashSet;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;

use crate::{Simulator, post, simulator::TransactionError, world::Transaction};

use super::{
    access_records::Subscription,
    events::app_of,
    message_records::{Attempt, Delivery},
    wire,
};

/// How often the waiting requests are looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Requests that are remembered after they were answered or given up.
const KEPT: usize = 1_000;
/// How long an answer may take: five seconds for Messenger and Instagram, longer for WhatsApp.
const DEADLINE: Duration = Duration::from_secs(5);
const WHATSAPP_DEADLINE: Duration = Duration::from_secs(20);

/// A request on its way.
struct Sending {
    delivery: Delivery,
    secret: String,
}

impl Sending {
    /// What is sent one after another: the first tries of an account. Copies and further tries go alone.
    fn lane(&self) -> String {
        match self.delivery.attempts.is_empty() {
            true => format!("{} {}", self.delivery.account_id, self.delivery.app_id),
            false => self.delivery.id.clone(),
        }
    }
}

/// Sends what is due for as long as the simulator runs.
pub async fn run(sim: Simulator) -> Infallible {
    let mut under_way: JoinSet<()> = JoinSet::new();
    loop {
        while under_way.try_join_next().is_some() {}
        for sending in take(&sim) {
            let sim = sim.clone();
            under_way.spawn(async move { send_all(&sim, sending).await });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Takes the requests that are due, those of one account together, and marks them as under way.
fn take(sim: &Simulator) -> Vec<Vec<Sending>> {
    let mut state = sim.lock();
    let now = state.now();
    let due = |delivery: &&Delivery| delivery.due_at.is_some_and(|at| at <= now);
    let waiting = state.world.deliveries.of(Delivery::WAITING).filter(due);
    let mut lanes: Vec<(String, Vec<Sending>)> = Vec::new();
    for delivery in waiting.filter(|delivery| !state.sending.contains(&delivery.id)) {
        let app = app_of(&state.world, &delivery.app_id);
        let secret = app.map(|app| app.secret_of(&delivery.app_id).to_owned()).unwrap_or_default();
        let sending = Sending { delivery: delivery.clone(), secret };
        let lane = sending.lane();
        match lanes.iter_mut().find(|(known, _)| *known == lane) {
            Some((_, others)) => others.push(sending),
            None => lanes.push((lane, vec![sending])),
        }
    }
    let taken: Vec<Vec<Sending>> =
        lanes.into_iter().filter(|(lane, _)| !state.sending.contains(lane)).map(|(_, sendings)| sendings).collect();
    let ids = taken.iter().flatten().map(|sending| sending.delivery.id.clone());
    let marks: Vec<String> = ids.chain(taken.iter().filter_map(|lane| lane.first().map(Sending::lane))).collect();
    state.sending.extend(marks);
    taken
}

/// Sends the requests of one account in order. Copies of one body are sent at the same time.
async fn send_all(sim: &Simulator, sendings: Vec<Sending>) {
    let lane = sendings.first().map(Sending::lane).unwrap_or_default();
    let mut rest = sendings.as_slice();
    while let Some(first) = rest.first() {
        let copies = rest.iter().take_while(|other| other.delivery.body == first.delivery.body).count();
        let (together, later) = rest.split_at(copies);
        let mut set = JoinSet::new();
        for Sending { delivery, secret } in together {
            let (delivery, signature) = (delivery.clone(), wire::signature(secret, delivery.body.as_bytes()));
            set.spawn(async move { (try_once(&delivery, &signature).await, delivery) });
        }
        while let Some(done) = set.join_next().await {
            if let Ok(((answer, took), delivery)) = done {
                record(sim, delivery, answer, took);
            }
        }
        rest = later;
    }
    let mut state = sim.lock();
    let mut forget: HashSet<String> = sendings.into_iter().map(|sending| sending.delivery.id).collect();
    forget.insert(lane);
    state.sending.retain(|id| !forget.contains(id));
}

async fn try_once(delivery: &Delivery, signature: &str) -> (Result<u16, String>, Duration) {
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "facebookexternalua"),
        ("x-hub-signature-256", signature),
    ];
    let whatsapp = delivery.object == "whatsapp_business_account";
    let deadline = if whatsapp { WHATSAPP_DEADLINE } else { DEADLINE };
    let began = Instant::now();
    let sent = post::request("POST", &delivery.url, &headers, delivery.body.as_bytes());
    let answer = tokio::time::timeout(deadline, sent).await.unwrap_or_else(|_| Err("No answer in time.".into()));
    (answer.map(|reply| reply.status), began.elapsed())
}

/// Records a try and decides when the next one is.
fn record(sim: &Simulator, delivery: Delivery, answer: Result<u16, String>, took: Duration) {
    let recorded = sim.run_transaction(|tx| {
        // A reset in the meantime has forgotten the request.
        let Some(mut delivery) = tx.world.deliveries.get(&delivery.id).cloned() else { return Ok(()) };
        let accepted = answer == Ok(200);
        let answer = answer.map_or_else(|error| error, |status| status.to_string());
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        delivery.attempts.push(Attempt { at: tx.now, answer, took_ms });
        delivery.due_at = if accepted { None } else { again(tx, &delivery) };
        if delivery.due_at.is_none() && !accepted {
            give_up(tx, &delivery);
        }
        tx.put(&delivery);
        forget_oldest(tx);
        Ok::<(), Infallible>(())
    });
    if let Err(TransactionError::Disk(error)) = recorded {
        tracing::error!(%error, "the simulator cannot record a webhook");
    }
}

/// When a failed request is sent again: at once, then after waits that grow threefold. `None` after the last try.
fn again(tx: &Transaction<'_>, delivery: &Delivery) -> Option<DateTime<Utc>> {
    let knobs = tx.world.meta_knobs();
    let tries = u32::try_from(delivery.attempts.len()).unwrap_or(u32::MAX);
    if tries >= knobs.tries {
        return None;
    }
    let wait = if tries == 1 { 0 } else { knobs.again_ms.saturating_mul(3_u64.saturating_pow(tries - 2)) };
    Some(tx.now + tx.delay(wait))
}

/// Pages and Instagram accounts are unsubscribed after sustained failure. WhatsApp only drops the request.
fn give_up(tx: &mut Transaction<'_>, delivery: &Delivery) {
    if delivery.object != "whatsapp_business_account" {
        tx.remove::<Subscription>(&Subscription::key(&delivery.object, &delivery.account_id, &delivery.app_id));
    }
}

fn forget_oldest(tx: &mut Transaction<'_>) {
    let world = tx.world;
    let surplus = world.deliveries.len().saturating_sub(KEPT);
    for old in world.deliveries.values().filter(|delivery| delivery.due_at.is_none()).take(surplus) {
        tx.remove::<Delivery>(&old.id);
    }
}

/// Waits until everything that is due now has been sent once, for a second at most.
pub async fn flush(sim: &Simulator) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(1) {
        let waiting = {
            let state = sim.lock();
            let now = state.now();
            let untried = |one: &&Delivery| one.attempts.is_empty() && one.due_at.is_some_and(|at| at <= now);
            state.world.deliveries.of(Delivery::WAITING).any(|delivery| untried(&delivery))
        };
        if !waiting {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}
