-- Tools: what programs may do with a business by themselves, what a person is asked first, and what they did.
-- oldest program: 20261203104000

-- The keys to businesses and the rows of rights wait briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles, sub_accounts in access exclusive mode;

-- [B] what a token may do with a tool, where it is not what is usual for the tool · web
create table tool_policies (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  token_id uuid not null,  -- without a key: a token that is revoked goes after 90 days, and its row says nothing then
  tool text not null check (char_length(tool) between 1 and 128),
  policy text not null check (policy in ('allow', 'ask', 'deny', 'dry_run')),
  allowed_until timestamptz,  -- until then it is allowed, whatever the policy says
  primary key (sub_account_id, id),
  unique (sub_account_id, token_id, tool)
);

-- [B] what a token may call in a day · web
create table tool_budgets (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  token_id uuid not null,
  calls int not null check (calls between 0 and 1000000),
  writes int not null check (writes between 0 and 1000000),
  primary key (sub_account_id, id),
  unique (sub_account_id, token_id)
);

-- [B] what a token called in a day of UTC · 35 d · web
create table tool_days (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  token_id uuid not null,
  day date not null,
  calls int not null default 0 check (calls >= 0),
  writes int not null default 0 check (writes >= 0),
  refused int not null default 0 check (refused >= 0),  -- the refused calls, also those that the log tells of by an earlier one
  primary key (sub_account_id, id),
  unique (sub_account_id, token_id, day)
);
create index tool_days_age on tool_days (created_at);  -- retention

-- [B] a call that a person is asked about, with what they read · 1 y · web
create table tool_approvals (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  token_id uuid not null,
  token_name text not null default '' check (char_length(token_name) <= 480),
  tool text not null check (char_length(tool) between 1 and 128),
  arguments jsonb not null check (jsonb_typeof(arguments) = 'object' and octet_length(arguments::text) <= 262144),  -- empty once it ended
  arguments_hash bytea not null check (length(arguments_hash) = 32),
  shown text not null check (char_length(shown) <= 8000),  -- empty 30 days after it was asked
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'running', 'done', 'failed', 'rejected', 'expired')),
  expires_at timestamptz not null,
  decided_at timestamptz,
  decided_by uuid references users on delete set null,
  claimed_at timestamptz,  -- when a call took it, so that no other one does
  reason text check (char_length(reason) <= 1000),
  call_id uuid,
  primary key (sub_account_id, id)
);
create unique index tool_approvals_open on tool_approvals (sub_account_id, token_id, tool, arguments_hash) where state in ('waiting', 'approved', 'running');  -- the same call is asked about once
create index tool_approvals_list on tool_approvals (sub_account_id, created_at desc, id desc);
create index tool_approvals_age on tool_approvals (created_at);  -- retention
create index tool_approvals_shown on tool_approvals (created_at) where shown <> '' and state in ('done', 'failed', 'rejected', 'expired');  -- retention

-- [B] whether a business stopped all its tools · web
create table tool_stops (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (sub_account_id, id),
  unique (sub_account_id)
);

-- [G] whether the platform stopped the tools of everybody: there is a row, or there is none · platform
create table tool_stop (
  only_one boolean primary key default true check (only_one),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- [B] a call of a tool: who, what, by which policy, how it ended; hashed into the chain of its business when it ended · 1 y · web
create table tool_calls (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  token_id uuid not null,
  token_name text not null default '' check (char_length(token_name) <= 480),
  tool text not null check (char_length(tool) between 1 and 128),
  effect text not null check (effect in ('read', 'write', 'destructive')),
  arguments jsonb not null default '{}' check (jsonb_typeof(arguments) = 'object' and octet_length(arguments::text) <= 65536),  -- masked
  arguments_hash bytea not null check (length(arguments_hash) = 32),
  policy text not null check (policy in ('allow', 'ask', 'deny', 'dry_run')),
  approval_id uuid,
  approved_by uuid,  -- without a key: what is hashed does not change when somebody leaves
  outcome text not null default 'running' check (outcome in ('running', 'done', 'failed', 'refused', 'waiting', 'dry_run', 'limited')),
  reason text check (char_length(reason) <= 1000),
  result_bytes int check (result_bytes >= 0),
  ms int check (ms >= 0),
  ended_at timestamptz,
  seq bigint check (seq > 0),
  prev_hash bytea check (length(prev_hash) = 32),
  hash bytea check (length(hash) = 32),
  primary key (sub_account_id, id)
);
create unique index tool_calls_chain on tool_calls (sub_account_id, seq);
create index tool_calls_list on tool_calls (sub_account_id, created_at desc, id desc);
create index tool_calls_outcome on tool_calls (sub_account_id, outcome, created_at desc, id desc);
create index tool_calls_same on tool_calls (sub_account_id, token_id, arguments_hash, created_at);  -- the guard against loops
create index tool_calls_running on tool_calls (sub_account_id, created_at) where outcome = 'running';
create index tool_calls_age on tool_calls (created_at);  -- retention

-- [B] the end of the chain of calls of a business · web
create table tool_chains (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  seq bigint not null default 0 check (seq >= 0),
  hash bytea not null check (length(hash) = 32),
  cut_seq bigint not null default 0 check (cut_seq >= 0),  -- the last call that was removed for its age; 0 if none was
  cut_hash bytea check (length(cut_hash) = 32),
  primary key (sub_account_id, id),
  unique (sub_account_id)
);

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('tools.manage', 'business', 'Connect AI agents and say what they may do'),
  ('tools.approve', 'business', 'Approve what AI agents ask for, and read what they did');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key in ('tools.manage', 'tools.approve') and r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('tool_policies', 'B');
call ops.protect('tool_budgets', 'B');
call ops.protect('tool_days', 'B');
call ops.protect('tool_approvals', 'B');
call ops.protect('tool_stops', 'B');
call ops.protect('tool_stop', 'G');
call ops.protect('tool_calls', 'B');
call ops.protect('tool_chains', 'B');
-- Old rows are removed whichever business they belong to, and everything in pieces before the business itself.
do $$ declare t text; begin
  foreach t in array array['tool_policies', 'tool_budgets', 'tool_days', 'tool_approvals', 'tool_stops', 'tool_calls', 'tool_chains'] loop
    execute format('create policy retention on %I for all to app_worker using (created_at < (select now() - make_interval(secs => nullif(current_setting(''app.retention_seconds'', true), '''')::double precision))) with check (false)', t);
  end loop;
end $$;
-- With old calls goes where the chain begins, and ended approvals lose their words, whichever business they belong to.
create policy cutting on tool_chains for update to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision)))
  with check (cut_seq <= seq
    and created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision)));
create policy emptying on tool_approvals for update to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision)))
  with check (shown = '' and arguments = '{}' and state in ('done', 'failed', 'rejected', 'expired')
    and created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision)));
call ops.index_fks();
