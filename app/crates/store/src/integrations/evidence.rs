//! Stores what was observed of an integration, as rows and as a strip of fourteen days.

use domain::IntegrationId;
use domain::integration::{Evidence, StripDay};

use crate::{Result, TenantTx, found};

/// Records an observation. The row belongs to the same agency and business as the integration. Returns `NotFound` when
/// this scope does not see the integration; the database refuses the row when the scope may only read it.
pub(super) async fn observe(
    tx: &mut TenantTx,
    id: IntegrationId,
    kind: &str,
    ok: bool,
    detail: Option<&str>,
) -> Result<()> {
    let written = sqlx::query!(
        "insert into integration_evidence (agency_id, sub_account_id, integration_id, kind, ok, detail)
         select agency_id, sub_account_id, id, left($2, 40), $3, left($4, 500) from integrations where id = $1",
        id.0,
        kind,
        ok,
        detail
    )
    .execute(tx.conn())
    .await?;
    found(written.rows_affected())
}

/// The last observations, newest first.
pub async fn evidence(tx: &mut TenantTx, id: IntegrationId, most: i64) -> Result<Vec<Evidence>> {
    let rows = sqlx::query_as!(
        Evidence,
        "select kind, ok, detail, observed_at from integration_evidence where integration_id = $1 order by observed_at desc, id desc limit $2",
        id.0,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The last fourteen days up to today, oldest first. A day without observations has zero counts.
pub async fn strip(tx: &mut TenantTx, id: IntegrationId) -> Result<Vec<StripDay>> {
    let days = sqlx::query_as!(
        StripDay,
        r#"select d.day::date as "day!", count(e.id) filter (where e.ok) as "ok!", count(e.id) filter (where not e.ok) as "failed!"
           from generate_series(current_date - 13, current_date, interval '1 day') as d (day)
           left join integration_evidence e on e.integration_id = $1 and e.observed_at >= d.day and e.observed_at < d.day + interval '1 day'
           group by d.day order by d.day"#,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(days)
}
