//! The trash. What was deleted stays in the trash for 30 days, where it can be restored as it was. Then it is
//! erased for good, with everything that belongs to it. An agency's data key is deleted with its row, so the
//! agency's secrets in a backup cannot be opened.

use domain::{AgencyId, BusinessId};
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::{Db, PlatformTx, Result};

mod content;
mod pieces;

pub use pieces::{OF_AGENCY, OF_BUSINESS, Piece};

/// Number of days that something stays in the trash.
pub const DAYS: i32 = 30;

/// Rows removed in one transaction.
const AT_ONCE: i64 = 5000;

/// An agency or business to erase.
#[derive(Clone, Copy, Debug)]
enum ToErase {
    Agency(AgencyId),
    Business(BusinessId),
}

impl ToErase {
    fn id(self) -> Uuid {
        match self {
            Self::Agency(id) => id.0,
            Self::Business(id) => id.0,
        }
    }

    const fn pieces(self) -> &'static [Piece] {
        match self {
            Self::Agency(_) => OF_AGENCY,
            Self::Business(_) => OF_BUSINESS,
        }
    }
}

/// Erases what has been in the trash for longer than `DAYS`, and returns how many agencies and businesses it
/// erased. `db` is the worker's.
///
/// # Errors
/// The first error; the others are erased all the same.
pub async fn sweep(db: &Db) -> Result<u64> {
    sweep_while(db, &|| true).await.map(|(gone, _)| gone)
}

/// Like `sweep`, for as long as `go_on` returns true. The flag is true when everything was processed. All rows are
/// removed in short separate transactions, so it may be stopped at any point and continues with the next call.
///
/// # Errors
/// Like `sweep`.
pub async fn sweep_while(db: &Db, go_on: &(dyn Fn() -> bool + Sync)) -> Result<(u64, bool)> {
    let (mut gone, mut trouble) = (0, None);
    for to_erase in overdue(db).await? {
        match erase(db, to_erase, go_on).await {
            Ok(Some(erased)) => gone += u64::from(erased),
            Ok(None) => return trouble.map_or(Ok((gone, false)), Err),
            Err(error) => {
                tracing::warn!(event = "trash.not_erased", what = ?to_erase, %error, "something in the trash could not be erased");
                trouble.get_or_insert(error);
            }
        }
    }
    trouble.map_or(Ok((gone, true)), Err)
}

/// Everything that is overdue, businesses first and the longest overdue first. The list is complete, so that one
/// that cannot be erased never blocks another.
async fn overdue(db: &Db) -> Result<Vec<ToErase>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let businesses = sqlx::query_scalar!(
        r#"select id as "id: BusinessId" from sub_accounts where deleted_at < now() - make_interval(days => $1) order by deleted_at"#,
        DAYS
    )
    .fetch_all(tx.conn())
    .await?;
    let agencies = sqlx::query_scalar!(
        r#"select id as "id: AgencyId" from agencies where deleted_at < now() - make_interval(days => $1) order by deleted_at"#,
        DAYS
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(businesses.into_iter().map(ToErase::Business).chain(agencies.into_iter().map(ToErase::Agency)).collect())
}

/// Whether it is still overdue. One that was restored meanwhile keeps its remaining rows.
async fn is_overdue(db: &Db, to_erase: ToErase) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let overdue = sqlx::query_scalar!(
        r#"select exists (select from sub_accounts where id = $1 and deleted_at < now() - make_interval(days => $2))
           or exists (select from agencies where id = $1 and deleted_at < now() - make_interval(days => $2)) as "overdue!""#,
        to_erase.id(),
        DAYS
    );
    Ok(overdue.fetch_one(tx.conn()).await?)
}

/// Deletes its rows table by table, then the row itself. Returns `None` when it was told to stop on the way, and
/// false when the agency or business was restored.
async fn erase(db: &Db, to_erase: ToErase, go_on: &(dyn Fn() -> bool + Sync)) -> Result<Option<bool>> {
    for piece in to_erase.pieces() {
        loop {
            if !go_on() {
                return Ok(None);
            }
            if !is_overdue(db, to_erase).await? {
                return Ok(Some(false));
            }
            if (piece.remove)(db, to_erase.id(), AT_ONCE).await? == 0 {
                break;
            }
        }
    }
    match to_erase {
        ToErase::Agency(agency) => erase_agency(db, agency).await.map(Some),
        ToErase::Business(business) => erase_business(db, business).await.map(Some),
    }
}

/// Erases one business, if it is still overdue. Returns false when it was restored or another process was faster.
async fn erase_business(db: &Db, business: BusinessId) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let row = sqlx::query!(
        r#"delete from sub_accounts where id = $1 and deleted_at < now() - make_interval(days => $2)
           returning agency_id as "agency: AgencyId", name"#,
        business.0,
        DAYS
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(false) };
    drop_work(&mut tx, row.agency, Some(business)).await?;
    let act = Act::new("business.erased", "business").object(business).payload(json!({ "name": row.name }));
    audit::record_platform(&mut tx, Some(row.agency), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// Deletes the agency's own row last: businesses, integrations, secrets and roles are deleted with it; people
/// stay.
async fn erase_agency(db: &Db, agency: AgencyId) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let name = sqlx::query_scalar!(
        "delete from agencies where id = $1 and deleted_at < now() - make_interval(days => $2) returning name",
        agency.0,
        DAYS
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(name) = name else { return Ok(false) };
    drop_work(&mut tx, agency, None).await?;
    let act = Act::new("agency.erased", "agency").object(agency).payload(json!({ "name": name }));
    audit::record_platform(&mut tx, Some(agency), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// Deletes the work that was queued for it. The queue has no foreign keys to its tenants, so nothing there is
/// deleted automatically.
async fn drop_work(tx: &mut PlatformTx, agency: AgencyId, business: Option<BusinessId>) -> Result<()> {
    sqlx::query!(
        "with ready as (delete from work_ready where agency_id = $1 and ($2::uuid is null or sub_account_id = $2)),
              scheduled as (delete from work_scheduled where agency_id = $1 and ($2::uuid is null or sub_account_id = $2)),
              leased as (delete from work_leases where agency_id = $1 and ($2::uuid is null or sub_account_id = $2))
         delete from work_dead where agency_id = $1 and ($2::uuid is null or sub_account_id = $2)",
        agency.0,
        business.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
