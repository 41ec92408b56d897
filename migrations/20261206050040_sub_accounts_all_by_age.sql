-- no-transaction
-- oldest program: 20261203104000
-- All businesses by age, for the platform.
create index concurrently if not exists sub_accounts_all_by_age on sub_accounts (created_at, id);
