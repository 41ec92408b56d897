-- Who signs in, where they belong, and how they prove it: people, agencies, businesses, roles, sessions, tokens.

-- [person] someone who signs in; one row per e-mail, any number of memberships · soft, pseudonymised on erase · web
create table users (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  email text not null check (email ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$') check (char_length(email) between 1 and 255),
  email_normalized text generated always as (lower(email)) stored unique,  -- plain = on this column is leakproof, lower() and citext are not
  name text not null default '' check (char_length(name) <= 200),
  password_hash text check (char_length(password_hash) <= 255),  -- null until the invited person sets one
  platform_role text check (platform_role in ('super_admin','support')),  -- everybody else has memberships
  locale text check (char_length(locale) <= 16),
  timezone text check (char_length(timezone) <= 64),
  mfa_enrolled_at timestamptz,
  password_changed_at timestamptz,
  last_seen_at timestamptz,
  disabled_at timestamptz,
  settings_json jsonb not null default '{}'
);
create index users_created_at on users (created_at);
create index users_platform_role on users (platform_role) where platform_role is not null;  -- "does a super admin exist"

-- [self:A] a company that manages clients; = HighLevel company · soft · keep · web, platform
create table agencies (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  name text not null check (char_length(name) between 1 and 255),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]*$') check (char_length(slug) between 1 and 63),
  ghl_agency_id text check (char_length(ghl_agency_id) <= 255),  -- the house agency and a fresh agency have none yet
  is_house boolean not null default false,
  status text not null default 'active' check (status in ('active','paused','deleted')),
  token_expires_at timestamptz,  -- copy kept by trigger from the current company credential; never a secret
  region text not null default 'default' check (char_length(region) <= 32),
  default_region_code text not null default 'US' check (char_length(default_region_code) <= 2),
  settings_json jsonb not null default '{}' check (jsonb_typeof(settings_json) = 'object')
);
-- Partial, so that naming the company is no change of a key: the vault may make the agency's data key meanwhile.
create unique index agencies_ghl_agency_id_key on agencies (ghl_agency_id) where ghl_agency_id is not null;
create unique index agencies_one_house on agencies (is_house) where is_house;
create index agencies_token_expires_at on agencies (token_expires_at);  -- agencies needing refresh
create index agencies_created_at on agencies (created_at);  -- admin list, newest first
create index agencies_deleted_at on agencies (deleted_at) where deleted_at is null;

-- [self:B] a business (client): the unit of isolation · soft 30 d then purge · web, worker, platform
create table sub_accounts (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  agency_id uuid not null references agencies on delete cascade,
  name text not null check (char_length(name) between 1 and 255),
  slug text not null check (char_length(slug) between 1 and 63),
  status text not null default 'active' check (status in ('trial','active','paused','deleted')),
  ghl_location_id text check (char_length(ghl_location_id) <= 64),
  email text check (char_length(email) <= 255),
  phone text check (char_length(phone) <= 32),
  website text check (char_length(website) <= 2048),
  address text check (char_length(address) <= 255),
  city text check (char_length(city) <= 120),
  state text check (char_length(state) <= 120),
  postal_code text check (char_length(postal_code) <= 32),
  country text check (char_length(country) <= 2),
  timezone text not null default 'UTC' check (char_length(timezone) <= 64),
  locale text not null default 'en' check (char_length(locale) <= 16),
  currency text not null default 'USD' check (char_length(currency) <= 3),
  ai_enabled boolean not null default true,
  hipaa_mode boolean not null default false,
  consent_mode text not null default 'notice' check (consent_mode in ('ask','notice')),
  owner_user_id uuid references users on delete set null,
  business_hours jsonb not null default '{}',
  notes text check (char_length(notes) <= 10000),
  settings_json jsonb not null default '{}',
  unique (agency_id, id),
  unique (agency_id, slug)
);
create unique index sub_accounts_location on sub_accounts (ghl_location_id) where ghl_location_id is not null and deleted_at is null;  -- one business per location
create index sub_accounts_list on sub_accounts (agency_id, status, name, id);  -- client list, keyset

-- [R] seven built-ins (owner = zero uuid) and the custom roles of an agency or business · web
create table roles (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  owner uuid not null default '00000000-0000-0000-0000-000000000000',
  scope role_scope not null,
  agency_id uuid references agencies on delete cascade,
  sub_account_id uuid,
  key text not null check (char_length(key) between 1 and 64),
  name text not null check (char_length(name) between 1 and 120),
  description text check (char_length(description) <= 500),
  is_builtin boolean not null default false,
  unique (owner, scope, key),
  unique (owner, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  check (is_builtin = (owner = '00000000-0000-0000-0000-000000000000')),
  check (is_builtin or owner = coalesce(sub_account_id, agency_id))
);

-- [G] granular permission, e.g. contacts.write; rows come from the policy file · owner only
create table permissions (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  key text not null unique check (char_length(key) between 1 and 64),
  scope role_scope not null,
  description text not null default '' check (char_length(description) <= 500)
);

-- [RP] which role has which permission · web
create table role_permissions (
  role_id uuid not null references roles on delete cascade,
  permission_id uuid not null references permissions on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (role_id, permission_id)
);

-- [M:A] a person's role in an agency; reach = all clients or only assigned ones · soft · web
create table user_agency_memberships (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  agency_id uuid not null references agencies on delete cascade,
  user_id uuid not null references users on delete cascade,
  role_owner uuid not null default '00000000-0000-0000-0000-000000000000',
  role_id uuid not null,
  reach text not null default 'listed' check (reach in ('all','listed')),
  status text not null default 'active' check (status in ('invited','active','suspended')),
  unique (agency_id, user_id),
  foreign key (role_owner, role_id) references roles (owner, id),
  check (role_owner in (agency_id, '00000000-0000-0000-0000-000000000000'))
);

-- [M:B] a person's role in a business; kind 'assigned' = agency staff given this client · soft · web
create table user_sub_account_memberships (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  agency_id uuid not null,
  sub_account_id uuid not null,
  user_id uuid not null references users on delete cascade,
  role_owner uuid not null default '00000000-0000-0000-0000-000000000000',
  role_id uuid not null,
  kind text not null default 'member' check (kind in ('member','assigned')),
  status text not null default 'active' check (status in ('invited','active','suspended')),
  available boolean not null default true,
  skills text[] not null default '{}',
  unique (sub_account_id, user_id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (role_owner, role_id) references roles (owner, id),
  check (role_owner in (agency_id, sub_account_id, '00000000-0000-0000-0000-000000000000'))
);
create index memberships_of_agency on user_sub_account_memberships (agency_id, user_id);  -- the visible list of a staff member

-- [S] server-side session; key is SHA-256 of the cookie value · deleted at expiry · web
create table sessions (
  secret_hash bytea primary key check (length(secret_hash) = 32),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  user_id uuid references users on delete cascade,
  data jsonb not null default '{}',
  auth_time timestamptz,
  last_seen_at timestamptz not null default now(),
  idle_seconds int not null,
  expires_at timestamptz not null,
  ip inet,
  user_agent text check (char_length(user_agent) <= 400)
);
create index sessions_user on sessions (user_id) where user_id is not null;  -- list and end sessions
create index sessions_expiry on sessions (expires_at);  -- sweeper

-- [S+AB] invite, first password, reset, renewal link, answer link, share link; hashed, single use · 30 d after expiry · web
create table one_time_tokens (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  purpose text not null check (purpose in ('invite','set_password','reset','renewal','answer','share')),
  agency_id uuid references agencies on delete cascade,
  sub_account_id uuid,
  user_id uuid references users on delete cascade,
  email text check (char_length(email) <= 255),
  created_by uuid,
  subject_id uuid,
  payload jsonb not null default '{}',
  expires_at timestamptz not null,
  used_at timestamptz,
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
);
create index one_time_tokens_open on one_time_tokens (agency_id, sub_account_id, purpose) where used_at is null;  -- pending invites

-- [U] TOTP seed, recovery codes, passkeys, sealed or hashed · web
create table user_factors (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  user_id uuid not null references users on delete cascade,
  kind text not null check (kind in ('totp','recovery','passkey')),
  label text check (char_length(label) <= 80),
  sealed bytea,
  secret_hash bytea,
  last_step bigint,
  used_at timestamptz,
  confirmed_at timestamptz
);
create index user_factors_user on user_factors (user_id, kind);

-- [O] failed sign-ins per hashed account or address; exponential delay · 7 d · web
create table auth_throttles (
  key_hash bytea primary key check (length(key_hash) = 32),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  failures int not null default 0,
  blocked_until timestamptz
);
create index auth_throttles_sweep on auth_throttles (updated_at);

-- [S+AB] bearer tokens slw_…, bound to one agency or business, scoped, expiring · 90 d after revoke · web
create table api_tokens (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  prefix text not null check (char_length(prefix) between 1 and 16),
  name text not null check (char_length(name) between 1 and 120),
  scopes text[] not null,
  created_by uuid,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
);
create index api_tokens_list on api_tokens (agency_id, sub_account_id) where revoked_at is null;

-- [AB] remembered answers of POSTs with Idempotency-Key · 24 h · web
create table idempotency_keys (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  key text not null check (char_length(key) between 1 and 255),
  route text not null check (char_length(route) between 1 and 120),
  request_hash bytea not null,
  response_status int,
  response jsonb,
  expires_at timestamptz not null,
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  unique nulls not distinct (agency_id, sub_account_id, route, key)
);
create index idempotency_keys_sweep on idempotency_keys (expires_at);

-- [P] installation settings: sign-in rules, default plan, retention overrides, simulator switch · platform
create table platform_settings (
  key text primary key check (char_length(key) <= 64),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  value jsonb not null,
  updated_by uuid
);

-- Built-in roles and what they may do. The rows mirror the policy file; a test compares the two.
insert into permissions (key, scope, description) values
  ('platform.read', 'platform', 'See the platform: agencies, businesses, people, health'),
  ('platform.manage', 'platform', 'Change the platform: create agencies, disable people, pause businesses'),
  ('agency.read', 'agency', 'Open an agency''s own pages'),
  ('clients.read', 'agency', 'See the clients one reaches'),
  ('provision.read', 'agency', 'See jobs and snapshots'),
  ('provision', 'agency', 'Start, retry, resume, cancel and undo jobs'),
  ('snapshots.manage', 'agency', 'Sync snapshots and switch them on or off'),
  ('connections.read', 'agency', 'See connections and how we know their state'),
  ('connections.manage', 'agency', 'Connect, disconnect, add and rotate credentials'),
  ('team.read', 'agency', 'See the people of an agency'),
  ('team.manage', 'agency', 'Invite and remove people of an agency'),
  ('tokens.manage', 'agency', 'Make and revoke API tokens'),
  ('audit.read', 'agency', 'Read an agency''s audit log'),
  ('business.read', 'business', 'Open a business');
insert into roles (scope, key, name, is_builtin) values
  ('platform', 'super_admin', 'Super admin', true), ('platform', 'support', 'Support', true),
  ('agency', 'agency_owner', 'Agency owner', true), ('agency', 'agency_admin', 'Agency admin', true), ('agency', 'agency_staff', 'Agency staff', true),
  ('business', 'business_owner', 'Business owner', true), ('business', 'team_member', 'Team member', true);
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p where case r.key
    when 'super_admin' then p.key <> 'business.read'
    when 'support' then p.key in ('platform.read', 'agency.read', 'clients.read', 'provision.read', 'connections.read', 'team.read', 'audit.read')
    when 'agency_owner' then p.scope <> 'platform'
    when 'agency_admin' then p.scope <> 'platform'
    when 'agency_staff' then p.key in ('agency.read', 'clients.read', 'provision.read', 'provision', 'connections.read', 'business.read')
    else p.key = 'business.read' end;

call ops.protect('users', 'person');
call ops.protect('agencies', 'self:A');
call ops.protect('sub_accounts', 'self:B');
call ops.protect('roles', 'R');
call ops.protect('permissions', 'G');
call ops.protect('role_permissions', 'RP');
call ops.protect('user_agency_memberships', 'M:A');
call ops.protect('user_sub_account_memberships', 'M:B');
call ops.protect('sessions', 'S');
call ops.protect('one_time_tokens', 'S+AB');
call ops.protect('user_factors', 'U');
call ops.protect('auth_throttles', 'O');
call ops.protect('api_tokens', 'S+AB');
call ops.protect('idempotency_keys', 'AB');
call ops.protect('platform_settings', 'P');

-- What the clock has ended belongs to nobody any more: the worker removes it without asking whose it was.
create policy sweep on one_time_tokens for all to app_worker using (expires_at < now() - interval '30 days') with check (false);
create policy sweep on idempotency_keys for all to app_worker using (expires_at < now()) with check (false);
call ops.hide('users', 'app_rt, app_worker, app_platform', '{password_hash}');  -- only lookup.auth_user() reads it
call ops.hide('sub_accounts', 'app_rt, app_worker', '{id,agency_id}', 'update');  -- a business never changes its agency
call ops.hide('api_tokens', 'app_rt, app_worker', '{id,agency_id,sub_account_id,secret_hash,scopes}', 'update');
call ops.hide('api_tokens', 'app_platform', '{secret_hash}');
call ops.hide('one_time_tokens', 'app_platform', '{secret_hash,payload}');

-- Sign-in: the one reader of password hashes. Called for unknown addresses too, so that both cost the same.
create function lookup.auth_user(p_email text) returns table (id uuid, password_hash text, disabled boolean)
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select id, password_hash, disabled_at is not null or deleted_at is not null from public.users where email_normalized = lower(p_email) $$;

-- Where the current person works. They see the names of those places before any of them is chosen as tenant.
create function lookup.my_places() returns table (kind text, id uuid, agency_id uuid, slug text, name text, role text, reach text, assigned uuid[])
  language sql stable security definer set search_path = pg_catalog, public as $$
  with me as (select nullif(current_setting('app.current_user_id', true), '')::uuid as id)
  select 'agency', a.id, a.id, a.slug, a.name, r.key, m.reach,
         array(select s.sub_account_id from public.user_sub_account_memberships s
               where s.agency_id = a.id and s.user_id = me.id and s.kind = 'assigned' and s.status = 'active' and s.deleted_at is null)
    from me join public.user_agency_memberships m on m.user_id = me.id and m.status = 'active' and m.deleted_at is null
    join public.agencies a on a.id = m.agency_id and a.deleted_at is null
    join public.roles r on r.owner = m.role_owner and r.id = m.role_id
  union all
  select 'business', b.id, b.agency_id, b.slug, b.name, r.key, null, null
    from me join public.user_sub_account_memberships m on m.user_id = me.id and m.kind = 'member' and m.status = 'active' and m.deleted_at is null
    join public.sub_accounts b on b.id = m.sub_account_id and b.deleted_at is null
    join public.agencies a on a.id = b.agency_id and a.deleted_at is null
    join public.roles r on r.owner = m.role_owner and r.id = m.role_id
  order by 1, 5 $$;

create policy lookup on users for select to app_lookup using (true);
create policy lookup on agencies for select to app_lookup using (true);
create policy lookup on sub_accounts for select to app_lookup using (true);
create policy lookup on roles for select to app_lookup using (true);
create policy lookup on user_agency_memberships for select to app_lookup using (true);
create policy lookup on user_sub_account_memberships for select to app_lookup using (true);
grant select (id, email_normalized, password_hash, disabled_at, deleted_at) on users to app_lookup;
grant select (id, slug, name, deleted_at) on agencies to app_lookup;
grant select (id, agency_id, slug, name, deleted_at) on sub_accounts to app_lookup;
grant select (id, owner, key) on roles to app_lookup;
grant select (agency_id, user_id, role_owner, role_id, reach, status, deleted_at) on user_agency_memberships to app_lookup;
grant select (agency_id, sub_account_id, user_id, role_owner, role_id, kind, status, deleted_at) on user_sub_account_memberships to app_lookup;
alter function lookup.auth_user(text) owner to app_lookup;
alter function lookup.my_places() owner to app_lookup;
revoke execute on all functions in schema lookup from public;
grant execute on function lookup.auth_user(text), lookup.my_places() to app_rt;

call ops.index_fks();
