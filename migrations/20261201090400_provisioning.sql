-- Jobs that set up one client, their steps and tries, every write outside, and the log.
-- Blueprints, batches and archives are left out until something writes them; their columns on a job come with them.

-- [A] HighLevel's template as we read it · is_active instead of delete · web, worker
create table snapshots (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ghl_snapshot_id text not null check (char_length(ghl_snapshot_id) between 1 and 255),
  name text not null check (char_length(name) between 1 and 255),
  niche text check (char_length(niche) <= 255),
  description text check (char_length(description) <= 10000),
  is_active boolean not null default true,
  kind text check (char_length(kind) <= 16),
  last_seen_at timestamptz,
  unique (agency_id, id),
  unique (agency_id, ghl_snapshot_id)
);
create index snapshots_ghl_id on snapshots (ghl_snapshot_id);
create index snapshots_is_active on snapshots (is_active);
create index snapshots_niche on snapshots (agency_id, niche) where is_active;  -- picker

-- Legal pairs of provisioning_jobs.status: the trigger, the Rust type and the property test read the same rows.
create table job_transitions (
  from_status provisioning_job_status not null,
  to_status provisioning_job_status not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (from_status, to_status)
);
insert into job_transitions (from_status, to_status) values
  ('PENDING', 'IN_PROGRESS'), ('PENDING', 'CANCELLED'),
  ('IN_PROGRESS', 'COMPLETED'), ('IN_PROGRESS', 'RETRYING'), ('IN_PROGRESS', 'AWAITING_INPUT'), ('IN_PROGRESS', 'FAILED'), ('IN_PROGRESS', 'CANCELLED'),
  ('RETRYING', 'IN_PROGRESS'), ('RETRYING', 'FAILED'), ('RETRYING', 'CANCELLED'),
  ('AWAITING_INPUT', 'PENDING'), ('AWAITING_INPUT', 'CANCELLED'),
  ('FAILED', 'PENDING');

-- [A+b] one client being provisioned · archived 90 d after the end · web (start, ask), worker (decide)
create table provisioning_jobs (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  status provisioning_job_status not null default 'PENDING',
  client_data_json jsonb not null check (jsonb_typeof(client_data_json) = 'object'),
  snapshot_id uuid,
  location_id text check (char_length(location_id) <= 255),
  error_message text check (char_length(error_message) <= 4000),
  retry_count int not null default 0,
  max_retries int not null default 3 check (max_retries between 0 and 20),
  number bigint not null default 0,
  sub_account_id uuid,
  current_step text check (char_length(current_step) <= 255),
  dry_run boolean not null default false,
  requested_by uuid,
  idempotency_key text check (char_length(idempotency_key) <= 255),
  attempt int not null default 0,
  lease_owner uuid,
  lease_until timestamptz,
  next_attempt_at timestamptz,
  cancel_requested_at timestamptz,
  question_json jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  client_email text generated always as (lower(client_data_json ->> 'email')) stored,
  unique (agency_id, id),
  check (retry_count between 0 and max_retries),
  check ((status = 'AWAITING_INPUT') = (question_json is not null)),
  check ((status in ('COMPLETED','FAILED','CANCELLED')) = (finished_at is not null)),
  unique (agency_id, number),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete set null (sub_account_id),
  foreign key (agency_id, snapshot_id) references snapshots (agency_id, id) on delete set null (snapshot_id)
);
create index provisioning_jobs_status on provisioning_jobs (status);  -- platform screen and gauges
create index provisioning_jobs_created_at on provisioning_jobs (created_at);
create index provisioning_jobs_updated_at on provisioning_jobs (updated_at);
create index provisioning_jobs_agency_status on provisioning_jobs (agency_id, status);
create index provisioning_jobs_list on provisioning_jobs (agency_id, created_at desc, id desc);  -- All and Mine views; an enum filter is a recheck, enum_eq is not leakproof
create index provisioning_jobs_open on provisioning_jobs (agency_id, created_at desc, id desc) where finished_at is null;  -- Running / Needs input
create index provisioning_jobs_failed on provisioning_jobs (agency_id, finished_at desc) where status = 'FAILED';
create index provisioning_jobs_email on provisioning_jobs (agency_id, client_email);  -- duplicate warning
create index provisioning_jobs_client on provisioning_jobs using gin (client_data_json jsonb_path_ops);  -- through lookup.find_jobs()
create unique index provisioning_jobs_location on provisioning_jobs (agency_id, location_id) where location_id is not null and status <> 'CANCELLED';  -- one job per location
create unique index provisioning_jobs_idem on provisioning_jobs (agency_id, idempotency_key) where idempotency_key is not null;

-- [A] one row per step of a job: input, output, state · with its job · worker
create table provisioning_steps (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  job_id uuid not null,
  step text not null check (char_length(step) between 1 and 255),
  position smallint not null,
  status provisioning_step_status,
  attempts int not null default 0,
  input_json jsonb not null default '{}',
  output_json jsonb not null default '{}',
  wait_reason text check (char_length(wait_reason) <= 200),
  wait_until timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  unique (agency_id, id),
  foreign key (agency_id, job_id) references provisioning_jobs (agency_id, id) on delete cascade,
  unique (job_id, step)
);

-- [A] one try of a step, kept for the attempt tabs · with its job · worker
create table provisioning_attempts (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  step_id uuid not null,
  attempt int not null,
  lease_owner uuid not null,
  input_json jsonb not null default '{}',
  outcome text check (outcome in ('done','again','ask','gave_up','lost')) check (char_length(outcome) <= 24),
  error_class text check (char_length(error_class) <= 32),
  error_detail text check (char_length(error_detail) <= 4000),
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (agency_id, id),
  foreign key (agency_id, step_id) references provisioning_steps (agency_id, id) on delete cascade,
  unique (step_id, attempt)
);

-- [AB] one row per outside write, committed before the call; jobs, sends, subscriptions alike · with its job, else 90 d · worker
create table effects (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  kind text not null check (char_length(kind) between 1 and 40),
  provider text not null check (char_length(provider) between 1 and 16),
  marker text not null check (char_length(marker) between 1 and 64),
  request_hash bytea not null,
  job_id uuid,
  step_id uuid,
  state text not null default 'PLANNED' check (state in ('PLANNED','IN_DOUBT','CONFIRMED','REFUSED','ABSENT','ABANDONED')),
  provider_ref text check (char_length(provider_ref) <= 255),
  attempt int not null,
  lease_owner uuid not null,
  sent_at timestamptz,
  settle_after timestamptz,
  looks int not null default 0,
  decided_at timestamptz,
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  unique (provider, marker),
  foreign key (agency_id, job_id) references provisioning_jobs (agency_id, id) on delete cascade,
  foreign key (agency_id, step_id) references provisioning_steps (agency_id, id) on delete cascade,
  check ((state = 'CONFIRMED') <= (decided_at is not null))
);
create index effects_doubt on effects (agency_id, settle_after) where state = 'IN_DOUBT';  -- reconcile
create unique index effects_one_location on effects (agency_id, provider_ref) where kind = 'create_location' and state = 'CONFIRMED';

-- [AB] evidence about an effect; never fenced, append-only · with its effect · worker
create table effect_observations (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  effect_id uuid not null,
  source text not null check (source in ('answer','webhook','search','list','echo','person')),
  provider_ref text check (char_length(provider_ref) <= 255),
  raw_hash bytea,
  observer uuid not null,
  observed_at timestamptz not null default now(),
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (agency_id, effect_id) references effects (agency_id, id) on delete cascade
);

-- [A] step edges and lines, newest first · append · archived 90 d · partition-ready · worker
create table provisioning_logs (
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  agency_id uuid not null references agencies on delete cascade,
  job_id uuid not null,
  "timestamp" timestamptz not null default now(),
  step text not null check (char_length(step) between 1 and 255),
  status provisioning_step_status,  -- null for a line between two edges
  level text not null default 'info' check (level in ('debug','info','warn','error')),
  attempt int not null default 0,
  message text not null default '' check (char_length(message) <= 2000),
  details_json jsonb,
  primary key (id, created_at),
  foreign key (agency_id, job_id) references provisioning_jobs (agency_id, id) on delete cascade
);
create index provisioning_logs_job_timestamp on provisioning_logs (job_id, "timestamp" desc, id desc);
create index provisioning_logs_timestamp on provisioning_logs ("timestamp");  -- mover
create index provisioning_logs_step on provisioning_logs (step);

create function job_transition_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.status <> 'PENDING' then
    raise exception 'a job starts PENDING' using errcode = 'check_violation', constraint = 'job_transition';
  end if;
  if tg_op = 'UPDATE' and new.status <> old.status
     and not exists (select from job_transitions where from_status = old.status and to_status = new.status) then
    raise exception 'job % may not go from % to %', old.id, old.status, new.status using errcode = 'check_violation', constraint = 'job_transition';
  end if;
  return new;
end $$;
create trigger guard before insert or update of status on provisioning_jobs for each row execute function job_transition_guard();

-- The number people say on the phone: 1, 2, 3 … inside an agency. The lock makes two starts wait for each other, not collide.
create function job_number() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('job:' || new.agency_id, 0));
  select coalesce(max(number), 0) + 1 into new.number from provisioning_jobs where agency_id = new.agency_id;
  return new;
end $$;
create trigger number before insert on provisioning_jobs for each row execute function job_number();

call ops.protect('job_transitions', 'G', true);
call ops.protect('snapshots', 'A');
call ops.protect('provisioning_jobs', 'A+b');
call ops.protect('provisioning_steps', 'A');
call ops.protect('provisioning_attempts', 'A');
call ops.protect('effects', 'AB');
call ops.protect('effect_observations', 'AB', true);
call ops.protect('provisioning_logs', 'A', true);

-- Jobs of the current agency whose client data contains the given JSON: ids only, the caller reads them again under its own rules.
create function lookup.find_jobs(data jsonb, most int default 100) returns table (id uuid)
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select id from public.provisioning_jobs where agency_id = nullif(current_setting('app.current_agency_id', true), '')::uuid
     and client_data_json @> data order by created_at desc limit least(most, 200) $$;
create policy lookup on provisioning_jobs for select to app_lookup using (true);
grant select (id, agency_id, client_data_json, created_at) on provisioning_jobs to app_lookup;
alter function lookup.find_jobs(jsonb, int) owner to app_lookup;
revoke execute on all functions in schema lookup from public;
grant execute on function lookup.find_jobs(jsonb, int) to app_rt, app_worker;

call ops.index_fks();
