-- no-transaction
-- oldest program: 20261203104000
-- The index with the id before the conversation says the same.
drop index concurrently if exists messages_external;
