//! The list of integrations with locations.

use domain::integration::Integration;
use domain::page::{ListQuery, Page};

use super::of_ids;
use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Result, TenantTx};

/// The integrations with locations of an agency's businesses, newest first.
pub static LIST: List = List {
    key: "integrations",
    from: "integrations i",
    id: "i.id",
    agency: Some("i.agency_id"),
    always: "i.parent_platform_id is not null",
    views: &[
        View::new("", "i.disconnected_at is null"),
        View::new(
            "trouble",
            "i.disconnected_at is null and i.paused_at is null and (i.needs_reauth_at is not null or i.suspended_at is not null
               or i.last_error_at > coalesce(i.last_ok_at, '-infinity') or i.scopes_missing <> '{}')",
        ),
        View::new("all", "i.disconnected_at is null"),
        View::new("off", "i.disconnected_at is not null"),
    ],
    search: Search::new("coalesce(i.platform_name, '')").whole(&["lower(i.platform_id)"]),
    filters: &[
        Filter::new("active", "i.is_active", Kind::Bool),
        Filter::new("connected", "i.connected_at", Kind::Time),
        Filter::new("heard", "i.last_event_at", Kind::Time),
        Filter::new("missing_scope", "i.scopes_missing", Kind::Tags),
        Filter::new("client", "i.sub_account_id", Kind::Id),
    ],
    keys: &[Key::time("created", "i.created_at")],
    orders: &["-created"],
    ..List::EMPTY
};

/// Lists the integrations with locations that this scope may see, newest first. `q` searches the name and the id
/// at the provider. `view` is `trouble` or `off`; any other value, such as `all`, lists those that are not
/// disconnected.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Integration>> {
    let within = Within::of(tx);
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = of_ids(tx.conn(), &found.ids).await?;
    Ok(found.page(rows, |row| row.id.0))
}
