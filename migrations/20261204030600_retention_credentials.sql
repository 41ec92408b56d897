-- no-transaction
-- oldest program: 20261203104000
-- Former versions of secrets, oldest first.
create index concurrently if not exists credentials_former on credentials (updated_at) where slot = 'previous' or revoked_at is not null;
