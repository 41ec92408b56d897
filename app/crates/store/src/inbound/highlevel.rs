//! Whom does an event of HighLevel concern, and what became of it? It concerns a location, or the company of an agency, which
//! belongs to no business.

use chrono::{DateTime, Utc};
use domain::{AgencyId, BusinessId, IntegrationId};
use uuid::Uuid;

use super::Outcome;
use crate::{Result, TenantTx};

/// The connection that an event of HighLevel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HighlevelRoute {
    /// The integration: of the location, or of the company if the location is not connected here.
    pub integration: IntegrationId,
    /// The agency.
    pub agency: AgencyId,
    /// The business; `None` for a company, and for a location whose business does not exist yet.
    pub business: Option<BusinessId>,
}

/// The connection of the location, else of the company, also a disconnected one. A location of another company than the
/// named one is not meant. `None` if neither was ever connected.
pub async fn route_highlevel(
    tx: &mut TenantTx,
    company: Option<&str>,
    location: Option<&str>,
) -> Result<Option<HighlevelRoute>> {
    let row = sqlx::query_as!(
        HighlevelRoute,
        r#"select integration_id as "integration!: IntegrationId", agency_id as "agency!: AgencyId", sub_account_id as "business?: BusinessId"
           from lookup.route_highlevel($1, $2)"#,
        company,
        location
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Records how an event ended, and gives it to the agency and business that it concerns. Of what was done only the record
/// stays.
pub async fn settle_highlevel(tx: &mut TenantTx, item: Uuid, outcome: Outcome, route: &HighlevelRoute) -> Result<()> {
    sqlx::query!(
        "update inbound_items set outcome = $2, agency_id = $3, sub_account_id = $4, integration_id = $5, error = null, processed_at = now(), payload = '{}'
         where id = $1 and agency_id is null and outcome = 'waiting'",
        item,
        outcome.key(),
        route.agency.0,
        route.business.map(|id| id.0),
        route.integration.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// When the app was last installed at this account of the agency, as far as events of the last 30 days tell.
pub async fn newest_install(tx: &mut TenantTx, account: &str) -> Result<Option<DateTime<Utc>>> {
    let newest = sqlx::query_scalar!(
        "select max(happened_at) from inbound_items where agency_id = $1 and account = $2 and provider = 'ghl' and kind = 'INSTALL' and outcome = 'processed'",
        tx.agency()?.0,
        account
    );
    Ok(newest.fetch_one(tx.conn()).await?)
}
