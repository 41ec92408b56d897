-- no-transaction
-- oldest program: 20261203104000
-- The oldest calls are found without reading the others. Built beside running work: the table may hold millions of rows.
create index concurrently if not exists api_calls_age on api_calls (created_at);
