-- no-transaction
-- oldest program: 20261203104000
-- The index with the conversation behind the id serves the same reads.
drop index concurrently if exists messages_by_external;
