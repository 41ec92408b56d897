//! Operations on background work that was given up: run it again, or discard it.

use domain::permission::Right;
use serde_json::json;
use store::audit::{self, Act};
use store::queue::{self, Retried};

use crate::{PlatformActor, Refusal};

/// Runs work of this kind again, at most 500 items at once.
///
/// # Errors
/// `State` if no work of this kind is given up.
pub async fn retry(actor: &PlatformActor, kind: &str) -> Result<Retried, Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    let retried = queue::retry_dead(&mut tx, kind).await?;
    if retried == Retried::default() {
        return Err(nothing_left());
    }
    let payload = json!({ "ready": retried.ready, "dropped": retried.dropped });
    audit::record_platform(&mut tx, None, Act::new("work.retried", "work").object(kind).payload(payload)).await?;
    tx.commit().await?;
    Ok(retried)
}

/// Discards all work of this kind that was given up. Returns the number of items.
///
/// # Errors
/// `State` if no work of this kind is given up.
pub async fn discard(actor: &PlatformActor, kind: &str) -> Result<u64, Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    let discarded = queue::discard_dead(&mut tx, kind).await?;
    if discarded == 0 {
        return Err(nothing_left());
    }
    let payload = json!({ "discarded": discarded });
    audit::record_platform(&mut tx, None, Act::new("work.discarded", "work").object(kind).payload(payload)).await?;
    tx.commit().await?;
    Ok(discarded)
}

fn nothing_left() -> Refusal {
    Refusal::State("These tasks are gone. Someone may have run or discarded them.".to_owned())
}
