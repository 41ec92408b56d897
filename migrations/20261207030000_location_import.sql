-- Sub-accounts that an agency has in HighLevel before it has them here: the list as it was read, and how the import of some of
-- them as clients goes on. And the right to import.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles in access exclusive mode;

-- [A] when the list was asked for and read, and how the present or last import goes on · one row an agency · web, worker
create table location_lists (
  agency_id uuid primary key references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  company_id text not null check (char_length(company_id) between 1 and 255),  -- HighLevel's id of the company that the list is of
  asked_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  failure text check (char_length(failure) <= 1000),
  import_begun_at timestamptz,
  import_ended_at timestamptz,
  import_total int not null default 0 check (import_total >= 0),
  import_done int not null default 0 check (import_done >= 0),
  import_failed int not null default 0 check (import_failed >= 0),
  import_delay text check (char_length(import_delay) <= 1000)  -- why the import waits
);

-- [A] a sub-account as the last list had it; gone from the table when it is gone from the list · web, worker
create table ghl_locations (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ghl_location_id text not null check (ghl_location_id ~ '^[A-Za-z0-9_-]{1,64}$'),
  name text not null check (char_length(name) between 1 and 1020),
  email text check (char_length(email) <= 255),
  phone text check (char_length(phone) <= 32),
  website text check (char_length(website) <= 2048),
  address text check (char_length(address) <= 1020),
  city text check (char_length(city) <= 480),
  state text check (char_length(state) <= 480),
  postal_code text check (char_length(postal_code) <= 128),
  country text check (char_length(country) <= 2),
  timezone text check (char_length(timezone) <= 64),
  added_at timestamptz,  -- when HighLevel says that it was created
  import_state text check (import_state in ('waiting','done','failed')),
  import_error text check (char_length(import_error) <= 1000),
  import_email text check (char_length(import_email) <= 255),  -- what a person typed instead of the address; empty for none
  import_invites boolean not null default false,
  import_by uuid,  -- the person who asked for it
  unique (agency_id, id),
  unique (agency_id, ghl_location_id)
);
create index ghl_locations_by_name on ghl_locations (agency_id, left(lower(name), 200), id);  -- the list, keyset
create index ghl_locations_waiting on ghl_locations (agency_id, id) where import_state = 'waiting';  -- what an import takes next

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('clients.import', 'agency', 'Import sub-accounts from HighLevel as clients');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key = 'clients.import' and r.key in ('super_admin', 'agency_owner', 'agency_admin');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('location_lists', 'A');
call ops.protect('ghl_locations', 'A');
call ops.index_fks();
