-- no-transaction
-- oldest program: 20261203104000
-- Search of all people: the same expression as in identity::LIST. Programs of before read users_search.
create index concurrently if not exists users_searchable on users using gin ((searchable(name || e'\n' || email_normalized)) gin_trgm_ops);
