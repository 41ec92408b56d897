//! The figures on the agency's home, read in one way for the page and for its island.

use domain::page::ListQuery;
use domain::provisioning::JobRow;
use islands::home::FiguresState;
use kit::labels::provisioning as labels;
use store::tenant::TenantTx;
use web::error::Result;

/// Number of weeks in the chart.
const WEEKS: i32 = 8;
/// Number of jobs that the page lists.
const RECENT: u16 = 6;

/// Reads the figures of the agency with this slug, and its latest jobs.
///
/// # Errors
/// When the database refuses.
pub async fn figures(tx: &mut TenantTx, slug: &str) -> Result<(FiguresState, Vec<JobRow>)> {
    let query = ListQuery { limit: RECENT, ..ListQuery::default() };
    let recent = store::provisioning::list(tx, &query).await?.rows;
    let figures = FiguresState {
        base: format!("/a/{slug}"),
        clients: store::businesses::counts(tx).await?.all,
        counts: store::provisioning::counts(tx).await?,
        weeks: store::weeks::last(tx, WEEKS).await?,
        jobs: recent.iter().map(|row| format!("{} {};", row.number, labels::job(row).1)).collect(),
    };
    Ok((figures, recent))
}
