-- no-transaction
-- oldest program: 20261203104000
-- An agency's jobs by the name of the client, page by page.
create index concurrently if not exists provisioning_jobs_by_client on provisioning_jobs (agency_id, left(lower(coalesce(client_data_json ->> 'name', '')), 200), id);
