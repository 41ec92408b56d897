-- no-transaction
-- oldest program: 20261203104000
-- All agencies by name, for the platform.
create index concurrently if not exists agencies_by_name on agencies (left(lower(name), 200), id);
