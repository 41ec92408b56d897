//! Views of a list that people save under a name. A person sees their own and those that somebody shares with the agency,
//! and changes their own.

use std::collections::BTreeMap;

use domain::page::ListQuery;
use domain::saved_view::{self, LONGEST_QUERY, MOST, SavedView};
use domain::{SavedViewId, UserId};
use sqlx::types::Json;

use crate::page::{LISTS, List};
use crate::{Error, Result, TenantTx, found, new_id};

/// What `Refused` carries when a person has as many views of a list as they can save.
pub const FULL: &str = "saved_views_full";
/// What `Refused` carries for an address that cannot be saved: too long, or with filters that the list does not have.
pub const UNREADABLE: &str = "saved_views_query";

/// The person's saved views of a list, and those that are shared, by name.
pub async fn list(tx: &mut TenantTx, of: &List) -> Result<Vec<SavedView>> {
    let (agency, user) = owner(tx)?;
    let rows = sqlx::query!(
        r#"select id as "id: SavedViewId", name, query as "query: Json<BTreeMap<String, String>>", shared from saved_views
           where agency_id = $1 and sub_account_id is null and screen = $2 and (user_id = $3 or shared) order by lower(name), id limit 200"#,
        agency.0,
        of.key,
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    let views = rows.into_iter().map(|row| SavedView {
        id: row.id,
        name: row.name,
        query: saved_view::query(&row.query),
        is_shared: row.shared,
    });
    Ok(views.collect())
}

/// Saves the query of a list's address under a name. A view of this name that the person has is replaced. Returns
/// `Refused(FULL)` or `Refused(UNREADABLE)`.
pub async fn save(tx: &mut TenantTx, of: &List, name: &str, query: &str, shared: bool) -> Result<SavedViewId> {
    let (agency, user) = owner(tx)?;
    let kept = saved_view::kept(query);
    let read = ListQuery::read(kept.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if saved_view::query(&kept).len() > LONGEST_QUERY || !of.errors(&read).is_empty() {
        return Err(Error::Refused(UNREADABLE.to_owned()));
    }
    let id = sqlx::query_scalar!(
        r#"insert into saved_views (id, agency_id, user_id, screen, name, query, shared)
           select $1, $2, $3, $4, $5, $6, $7
           where (select count(*) from saved_views where agency_id = $2 and sub_account_id is null and user_id = $3 and screen = $4 and name <> $5) < $8
           on conflict (agency_id, sub_account_id, user_id, screen, name) do update set query = excluded.query, shared = excluded.shared
           returning id as "id: SavedViewId""#,
        new_id::<SavedViewId>().0,
        agency.0,
        user.0,
        of.key,
        name,
        Json(kept) as _,
        shared,
        MOST
    )
    .fetch_optional(tx.conn())
    .await?;
    id.ok_or_else(|| Error::Refused(FULL.to_owned()))
}

/// Removes one of the person's views.
pub async fn remove(tx: &mut TenantTx, id: SavedViewId) -> Result<()> {
    let (agency, user) = owner(tx)?;
    let removed = sqlx::query!(
        "delete from saved_views where agency_id = $1 and sub_account_id is null and id = $2 and user_id = $3",
        agency.0,
        id.0,
        user.0
    )
    .execute(tx.conn())
    .await?;
    found(removed.rows_affected())
}

/// The list with this key, of which views can be saved.
#[must_use]
pub fn list_of(key: &str) -> Option<&'static List> {
    LISTS.into_iter().find(|list| list.key == key && list.agency.is_some())
}

/// Whose views a transaction sees. A program has none.
fn owner(tx: &TenantTx) -> Result<(domain::AgencyId, UserId)> {
    let user = tx.user().ok_or_else(|| Error::Refused("a scope without person".to_owned()))?;
    Ok((tx.agency()?, user))
}
