-- Two jobs of an agency may give the same person of HighLevel a location at once. HighLevel takes the list of a person's locations
-- only as a whole, so one of them reads and writes it at a time.

-- [A] which job changes a person of HighLevel just now · deleted after the change, else with its job · worker
create table people_leases (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ghl_user_id text not null check (char_length(ghl_user_id) between 1 and 255),
  job_id uuid not null,
  lease_until timestamptz not null,
  unique (agency_id, ghl_user_id),
  foreign key (agency_id, job_id) references provisioning_jobs (agency_id, id) on delete cascade
);

call ops.protect('people_leases', 'A');
call ops.index_fks();
