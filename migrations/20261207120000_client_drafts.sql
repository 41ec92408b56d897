-- What a person typed into the form of a new client and has not sent. It is their own, and is removed after thirty days.
-- oldest program: 20261203104000

-- [A] unsent form of one person · web
create table client_drafts (
  id uuid not null,
  agency_id uuid not null references agencies on delete cascade,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  fields jsonb not null check (jsonb_typeof(fields) = 'object') check (octet_length(fields::text) <= 1048576),
  -- The page makes the id, so it is unique for its person only: nobody meets the row of somebody else by it.
  primary key (agency_id, user_id, id)
);
create index client_drafts_old on client_drafts (updated_at);

call ops.protect('client_drafts', 'A');
-- Old drafts are removed without being read.
call ops.hide('client_drafts', 'app_platform', array['fields']);
call ops.index_fks();
