-- no-transaction
-- oldest program: 20261203104000
-- Search of all people: the same expression as in identity::LIST.
create index concurrently if not exists users_search on users using gin ((folded(name || e'\n' || email_normalized)) gin_trgm_ops);
