-- no-transaction
-- oldest program: 20261203104000
-- An agency's businesses by name, page by page.
create index concurrently if not exists sub_accounts_by_name on sub_accounts (agency_id, left(lower(name), 200), id);
