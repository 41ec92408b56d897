-- no-transaction
-- oldest program: 20261203104000
-- All businesses by name, for the platform.
create index concurrently if not exists sub_accounts_all_by_name on sub_accounts (left(lower(name), 200), id);
