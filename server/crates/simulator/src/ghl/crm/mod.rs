//! Serves the records of a location's CRM: contacts, conversations, calendars, opportunities (HighLevel API §5).

pub mod calendars;
pub mod contacts;
pub mod conversations;
pub mod opportunities;

use crate::{
    crm::{CrmKind, CrmRecord},
    world::Transaction,
};

use super::{
    call::Call,
    reply::{Answer, bad},
    shape::{Field, Kind, may, need},
};

/// A custom field as it is written.
const CUSTOM_FIELDS: Field = may("customFields", Kind::List);

/// A place that a body must name.
const PLACE: Field = need("locationId", Kind::Filled);

/// The location whose token calls.
fn own<'c>(call: &'c Call<'_>) -> &'c str {
    call.grant.as_ref().and_then(|grant| grant.location_id.as_deref()).unwrap_or_default()
}

/// The record of the caller's location with this id. HighLevel says of a foreign record what it says of none.
fn known(call: &Call<'_>, tx: &Transaction<'_>, kind: CrmKind, id: &str) -> Result<CrmRecord, Answer> {
    let found = tx.world.crm.get(id).filter(|record| record.kind == kind && record.location_id == own(call));
    found.cloned().ok_or_else(|| bad(format!("{kind:?} with id {id} not found")))
}

/// All records of a kind in the caller's location, newest first.
fn all<'w>(call: &Call<'_>, tx: &Transaction<'w>, kind: CrmKind) -> Vec<&'w CrmRecord> {
    let key = CrmRecord::key(own(call), kind);
    tx.world.crm.of(&key).rev().collect()
}

/// How many rows a query asks for.
fn limit(call: &Call<'_>) -> usize {
    call.query_param("limit").and_then(|text| text.parse().ok()).unwrap_or(20).clamp(1, 100)
}
