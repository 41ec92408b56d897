//! May a token be used now, for which business and by whom? For a token whose business and maker are known, one transaction reads all
//! of that anew and counts the request.

use chrono::{DateTime, Utc};
use domain::business::Business;
use domain::identity::Caller;
use domain::{AgencyId, ApiTokenId, BusinessId, RoleId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::api_tokens::{self, Bound};
use crate::businesses;
use crate::callers::{self, Known};
use crate::request_counts::{self, Counted};
use crate::tenant::Settings;
use crate::{Db, DbRole, Result, Scope, TenantTx};

/// To whom a token belongs. A token never changes hands, but its business may go to another agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The agency.
    pub agency: AgencyId,
    /// Its business.
    pub business: BusinessId,
    /// The person who created it.
    pub maker: UserId,
}

/// A token that works, with what it acts for and by whom, and the count of its request.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The token.
    pub token: Bound,
    /// Its business.
    pub client: Business,
    /// The person who created it. `None` when they are disabled or deleted.
    pub person: Option<Caller>,
    /// The count.
    pub counted: Counted,
}

/// One of the places where the maker works, with the token and its business.
struct Row {
    /// The role with which the transaction goes on.
    acting: String,
    token: ApiTokenId,
    token_name: String,
    scopes: Vec<String>,
    is_due: bool,
    name: String,
    slug: String,
    status: String,
    ghl_location_id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    address: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    timezone: String,
    notes: Option<String>,
    created_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    offboarded_at: Option<DateTime<Utc>>,
    offboarding: Option<Value>,
    deleted_at: Option<DateTime<Utc>>,
    person: Option<String>,
    person_name: Option<String>,
    platform_role: Option<String>,
    mfa: bool,
    session_generation: Option<i32>,
    locale: Option<String>,
    kind: Option<String>,
    place: Option<Uuid>,
    place_agency: Option<AgencyId>,
    place_slug: Option<String>,
    place_name: Option<String>,
    role: Option<String>,
    reach: Option<String>,
    assigned: Option<Vec<BusinessId>>,
    own_role: Option<RoleId>,
    actions: Option<Vec<String>>,
}

/// Reads the token with this secret if it works and has this holder, and counts a request of this key, if fewer than `most` were
/// counted in the last minute. Whoever counts the next one waits until this one is stored. `None`, and nothing is counted, if there
/// is no such token or no request of the key was counted yet.
pub async fn admit(db: &Db, hash: [u8; 32], holder: Holder, (key, most): (&str, u32)) -> Result<Option<Admitted>> {
    let scope = Scope::Business { user: Some(holder.maker), business: holder.business };
    let settings = Settings { presented: Some(hash), ..Settings::from(&scope) };
    let mut tx = TenantTx::begin_with(db, scope, settings).await?;
    let rows = read(&mut tx, hash, holder).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    debug_assert_eq!(first.acting, DbRole::Worker.name(), "who counts");
    let token = Bound {
        id: first.token,
        agency: holder.agency,
        business: Some(holder.business),
        name: first.token_name.clone(),
        scopes: first.scopes.clone(),
        made_by: Some(holder.maker),
    };
    let (client, is_due) = (business(first, holder), first.is_due);
    let person = callers::of(holder.maker, rows.into_iter().filter_map(known).collect());
    if is_due {
        api_tokens::stamp(&mut tx, hash).await?;
    }
    let Some(counted) = request_counts::counted(&mut tx, key, most).await? else { return Ok(None) };
    tx.commit_meanwhile();
    Ok(Some(Admitted { token, client, person: person.map(|(person, _)| person), counted }))
}

/// Reads as the role of the pool, and goes on as the worker, who counts.
async fn read(tx: &mut TenantTx, hash: [u8; 32], holder: Holder) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select set_config('role', $5, true) as "acting!", t.id as "token!: ApiTokenId", t.name as "token_name!", t.scopes as "scopes!", t.last_used_at is null or t.last_used_at < now() - interval '1 minute' as "is_due!",
                  b.name as "name!", b.slug as "slug!", b.status as "status!", b.ghl_location_id, b.email, b.phone, b.website, b.address, b.city, b.state,
                  b.postal_code, b.country, b.timezone as "timezone!", b.notes, b.created_at as "created_at!", b.archived_at, b.offboarded_at, b.offboarding, b.deleted_at,
                  u.email as "person?", u.name as "person_name?", u.platform_role, u.mfa_enrolled_at is not null as "mfa!",
                  u.session_generation as "session_generation?", u.locale, p.kind as "kind?", p.id as "place?", p.agency_id as "place_agency?: AgencyId",
                  p.slug as "place_slug?", p.name as "place_name?", p.role as "role?", p.reach as "reach?", p.assigned as "assigned?: Vec<BusinessId>",
                  p.own_role as "own_role?: RoleId", p.actions as "actions?"
           from api_tokens t
             join sub_accounts b on b.id = t.sub_account_id
             left join users u on u.id = t.created_by and u.disabled_at is null and u.deleted_at is null
             left join lookup.my_places() p on u.id is not null
           where t.secret_hash = $1 and t.agency_id = $2 and t.sub_account_id = $3 and t.created_by = $4 and t.revoked_at is null
             and (t.expires_at is null or t.expires_at > now())
           order by p.kind, p.name"#,
        &hash,
        holder.agency.0,
        holder.business.0,
        holder.maker.0,
        DbRole::Worker.name()
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

fn business(row: &Row, holder: Holder) -> Business {
    Business::from(businesses::Row {
        id: holder.business,
        agency: holder.agency,
        name: row.name.clone(),
        slug: row.slug.clone(),
        status: row.status.clone(),
        ghl_location_id: row.ghl_location_id.clone(),
        email: row.email.clone(),
        phone: row.phone.clone(),
        website: row.website.clone(),
        address: row.address.clone(),
        city: row.city.clone(),
        state: row.state.clone(),
        postal_code: row.postal_code.clone(),
        country: row.country.clone(),
        timezone: row.timezone.clone(),
        notes: row.notes.clone(),
        created_at: row.created_at,
        archived_at: row.archived_at,
        offboarded_at: row.offboarded_at,
        offboarding: row.offboarding.clone(),
        deleted_at: row.deleted_at,
    })
}

/// The maker at one of the places where they work. `None` when they are disabled or deleted.
fn known(row: Row) -> Option<Known> {
    Some(Known {
        email: row.person?,
        name: row.person_name?,
        platform_role: row.platform_role,
        mfa: row.mfa,
        session_generation: row.session_generation?,
        locale: row.locale,
        kind: row.kind,
        id: row.place,
        agency: row.place_agency,
        slug: row.place_slug,
        place: row.place_name,
        role: row.role,
        reach: row.reach,
        assigned: row.assigned,
        own_role: row.own_role,
        actions: row.actions,
    })
}
