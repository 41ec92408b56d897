-- The queues and their limits are rows: a new queue needs a row here and an entry of `Queue` in the program, and no claim names one.
-- oldest program: 20261203104000

-- [P] how many items of a queue run at once, in one process and for one agency, and which queue is claimed first · one row a queue · worker
create table queues (
  key text primary key check (char_length(key) between 1 and 24),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  at_once int not null check (at_once between 1 and 1000),  -- in one process
  per_agency int not null check (per_agency between 1 and 1000),  -- for one agency, across all processes
  per_agency_setting text check (char_length(per_agency_setting) between 1 and 48),  -- the setting by which an agency chooses another number; null if none
  priority smallint not null default 100  -- lower is claimed first
);
insert into queues (key, at_once, per_agency, per_agency_setting, priority) values
  ('chores', 8, 3, null, 10),
  ('mail', 4, 2, null, 20),
  ('provisioning', 16, 5, 'jobs_at_once', 30);
call ops.protect('queues', 'P');

-- The number from 1 to 20 that an agency chose in this setting. Null when it chose none, and at once when the queue has no such
-- setting. It is all that a claim learns of the settings of an agency. Planned once per connection, like lookup.jobs_at_once,
-- which programs of before still call.
create function lookup.agency_share(p_agency uuid, p_setting text) returns bigint
  language plpgsql stable strict security definer set search_path = pg_catalog, public as $$
begin
  return (select (settings_json ->> p_setting)::bigint from public.agencies
          where id = p_agency and settings_json ->> p_setting ~ '^(1?[1-9]|[12]0)$');
end $$;
alter function lookup.agency_share(uuid, text) owner to app_lookup;
revoke execute on function lookup.agency_share(uuid, text) from public;
grant execute on function lookup.agency_share(uuid, text) to app_worker;
