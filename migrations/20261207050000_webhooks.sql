-- Addresses of others that are told what happens, what they were sent, and each attempt. And the right to set them up.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles, queues in access exclusive mode;

-- [A] an address that gets the events it chose; the secret is sealed · web, worker
create table webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by uuid references users on delete set null,
  format text not null check (format in ('json', 'slack')),
  url text not null check (char_length(url) between 1 and 2000),  -- of Slack, whose address is a secret, the host alone
  description text not null default '' check (char_length(description) <= 480),
  events text[] not null check (cardinality(events) between 1 and 100),
  sealed_secret bytea not null,  -- json: what signs; slack: the whole address
  key_id int not null,
  sealed_previous bytea,  -- the secret before, which signs too until its time is over
  previous_key_id int,
  previous_until timestamptz,
  failures int not null default 0,  -- in a row
  failing_since timestamptz,
  not_before timestamptz,  -- circuit breaker: the next delivery after failures
  delivered_at timestamptz,
  disabled_at timestamptz,
  disabled_because text check (disabled_because in ('person', 'failures', 'gone')),
  removed_at timestamptz,  -- hidden and off; retention deletes it after its log, in pieces
  unique (agency_id, id),
  check ((disabled_at is null) = (disabled_because is null)),
  check (removed_at is null or disabled_at is not null),
  check ((sealed_previous is null) = (previous_until is null) and (sealed_previous is null) = (previous_key_id is null))
);

create index webhook_endpoints_removed on webhook_endpoints (removed_at) where removed_at is not null;  -- retention

-- [A] one event for one endpoint · 30 d · worker, web
create table webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  endpoint_id uuid not null,
  event_id uuid not null,  -- sent as webhook-id, the same for every attempt
  event text not null check (char_length(event) between 1 and 80),
  body text not null check (octet_length(body) <= 65536),
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  attempts int not null default 0,
  round_started_at timestamptz not null default now(),  -- a replay begins another round of attempts
  round_attempts int not null default 0,
  next_attempt_at timestamptz,
  status int,
  trouble text check (char_length(trouble) <= 64),
  finished_at timestamptz,
  unique (agency_id, id),
  unique (agency_id, endpoint_id, event_id),  -- an endpoint gets an event once
  check ((state = 'waiting') = (finished_at is null)),
  foreign key (agency_id, endpoint_id) references webhook_endpoints (agency_id, id) on delete cascade
);
create index webhook_deliveries_list on webhook_deliveries (agency_id, created_at desc, id desc);  -- the list, keyset
create index webhook_deliveries_of on webhook_deliveries (endpoint_id, created_at desc);
create index webhook_deliveries_age on webhook_deliveries (created_at);  -- retention

-- [A] each try of a delivery · with its delivery · worker
create table webhook_attempts (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  delivery_id uuid not null,
  status int,
  trouble text check (char_length(trouble) <= 64),
  ms int not null,
  answer text not null default '' check (octet_length(answer) <= 4096),
  foreign key (agency_id, delivery_id) references webhook_deliveries (agency_id, id) on delete cascade
);
create index webhook_attempts_of on webhook_attempts (delivery_id, created_at desc);

alter table queues no force row level security;
insert into queues (key, at_once, per_agency, per_agency_setting, priority) values ('webhooks_out', 16, 4, null, 40);
alter table queues force row level security;

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('webhooks.manage', 'agency', 'Set up webhooks and see what they were sent');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key = 'webhooks.manage' and r.key in ('super_admin', 'agency_owner', 'agency_admin');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('webhook_endpoints', 'A');
call ops.protect('webhook_deliveries', 'A');
call ops.protect('webhook_attempts', 'A');
call ops.index_fks();
call ops.hide('webhook_endpoints', 'app_platform', '{sealed_secret,sealed_previous}');
call ops.hide('webhook_deliveries', 'app_platform', '{body}');
call ops.hide('webhook_attempts', 'app_platform', '{answer}');

-- Whether an endpoint of the agency wants this event. It is all that a transaction of a business learns of them, and an
-- agency without webhooks pays for no queue row. Planned once per connection, like lookup.agency_share.
create function lookup.wants_webhook(p_agency uuid, p_event text) returns boolean
  language plpgsql stable strict security definer set search_path = pg_catalog, public as $$
begin
  return exists (select from public.webhook_endpoints where agency_id = p_agency and disabled_at is null and p_event = any (events));
end $$;
create policy lookup on webhook_endpoints for select to app_lookup using (true);
grant select (agency_id, disabled_at, events) on webhook_endpoints to app_lookup;
alter function lookup.wants_webhook(uuid, text) owner to app_lookup;
revoke execute on function lookup.wants_webhook(uuid, text) from public;
grant execute on function lookup.wants_webhook(uuid, text) to app_rt, app_worker;
