-- Work belongs to the era in which it was added or claimed. Claims look at the newest eras alone, so they step around the dead
-- rows of former ones, which an old snapshot keeps. A worker begins a new era when many rows were taken.
-- oldest program: 20261203104000

set local lock_timeout = '200ms';

-- The number of the era. A sequence, because all sessions see its new value at once, whatever snapshot they have.
create sequence work_era as int;
select setval('work_era', 1);
grant select on sequence work_era to app_rt, app_worker, app_platform;
grant usage on sequence work_era to app_worker;

alter table work_ready add column era int not null default 1;
alter table work_ready alter column era set default pg_sequence_last_value('work_era'::regclass)::int;
alter table work_leases add column era int not null default 1;
alter table work_leases alter column era set default pg_sequence_last_value('work_era'::regclass)::int;

create index work_ready_by_era on work_ready (era, lane, tenant_key, priority, ready_at, id);  -- fair claim: tenant by tenant, then priority and age
create index work_leases_by_era on work_leases (era, lane, tenant_key);  -- running per tenant, for the cap
drop index work_ready_claim;
drop index work_leases_tenant;
