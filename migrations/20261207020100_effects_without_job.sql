-- no-transaction
-- oldest program: 20261203104000
-- Writes of no job are found by their age: they go after 90 days.
create index concurrently if not exists effects_without_job on effects (created_at) where job_id is null;
