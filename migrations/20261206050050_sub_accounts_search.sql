-- no-transaction
-- oldest program: 20261203104000
-- Search of all businesses: the same expressions as in businesses::LIST.
create index concurrently if not exists sub_accounts_search on sub_accounts using gin (
  (folded(name || e'\n' || slug || e'\n' || coalesce(email, '') || e'\n' || coalesce(phone, ''))) gin_trgm_ops, (lower(ghl_location_id)) gin_trgm_ops);
