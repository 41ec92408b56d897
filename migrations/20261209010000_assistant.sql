-- The assistant: its settings and their versions, what it knows, and its answers with their traces. And the right to set it up.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles, queues, channels in access exclusive mode;

-- When the assistant answers by itself on a channel, by weekday and the clock of the business; {} is always.
alter table channels add column ai_hours jsonb not null default '{}' check (jsonb_typeof(ai_hours) = 'object');

-- [B] the assistant of a business: its settings as they are edited, and as they apply · web
create table ai_agents (
  sub_account_id uuid primary key references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
  published jsonb check (jsonb_typeof(published) = 'object'),  -- none: the default ones apply
  version int not null default 0 check (version >= 0),
  published_at timestamptz,
  published_by uuid references users on delete set null
);

-- [B] the settings as each version published them; nobody changes one · web
create table ai_agent_versions (
  sub_account_id uuid not null references sub_accounts on delete cascade,
  version int not null check (version > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  body jsonb not null check (jsonb_typeof(body) = 'object'),
  published_by uuid references users on delete set null,
  primary key (sub_account_id, version)
);

-- [B] what the assistant answers from: a question with its answer, or a text · web
create table knowledge (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  kind text not null check (kind in ('qa', 'text')),
  title text not null default '' check (char_length(title) <= 2000),
  question text not null default '' check (char_length(question) <= 2000),
  content text not null check (char_length(content) between 1 and 400000),
  primary key (sub_account_id, id)
);
create index knowledge_list on knowledge (sub_account_id, updated_at desc, id desc);  -- the list, keyset

-- [B] the passages of what it knows: what is searched · with their source · web
create table knowledge_passages (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  knowledge_id uuid not null,
  position int not null check (position >= 0),
  heading text not null default '' check (char_length(heading) <= 2000),  -- the title or question of its source
  content text not null check (char_length(content) between 1 and 2000),
  tsv tsvector not null generated always as (setweight(to_tsvector('simple', searchable(heading)), 'A') || setweight(to_tsvector('simple', searchable(content)), 'B')) stored,
  primary key (sub_account_id, id),
  unique (sub_account_id, knowledge_id, position),  -- a search reads all of its business: under a policy no index finds words
  foreign key (sub_account_id, knowledge_id) references knowledge (sub_account_id, id) on delete cascade
);

-- [B] what the assistant made of one message of a customer: draft, sources, decision and cost, and the trace of it · 2 y · worker, web (decides)
create table ai_answers (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  conversation_id uuid not null,
  trigger_message_id uuid not null,
  version int not null default 0 check (version >= 0),  -- 0: settings that nobody published
  mode text not null check (mode in ('draft', 'auto')),
  state text not null default 'thinking' check (state in ('thinking', 'drafted', 'sent', 'edited', 'dismissed', 'dropped', 'handed_over', 'failed')),
  draft text check (char_length(draft) <= 8000),
  reason text check (char_length(reason) <= 500),
  sources jsonb not null default '[]' check (jsonb_typeof(sources) = 'array' and octet_length(sources::text) <= 262144),
  trace jsonb not null default '{}' check (jsonb_typeof(trace) = 'object' and octet_length(trace::text) <= 65536),
  provider text check (char_length(provider) <= 24),
  model text check (char_length(model) <= 120),
  prompt_tokens int not null default 0 check (prompt_tokens >= 0),
  completion_tokens int not null default 0 check (completion_tokens >= 0),
  cost_micros bigint not null default 0 check (cost_micros >= 0),  -- millionths of a US dollar
  latency_ms int check (latency_ms >= 0),
  reply_message_id uuid,
  decided_by uuid references users on delete set null,
  decided_at timestamptz,
  primary key (sub_account_id, id),
  unique (sub_account_id, conversation_id, trigger_message_id),  -- one answer to a message
  foreign key (sub_account_id, conversation_id) references conversations (sub_account_id, id) on delete cascade,
  foreign key (sub_account_id, trigger_message_id) references messages (sub_account_id, id) on delete cascade,
  foreign key (sub_account_id, reply_message_id) references messages (sub_account_id, id) on delete set null (reply_message_id)
);
create index ai_answers_list on ai_answers (sub_account_id, created_at desc, id desc);  -- the list, keyset; tokens of a day
create index ai_answers_open on ai_answers (sub_account_id, conversation_id) where state = 'drafted';
create index ai_answers_age on ai_answers (created_at);  -- retention

alter table queues no force row level security;
insert into queues (key, at_once, per_agency, per_agency_setting, priority) values ('assistant', 32, 8, null, 8);  -- an answer mostly waits for its model, without a connection
alter table queues force row level security;

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('assistant.manage', 'business', 'Set up the assistant and what it knows');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key = 'assistant.manage' and r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('ai_agents', 'B');
call ops.protect('ai_agent_versions', 'B', true);
call ops.protect('knowledge', 'B');
call ops.protect('knowledge_passages', 'B');
call ops.protect('ai_answers', 'B');
-- Old answers are removed whichever business they belong to, and everything in pieces before the business itself.
do $$ declare t text; begin
  foreach t in array array['ai_agents', 'ai_agent_versions', 'knowledge', 'knowledge_passages', 'ai_answers'] loop
    execute format('create policy retention on %I for all to app_worker using (created_at < (select now() - make_interval(secs => nullif(current_setting(''app.retention_seconds'', true), '''')::double precision))) with check (false)', t);
  end loop;
end $$;
call ops.index_fks();
