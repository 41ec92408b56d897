//! Serves an agency's snapshots and the progress of their pushes (HighLevel API §4.1, §4.3).

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::world::Transaction;

use super::{
    call::Call,
    reply::{Outcome, bad, forbidden, ok},
};

/// `GET /snapshots/`.
pub fn list(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let own = tx.world.snapshots.values().filter(|snapshot| snapshot.company_id == call.company());
    let rows: Vec<Value> = own.map(|s| json!({"id": s.id, "name": s.name, "type": s.kind})).collect();
    ok(json!({"snapshots": rows}))
}

/// `GET /snapshots/snapshot-status/{snapshotId}/location/{locationId}`: the latest push.
pub fn status(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    known(call, tx)?;
    let (snapshot, location) = (call.param("snapshotId"), call.param("locationId"));
    let Some(push) = tx.world.latest_push(snapshot, location) else {
        // HighLevel does not document the answer before the first push; an empty object is one of its forms.
        return ok(json!({"data": {}}));
    };
    let (completed, pending) = push.assets.split_at(push.due(tx.now));
    ok(json!({"data": {
        "id": push.snapshot_id, "locationId": location, "status": push.status(tx.now),
        "completed": completed, "pending": pending,
    }}))
}

/// `GET /snapshots/snapshot-status/{snapshotId}`: pushes in a period, newest first.
pub fn pushes(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    known(call, tx)?;
    let (_, limit) = call.page(20)?;
    let from = day(call, "from")?;
    let to = day(call, "to")?;
    let snapshot = call.param("snapshotId");
    let found: Vec<_> = tx.world.pushes.between(snapshot, from, to).rev().collect();
    let after = call.query_param("lastDoc");
    let rows: Vec<Value> = found
        .iter()
        .skip(after.and_then(|last| found.iter().position(|push| push.id == last)).map_or(0, |at| at + 1))
        .take(limit)
        .map(|push| {
            json!({
                "id": push.id, "locationId": push.location_id, "status": push.status(tx.now),
                "dateAdded": push.started_at,
            })
        })
        .collect();
    ok(json!({"data": rows}))
}

fn known(call: &Call<'_>, tx: &Transaction<'_>) -> Result<(), super::reply::Answer> {
    let snapshot = tx.world.snapshots.get(call.param("snapshotId"));
    match snapshot {
        Some(snapshot) if snapshot.company_id == call.company() => Ok(()),
        _ => Err(forbidden("snapshot")),
    }
}

/// Accepts only ISO 8601 timestamps and plain dates.
fn day(call: &Call<'_>, name: &str) -> Result<DateTime<Utc>, super::reply::Answer> {
    let text = call.query_param(name).unwrap_or_default();
    let whole = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).ok();
    let midnight = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    whole.or_else(midnight).ok_or_else(|| bad(format!("{name} must be a valid ISO 8601 date string")))
}
