-- no-transaction
-- oldest program: 20261203104000
-- An agency's snapshots by name, page by page.
create index concurrently if not exists snapshots_by_name on snapshots (agency_id, left(lower(name), 200), id);
