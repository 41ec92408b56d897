-- no-transaction
-- oldest program: 20261203104000
-- Ended jobs that still hold what they knew about people, oldest first.
create index concurrently if not exists provisioning_jobs_archive on provisioning_jobs (finished_at) where finished_at is not null and archived_at is null;
