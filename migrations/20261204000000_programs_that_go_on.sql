-- Each migration says which programs go on working on its schema, so that a version and the next one run side by side.
-- oldest program: 20261203104000

-- The last migration of the oldest program that goes on working; `migrate` fills it in from the head of each file (store::migrate).
alter table _sqlx_migrations add column if not exists oldest_program bigint;

-- Programs up to 20261203104000 refuse a version they do not know and read versions here. They are shown only what stops them.
create or replace view schema_migrations with (security_invoker = true) as
  select version::text as version, description, installed_on as applied_at from _sqlx_migrations
  where success and (version <= 20261203104000 or oldest_program is null or oldest_program > 20261203104000);
