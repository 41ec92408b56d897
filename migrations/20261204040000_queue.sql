-- The queue under load: tables that are cleaned at once, small counters of requests, a row to try a full disk with.
-- oldest program: 20261203104000

-- Rows of these tables live for seconds and their dead ones stand in the way of every claim, so they are cleared away by their number,
-- not by their share, and without pauses.
do $$ declare t text; begin
  foreach t in array array['work_ready', 'work_scheduled', 'work_leases'] loop
    execute format('alter table %I set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
      autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.5)', t);
  end loop;
end $$;
alter table outbox_events set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
-- One row a key, rewritten with each call.
alter table rate_windows set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
-- A job and its steps are changed some sixty times; with room on the page and no index on what changes, that writes no index.
alter table provisioning_jobs set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
alter table provisioning_steps set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
alter table provisioning_attempts set (fillfactor = 85);

-- [W] how many requests a tenant's programs sent in the running minute and the one before · one row a tenant, rewritten with each request · web, worker
create table request_counts (
  key text primary key check (char_length(key) between 1 and 120),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  began timestamptz not null,
  count int not null,
  before int not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);

-- [W] one row that is written while the disk is full, to learn when it is not · worker
create table disk_probe (
  id int primary key check (id = 1),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  filler bytea not null
);
alter table disk_probe alter column filler set storage external;

call ops.protect('request_counts', 'W');
call ops.protect('disk_probe', 'W');
