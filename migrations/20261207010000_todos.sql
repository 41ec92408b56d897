-- What is left to a person after a job: to-dos that are ticked, assigned and found again. And the rights to see and to tick them.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles in access exclusive mode;

-- [A] what a person still has to do for a client, or after a job that ended · web, worker
create table todos (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  sub_account_id uuid,  -- the client; none if the job made none, or undid it
  job_id uuid,  -- the job that left it
  kind text not null check (char_length(kind) between 1 and 64),
  key text not null check (char_length(key) between 1 and 200),  -- what it is about: a step that runs twice makes one
  client_name text not null default '' check (char_length(client_name) <= 480),  -- of a job without client
  what text not null check (char_length(what) between 1 and 1000),
  why text not null default '' check (char_length(why) <= 4000),
  location_id text check (char_length(location_id) <= 255),  -- where in HighLevel it is done
  assigned_to uuid references users on delete set null,
  done_at timestamptz,
  done_by uuid references users on delete set null,  -- none if it was checked automatically
  is_checked boolean not null default false,  -- done because we could see it
  checks int not null default 0,  -- how often HighLevel was asked
  check_after timestamptz,  -- when HighLevel is asked next; none if it cannot tell
  unique (agency_id, id),
  unique nulls not distinct (agency_id, job_id, key),
  check (done_at is not null or (done_by is null and not is_checked)),
  foreign key (agency_id, job_id) references provisioning_jobs (agency_id, id) on delete cascade,
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
);
create index todos_list on todos (agency_id, created_at desc, id desc);  -- the list, keyset
create index todos_open on todos (agency_id, job_id) where done_at is null;  -- state and view of jobs, counts
create index todos_due on todos (agency_id, check_after) where done_at is null and check_after is not null;  -- what HighLevel is asked
create index todos_done on todos (done_at) where done_at is not null;  -- retention

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('todos.read', 'agency', 'See what jobs leave to a person'),
  ('todos.manage', 'agency', 'Tick and assign what jobs leave to a person');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and case p.key
    when 'todos.read' then r.key in ('super_admin', 'support', 'agency_owner', 'agency_admin', 'agency_staff')
    when 'todos.manage' then r.key in ('super_admin', 'agency_owner', 'agency_admin', 'agency_staff')
    else false end;
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('todos', 'A');
call ops.index_fks();
