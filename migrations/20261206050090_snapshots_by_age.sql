-- no-transaction
-- oldest program: 20261203104000
-- An agency's snapshots by age, page by page.
create index concurrently if not exists snapshots_by_age on snapshots (agency_id, created_at, id);
