-- no-transaction
-- oldest program: 20261203104000
-- An agency's businesses by age, page by page.
create index concurrently if not exists sub_accounts_by_age on sub_accounts (agency_id, created_at, id);
