//! Views of a list that people save under a name. A person sees their own and those that somebody shares with the agency.
//! They change their own; whoever looks after the shared ones changes those as well.

use std::collections::BTreeMap;

use domain::page::ListQuery;
use domain::saved_view::{self, LONGEST_QUERY, MOST, SavedView};
use domain::{SavedViewId, UserId};
use serde_json::json;
use sqlx::types::Json;

use crate::audit::{self, Act};
use crate::page::{LISTS, List};
use crate::{Error, Result, TenantTx, found, new_id, outbox};

/// What `Refused` carries when a person has as many views of a list as they can save.
pub const FULL: &str = "saved_views_full";
/// What `Taken` carries when another view of the same person and list has the name.
pub const NAME_TAKEN: &str = "saved_views_agency_id_sub_account_id_user_id_screen_name_key";
/// What `Refused` carries for an address that cannot be saved: too long, or with filters that the list does not have.
pub const UNREADABLE: &str = "saved_views_query";

/// The person's saved views of a list, and those that are shared, by name.
pub async fn list(tx: &mut TenantTx, of: &List) -> Result<Vec<SavedView>> {
    let (agency, user) = owner(tx)?;
    let rows = sqlx::query!(
        r#"select id as "id: SavedViewId", name, query as "query: Json<BTreeMap<String, String>>", shared, user_id = $3 as "mine!" from saved_views
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
        is_mine: row.mine,
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
    let id = id.ok_or_else(|| Error::Refused(FULL.to_owned()))?;
    changed(tx, id, "saved_view.saved", name).await?;
    Ok(id)
}

/// Renames one of the person's views and sets who sees it. With `any_shared` it may also be a view that somebody else
/// shares. Returns `Taken(NAME_TAKEN)` if its person has another view of this name.
pub async fn rename(tx: &mut TenantTx, id: SavedViewId, name: &str, shared: bool, any_shared: bool) -> Result<()> {
    let (agency, user) = owner(tx)?;
    let renamed = sqlx::query!(
        "update saved_views set name = $4, shared = $5
         where agency_id = $1 and sub_account_id is null and id = $2 and (user_id = $3 or (shared and $6))",
        agency.0,
        id.0,
        user.0,
        name,
        shared,
        any_shared
    )
    .execute(tx.conn())
    .await?;
    found(renamed.rows_affected())?;
    changed(tx, id, "saved_view.renamed", name).await
}

/// Removes one of the person's views and returns its name. With `any_shared` it may also be a view that somebody else
/// shares.
pub async fn remove(tx: &mut TenantTx, id: SavedViewId, any_shared: bool) -> Result<String> {
    let (agency, user) = owner(tx)?;
    let name = sqlx::query_scalar!(
        "delete from saved_views where agency_id = $1 and sub_account_id is null and id = $2 and (user_id = $3 or (shared and $4))
         returning name",
        agency.0,
        id.0,
        user.0,
        any_shared
    )
    .fetch_one(tx.conn())
    .await?;
    changed(tx, id, "saved_view.removed", &name).await?;
    Ok(name)
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

async fn changed(tx: &mut TenantTx, id: SavedViewId, action: &'static str, name: &str) -> Result<()> {
    audit::record(tx, Act::new(action, "saved_view").object(id).payload(json!({ "name": name }))).await?;
    outbox::add(tx, "saved_views.changed", Some(id.0), &json!({})).await
}
