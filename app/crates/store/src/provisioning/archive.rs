//! Reduces a job ninety days after its end to number, state, the name of the business, the location and the proof that
//! the job created the location. It deletes personal data: log, attempts, answers and the other data of the business.
//! Such a job can be read but not run.

use std::time::Duration;

use crate::{Db, PlatformTx, Result, removal};

/// Jobs per transaction. All of a job is archived in one transaction, and its log may be long.
const JOBS: i64 = 20;

/// Archives the next jobs that ended more than `age` ago. Returns how many rows it deleted or emptied.
///
/// It marks a job first, if the job is still old enough. A job that a person started again keeps everything, and a
/// marked job cannot be started again. So nobody runs a job whose log is gone.
pub(crate) async fn archive(db: &Db, age: Duration, most: i64) -> Result<u64> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let jobs = sqlx::query_scalar!(
        "update provisioning_jobs set archived_at = now(), error_message = null, idempotency_key = null,
           client_data_json = jsonb_strip_nulls(jsonb_build_object('name', client_data_json -> 'name', 'country', client_data_json -> 'country', 'timezone', client_data_json -> 'timezone'))
         where id = any(array(select id from provisioning_jobs where finished_at < now() - make_interval(secs => $1) and archived_at is null order by finished_at limit $2))
           and finished_at < now() - make_interval(secs => $1) and archived_at is null returning id",
        age.as_secs_f64(),
        most.min(JOBS)
    )
    .fetch_all(tx.conn())
    .await?;
    if jobs.is_empty() {
        return Ok(0);
    }
    sqlx::query!(
        "delete from provisioning_attempts where step_id in (select id from provisioning_steps where job_id = any($1))",
        &jobs
    )
    .execute(tx.conn())
    .await?;
    // A location that a job created, or may have created, stays recorded as the job's own.
    sqlx::query!("delete from effects where job_id = any($1) and kind <> 'create_location'", &jobs)
        .execute(tx.conn())
        .await?;
    sqlx::query!("update provisioning_steps set input_json = '{}', output_json = '{}' where job_id = any($1)", &jobs)
        .execute(tx.conn())
        .await?;
    // A to-do about a person names them; one about a location stays until somebody does it.
    sqlx::query!(
        "delete from todos where job_id = any($1) and kind in ('add_user', 'check_user', 'remove_user')",
        &jobs
    )
    .execute(tx.conn())
    .await?;
    // Only the worker role may delete log rows. This also deletes rows that were written after the job ended.
    removal::go_on_as_worker(tx.conn(), Duration::ZERO).await?;
    let lines = sqlx::query!("delete from provisioning_logs where job_id = any($1)", &jobs)
        .execute(tx.conn())
        .await?
        .rows_affected();
    tx.commit().await?;
    Ok(jobs.len() as u64 + lines)
}
