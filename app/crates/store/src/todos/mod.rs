//! To-dos: what jobs leave to a person. A job writes them in the transaction that ends it; people tick and assign them,
//! and some are ticked when what they ask for can be seen.

mod checks;
mod own;

use std::collections::HashMap;

use domain::identity::Role;
use domain::notifications::Kind as News;
use domain::page::{ListQuery, Page};
use domain::provisioning::Summary;
use domain::todos::{Assignee, OWNER, Todo, TodoCounts, TodoKind, owner_accepts};
use domain::{BusinessId, JobId, TodoId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::checks::{Due, agencies_with_due, check_later, checked, due};
pub use self::own::{of_own, set_own_done};
use crate::audit::{self, Act};
use crate::events::{self, Event};
use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Error, Result, TenantTx, new_id, notifications, outbox};

/// The sort orders that `list` supports. The first one is the default.
pub const ORDERS: &[&str] = &["-created", "created"];

/// What `Refused` carries when a to-do is to be assigned to somebody who does not work in the agency.
pub const NO_MEMBER: &str = "todos_member";
/// What `Refused` carries when a to-do without a client is to be given to the client's owner.
pub const NO_CLIENT: &str = "todos_client";

/// The to-dos of an agency, except those of clients in the trash. The default view shows the open ones. Nobody is to do
/// anything for an archived client until it is brought back.
pub static LIST: List = List {
    key: "todos",
    from: "todos t left join sub_accounts b on b.agency_id = t.agency_id and b.id = t.sub_account_id",
    id: "t.id",
    agency: Some("t.agency_id"),
    always: "b.deleted_at is null",
    views: &[
        View::new("", "t.done_at is null and b.status is distinct from 'archived'"),
        View::new("mine", "t.done_at is null and b.status is distinct from 'archived' and t.assigned_to = {user}"),
        View::new(
            "unassigned",
            "t.done_at is null and b.status is distinct from 'archived' and t.assigned_to is null and not t.for_owner",
        ),
        View::new("done", "t.done_at is not null"),
        View::new("all", ""),
    ],
    search: Search::new("t.what || e'\\n' || coalesce(b.name, t.client_name)"),
    filters: &[
        Filter::new("client", "t.sub_account_id", Kind::Id),
        Filter::new("job", "t.job_id", Kind::Id),
        Filter::new("assigned", "t.assigned_to", Kind::Id),
        Filter::new("kind", "t.kind", Kind::Text),
        Filter::new("created", "t.created_at", Kind::Time),
    ],
    keys: &[Key::time("created", "t.created_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of the to-dos that this scope may see.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Todo>> {
    tx.agency()?;
    let within = Within::of(tx);
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = rows(tx, &found.ids).await?;
    Ok(found.page(rows, |row| row.id.0))
}

/// One to-do.
pub async fn get(tx: &mut TenantTx, id: TodoId) -> Result<Todo> {
    rows(tx, &[id.0]).await?.pop().ok_or(Error::NotFound)
}

/// The to-dos that a job left, open ones first.
pub async fn of_job(tx: &mut TenantTx, job: JobId) -> Result<Vec<Todo>> {
    let agency = tx.agency()?;
    let ids = sqlx::query_scalar!(
        "select id from todos where agency_id = $1 and job_id = $2 order by done_at is not null, created_at, id limit 200",
        agency.0,
        job.0
    )
    .fetch_all(tx.conn())
    .await?;
    rows(tx, &ids).await
}

/// The open to-dos of a client, oldest first.
pub async fn of_business(tx: &mut TenantTx, business: BusinessId) -> Result<Vec<Todo>> {
    let agency = tx.agency()?;
    let ids = sqlx::query_scalar!(
        "select id from todos where agency_id = $1 and sub_account_id = $2 and done_at is null order by created_at, id limit 100",
        agency.0,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    rows(tx, &ids).await
}

/// The numbers of open to-dos of these clients. A client without any is left out.
pub async fn open_of(tx: &mut TenantTx, clients: &[BusinessId]) -> Result<HashMap<BusinessId, i64>> {
    let agency = tx.agency()?;
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select sub_account_id as "id!: BusinessId", count(*) as "open!" from todos
           where agency_id = $1 and sub_account_id = any ($2) and done_at is null group by sub_account_id"#,
        agency.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.open)).collect())
}

/// The numbers of to-dos in the views of the list.
pub async fn counts(tx: &mut TenantTx) -> Result<TodoCounts> {
    let (agency, user) = (tx.agency()?, tx.user());
    Ok(sqlx::query_as!(
        TodoCounts,
        r#"select count(*) filter (where t.open) as "open!", count(*) filter (where t.open and t.assigned_to = $2) as "mine!",
                  count(*) filter (where t.open and t.assigned_to is null and not t.for_owner) as "unassigned!", count(*) filter (where t.done_at is not null) as "done!"
           from (select t.assigned_to, t.for_owner, t.done_at, t.done_at is null and b.status is distinct from 'archived' as open
                 from todos t left join sub_accounts b on b.agency_id = t.agency_id and b.id = t.sub_account_id
                 where t.agency_id = $1 and b.deleted_at is null) t"#,
        agency.0,
        user.map(|id| id.0)
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The clients with open to-dos, by name.
pub async fn clients(tx: &mut TenantTx) -> Result<Vec<(BusinessId, String)>> {
    let agency = tx.agency()?;
    let rows = sqlx::query!(
        r#"select b.id as "id: BusinessId", b.name from sub_accounts b
           where b.agency_id = $1 and b.deleted_at is null and b.status <> 'archived'
             and exists (select from todos t where t.agency_id = $1 and t.sub_account_id = b.id and t.done_at is null)
           order by lower(b.name), b.id limit 100"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Reads to-dos by their ids, in the order given.
async fn rows(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Todo>> {
    let agency = tx.agency()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select t.id as "id!: TodoId", t.kind as "kind!", t.what as "what!", t.why as "why!", t.sub_account_id as "business?: BusinessId",
                  coalesce(b.name, t.client_name) as "client_name!", t.job_id as "job?: JobId", j.number as "job_number?", t.location_id,
                  t.assigned_to as "assigned_to?: UserId", coalesce(nullif(a.name, ''), a.email) as assigned_to_name, t.for_owner as "for_owner!", t.done_at,
                  t.done_by as "done_by?: UserId", coalesce(nullif(d.name, ''), d.email, case when t.done_by is not null then lookup.actor_name(t.done_by) end) as done_by_name, t.is_checked as "checked!", t.created_at as "created_at!"
           from unnest($2::uuid[]) with ordinality o(id, n) join todos t on t.agency_id = $1 and t.id = o.id
           left join sub_accounts b on b.agency_id = $1 and b.id = t.sub_account_id
           left join provisioning_jobs j on j.agency_id = $1 and j.id = t.job_id
           left join users a on a.id = t.assigned_to left join users d on d.id = t.done_by
           order by o.n"#,
        agency.0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Todo {
            id: row.id,
            kind: TodoKind::parse(&row.kind),
            what: row.what,
            why: row.why,
            business: row.business,
            client_name: row.client_name,
            job: row.job,
            job_number: row.job_number,
            location_id: row.location_id,
            assigned_to: row.assigned_to,
            assigned_to_name: if row.for_owner { Some(OWNER.to_owned()) } else { row.assigned_to_name },
            for_owner: row.for_owner,
            done_at: row.done_at,
            done_by: row.done_by,
            done_by_name: row
                .done_by_name
                .or_else(|| (row.for_owner && row.done_by.is_some()).then(|| OWNER.to_owned())),
            checked: row.checked,
            created_at: row.created_at,
        })
        .collect())
}

/// Writes what a job leaves to a person, in the transaction that ends it. Whoever started the job is to do it. A to-do
/// that the job left already stays as it is. `of_client` says whether the job's client exists; its owner may have
/// accepted the invitation before the job ended.
pub async fn leave(tx: &mut TenantTx, job: JobId, summary: &Summary, of_client: bool) -> Result<()> {
    let agency = tx.agency()?;
    for item in &summary.todo {
        let first = item.kind.is_checked_in_highlevel().then_some(checks::FIRST.as_secs_f64());
        let location = item.about.as_deref().filter(|_| item.kind.is_about_location());
        sqlx::query!(
            "insert into todos (id, agency_id, job_id, sub_account_id, kind, key, client_name, what, why, location_id, assigned_to, check_after, done_at, is_checked)
             select $1, $2, j.id, case when $4 then j.sub_account_id end, $5, $6, left(coalesce(j.client_data_json ->> 'name', ''), 480), left($7, 1000), left($8, 4000),
                    left(coalesce($9, j.location_id), 255),
                    (select m.user_id from user_agency_memberships m where m.agency_id = $2 and m.user_id = j.requested_by and m.status = 'active' and m.deleted_at is null),
                    now() + make_interval(secs => $10::float8), case when o.owned then now() end, o.owned
             from provisioning_jobs j cross join lateral (
               select $4 and $5 in ('owner_accepts', 'invite_owner') and exists (
                 select from user_sub_account_memberships m join roles r on r.owner = m.role_owner and r.id = m.role_id
                 where m.agency_id = $2 and m.sub_account_id = j.sub_account_id and r.key = $11 and m.status = 'active' and m.deleted_at is null) as owned) o
             where j.agency_id = $2 and j.id = $3
             on conflict (agency_id, job_id, key) do nothing",
            new_id::<TodoId>().0,
            agency.0,
            job.0,
            of_client,
            item.kind.key(),
            item.key(),
            item.what,
            item.why,
            location,
            first,
            Role::BusinessOwner.key()
        )
        .execute(tx.conn())
        .await?;
    }
    if summary.todo.is_empty() { Ok(()) } else { notify(tx, Some(job)).await }
}

/// Ticks a to-do as the person of the transaction, or makes it open again. One that is so already stays as it is.
/// HighLevel is not asked again about one that a person made open again.
pub async fn set_done(tx: &mut TenantTx, id: TodoId, done: bool) -> Result<Todo> {
    let (agency, user) = (tx.agency()?, tx.user());
    let job = sqlx::query_scalar!(
        r#"update todos set done_at = case when $3 then now() end, done_by = case when $3 then $4::uuid end, is_checked = false,
                  check_after = case when $3 then check_after end
           where agency_id = $1 and id = $2 and (done_at is not null) <> $3 returning job_id as "job?: JobId""#,
        agency.0,
        id.0,
        done,
        user.map(|id| id.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(job) = job {
        let action = if done { "todo.done" } else { "todo.reopened" };
        record(tx, action, id, json!({})).await?;
        notify(tx, job).await?;
        notifications::settle(tx, id, &[News::TodoAssigned]).await?;
    }
    get(tx, id).await
}

/// Gives a to-do to a member of the agency, to the client's owner or to nobody in particular; whoever has it already is
/// told nothing. Returns `Refused(NO_MEMBER)` if the person does not work in the agency, and `Refused(NO_CLIENT)` if there
/// is no client whose owner could do it.
pub async fn assign(tx: &mut TenantTx, id: TodoId, to: Assignee) -> Result<Todo> {
    let agency = tx.agency()?;
    let user = to.person();
    refuse_strangers(tx, user).await?;
    let job = sqlx::query_scalar!(
        r#"update todos set assigned_to = $3, for_owner = $4
           where agency_id = $1 and id = $2 and (sub_account_id is not null or not $4) and (assigned_to, for_owner) is distinct from ($3, $4)
           returning job_id as "job?: JobId""#,
        agency.0,
        id.0,
        user.map(|id| id.0),
        to == Assignee::Owner
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(job) = job else {
        let todo = get(tx, id).await?;
        let lacks_client = to == Assignee::Owner && !todo.for_owner;
        return if lacks_client { Err(Error::Refused(NO_CLIENT.to_owned())) } else { Ok(todo) };
    };
    let given = if to == Assignee::Owner { json!({ "to": OWNER }) } else { json!({ "to": user }) };
    record(tx, "todo.assigned", id, given).await?;
    notify(tx, job).await?;
    let todo = get(tx, id).await?;
    if let Some(to) = user {
        // Each time is an event of its own: a to-do may come back to a person.
        let (key, subject) = (format!("{}:{id}:{to}:{}", News::TodoAssigned, new_id::<Uuid>()), Some(id.0));
        let (title, detail, business) = (&todo.what, &todo.client_name, todo.business);
        let event = Event { kind: News::TodoAssigned, key, subject, business, to: Some(to), title, detail };
        events::tell(tx, &event).await?;
    }
    Ok(todo)
}

/// Refuses a person who does not work in the agency.
async fn refuse_strangers(tx: &mut TenantTx, user: Option<UserId>) -> Result<()> {
    let (agency, Some(user)) = (tx.agency()?, user) else { return Ok(()) };
    let works_here = sqlx::query_scalar!(
        r#"select exists (select from user_agency_memberships where agency_id = $1 and user_id = $2 and status = 'active' and deleted_at is null) as "works_here!""#,
        agency.0,
        user.0
    );
    if works_here.fetch_one(tx.conn()).await? { Ok(()) } else { Err(Error::Refused(NO_MEMBER.to_owned())) }
}

/// Turns the to-do to invite a client's owner into the one that they accept. It belongs to the transaction that invites
/// them. An owner who invites another one has no to-dos.
pub(crate) async fn owner_invited(tx: &mut TenantTx, business: BusinessId) -> Result<()> {
    let (Ok(agency), next) = (tx.agency(), owner_accepts()) else { return Ok(()) };
    let changed = sqlx::query_scalar!(
        r#"update todos set kind = $3, what = $4, why = $5
           where agency_id = $1 and sub_account_id = $2 and kind = 'invite_owner' and done_at is null returning job_id as "job?: JobId""#,
        agency.0,
        business.0,
        next.kind.key(),
        next.what,
        next.why
    )
    .fetch_all(tx.conn())
    .await?;
    for job in changed {
        notify(tx, job).await?;
    }
    Ok(())
}

/// Ticks the to-do that a client's owner accepts the invitation, and the one to invite an owner. It belongs to the
/// transaction in which they accept.
pub(crate) async fn owner_accepted(tx: &mut TenantTx, business: BusinessId) -> Result<()> {
    let agency = tx.agency()?;
    let done = sqlx::query!(
        r#"update todos set done_at = now(), is_checked = true
           where agency_id = $1 and sub_account_id = $2 and kind in ('owner_accepts', 'invite_owner') and done_at is null
           returning id as "id: TodoId", job_id as "job?: JobId""#,
        agency.0,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    for row in done {
        record(tx, "todo.done", row.id, json!({ "by": "invitation" })).await?;
        notify(tx, row.job).await?;
    }
    Ok(())
}

async fn record(tx: &mut TenantTx, action: &'static str, id: TodoId, payload: Value) -> Result<()> {
    audit::record(tx, Act::new(action, "to-do").object(id).payload(payload)).await
}

/// Tells live pages that the to-dos of a job changed.
async fn notify(tx: &mut TenantTx, job: Option<JobId>) -> Result<()> {
    outbox::add(tx, "todos.changed", job.map(|id| id.0), &json!({})).await
}
