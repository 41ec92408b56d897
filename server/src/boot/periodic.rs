//! Reports overdue periodic jobs to `/health` and `/metrics`. An overdue job is named there but does not make the
//! process unready.

use store::Db;

/// Returns the names of overdue periodic jobs. Empty when the database does not answer: its own check reports
/// that.
pub async fn overdue(db: &Db) -> Vec<String> {
    let jobs = store::periodic::list(db).await.unwrap_or_default();
    jobs.into_iter().filter(|job| job.overdue).map(|job| job.name).collect()
}

/// Updates the metrics of every periodic job. Called when `/metrics` is requested.
pub async fn gauge(db: &Db) {
    for job in store::periodic::list(db).await.unwrap_or_default() {
        let took = job.duration_ms.unwrap_or_default() as f64 / 1000.0;
        metrics::gauge!("periodic_job_since_success_seconds", "job" => job.name.clone()).set(job.quiet_seconds);
        metrics::gauge!("periodic_job_overdue", "job" => job.name.clone()).set(f64::from(u8::from(job.overdue)));
        metrics::gauge!("periodic_job_failures", "job" => job.name.clone()).set(f64::from(job.failures));
        metrics::gauge!("periodic_job_duration_seconds", "job" => job.name).set(took);
    }
}
