//! Simulates the passage of time in a test. Nothing waits: stored times move into the past instead, as if the
//! clock had moved forward.

use std::time::Duration;

use domain::provisioning::{JobStatus, Step};
use domain::{IntegrationId, JobId};

use crate::testing::TestDb;

/// Moves the times of everything that waits, is leased or is in doubt into the past by this much.
pub async fn advance(db: &TestDb, by: Duration) {
    let by = by.as_secs_f64();
    let pool = db.superuser();
    sqlx::query!(
        "with w as (update work_scheduled set run_at = run_at - make_interval(secs => $1)),
              l as (update work_leases set lease_until = lease_until - make_interval(secs => $1)),
              s as (update provisioning_steps set wait_until = wait_until - make_interval(secs => $1), trouble_since = trouble_since - make_interval(secs => $1), started_at = started_at - make_interval(secs => $1) where finished_at is null),
              a as (update provisioning_attempts set started_at = started_at - make_interval(secs => $1) where finished_at is null),
              i as (update integrations set suspended_at = suspended_at - make_interval(secs => $1) where suspended_at is not null),
              c as (update credentials set refresh_failed_at = refresh_failed_at - make_interval(secs => $1) where refresh_failed_at is not null),
              p as (update people_leases set lease_until = lease_until - make_interval(secs => $1)),
              h as (update webhook_endpoints set not_before = not_before - make_interval(secs => $1), failing_since = failing_since - make_interval(secs => $1)),
              d as (update webhook_deliveries set round_started_at = round_started_at - make_interval(secs => $1) where state = 'waiting'),
              e as (update effects set sent_at = sent_at - make_interval(secs => $1), settle_after = settle_after - make_interval(secs => $1))
         update provisioning_jobs set next_attempt_at = next_attempt_at - make_interval(secs => $1), lease_until = lease_until - make_interval(secs => $1) where finished_at is null",
        by
    )
    .execute(pool)
    .await
    .expect("time moves");
}

/// Time until the next work is due, without periodic jobs. `None` if no work waits.
pub async fn until_next(db: &TestDb) -> Option<Duration> {
    let left = sqlx::query_scalar!(
        r#"select extract(epoch from min(t.at) - now())::float8 as "left" from (
             select run_at as at from work_scheduled where kind not in ('chores.sweep', 'provisioning.sweep')
             union all select lease_until from work_leases where kind not in ('chores.sweep', 'provisioning.sweep')) t"#
    )
    .fetch_one(db.superuser())
    .await
    .expect("the queue is readable");
    left.map(|left| Duration::from_secs_f64(left.max(0.0)))
}

/// Makes a finished job repeat one step, as if nobody had noticed that it was done. With `forget`, the job also
/// loses the location that the step created.
pub async fn forget_step(db: &TestDb, job: JobId, step: Step, forget: bool) {
    let mut tx = db.superuser().begin().await.expect("begin");
    // The state guard is right to refuse this change, so the test bypasses it.
    sqlx::query!("select set_config('session_replication_role', 'replica', true) as r")
        .fetch_one(&mut *tx)
        .await
        .expect("past the guard");
    sqlx::query!(
        "update provisioning_steps set status = null, finished_at = null where job_id = $1 and step = $2",
        job.0,
        step.key()
    )
    .execute(&mut *tx)
    .await
    .expect("step");
    sqlx::query!(
        "update provisioning_jobs set status = 'PENDING', finished_at = null, lease_owner = null, lease_until = null, location_id = case when $2 then null else location_id end where id = $1",
        job.0,
        forget && step == Step::CreateLocation
    )
    .execute(&mut *tx)
    .await
    .expect("job");
    sqlx::query!(
        "insert into work_ready (lane, tenant_key, kind, agency_id, subject_id) select 'provisioning', agency_id, 'provisioning.job', agency_id, id from provisioning_jobs where id = $1",
        job.0
    )
    .execute(&mut *tx)
    .await
    .expect("work");
    tx.commit().await.expect("commit");
}

/// What is still active although the job that made it was cancelled: of one job, or with `None` of all. The list
/// must be empty.
pub async fn leftovers_of_cancelled(db: &TestDb, job: Option<JobId>) -> Vec<String> {
    sqlx::query_scalar!(
        r#"with j as (select id, agency_id, number, location_id, sub_account_id from provisioning_jobs where status = 'CANCELLED' and ($1::uuid is null or id = $1)),
             own as (select j.number, i.id, i.platform_id from j join integrations i on i.agency_id = j.agency_id
                     where i.is_active and ((i.platform_id = j.location_id and (i.sub_account_id is null or i.sub_account_id = j.sub_account_id)) or i.sub_account_id = j.sub_account_id)
                       and not exists (select from provisioning_jobs o where o.agency_id = j.agency_id and o.id <> j.id and o.location_id = j.location_id and o.status <> 'CANCELLED'))
           select 'job #' || t.number || ': ' || t.what as "alive!" from (
             select number, 'connection to ' || platform_id as what from own
             union all select own.number, 'secret of ' || own.platform_id from own join credentials c on c.integration_id = own.id where c.revoked_at is null
             union all select j.number, 'business ' || b.id from j join sub_accounts b on b.agency_id = j.agency_id and b.id = j.sub_account_id where b.deleted_at is null
             union all select j.number, e.kind || ' in doubt' from j join effects e on e.agency_id = j.agency_id and e.job_id = j.id where e.state in ('PLANNED', 'IN_DOUBT')
             union all select j.number, 'person ' || p.ghl_user_id || ' held' from j join people_leases p on p.agency_id = j.agency_id and p.job_id = j.id
             union all select j.number, s.step || ' waits' from j join provisioning_steps s on s.agency_id = j.agency_id and s.job_id = j.id where s.wait_until is not null
             union all select j.number, 'open try of ' || s.step from j join provisioning_steps s on s.agency_id = j.agency_id and s.job_id = j.id
                       join provisioning_attempts a on a.agency_id = j.agency_id and a.step_id = s.id where a.finished_at is null
             union all select j.number, 'claim' from j join provisioning_jobs p on p.agency_id = j.agency_id and p.id = j.id
                       where p.lease_owner is not null or p.lease_until is not null or p.next_attempt_at is not null or p.question_json is not null
           ) t order by t.number, t.what"#,
        job.map(|id| id.0)
    )
    .fetch_all(db.superuser())
    .await
    .expect("what is alive")
}

/// Tables with rows that belong to a job, so that [`leftovers_of_cancelled`] does not miss a new table.
pub async fn tables_of_jobs(db: &TestDb) -> Vec<String> {
    sqlx::query_scalar!(
        r#"select distinct conrelid::regclass::text as "table!" from pg_constraint where contype = 'f' and confrelid = 'provisioning_jobs'::regclass order by 1"#
    )
    .fetch_all(db.superuser())
    .await
    .expect("tables")
}

/// Every effect: kind, state and the provider's id.
pub async fn effects(db: &TestDb) -> Vec<(String, String, Option<String>)> {
    sqlx::query!("select kind, state, provider_ref from effects order by created_at, id")
        .fetch_all(db.superuser())
        .await
        .expect("effects")
        .into_iter()
        .map(|row| (row.kind, row.state, row.provider_ref))
        .collect()
}

/// The order of a job as its row stores it, with members that this version does not know.
pub async fn stored_order(db: &TestDb, job: JobId) -> serde_json::Value {
    sqlx::query_scalar!("select client_data_json from provisioning_jobs where id = $1", job.0)
        .fetch_one(db.superuser())
        .await
        .expect("order")
}

/// How often an integration's secret was opened for a purpose, according to the audit log.
pub async fn opened(db: &TestDb, integration: IntegrationId, purpose: &str) -> i64 {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit_events where action = 'credential.opened' and payload ->> 'integration' = $1 and payload ->> 'purpose' = $2"#,
        integration.to_string(),
        purpose
    )
    .fetch_one(db.superuser())
    .await
    .expect("audit rows")
}

/// Id of the Postgres process behind one of our connections, for tests that crash it.
pub async fn backend(db: &TestDb) -> Option<u32> {
    let id = sqlx::query_scalar!("select pg_backend_pid()").fetch_one(db.superuser()).await.ok().flatten()?;
    u32::try_from(id).ok()
}

/// The legal state transitions, as stored in the database.
pub async fn transitions(db: &TestDb) -> Vec<(JobStatus, JobStatus)> {
    sqlx::query!(r#"select from_status as "from: JobStatus", to_status as "to: JobStatus" from job_transitions"#)
        .fetch_all(db.superuser())
        .await
        .expect("transitions")
        .into_iter()
        .map(|row| (row.from, row.to))
        .collect()
}

/// How many secrets of an integration are in the database, including revoked ones.
pub async fn secrets(db: &TestDb, integration: IntegrationId) -> i64 {
    sqlx::query_scalar!(r#"select count(*) as "n!" from credentials where integration_id = $1"#, integration.0)
        .fetch_one(db.superuser())
        .await
        .expect("counts")
}

/// The largest number of consecutive lost attempts of one step, according to the history.
pub async fn lost_in_a_row(db: &TestDb) -> i64 {
    sqlx::query_scalar!(
        r#"select coalesce(max(n), 0) as "n!" from (
             select count(*) as n from (
               select step_id, attempt - row_number() over (partition by step_id order by attempt) as run from provisioning_attempts where outcome = 'lost') t
             group by step_id, run) t"#
    )
    .fetch_one(db.superuser())
    .await
    .expect("counts")
}

/// Jobs whose log contains these words.
pub async fn asked(db: &TestDb, words: &str) -> Vec<JobId> {
    sqlx::query_scalar!(
        r#"select distinct job_id as "job: JobId" from provisioning_logs where strpos(message, $1) > 0"#,
        words
    )
    .fetch_all(db.superuser())
    .await
    .expect("logs")
}
