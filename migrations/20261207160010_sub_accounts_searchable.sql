-- no-transaction
-- oldest program: 20261203104000
-- Search of all businesses: the same expressions as in businesses::LIST. Programs of before read sub_accounts_search.
create index concurrently if not exists sub_accounts_searchable on sub_accounts using gin (
  (searchable(name || e'\n' || slug || e'\n' || coalesce(email, '') || e'\n' || coalesce(phone, ''))) gin_trgm_ops, (lower(ghl_location_id)) gin_trgm_ops);
