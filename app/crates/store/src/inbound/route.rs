//! Which business does an item concern? Decided by the platform's id of the account alone, before any business is known.

use domain::integration::Kind;
use domain::{AgencyId, BusinessId, IntegrationId};

use crate::{Result, TenantTx};

/// The connected account that an item is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The integration.
    pub integration: IntegrationId,
    /// The agency.
    pub agency: AgencyId,
    /// The business.
    pub business: BusinessId,
}

/// The account with this id, also a disconnected one. `None` if it was never connected.
pub async fn route(tx: &mut TenantTx, kind: Kind, platform_id: &str) -> Result<Option<Route>> {
    if platform_id.contains('\0') {
        return Ok(None);
    }
    let row = sqlx::query_as!(
        Route,
        r#"select integration_id as "integration!: IntegrationId", agency_id as "agency!: AgencyId", sub_account_id as "business!: BusinessId" from lookup.route($1, $2)"#,
        kind as Kind,
        platform_id
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// The connected numbers of a WhatsApp Business account.
pub async fn routes_of_waba(tx: &mut TenantTx, waba: &str) -> Result<Vec<Route>> {
    if waba.contains('\0') {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        Route,
        r#"select integration_id as "integration!: IntegrationId", agency_id as "agency!: AgencyId", sub_account_id as "business!: BusinessId" from lookup.route_waba($1)"#,
        waba
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// What is known of an account that gets items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Whether it is in use.
    pub is_active: bool,
    /// Its name at the platform; empty if that is not known.
    pub name: String,
}

/// What is known of the account of a route. `NotFound` if it was removed meanwhile.
pub async fn receiver(tx: &mut TenantTx, integration: IntegrationId) -> Result<Receiver> {
    let row = sqlx::query_as!(
        Receiver,
        r#"select is_active, coalesce(platform_name, '') as "name!" from integrations where id = $1"#,
        integration.0
    );
    Ok(row.fetch_one(tx.conn()).await?)
}
