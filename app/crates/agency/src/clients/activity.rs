//! The last things that happened to a client, as sentences: who did what.

use domain::BusinessId;
use domain::audit::{Entry, Repeated, filter, folded};
use domain::page::{Condition, ListQuery};
use store::tenant::TenantTx;

/// Lines that are shown.
const SHOWN: usize = 8;

/// Entries that are read, because some of them say the same.
const READ: u16 = 40;

/// Reads the last entries of the audit log about a business, in a transaction of the business.
pub(super) async fn load(tx: &mut TenantTx, business: BusinessId) -> store::Result<Vec<Repeated>> {
    let mut filters = Condition::all([("client.is", business.to_string())]);
    filters.push(filter::without_routine());
    let query = ListQuery { filters, limit: READ, ..ListQuery::default() };
    let entries = store::audit::list(tx, &query).await?.rows;
    let told: Vec<Entry> = entries.into_iter().filter(|entry| entry.action != "access.denied").collect();
    Ok(folded(told).into_iter().take(SHOWN).collect())
}
