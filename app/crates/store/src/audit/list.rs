//! The list of audit rows, with the names of who acted and of what they acted on.

use domain::audit::Entry;
use domain::page::{ListQuery, Page};
use domain::{AgencyId, BusinessId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::page::{Filter, Key, Kind, List, OtherView, Search, View, Within};
use crate::{PlatformTx, Result, TenantTx};

/// The audit log of an agency, or of all of them, newest first.
pub static LIST: List = List {
    key: "audit",
    from: "audit_events e",
    id: "e.id",
    agency: Some("e.agency_id"),
    views: &[View::new("", "")],
    other_view: OtherView::Text { prefix: "", column: "e.result" },
    search: Search::new("e.action || e'\\n' || e.object_type").whole(&["lower(e.object_id)"]),
    filters: &[
        Filter::new("action", "e.action", Kind::Text),
        Filter::new("object", "e.object_type", Kind::Text),
        Filter::new("result", "e.result", Kind::Choice(&["ok", "denied", "failed"])),
        Filter::new("actor", "e.actor_kind", Kind::Choice(&["person", "token", "worker", "system", "provider"])),
        Filter::new("by", "e.actor_id", Kind::Id),
        Filter::new("client", "e.sub_account_id", Kind::Id),
        Filter::new("target", "e.object_id", Kind::Text),
        Filter::new("created", "e.created_at", Kind::Time),
    ],
    keys: &[Key::time("created", "e.created_at")],
    orders: &["-created"],
    ..List::EMPTY
};

/// A page of the audit rows that this scope may see, newest first. `q` is part of an action or object type, or a
/// whole object id; `view` is a result.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Entry>> {
    let within = Within::of(tx);
    read(tx.conn(), within, query).await
}

/// A page of the audit rows of one agency, or of all agencies, under platform scope.
pub async fn list_platform(tx: &mut PlatformTx, agency: Option<AgencyId>, query: &ListQuery) -> Result<Page<Entry>> {
    read(tx.conn(), Within::platform(agency), query).await
}

async fn read(conn: &mut PgConnection, within: Within, query: &ListQuery) -> Result<Page<Entry>> {
    let found = LIST.find(conn, within, query).await?;
    let rows = rows(conn, &found.ids).await?;
    Ok(found.page(rows, |row| row.id))
}

async fn rows(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Entry>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select e.id as "id!", e.created_at as "created_at!", e.agency_id as "agency: AgencyId", e.sub_account_id as "business: BusinessId", e.actor_kind as "actor_kind!",
                  (select b.name from sub_accounts b where b.id = e.sub_account_id) as business_name, e.actor_id,
                  case e.actor_kind when 'person' then coalesce(nullif(u.name, ''), lookup.actor_name(e.actor_id), u.email)
                                    when 'token' then (select t.name from api_tokens t where t.id = e.actor_id) end as actor_name, e.action as "action!", e.object_type as "object_type!", e.object_id, e.result as "result!", e.reason, e.request_id, e.payload as "payload!",
                  case when e.object_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then null
                       when e.object_type = 'person' then coalesce((select coalesce(nullif(o.name, ''), o.email) from users o where o.id = e.object_id::uuid), lookup.actor_name(e.object_id::uuid))
                       when e.object_type = 'job' then (select concat('#', o.number, ' ', o.client_data_json ->> 'name') from provisioning_jobs o where o.id = e.object_id::uuid)
                       when e.object_type = 'business' then (select o.name from sub_accounts o where o.id = e.object_id::uuid)
                       when e.object_type = 'agency' then (select o.name from agencies o where o.id = e.object_id::uuid)
                       when e.object_type = 'integration' then (select coalesce(o.platform_name, (select b.name from sub_accounts b where b.id = o.sub_account_id)) from integrations o where o.id = e.object_id::uuid)
                       when e.object_type = 'credential' then (select coalesce(o.platform_name, (select b.name from sub_accounts b where b.id = o.sub_account_id)) from integrations o where o.id = (e.payload ->> 'integration')::uuid)
                       when e.object_type = 'snapshot' then (select o.name from snapshots o where o.id = e.object_id::uuid)
                       when e.object_type = 'role' then (select o.name from roles o where o.id = e.object_id::uuid)
                       when e.object_type = 'api_token' then (select o.name from api_tokens o where o.id = e.object_id::uuid)
                       when e.object_type = 'invite' then (select o.email from one_time_tokens o where o.id = e.object_id::uuid)
                  end as object_name
           from audit_events e left join users u on u.id = e.actor_id and e.actor_kind = 'person'
           where e.id = any ($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    let entries = rows.into_iter().map(|row| Entry {
        id: row.id,
        at: row.created_at,
        agency: row.agency,
        business: row.business,
        business_name: row.business_name,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
        action: row.action,
        object_type: row.object_type,
        object_id: row.object_id,
        object_name: row.object_name,
        result: row.result,
        reason: row.reason,
        request_id: row.request_id,
        payload: row.payload,
    });
    Ok(entries.collect())
}
