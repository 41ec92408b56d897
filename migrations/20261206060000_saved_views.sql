-- What a person keeps of a list's address under a name: search, view, filters and order.
-- oldest program: 20261203104000

-- [AB] named filter of a table, private or shared · web
create table saved_views (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  user_id uuid not null references users on delete cascade,
  screen text not null check (char_length(screen) between 1 and 64),  -- the key of the list
  name text not null check (char_length(name) between 1 and 480),
  query jsonb not null check (jsonb_typeof(query) = 'object') check (octet_length(query::text) <= 4000),  -- parameters of the address
  shared boolean not null default false,
  unique (agency_id, id),
  unique nulls not distinct (agency_id, sub_account_id, user_id, screen, name),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
);
create index saved_views_screen on saved_views (user_id, screen);

call ops.protect('saved_views', 'AB');
call ops.index_fks();
