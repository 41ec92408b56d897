-- no-transaction
-- oldest program: 20261203104000
-- The conversations that a page shows or a search found, in the list of all clients of an agency.
create index concurrently if not exists conversations_by_id on conversations (id);
