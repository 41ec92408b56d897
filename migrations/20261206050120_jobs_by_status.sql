-- no-transaction
-- oldest program: 20261203104000
-- An agency's jobs by status, page by page. It does all that the index without the id did.
create index concurrently if not exists provisioning_jobs_by_status on provisioning_jobs (agency_id, status, id);
