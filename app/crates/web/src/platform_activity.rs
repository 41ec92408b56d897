//! The last things that happened to one agency, business or person, as sentences: who did what.

use domain::AgencyId;
use domain::audit::{Repeated, filter, folded};
use domain::page::{Condition, ListQuery};
use store::tenant::PlatformTx;

/// Lines that are shown.
const SHOWN: usize = 10;

/// Entries that are read, because some of them say the same.
const READ: u16 = 50;

/// Reads the last entries of the audit log of an agency, or of all with `None`. `which` is a filter and its value.
pub async fn load(
    tx: &mut PlatformTx,
    agency: Option<AgencyId>,
    which: Option<(&str, String)>,
) -> store::Result<Vec<Repeated>> {
    let mut filters = Condition::all(which);
    filters.push(filter::without_routine());
    let query = ListQuery { filters, limit: READ, ..ListQuery::default() };
    let entries = store::audit::list_platform(tx, agency, &query).await?.rows;
    Ok(folded(entries).into_iter().take(SHOWN).collect())
}
