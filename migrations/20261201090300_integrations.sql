-- Connected outside accounts, their sealed secrets, what we observed of them, and the outside limits we share.

-- [K] one data key per agency, wrapped by the master key; the row without agency seals what belongs to none (second
-- factors, unclaimed installs) · shredding a key is the last step of an erase · keep · web, worker
create table data_keys (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  key_id int not null unique generated always as identity,
  wrapped bytea not null,
  master_key_id text not null check (char_length(master_key_id) between 1 and 32),
  state text not null default 'primary' check (state in ('primary','reader','retired','shredded')),
  unique (agency_id, id)
);
create unique index data_keys_primary on data_keys (agency_id) nulls not distinct where state = 'primary';

-- [S] one consent round trip; consumed by DELETE · 10 min · web
create table oauth_states (
  secret_hash bytea primary key check (length(secret_hash) = 32),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  provider text not null check (provider in ('ghl','meta','instagram','google')),
  purpose text not null check (char_length(purpose) between 1 and 32),
  session_hash bytea not null,
  user_id uuid not null references users on delete cascade,
  agency_id uuid not null,
  sub_account_id uuid,
  integration_id uuid,
  sealed_verifier bytea,
  expires_at timestamptz not null
);
create index oauth_states_sweep on oauth_states (expires_at);
create index oauth_states_user on oauth_states (user_id);

-- [W+O] marketplace installs as the provider reports them, claimed or not · keep · web (insert), worker
create table app_installs (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  provider text not null default 'ghl' check (provider in ('ghl')),
  app_id text not null check (char_length(app_id) between 1 and 64),
  company_id text not null check (char_length(company_id) between 1 and 64),
  location_id text check (char_length(location_id) <= 64),
  user_type text not null check (char_length(user_type) between 1 and 16),
  company_name text check (char_length(company_name) <= 255),
  state text not null default 'unclaimed' check (state in ('unclaimed','claimed','uninstalled')),
  agency_id uuid references agencies on delete set null,
  sealed_tokens bytea,
  claim_hash bytea unique check (length(claim_hash) = 32),  -- the browser that installed may show this install to a signed-in agency admin
  installed_at timestamptz,
  uninstalled_at timestamptz,
  unique nulls not distinct (provider, app_id, company_id, location_id)
);
create index app_installs_agency on app_installs (agency_id) where agency_id is not null;

-- [AB] a connected outside account: facts only, the state word is computed · disconnect keeps the row · web, worker
create table integrations (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  type integration_type not null,
  is_active boolean not null default true,
  platform_id text not null check (char_length(platform_id) between 1 and 255),
  platform_name text check (char_length(platform_name) <= 255),
  parent_platform_id text check (char_length(parent_platform_id) <= 255),
  metadata jsonb not null default '{}',
  scopes_granted text[] not null default '{}',
  scopes_missing text[] not null default '{}',
  setup_step text check (char_length(setup_step) <= 40),
  setup_error text check (char_length(setup_error) <= 200),
  token_expires_at timestamptz,
  connected_at timestamptz,
  connected_by uuid,
  first_event_at timestamptz,
  last_event_at timestamptz,
  last_ok_at timestamptz,
  last_error_at timestamptz,
  last_error_code text check (char_length(last_error_code) <= 64),
  needs_reauth_at timestamptz,
  paused_at timestamptz,
  disconnected_at timestamptz,
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  unique (sub_account_id, id),
  unique nulls not distinct (agency_id, sub_account_id, type, platform_id)
);
create unique index integrations_owner on integrations (type, platform_id) where is_active;  -- one number/page/location belongs to one business
create index integrations_business on integrations (sub_account_id) where sub_account_id is not null;
create index integrations_platform on integrations (platform_id);  -- webhook routing through lookup.route()
create index integrations_parent on integrations (parent_platform_id) where parent_platform_id is not null;  -- WABA, portfolio and company events

-- [AB] versioned sealed secret of an integration: current, next, backup, previous · previous 30 d · web, worker
create table credentials (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  integration_id uuid not null,
  version int not null check (version > 0),
  slot text not null check (slot in ('current','next','backup','previous')),
  kind text not null check (kind in ('pit','oauth_company','oauth_location','oauth_user','oauth_page','system_user','api_key')),
  key_id int not null,
  sealed_access bytea not null,
  sealed_refresh bytea,
  sealed_client bytea,
  fingerprint text not null check (char_length(fingerprint) between 1 and 16),
  scopes text[] not null default '{}',
  issued_at timestamptz not null default now(),
  expires_at timestamptz,
  refresh_expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  refresh_owner uuid,
  refresh_until timestamptz,
  refresh_failures int not null default 0,
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (agency_id, integration_id) references integrations (agency_id, id) on delete cascade,
  unique (integration_id, version)
);
create unique index credentials_slot on credentials (integration_id, slot) where slot <> 'previous' and revoked_at is null;
create index credentials_expiry on credentials (expires_at) where slot = 'current' and revoked_at is null;  -- expiry sweep (lookup.due_credentials)
create index credentials_key on credentials (key_id);  -- rotation: how many rows still use this key

-- [AB] observed facts (event in, send ok, call failed, probe) for the state and its 14-day strip · append · 90 d · worker, web
create table integration_evidence (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  integration_id uuid not null,
  kind text not null check (char_length(kind) between 1 and 40),
  ok boolean not null,
  detail text check (char_length(detail) <= 500),
  observed_at timestamptz not null default now(),
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (agency_id, integration_id) references integrations (agency_id, id) on delete cascade
);
create index integration_evidence_strip on integration_evidence (integration_id, observed_at desc);

-- [AB] every outbound call: endpoint, status, ms, quota left · append · 90 d · partition-ready · worker, web
create table api_calls (
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  integration_id uuid,
  job_id uuid,
  provider text not null check (char_length(provider) between 1 and 16),
  method text not null check (char_length(method) between 1 and 8),
  endpoint text not null check (char_length(endpoint) between 1 and 200),
  status int,
  outcome text not null check (char_length(outcome) between 1 and 24),
  ms int not null,
  request_id text check (char_length(request_id) <= 128),
  quota_left int,
  trace_id uuid,
  primary key (id, created_at)
);
create index api_calls_agency on api_calls (agency_id, created_at desc);
create index api_calls_business on api_calls (sub_account_id, created_at desc) where sub_account_id is not null;  -- latency and error page
create index api_calls_job on api_calls (job_id, created_at) where job_id is not null;  -- Calls tab of a job

-- [W] outbound limit per (app, resource): owner lease, recent send times, day count · worker, web
create table rate_windows (
  key text primary key check (char_length(key) <= 200),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  lease_owner uuid,
  lease_until timestamptz,
  sent_at timestamptz[] not null default '{}',
  day date not null default current_date,
  day_count int not null default 0
) with (fillfactor = 70);

-- The agency's copy of when its company token ends; never a secret. Runs with the rights of whoever stores the credential.
create function credentials_token_expiry() returns trigger language plpgsql as $$
begin
  if new.kind = 'oauth_company' and new.slot = 'current' then
    update agencies set token_expires_at = case when new.revoked_at is null then new.expires_at end where id = new.agency_id;
  end if;
  return null;
end $$;
create trigger token_expiry after insert or update of slot, expires_at, revoked_at on credentials for each row execute function credentials_token_expiry();

call ops.protect('data_keys', 'K');
call ops.protect('oauth_states', 'S');
call ops.protect('app_installs', 'W+O');
-- An install of the very company an agency is connected to may be claimed by that agency without more.
create policy same_company on app_installs for all to app_rt
  using (agency_id is null and company_id = (select ghl_agency_id from agencies where id = (select nullif(current_setting('app.current_agency_id', true), '')::uuid)))
  with check (agency_id = (select nullif(current_setting('app.current_agency_id', true), '')::uuid));
call ops.protect('integrations', 'AB');
call ops.protect('credentials', 'AB');
call ops.protect('integration_evidence', 'AB', true);
call ops.protect('api_calls', 'AB', true);
call ops.protect('rate_windows', 'W');
call ops.hide('credentials', 'app_platform', '{sealed_access,sealed_refresh,sealed_client}');
call ops.hide('data_keys', 'app_platform', '{wrapped}');
call ops.hide('app_installs', 'app_platform', '{sealed_tokens,claim_hash}');

-- An agency's HighLevel token and a location's record under their older names; sealed, written through store::credentials.
create view agency_oauth with (security_invoker = true) as
  select a.id as agency_id, a.name, a.ghl_agency_id, encode(c.sealed_access, 'base64') as oauth_access_token_encrypted,
         encode(c.sealed_refresh, 'base64') as oauth_refresh_token_encrypted, c.expires_at as token_expires_at
  from agencies a join integrations i on i.agency_id = a.id and i.sub_account_id is null and i.type = 'GOHIGHLEVEL'
  join credentials c on c.agency_id = i.agency_id and c.integration_id = i.id and c.slot = 'current' and c.kind = 'oauth_company' and c.revoked_at is null;
create view ghl_credentials with (security_invoker = true) as
  select c.id, b.ghl_location_id as location_id, b.id as tenant_id, case when c.kind = 'pit' then 'pit' else 'oauth' end as auth_type, c.sealed_access, c.sealed_refresh,
         c.expires_at as token_expires_at, b.name as location_name, i.parent_platform_id as company_id, i.is_active, b.settings_json as config, c.created_at, c.updated_at
  from integrations i join sub_accounts b on b.id = i.sub_account_id
  join credentials c on c.agency_id = i.agency_id and c.integration_id = i.id and c.slot = 'current' and c.revoked_at is null where i.type = 'GOHIGHLEVEL';
grant select on agency_oauth, ghl_credentials to app_rt, app_worker;

-- Which credentials of any agency end before a time: ids only, the sweep enqueues them.
create function lookup.due_credentials(before timestamptz, most int default 500) returns table (id uuid, agency_id uuid, sub_account_id uuid, integration_id uuid)
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select id, agency_id, sub_account_id, integration_id from public.credentials
     where slot = 'current' and revoked_at is null and expires_at < before order by expires_at limit least(most, 1000) $$;
create policy lookup on credentials for select to app_lookup using (true);
grant select (id, agency_id, sub_account_id, integration_id, slot, revoked_at, expires_at) on credentials to app_lookup;
alter function lookup.due_credentials(timestamptz, int) owner to app_lookup;
revoke execute on all functions in schema lookup from public;
grant execute on function lookup.due_credentials(timestamptz, int) to app_worker;

call ops.index_fks();
