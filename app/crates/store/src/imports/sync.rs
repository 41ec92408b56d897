//! Reads the list anew: asked for, begun, stored whole, or failed and why.

use std::time::Duration;

use domain::IntegrationId;
use domain::imports::{Listed, SeenLocation};
use domain::work::Kind;
use serde_json::json;

use super::{lock, notify};
use crate::audit::{self, Act};
use crate::queue::{self, Work};
use crate::{Result, TenantTx};

/// Queues a background job that reads the list of this company. The list of another company is dropped, except for what
/// is being imported.
pub async fn ask(tx: &mut TenantTx, integration: IntegrationId, company: &str) -> Result<()> {
    let agency = tx.agency()?;
    lock(tx).await?;
    sqlx::query!(
        "delete from ghl_locations l where l.agency_id = $1 and l.import_state is distinct from 'waiting'
         and exists (select from location_lists s where s.agency_id = $1 and s.company_id <> $2)",
        agency.0,
        company
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into location_lists as s (agency_id, company_id, asked_at) values ($1, $2, clock_timestamp())
         on conflict (agency_id) do update set asked_at = excluded.asked_at, company_id = excluded.company_id,
           read_at = case when s.company_id = excluded.company_id then s.read_at end,
           failed_at = case when s.company_id = excluded.company_id then s.failed_at end",
        agency.0,
        company
    )
    .execute(tx.conn())
    .await?;
    let work = Work::new(Kind::SyncLocations).subject(integration.0);
    queue::add(tx, &work.once(format!("locations:{integration}"))).await?;
    audit::record(tx, Act::new("locations.read_asked", "agency").object(agency)).await?;
    notify(tx).await
}

/// How long changes are collected before the list is read for them.
const COLLECTED: Duration = Duration::from_secs(60);

/// Queues a background job that reads the list in a minute, because HighLevel told that it changed. What changes until then
/// is read with it.
pub async fn ask_soon(tx: &mut TenantTx, integration: IntegrationId) -> Result<()> {
    let work = Work::new(Kind::SyncLocations).subject(integration.0);
    queue::add_in(tx, &work.once(format!("locations:{integration}")), COLLECTED).await?;
    Ok(())
}

/// Records that the list is being read now.
pub async fn began(tx: &mut TenantTx) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!("update location_lists set asked_at = clock_timestamp() where agency_id = $1", agency.0)
        .execute(tx.conn())
        .await?;
    notify(tx).await
}

/// Records that the list could not be read, and why. What was read before stays.
pub async fn unread(tx: &mut TenantTx, why: &str) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update location_lists set failed_at = clock_timestamp(), failure = left($2, 1000) where agency_id = $1",
        agency.0,
        why
    )
    .execute(tx.conn())
    .await?;
    notify(tx).await
}

/// Stores the whole list of a company. What it no longer has is removed, unless it is being imported.
pub async fn put(tx: &mut TenantTx, company: &str, seen: &[SeenLocation]) -> Result<Listed> {
    let agency = tx.agency()?;
    lock(tx).await?;
    let column = |of: fn(&SeenLocation) -> Option<String>| seen.iter().map(of).collect::<Vec<_>>();
    let ids: Vec<String> = seen.iter().map(|one| one.location.clone()).collect();
    let names: Vec<String> = seen.iter().map(|one| one.name.clone()).collect();
    let added: Vec<_> = seen.iter().map(|one| one.added_at).collect();
    let row = sqlx::query!(
        r#"with seen as (select distinct on (id) * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[])
                  as s (id, name, email, phone, website, address, city, state, postal_code, country, timezone, added_at)),
                kept as (insert into ghl_locations as l (agency_id, ghl_location_id, name, email, phone, website, address, city, state, postal_code, country, timezone, added_at)
                  select $1, id, name, email, phone, website, address, city, state, postal_code, country, timezone, added_at from seen
                  on conflict (agency_id, ghl_location_id) do update set name = excluded.name, email = excluded.email, phone = excluded.phone, website = excluded.website,
                    address = excluded.address, city = excluded.city, state = excluded.state, postal_code = excluded.postal_code, country = excluded.country,
                    timezone = excluded.timezone, added_at = excluded.added_at
                  where (l.name, l.email, l.phone, l.website, l.address, l.city, l.state, l.postal_code, l.country, l.timezone, l.added_at)
                    is distinct from (excluded.name, excluded.email, excluded.phone, excluded.website, excluded.address, excluded.city, excluded.state,
                      excluded.postal_code, excluded.country, excluded.timezone, excluded.added_at)
                  returning l.xmax::text = '0' as new),
                gone as (delete from ghl_locations l where l.agency_id = $1 and l.import_state is distinct from 'waiting'
                  and not exists (select from seen s where s.id = l.ghl_location_id) returning l.id)
           select (select count(*) from seen) as "listed!", (select count(*) from kept where new) as "added!", (select count(*) from gone) as "gone!""#,
        agency.0,
        &ids,
        &names,
        &column(|one| one.details.email.clone()) as &[Option<String>],
        &column(|one| one.details.phone.clone()) as &[Option<String>],
        &column(|one| one.details.website.clone()) as &[Option<String>],
        &column(|one| one.details.address.clone()) as &[Option<String>],
        &column(|one| one.details.city.clone()) as &[Option<String>],
        &column(|one| one.details.state.clone()) as &[Option<String>],
        &column(|one| one.details.postal_code.clone()) as &[Option<String>],
        &column(|one| one.details.country.clone()) as &[Option<String>],
        &column(|one| one.details.timezone.clone()) as &[Option<String>],
        &added as &[Option<chrono::DateTime<chrono::Utc>>],
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "insert into location_lists (agency_id, company_id, read_at) values ($1, $2, clock_timestamp())
         on conflict (agency_id) do update set company_id = excluded.company_id, read_at = excluded.read_at, failure = null",
        agency.0,
        company
    )
    .execute(tx.conn())
    .await?;
    let number = |count: i64| u64::try_from(count).unwrap_or_default();
    let listed = Listed { listed: number(row.listed), added: number(row.added), gone: number(row.gone) };
    audit::record(tx, Act::new("locations.read", "agency").object(agency).payload(json!(listed))).await?;
    notify(tx).await?;
    Ok(listed)
}
