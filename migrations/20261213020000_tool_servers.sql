-- Which programs agencies may run as tool servers, by leave of the platform, and which servers they set up for their clients.
-- oldest program: 20261203104000

-- The keys to agencies and businesses wait briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

-- [G] a command line that agencies may run · platform
create table tool_commands (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null unique check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  program text not null check (program ~ '^/' and char_length(program) <= 255),  -- an absolute path; no shell reads it
  arguments text[] not null default '{}' check (cardinality(arguments) <= 32),
  is_active boolean not null default true  -- off, no server that uses it is started
);

-- [A] a tool server of an agency, for all its clients or for one · web, worker
create table tool_servers (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  business_id uuid,  -- the one client that it is for; null for all
  command_id uuid not null references tool_commands,
  prefix text not null check (prefix ~ '^[a-z0-9]{1,16}$'),  -- its tools are called prefix_name
  is_active boolean not null default true,
  tools jsonb not null default '[]' check (jsonb_typeof(tools) = 'array'),  -- as it listed them last
  set_aside jsonb not null default '[]' check (jsonb_typeof(set_aside) = 'array'),  -- the tools that cannot be used, each with the reason
  probed_at timestamptz,
  trouble text check (char_length(trouble) <= 1000),  -- why it could not be asked the last time
  unique (agency_id, prefix),
  foreign key (agency_id, business_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
);

call ops.protect('tool_commands', 'G');
call ops.protect('tool_servers', 'A');
call ops.index_fks();
