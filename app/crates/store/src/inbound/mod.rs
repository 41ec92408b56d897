//! What have messaging platforms sent us, and what became of it? A body is stored before it is answered; a worker reads it
//! into items, and each item is done once for the business that it concerns.

mod explorer;
mod failing;
mod highlevel;
mod items;
mod old;
mod replay;
mod route;

use std::time::Duration;

use domain::InboundEventId;
use domain::work::Kind;

pub use self::explorer::{LIST, forecast, get, get_platform, list, list_platform, put_aside, shape};
pub use self::failing::{Failing, failing};
pub use self::highlevel::{HighlevelRoute, newest_install, route_highlevel, settle_highlevel};
pub use self::items::{
    Failures, NewItem, Outcome, Settled, WaitingItem, add_items, claim_key, fail, settle, take, waiting,
};
pub(crate) use self::old::{EARLY_STATUSES, EVENTS, ITEMS, KEYS};
pub use self::replay::{kept, replay_body, replay_item, replay_item_platform};
pub use self::route::{Receiver, Route, receiver, route, routes_of_waba};

use crate::queue::{self, Work};
use crate::{Db, Result, Scope, TenantTx, new_id};

/// The value of `inbound_events.provider` for Meta.
pub const META: &str = "meta";
/// The same for HighLevel.
pub const HIGHLEVEL: &str = "ghl";

/// The most bodies whose lost work is found at once.
pub const FOUND: i64 = 500;

/// The work that reads a body. It waits once.
fn work(id: InboundEventId) -> Work {
    Work::new(Kind::ReceiveMessages).subject(id.0).once(format!("inbound:{id}"))
}

/// A body, as a platform sent it.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The platform's id of the account that it is about; `None` if it names none. Accounts take turns, so that the flood
    /// of one holds up no other.
    pub account: Option<&'a str>,
}

/// Stores bodies together with the work that reads them, all in one transaction. A body that comes again is stored again:
/// its items are known by their keys.
pub async fn add(db: &Db, provider: &str, bodies: &[Body<'_>]) -> Result<()> {
    let ids: Vec<InboundEventId> = bodies.iter().map(|_| new_id()).collect();
    let bytes: Vec<&[u8]> = bodies.iter().map(|body| body.bytes).collect();
    let works = ids.iter().zip(bodies).map(|(id, body)| match body.account {
        Some(account) => work(*id).turn_of(&format!("{provider}:{account}")),
        None => work(*id),
    });
    let works: Vec<Work> = works.collect();
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    sqlx::query!(
        "insert into inbound_events (id, provider, body, body_sha256)
         select b.id, $1, b.body, sha256(b.body) from unnest($2::uuid[], $3::bytea[]) as b (id, body)",
        provider,
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        &bytes as &[&[u8]]
    )
    .execute(tx.conn())
    .await?;
    queue::add_many(&mut tx, &works).await?;
    tx.commit().await
}

/// A body that waits to be read.
#[derive(Clone, Debug)]
pub struct InboundEvent {
    /// Who sent it.
    pub provider: String,
    /// The bytes as they came.
    pub body: Vec<u8>,
    /// How often a worker began to read it, including this time.
    pub attempts: i32,
    /// How long ago it came.
    pub age: Duration,
    /// Whether it was emptied when its items had ended: what waits stands in the items alone.
    pub is_emptied: bool,
}

/// Begins to read a body and counts it, so that one that ends each process is given up. `None` if it is done with.
pub async fn begin(tx: &mut TenantTx, id: InboundEventId) -> Result<Option<InboundEvent>> {
    let row = sqlx::query!(
        r#"update inbound_events set attempts = attempts + 1 where id = $1 and state = 'received'
           returning provider, body, attempts, body = '' and body_sha256 <> sha256('') as "is_emptied!", extract(epoch from now() - created_at)::float8 as "age!""#,
        id.0
    );
    let row = row.fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| InboundEvent {
        provider: row.provider,
        body: row.body,
        attempts: row.attempts,
        age: since(row.age),
        is_emptied: row.is_emptied,
    }))
}

/// A span of so many seconds; none for a time that is still to come.
fn since(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Records that everything a body says is done, ignored or put aside. The body is emptied: what was done stands in the
/// conversations, where its writer and the business may remove it, and what was not done stands in the items.
pub async fn finish(tx: &mut TenantTx, id: InboundEventId) -> Result<()> {
    sqlx::query!(
        "update inbound_events set state = 'done', done_at = now(), error = null, body = '' where id = $1 and state = 'received'",
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a body aside that cannot be read or done. It is kept as long as the others, for whoever looks into it.
pub async fn quarantine(tx: &mut TenantTx, id: InboundEventId, error: &str) -> Result<()> {
    sqlx::query!(
        "update inbound_events set state = 'quarantined', done_at = now(), error = left($2, 500) where id = $1 and state = 'received'",
        id.0,
        error
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Queues bodies again that were received longer ago than `age`, were not read, and wait in no queue. Returns how many
/// there were; at most a few hundred at once. They take one turn together, whichever accounts they are about.
pub async fn queue_lost(tx: &mut TenantTx, age: Duration) -> Result<u64> {
    let lost = sqlx::query_scalar!(
        r#"select e.id as "id: InboundEventId" from inbound_events e
           where e.state = 'received' and e.created_at < now() - make_interval(secs => $1)
             and not exists (select from work_ready w where w.dedupe_key = 'inbound:' || e.id)
             and not exists (select from work_scheduled w where w.dedupe_key = 'inbound:' || e.id)
             and not exists (select from work_leases w where w.dedupe_key = 'inbound:' || e.id)
           order by e.created_at limit $2"#,
        age.as_secs_f64(),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    queue::add_many(tx, &lost.iter().map(|id| work(*id)).collect::<Vec<_>>()).await?;
    Ok(lost.len() as u64)
}
