//! What do platforms tell us of an account by themselves? That its events arrive, what happens to it, and that the person
//! who consented took the consent back.

use domain::{AgencyId, BusinessId, IntegrationId};
use serde_json::json;

use super::{changed, notify, observe};
use crate::audit::Act;
use crate::{PlatformTx, Result, TenantTx};

/// Records that an event of the account arrived, at most once a minute. The first one ends the wait of its setup.
pub async fn record_event(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    let was = sqlx::query!(
        r#"update integrations i set first_event_at = coalesce(i.first_event_at, now()), last_event_at = now(),
             setup_step = nullif(i.setup_step, 'test'), setup_error = case when i.setup_step = 'test' then null else i.setup_error end
           from (select id, first_event_at, setup_step from integrations where id = $1 and (first_event_at is null or last_event_at is null or setup_step = 'test'
             or last_event_at not between now() - interval '1 minute' and now() + interval '1 minute') for update) was
           where i.id = was.id
           returning was.first_event_at is null or was.setup_step is not distinct from 'test' as "first!""#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    if was.is_some_and(|was| was.first) {
        observe(tx, id, "event", true, Some("first event")).await?;
        notify(tx, id).await?;
    }
    Ok(())
}

/// Records what the platform says of the account, in a word and a sentence.
pub async fn record_notice(tx: &mut TenantTx, id: IntegrationId, kind: &str, ok: bool, detail: &str) -> Result<()> {
    observe(tx, id, kind, ok, Some(detail)).await?;
    notify(tx, id).await
}

/// An account and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consented {
    /// The integration.
    pub integration: IntegrationId,
    /// The agency.
    pub agency: AgencyId,
    /// The business.
    pub business: BusinessId,
}

/// The channels of all tenants that were connected by this person, by the id that the platform gives them for our app.
pub async fn connected_by(tx: &mut PlatformTx, person: &str) -> Result<Vec<Consented>> {
    let rows = sqlx::query_as!(
        Consented,
        r#"select id as "integration: IntegrationId", agency_id as "agency: AgencyId", sub_account_id as "business!: BusinessId" from integrations
           where metadata ->> 'person' = $1 and sub_account_id is not null and type in ('WHATSAPP', 'INSTAGRAM', 'FACEBOOK') order by id"#,
        person
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Forgets who consented at the platform.
pub async fn forget_person(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    let done = sqlx::query!(
        "update integrations set metadata = metadata - 'person' where id = $1 and metadata ? 'person'",
        id.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    changed(tx, id, Act::new("integration.person_forgotten", "integration").payload(json!({}))).await
}
