//! Rotates an agency's data key while everything runs. A new key becomes the primary key; each row sealed with the old
//! key is then sealed again. An interrupted rotation resumes, because each row names its key.

use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::{AgencyId, BusinessId, CredentialId, IntegrationId};
use serde_json::json;

use super::open::{Sealed, unseal};
use super::{associated_data, seal_pair};
use crate::audit::{self, Act};
use crate::integrations::evict;
use crate::vault::{Rotation, Vault};
use crate::{Db, Error, Result, Scope, TenantTx};

/// Gives an agency a new data key and seals its secrets with it. The old key is retired once nothing uses it.
pub async fn rotate_agency(
    db: &Db,
    vault: &Vault,
    agency: AgencyId,
    mut progress: impl FnMut(Rotation),
) -> Result<Rotation> {
    let primary = vault.next_key(agency).await?;
    let mut tx = TenantTx::begin(db, scope(agency, None)).await?;
    let old = sqlx::query!(
        r#"select id as "id: CredentialId", sub_account_id as "business: BusinessId" from credentials where agency_id = $1 and key_id <> $2 order by id"#,
        agency.0,
        primary
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let mut tx = TenantTx::begin(db, scope(agency, None)).await?;
    let webhooks = crate::webhooks::old_keys(&mut tx, primary).await?;
    drop(tx);
    let mut state = Rotation { done: 0, total: old.len() + webhooks.len() };
    progress(state);
    for row in old {
        let mut tx = TenantTx::begin(db, scope(agency, row.business)).await?;
        reseal(&mut tx, vault, row.id).await?;
        tx.commit().await?;
        state.done += 1;
        progress(state);
    }
    for webhook in webhooks {
        crate::webhooks::reseal(db, vault, scope(agency, None), webhook).await?;
        state.done += 1;
        progress(state);
    }
    retire(db, agency).await?;
    Ok(state)
}

fn scope(agency: AgencyId, business: Option<BusinessId>) -> Scope {
    let (user, reach, listed) = (None, Reach::All, Vec::new());
    match business {
        None => Scope::Agency { user, agency, reach, listed },
        Some(business) => Scope::AgencyBusiness { user, agency, business, reach, listed },
    }
}

/// Seals one row again. A row that was deleted meanwhile is skipped.
async fn reseal(tx: &mut TenantTx, vault: &Vault, id: CredentialId) -> Result<()> {
    let row = sqlx::query!(
        r#"select agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", integration_id as "integration: IntegrationId", version, kind, key_id,
                  sealed_access, sealed_refresh from credentials where id = $1 for update"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(()) };
    let sealed = Sealed {
        id,
        agency: row.agency,
        business: row.business,
        integration: row.integration,
        version: row.version,
        kind: CredentialKind::parse(&row.kind).ok_or_else(|| Error::Sealed(format!("unknown kind {}", row.kind)))?,
        key_id: row.key_id,
        access: row.sealed_access,
        refresh: row.sealed_refresh,
        scopes: Vec::new(),
        expires_at: None,
        refresh_expires_at: None,
    };
    let (access, refresh) = unseal(vault, &sealed).await?;
    let fresh = seal_pair(vault, &associated_data(id, row.agency, row.business), &access, refresh.as_ref()).await?;
    sqlx::query!(
        "update credentials set key_id = $2, sealed_access = $3, sealed_refresh = $4 where id = $1 and key_id = $5",
        id.0,
        fresh.key_id,
        fresh.access,
        fresh.refresh,
        sealed.key_id
    )
    .execute(tx.conn())
    .await?;
    evict(tx, row.integration);
    Ok(())
}

/// Retires an old key only when no row uses it, because another process may seal with it for another minute.
async fn retire(db: &Db, agency: AgencyId) -> Result<()> {
    let mut tx = TenantTx::begin(db, scope(agency, None)).await?;
    let retired = sqlx::query_scalar!(
        "update data_keys k set state = 'retired' where k.agency_id = $1 and k.state = 'reader'
         and not exists (select from credentials c where c.agency_id = $1 and c.key_id = k.key_id)
         and not exists (select from webhook_endpoints e where e.agency_id = $1 and e.removed_at is null and k.key_id in (e.key_id, e.previous_key_id)) returning k.key_id",
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    audit::record(&mut tx, Act::new("vault.rotated", "agency").object(agency).payload(json!({ "retired": retired })))
        .await?;
    tx.commit().await
}
