//! Phone routes: which business a dialed number belongs to. A row belongs to its business, so each write takes the
//! scope of that business for one statement; an agency reads the routes of every business that it reaches.

use chrono::{DateTime, Utc};
use domain::page::{ListQuery, Page};
use domain::phone_routes::hours::Week;
use domain::phone_routes::{Fallback, NewPhoneRoute, Overflow, PhoneRoute};
use domain::{BusinessId, PhoneRouteId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::audit::{self, Act};
use crate::businesses::write_scope;
use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Error, Result, TenantTx, found, new_id, outbox};

/// The constraint of a number that has a route already, in this agency or another one.
pub const NUMBER_TAKEN: &str = "phone_routing_phone_number_key";
/// The constraint that an agency has one default business.
pub const DEFAULT_TAKEN: &str = "phone_routing_default";

/// The part of a route that is stored as JSON.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Rules {
    timezone: String,
    hours: Option<Week>,
    overflow_hours: Option<Week>,
    fallback: Fallback,
}

struct Row {
    id: PhoneRouteId,
    phone_number: String,
    business: BusinessId,
    business_name: String,
    label: String,
    active: bool,
    is_default: bool,
    overflow: Option<BusinessId>,
    overflow_name: Option<String>,
    rules: Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for PhoneRoute {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let rules: Rules = serde_json::from_value(row.rules)
            .map_err(|error| Error::Unreadable(format!("the rules of phone route {}: {error}", row.id)))?;
        Ok(Self {
            id: row.id,
            number: row.phone_number,
            business: row.business,
            business_name: row.business_name,
            label: row.label,
            active: row.active,
            is_default: row.is_default,
            timezone: rules.timezone,
            hours: rules.hours,
            overflow: row.overflow.map(|business| Overflow { business, hours: rules.overflow_hours }),
            overflow_name: row.overflow_name,
            fallback: rules.fallback,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The sort orders that `list` accepts.
pub const ORDERS: &[&str] = &["number"];

/// The phone routes of an agency's businesses, except those in the trash.
pub static LIST: List = List {
    key: "phone_routes",
    from: "phone_routing r join sub_accounts b on b.id = r.sub_account_id and b.deleted_at is null",
    id: "r.id",
    agency: Some("r.agency_id"),
    views: &[
        View::new("", ""),
        View::new("on", "r.is_active"),
        View::new("off", "not r.is_active"),
        View::new("default", "r.is_default"),
    ],
    search: Search::new("coalesce(r.label, '') || e'\\n' || b.name").digits(&["r.phone_number"]),
    filters: &[
        Filter::new("client", "r.sub_account_id", Kind::Id),
        Filter::new("active", "r.is_active", Kind::Bool),
        Filter::new("label", "r.label", Kind::Text),
        Filter::new("created", "r.created_at", Kind::Time),
    ],
    keys: &[Key::text("number", "r.phone_number")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of the routes that this scope may see, by number. `q` is part of a number, a label or a business's name;
/// `view` is `on`, `off` or `default`.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<PhoneRoute>> {
    let (agency, within) = (tx.agency()?, Within::of(tx));
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"select r.id as "id!: PhoneRouteId", r.phone_number as "phone_number!", r.sub_account_id as "business!: BusinessId", b.name as "business_name!",
                  coalesce(r.label, '') as "label!", r.is_active as "active!", r.is_default as "is_default!",
                  case when o.deleted_at is null then r.overflow_sub_account_id end as "overflow?: BusinessId", o.name as "overflow_name?", r.rules as "rules!",
                  r.created_at as "created_at!", r.updated_at as "updated_at!"
           from phone_routing r join sub_accounts b on b.id = r.sub_account_id left join sub_accounts o on o.id = r.overflow_sub_account_id
           where r.agency_id = $1 and r.id = any ($2)"#,
        agency.0,
        &found.ids
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter().map(PhoneRoute::try_from).collect::<Result<Vec<_>>>()?;
    Ok(found.page(rows, |row| row.id.0))
}

/// One of the agency's routes. A route whose business is in the trash counts as switched off.
pub async fn get(tx: &mut TenantTx, id: PhoneRouteId) -> Result<PhoneRoute> {
    let agency = tx.agency()?;
    let row = sqlx::query_as!(
        Row,
        r#"select r.id as "id!: PhoneRouteId", r.phone_number as "phone_number!", r.sub_account_id as "business!: BusinessId", b.name as "business_name!",
                  coalesce(r.label, '') as "label!", (r.is_active and b.deleted_at is null) as "active!", r.is_default as "is_default!",
                  case when o.deleted_at is null then r.overflow_sub_account_id end as "overflow?: BusinessId", o.name as "overflow_name?", r.rules as "rules!",
                  r.created_at as "created_at!", r.updated_at as "updated_at!"
           from phone_routing r join sub_accounts b on b.id = r.sub_account_id left join sub_accounts o on o.id = r.overflow_sub_account_id
           where r.agency_id = $1 and r.id = $2"#,
        agency.0,
        id.0,
    )
    .fetch_one(tx.conn())
    .await?;
    row.try_into()
}

/// The route of a number in international form, as calls find it.
pub async fn find(tx: &mut TenantTx, number: &str) -> Result<Option<PhoneRoute>> {
    let agency = tx.agency()?;
    let id = sqlx::query_scalar!(
        "select id from phone_routing where agency_id = $1 and phone_number = $2",
        agency.0,
        number
    )
    .fetch_optional(tx.conn())
    .await?;
    match id {
        Some(id) => in_service(tx, id.into()).await.map(Some),
        None => Ok(None),
    }
}

/// The route whose business is the agency's default business, as calls find it.
pub async fn default(tx: &mut TenantTx) -> Result<Option<PhoneRoute>> {
    let agency = tx.agency()?;
    let id = sqlx::query_scalar!("select id from phone_routing where agency_id = $1 and is_default", agency.0)
        .fetch_optional(tx.conn())
        .await?;
    match id {
        Some(id) => in_service(tx, id.into()).await.map(Some),
        None => Ok(None),
    }
}

/// A route as calls find it: switched off while its business is paused or archived, without an overflow that is.
async fn in_service(tx: &mut TenantTx, id: PhoneRouteId) -> Result<PhoneRoute> {
    let mut route = get(tx, id).await?;
    let named: Vec<_> = [Some(route.business), route.overflow.as_ref().map(|overflow| overflow.business)]
        .into_iter()
        .flatten()
        .map(|business| business.0)
        .collect();
    let resting = sqlx::query_scalar!(
        r#"select id as "id: BusinessId" from sub_accounts where id = any ($1) and status in ('paused', 'archived')"#,
        &named
    )
    .fetch_all(tx.conn())
    .await?;
    route.active &= !resting.contains(&route.business);
    route.overflow = route.overflow.filter(|overflow| !resting.contains(&overflow.business));
    Ok(route)
}

/// A business that a number can be given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: BusinessId,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub timezone: String,
}

/// The businesses of the agency that this scope may see, by name; with `only`, that one alone.
pub async fn clients(tx: &mut TenantTx, only: Option<BusinessId>) -> Result<Vec<Client>> {
    let agency = tx.agency()?;
    let clients = sqlx::query_as!(
        Client,
        r#"select id as "id: BusinessId", name, timezone from sub_accounts
           where agency_id = $1 and deleted_at is null and ($2::uuid is null or id = $2) order by lower(name), id limit 1000"#,
        agency.0,
        only.map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(clients)
}

/// The country whose numbers the agency writes without a country code.
pub async fn country(tx: &mut TenantTx) -> Result<String> {
    let agency = tx.agency()?;
    Ok(sqlx::query_scalar!("select default_region_code from agencies where id = $1", agency.0)
        .fetch_one(tx.conn())
        .await?)
}

/// Sets that country.
pub async fn set_country(tx: &mut TenantTx, country: &str) -> Result<()> {
    let agency = tx.agency()?;
    let done = sqlx::query!("update agencies set default_region_code = $2 where id = $1", agency.0, country)
        .execute(tx.conn())
        .await?;
    found(done.rows_affected())?;
    let act = Act::new("phone_routes.country", "agency").object(agency).payload(json!({ "country": country }));
    audit::record(tx, act).await?;
    outbox::add(tx, "phone_routes.changed", None, &json!({})).await
}

/// Adds a checked route. Returns `Taken` with one of the two constraints above, `Refused("business")` if this scope may
/// not see one of its businesses.
pub async fn add(tx: &mut TenantTx, new: &NewPhoneRoute) -> Result<PhoneRoute> {
    require_clients(tx, new).await?;
    let id = new_id();
    if new.is_default {
        clear_default(tx).await?;
    }
    insert(tx, id, new, None).await?;
    notify(tx, id, "phone_route.added", json!({ "number": new.number, "business": new.business })).await?;
    get(tx, id).await
}

/// Changes a route to a checked one, also to one of another business. Errors as `add`.
pub async fn change(tx: &mut TenantTx, id: PhoneRouteId, new: &NewPhoneRoute) -> Result<PhoneRoute> {
    let before = get(tx, id).await?;
    require_clients(tx, new).await?;
    if new.is_default && !before.is_default {
        clear_default(tx).await?;
    }
    if before.business == new.business {
        update(tx, id, new).await?;
    } else {
        // Row-level security lets nobody write the rows of two businesses at once.
        delete(tx, &before).await?;
        insert(tx, id, new, Some(before.created_at)).await?;
    }
    let payload = json!({ "number": new.number, "business": new.business, "was": before.business });
    notify(tx, id, "phone_route.changed", payload).await?;
    get(tx, id).await
}

/// Switches a route on or off.
pub async fn set_active(tx: &mut TenantTx, id: PhoneRouteId, active: bool) -> Result<PhoneRoute> {
    let before = get(tx, id).await?;
    write_scope(tx.conn(), Some(before.business)).await?;
    let done = sqlx::query!(
        "update phone_routing set is_active = $3 where sub_account_id = $1 and id = $2",
        before.business.0,
        id.0,
        active
    )
    .execute(tx.conn())
    .await?;
    let own = tx.business();
    write_scope(tx.conn(), own).await?;
    found(done.rows_affected())?;
    let action = if active { "phone_route.on" } else { "phone_route.off" };
    notify(tx, id, action, json!({ "number": before.number })).await?;
    get(tx, id).await
}

/// Removes a route and returns what it was. Its number may be given to another business then.
pub async fn remove(tx: &mut TenantTx, id: PhoneRouteId) -> Result<PhoneRoute> {
    let before = get(tx, id).await?;
    delete(tx, &before).await?;
    let payload = json!({ "number": before.number, "business": before.business });
    notify(tx, id, "phone_route.removed", payload).await?;
    Ok(before)
}

/// Refuses a route to a business that this scope may not see: the scope of a write alone would let it through.
async fn require_clients(tx: &mut TenantTx, new: &NewPhoneRoute) -> Result<()> {
    for client in [Some(new.business), new.overflow.as_ref().map(|overflow| overflow.business)].into_iter().flatten() {
        if clients(tx, Some(client)).await?.is_empty() {
            return Err(Error::Refused("business".to_owned()));
        }
    }
    Ok(())
}

/// Makes no business the default one.
async fn clear_default(tx: &mut TenantTx) -> Result<()> {
    let Some(route) = default(tx).await? else { return Ok(()) };
    write_scope(tx.conn(), Some(route.business)).await?;
    sqlx::query!(
        "update phone_routing set is_default = false where sub_account_id = $1 and id = $2",
        route.business.0,
        route.id.0
    )
    .execute(tx.conn())
    .await?;
    let own = tx.business();
    write_scope(tx.conn(), own).await
}

fn rules(new: &NewPhoneRoute) -> Value {
    json!(Rules {
        timezone: new.timezone.clone(),
        hours: new.hours.clone(),
        overflow_hours: new.overflow.as_ref().and_then(|overflow| overflow.hours.clone()),
        fallback: new.fallback,
    })
}

async fn insert(
    tx: &mut TenantTx,
    id: PhoneRouteId,
    new: &NewPhoneRoute,
    created_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let (agency, own) = (tx.agency()?, tx.business());
    write_scope(tx.conn(), Some(new.business)).await?;
    sqlx::query!(
        "insert into phone_routing (id, sub_account_id, agency_id, created_at, phone_number, is_active, is_default, label, overflow_sub_account_id, rules)
         values ($1, $2, $3, coalesce($4, now()), $5, $6, $7, nullif($8, ''), $9, $10)",
        id.0,
        new.business.0,
        agency.0,
        created_at,
        new.number,
        new.active,
        new.is_default,
        new.label,
        new.overflow.as_ref().map(|overflow| overflow.business.0),
        rules(new),
    )
    .execute(tx.conn())
    .await?;
    write_scope(tx.conn(), own).await
}

async fn update(tx: &mut TenantTx, id: PhoneRouteId, new: &NewPhoneRoute) -> Result<()> {
    let own = tx.business();
    write_scope(tx.conn(), Some(new.business)).await?;
    let done = sqlx::query!(
        "update phone_routing set phone_number = $3, is_active = $4, is_default = $5, label = nullif($6, ''), overflow_sub_account_id = $7, rules = $8
         where sub_account_id = $1 and id = $2",
        new.business.0,
        id.0,
        new.number,
        new.active,
        new.is_default,
        new.label,
        new.overflow.as_ref().map(|overflow| overflow.business.0),
        rules(new),
    )
    .execute(tx.conn())
    .await?;
    write_scope(tx.conn(), own).await?;
    found(done.rows_affected())
}

/// Returns `NotFound` when somebody else removed or moved it meanwhile.
async fn delete(tx: &mut TenantTx, route: &PhoneRoute) -> Result<()> {
    let own = tx.business();
    write_scope(tx.conn(), Some(route.business)).await?;
    let done =
        sqlx::query!("delete from phone_routing where sub_account_id = $1 and id = $2", route.business.0, route.id.0)
            .execute(tx.conn())
            .await?;
    write_scope(tx.conn(), own).await?;
    found(done.rows_affected())
}

async fn notify(tx: &mut TenantTx, id: PhoneRouteId, action: &'static str, payload: Value) -> Result<()> {
    audit::record(tx, Act::new(action, "phone route").object(id).payload(payload)).await?;
    outbox::add(tx, "phone_routes.changed", Some(id.0), &json!({})).await
}
