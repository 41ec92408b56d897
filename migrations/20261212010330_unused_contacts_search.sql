-- no-transaction
-- oldest program: 20261203104000
-- Nothing searches contacts by it, and every message wrote it: conversations are searched by their own.
drop index concurrently if exists contacts_search;
