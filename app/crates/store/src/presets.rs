//! Presets: what new clients of an agency start from. A name is unique in its agency, without regard to case.

use domain::PresetId;
use domain::presets::{MOST, Preset};
use domain::provisioning::NewJob;
use serde_json::json;
use sqlx::types::Json;

use crate::audit::{self, Act};
use crate::{Error, Result, TenantTx, new_id};

/// What `Refused` carries when the agency has as many presets as it can save.
pub const FULL: &str = "presets_full";

/// The agency's presets, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Preset>> {
    let agency = tx.agency()?;
    let presets = sqlx::query_as!(
        Preset,
        r#"select id as "id: PresetId", name from client_presets where agency_id = $1 order by lower(name) limit 100"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(presets)
}

/// The order that a preset keeps. `Unreadable` if a newer version stored it in another form.
pub async fn order(tx: &mut TenantTx, id: PresetId) -> Result<NewJob> {
    let agency = tx.agency()?;
    let stored =
        sqlx::query_scalar!("select order_json from client_presets where agency_id = $1 and id = $2", agency.0, id.0)
            .fetch_optional(tx.conn())
            .await?
            .ok_or(Error::NotFound)?;
    serde_json::from_value(stored).map_err(|error| Error::Unreadable(format!("preset {id}: {error}")))
}

/// Saves an order under a name. A preset of that name is replaced. Returns `Refused(FULL)` if there are as many as an
/// agency can save.
pub async fn save(tx: &mut TenantTx, name: &str, order: &NewJob) -> Result<PresetId> {
    let (agency, user) = (tx.agency()?, tx.user());
    let id = sqlx::query_scalar!(
        r#"insert into client_presets (id, agency_id, created_by, name, order_json)
           select $1, $2, $3, $4, $5
           where (select count(*) from client_presets where agency_id = $2 and lower(name) <> lower($4)) < $6
           on conflict (agency_id, lower(name)) do update set name = excluded.name, order_json = excluded.order_json, updated_at = now()
           returning id as "id: PresetId""#,
        new_id::<PresetId>().0,
        agency.0,
        user.map(|user| user.0),
        name,
        Json(order) as _,
        MOST
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::Refused(FULL.to_owned()))?;
    audit::record(tx, Act::new("preset.saved", "preset").object(id).payload(json!({ "name": name }))).await?;
    Ok(id)
}

/// Removes a preset and returns its name.
pub async fn remove(tx: &mut TenantTx, id: PresetId) -> Result<String> {
    let agency = tx.agency()?;
    let name = sqlx::query_scalar!(
        "delete from client_presets where agency_id = $1 and id = $2 returning name",
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    audit::record(tx, Act::new("preset.removed", "preset").object(id).payload(json!({ "name": name }))).await?;
    Ok(name)
}
