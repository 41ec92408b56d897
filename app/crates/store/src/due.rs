//! In which businesses of any agency is something due? Work that runs by itself finds them page by page, and does each in the
//! scope of its own business.

use domain::{AgencyId, BusinessId};
use uuid::Uuid;

use crate::{Db, PlatformTx, Result};

/// The most businesses that are found at once.
pub(crate) const FOUND: i64 = 500;

/// Some of the businesses in which something is due, and where the search goes on.
#[derive(Clone, Debug, Default)]
pub struct DueBusinesses {
    /// The businesses with their agencies.
    pub found: Vec<(AgencyId, BusinessId)>,
    /// Behind which business the next ones are; `None` if these are all.
    pub next: Option<BusinessId>,
}

/// Those of these businesses that are not in the trash, with their agencies. They are the first ones behind some place in the
/// order of ids, at most [`FOUND`].
pub(crate) async fn outside_trash(db: &Db, due: &[BusinessId]) -> Result<DueBusinesses> {
    let is_whole = i64::try_from(due.len()).is_ok_and(|count| count < FOUND);
    let next = due.last().copied().filter(|_| !is_whole);
    let ids: Vec<Uuid> = due.iter().map(|business| business.0).collect();
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select b.agency_id as "agency: AgencyId", b.id as "business: BusinessId" from sub_accounts b join agencies a on a.id = b.agency_id and a.deleted_at is null
           where b.id = any ($1) and b.deleted_at is null order by b.id"#,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(DueBusinesses { found: rows.into_iter().map(|row| (row.agency, row.business)).collect(), next })
}
