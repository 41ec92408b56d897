//! What a business may know of its agency's work for it: where its location opens in HighLevel, what was set up for
//! it and who looks after it. A business itself sees nothing of its agency but name and brand, so two facts are read
//! in the agency's scope, each for this one business.

use domain::SnapshotId;
use domain::business::{Business, Contact, Setup};
use domain::identity::Reach;
use serde_json::Value;

use crate::{Db, Error, Result, Scope, TenantTx};

/// What only the agency's rows say about a business.
#[derive(Clone, Debug, Default)]
pub struct AgencySide {
    /// The address of the business's location in HighLevel's web application. `None` while it has no location.
    pub highlevel: Option<String>,
    /// The root of HighLevel's web application. `None` while the business has no location.
    pub root: Option<String>,
    /// The name of the snapshot.
    pub snapshot: Option<String>,
}

/// Reads the address of the business's location and the name of a snapshot, in a transaction of its own.
/// `installation` is where people open HighLevel unless their agency has an address of its own.
pub async fn agency_side(
    db: &Db,
    installation: &str,
    business: &Business,
    snapshot: Option<SnapshotId>,
) -> Result<AgencySide> {
    let scope = Scope::Agency { user: None, agency: business.agency, reach: Reach::Listed, listed: Vec::new() };
    let mut tx = TenantTx::begin(db, scope).await?;
    let mut side = AgencySide::default();
    if let Some(location) = &business.ghl_location_id {
        side.highlevel = Some(super::location_page(&mut tx, installation, None, location).await?);
        side.root = Some(super::highlevel_address(&mut tx, installation).await?);
    }
    if let Some(snapshot) = snapshot {
        let name = sqlx::query_scalar!(
            "select name from snapshots where agency_id = $1 and id = $2",
            business.agency.0,
            snapshot.0
        );
        side.snapshot = name.fetch_optional(tx.conn()).await?;
    }
    tx.commit().await?;
    Ok(side)
}

/// What the last finished job set up for the business. `None` if no job made it.
pub async fn setup(tx: &mut TenantTx, business: &Business) -> Result<Option<Setup>> {
    let row = sqlx::query!(
        r#"select client_data_json, snapshot_id as "snapshot: SnapshotId", finished_at from provisioning_jobs
           where agency_id = $1 and sub_account_id = $2 and status = 'COMPLETED' order by created_at desc limit 1"#,
        business.agency.0,
        business.id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Setup {
        snapshot: row.snapshot,
        tags: tags(&row.client_data_json),
        values: values(&row.client_data_json),
        finished_at: row.finished_at,
    }))
}

/// The texts of an order's tags. An order that another version stored may have other fields.
fn tags(order: &Value) -> Vec<String> {
    let tags = order.get("tags").and_then(Value::as_array).into_iter().flatten();
    tags.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// The custom values of an order: name and value.
fn values(order: &Value) -> Vec<(String, String)> {
    let values = order.get("custom_values").and_then(Value::as_object).into_iter().flatten();
    values.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// The people of the agency to whom the transaction's business is assigned, the longest first.
pub async fn contacts(tx: &mut TenantTx) -> Result<Vec<Contact>> {
    let business = tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))?;
    let contacts = sqlx::query_as!(
        Contact,
        "select u.name, u.email from user_sub_account_memberships m join users u on u.id = m.user_id
         where m.sub_account_id = $1 and m.kind = 'assigned' and m.status = 'active' and m.deleted_at is null
           and u.deleted_at is null and u.disabled_at is null
         order by m.created_at, u.id limit 3",
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(contacts)
}
