-- Work to be done, now or later, and what happened: the queue and the outbox. Rows hold ids, never client data.

-- [Q] runnable now; ids only, no client data · rows live seconds · enqueue: web, worker; claim: worker
create table work_ready (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  lane text not null check (char_length(lane) between 1 and 24),
  tenant_key uuid not null,
  priority smallint not null default 100,
  ready_at timestamptz not null default now(),
  kind text not null check (char_length(kind) between 1 and 48),
  agency_id uuid,
  sub_account_id uuid,
  subject_id uuid,
  payload jsonb not null default '{}' check (octet_length(payload::text) <= 1024),
  attempt int not null default 0,
  dedupe_key text check (char_length(dedupe_key) <= 200)
);
create index work_ready_claim on work_ready (lane, tenant_key, priority, ready_at, id);  -- fair claim: tenant by tenant, then priority and age
create unique index work_ready_dedupe on work_ready (dedupe_key) where dedupe_key is not null;

-- [Q] runnable later: retries, polls, token refresh, cron rows · moved to work_ready when due · web, worker
create table work_scheduled (
  like work_ready including defaults including constraints,
  run_at timestamptz not null,
  primary key (id)
);
create index work_scheduled_due on work_scheduled (run_at, id);
create unique index work_scheduled_dedupe on work_scheduled (dedupe_key) where dedupe_key is not null;

-- [Q] claimed: owner, until; heartbeats update only this narrow row · worker
create table work_leases (
  like work_ready including defaults including constraints,
  lease_owner uuid not null,
  lease_until timestamptz not null,
  primary key (id)
) with (fillfactor = 70);
create index work_leases_tenant on work_leases (lane, tenant_key);  -- running per tenant, for the cap
create index work_leases_owner on work_leases (lease_owner);  -- one heartbeat UPDATE per process

-- [Q] gave up or poisoned; visible, replayable · 90 d · worker
create table work_dead (
  like work_ready including defaults including constraints,
  died_at timestamptz not null default now(),
  cause text not null default '' check (char_length(cause) <= 2000),
  primary key (id)
);
create index work_dead_list on work_dead (died_at desc);

-- [Q] what happened, written with the change; feeds live pages, outgoing webhooks, automations, CDC · 7 d · partition-ready · web, worker
create table outbox_events (
  position bigint generated always as identity,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  xid xid8 not null default pg_current_xact_id(),
  agency_id uuid,
  sub_account_id uuid,
  topic text not null check (char_length(topic) between 1 and 48),
  subject_id uuid,
  payload jsonb not null default '{}' check (octet_length(payload::text) <= 8192),
  primary key (position, created_at)
);
create index outbox_tail on outbox_events (xid, position);  -- commit-safe tailing: xid < pg_snapshot_xmin(pg_current_snapshot())

call ops.protect('work_ready', 'Q');
call ops.protect('work_scheduled', 'Q');
call ops.protect('work_leases', 'Q');
call ops.protect('work_dead', 'Q');
call ops.protect('outbox_events', 'Q');

call ops.index_fks();
