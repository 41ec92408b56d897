-- What runs by itself: one row per periodic job, so that each has its own schedule, its own end and its own error, and so that
-- people and monitors see which one is late. The jobs themselves are a table in the program; a worker writes their rows.
-- oldest program: 20261203104000

-- [W] a periodic job: when it is due, who runs it, how its last run ended · kept while a version knows it · worker
create table periodic_jobs (
  name text primary key check (char_length(name) between 1 and 48),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  title text not null check (char_length(title) between 1 and 120),
  every_seconds double precision not null check (every_seconds > 0),
  overdue_seconds double precision not null check (overdue_seconds > 0),  -- without a success for so long it is overdue
  known_at timestamptz not null default now(),  -- when a running worker last knew it; a job that no version knows any more is never overdue
  due_at timestamptz not null default now(),
  lease_owner uuid,
  lease_until timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  succeeded_at timestamptz,
  duration_ms bigint,
  rows_done bigint,
  failures int not null default 0,  -- failed runs since the last success
  last_error text check (char_length(last_error) <= 2000),
  last_error_at timestamptz
);

call ops.protect('periodic_jobs', 'W');
revoke insert, update, delete on periodic_jobs from app_rt, app_platform;
