-- no-transaction
-- oldest program: 20261203104000
-- The contacts that are being erased, whichever business they belong to.
create index concurrently if not exists contacts_erasing on contacts (id) where erasing_at is not null;
