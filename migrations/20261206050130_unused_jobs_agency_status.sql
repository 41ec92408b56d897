-- no-transaction
-- oldest program: 20261203104000
-- The index with the id behind it serves the same reads, and every change of a row wrote both.
drop index concurrently if exists provisioning_jobs_agency_status;
