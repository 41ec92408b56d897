//! Detects a full database disk. The first statement that fails for lack of space stops this process from taking new
//! work and makes it unready. It recovers by itself: while the flag is set it tries a small write now and then, and the
//! first success clears the flag.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Db, DbRole, Result, Scope, TenantTx};

static FULL: AtomicBool = AtomicBool::new(false);
/// When a small write was last tried. `BETWEEN` is the shortest time between two tries.
static TRIED: Mutex<Option<Instant>> = Mutex::new(None);
const BETWEEN: Duration = Duration::from_secs(1);

/// Sets the flag after the database reported that its disk is full or does not answer.
pub(crate) fn record_full() {
    if !FULL.swap(true, Relaxed) {
        tracing::error!(
            event = "database.disk_full",
            "the database has no room on its disk; no new work is taken until there is: free some or make it larger"
        );
    }
}

/// Whether the database can write, as far as this process knows. While the flag is set, this tries one small
/// write.
pub async fn has_room(db: &Db) -> bool {
    if !FULL.load(Relaxed) {
        return true;
    }
    // Any error leaves the flag set: while the database is unavailable, nothing better is known.
    if is_try_due() && try_write(db).await.is_ok() && FULL.swap(false, Relaxed) {
        tracing::info!(event = "database.disk_free", "the database can write again; work goes on");
    }
    !FULL.load(Relaxed)
}

/// Whether enough time has passed since the last try. If so, this counts as the next try.
fn is_try_due() -> bool {
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    let due = tried.is_none_or(|at| at.elapsed() >= BETWEEN);
    if due {
        *tried = Some(Instant::now());
    }
    due
}

/// Writes a value so large that the table needs new pages: stored out of line and not compressed.
async fn try_write(db: &Db) -> Result<()> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    sqlx::query!(
        "insert into disk_probe (id, filler) select 1, string_agg(uuid_send(gen_random_uuid()), '') from generate_series(1, 4096)
         on conflict (id) do update set filler = excluded.filler"
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
