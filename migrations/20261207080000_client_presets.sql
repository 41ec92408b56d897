-- What new clients of an agency start from, under a name: snapshot, values, tags, users, country and zone.
-- oldest program: 20261203104000

-- [A] named start of the form for a new client · web
create table client_presets (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by uuid references users on delete set null,
  name text not null check (char_length(name) between 1 and 80),
  order_json jsonb not null check (jsonb_typeof(order_json) = 'object') check (octet_length(order_json::text) <= 262144),
  unique (agency_id, id)
);
create unique index client_presets_name on client_presets (agency_id, lower(name));

call ops.protect('client_presets', 'A');
call ops.index_fks();
