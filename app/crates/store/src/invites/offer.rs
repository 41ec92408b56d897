//! What an invitation is for, in the names that the invited person reads: which agency, which business, who invites.

use domain::brand::Brand;
use domain::identity::Reach;

use super::OneTime;
use crate::agencies::brand_of;
use crate::tenant::Settings;
use crate::{Db, Result, Scope, TenantTx};

/// What an invitation is for.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The agency that invites, or to whose business somebody is invited.
    pub brand: Brand,
    /// Name of the business; `None` for an invitation to the agency.
    pub business: Option<String>,
    /// Name of the person who invites, if they belong to the agency and gave one.
    pub inviter: Option<String>,
}

/// What a link that works is for; `hash` is that of its secret. `None` if it leads to no agency.
pub async fn offer(db: &Db, link: &OneTime, hash: [u8; 32]) -> Result<Option<Offer>> {
    let Some(agency) = link.agency else { return Ok(None) };
    let settings = Settings {
        agency: Some(agency),
        business: link.business,
        reach: Some(Reach::All),
        presented: Some(hash),
        ..Settings::default()
    };
    let mut tx = TenantTx::begin_with(db, Scope::Presented(hash), settings).await?;
    let row = sqlx::query!(
        r#"select a.name, a.settings_json -> 'brand' as brand, (select b.name from sub_accounts b where b.agency_id = $1 and b.id = $2) as business,
                  (select nullif(u.name, '') from users u where u.id = $3) as inviter
           from agencies a where a.id = $1"#,
        agency.0,
        link.business.map(|id| id.0),
        link.created_by.map(|id| id.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(row.map(|row| Offer {
        brand: brand_of(agency, row.name, row.brand),
        business: row.business,
        inviter: row.inviter,
    }))
}
