-- Which worker processes run, and when each was last heard: what the platform's system page shows.
-- oldest program: 20261203104000

-- [W] a running worker process: since when it runs, when it last reported · removed when it stops, or after a week of silence · worker
create table worker_processes (
  id uuid primary key,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  every_seconds double precision not null check (every_seconds > 0),  -- time between two reports
  host text not null check (char_length(host) <= 120),
  version text not null check (char_length(version) <= 40)
);

create index worker_processes_seen on worker_processes (seen_at);

call ops.protect('worker_processes', 'W');
revoke insert, update, delete on worker_processes from app_rt, app_platform;
