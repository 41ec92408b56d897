//! Which channels are due for their daily look at the platform, and who else needs what one of them leaves behind?

use std::time::Duration;

use domain::{AgencyId, BusinessId, IntegrationId};

use crate::{Db, PlatformTx, Result, TenantTx};

/// A channel that is due for a look, by ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueCheck {
    /// The integration.
    pub integration: IntegrationId,
    /// Its agency.
    pub agency: AgencyId,
    /// Its business.
    pub business: BusinessId,
}

/// The channels of any tenant whose token was not looked at for `age`. It leaves out those for which a look does not
/// help: disconnected, paused, in need of a person, or of a tenant in the trash. It returns one page, after `after`.
pub async fn due_checks(db: &Db, age: Duration, after: Option<IntegrationId>) -> Result<Vec<DueCheck>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query_as!(
        DueCheck,
        r#"select i.id as "integration: IntegrationId", i.agency_id as "agency: AgencyId", i.sub_account_id as "business!: BusinessId"
           from integrations i join agencies a on a.id = i.agency_id join sub_accounts b on b.id = i.sub_account_id
           where i.type in ('WHATSAPP', 'INSTAGRAM', 'FACEBOOK') and i.is_active and i.disconnected_at is null and i.needs_reauth_at is null
             and i.paused_at is null and a.deleted_at is null and b.deleted_at is null
             and coalesce(i.checked_at, '-infinity') not between now() - make_interval(secs => $1) and now() + interval '1 hour'
             and ($2::uuid is null or i.id > $2) order by i.id limit 500"#,
        age.as_secs_f64(),
        after.map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(rows)
}

/// Records that the platform was asked whether the channel's token still works.
pub async fn record_check(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    sqlx::query!("update integrations set checked_at = now() where id = $1", id.0).execute(tx.conn()).await?;
    Ok(())
}

/// Whether another connection in use, of any tenant, needs the same subscription: a number of the same WhatsApp Business
/// account, or the page or an Instagram account that is reached through it.
pub async fn is_needed_elsewhere(db: &Db, id: IntegrationId, waba: Option<&str>, page: Option<&str>) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let needed = sqlx::query_scalar!(
        r#"select exists (select from integrations where id <> $1 and is_active and (type = 'WHATSAPP' and waba_id = $2
             or type = 'FACEBOOK' and platform_id = $3 or type = 'INSTAGRAM' and metadata ->> 'page' = $3)) as "needed!""#,
        id.0,
        waba,
        page
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(needed)
}
