-- How far the list of an agency's snapshots was read from HighLevel: when somebody asked, when it worked, why it did not.
-- oldest program: 20261203104000

-- [A] one row per agency · web and worker
create table snapshot_syncs (
  agency_id uuid primary key references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  asked_at timestamptz,   -- the last time that a person or a new connection asked for the list
  synced_at timestamptz,  -- the last time that it was read
  listed integer not null default 0 check (listed >= 0),  -- how many snapshots HighLevel listed then
  failed_at timestamptz,  -- the last try that failed; null once a later one worked
  failure text check (char_length(failure) between 1 and 32),
  detail text check (char_length(detail) <= 500)  -- the provider's own words, one line
);

alter table snapshots no force row level security;
insert into snapshot_syncs (agency_id, synced_at, listed)
  select agency_id, max(last_seen_at), count(*) filter (where is_active) from snapshots where last_seen_at is not null group by agency_id;
alter table snapshots force row level security;

call ops.protect('snapshot_syncs', 'A');
call ops.index_fks();
