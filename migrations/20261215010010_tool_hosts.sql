-- Which servers run processes of tool servers, and what they were asked to do with one, so that each page shows all of them.
-- oldest program: 20261203104000

-- [W] a server that runs tool processes: which these are, when it last said so, what it was asked for · removed when it stops, or after a week of silence · web
create table tool_hosts (
  id uuid primary key,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  host text not null check (char_length(host) <= 120),
  processes jsonb not null check (jsonb_typeof(processes) = 'array' and octet_length(processes::text) <= 1048576),
  asks jsonb not null default '[]' check (jsonb_typeof(asks) = 'array' and octet_length(asks::text) <= 65536)  -- taken by the server itself
);

create index tool_hosts_seen on tool_hosts (seen_at);  -- retention

call ops.protect('tool_hosts', 'W');
revoke insert, update, delete on tool_hosts from app_rt;
