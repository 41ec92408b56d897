-- no-transaction
-- oldest program: 20261203104000
-- Nothing reads through it, and every change of a row wrote it.
drop index concurrently if exists provisioning_jobs_client;
