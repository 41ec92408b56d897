-- Rehearsals: questions that the assistant answers for nobody, so that the owner sees what changed settings would say.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table queues in access exclusive mode;

-- [B] a test chat with the assistant, or a rehearsal over past questions, with the settings that are tried · 30 d · web, worker
create table ai_rehearsals (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  kind text not null check (kind in ('chat', 'rehearsal')),
  state text not null default 'running' check (state in ('running', 'done', 'cancelled')),
  is_published boolean not null,  -- the settings in use, or the saved ones
  version int not null check (version >= 0),  -- the one in use when it began
  settings jsonb not null check (jsonb_typeof(settings) = 'object'),  -- as they were when it began
  user_id uuid references users on delete set null,
  finished_at timestamptz,
  primary key (sub_account_id, id)
);
create index ai_rehearsals_list on ai_rehearsals (sub_account_id, kind, created_at desc, id desc);  -- the list, the chat that goes on, the count of a day
create index ai_rehearsals_age on ai_rehearsals (created_at);  -- retention

-- [B] one question of a rehearsal: what was said to it then, what the assistant would say, its cost, what the owner makes of it · with its rehearsal · web, worker
create table ai_rehearsal_cases (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  rehearsal_id uuid not null,
  position int not null check (position between 0 and 99),
  trigger_message_id uuid,  -- the customer's message; none in a test chat
  question text not null check (char_length(question) between 1 and 8000),
  then_text text not null default '' check (char_length(then_text) <= 8000),
  then_sender text check (then_sender in ('person', 'assistant', 'automation', 'campaign', 'echo', 'system')),
  state text not null default 'waiting' check (state in ('waiting', 'answered', 'handed_over', 'quiet', 'failed', 'cancelled')),
  answer text not null default '' check (char_length(answer) <= 8000),
  reason text not null default '' check (char_length(reason) <= 500),
  sources jsonb not null default '[]' check (jsonb_typeof(sources) = 'array' and octet_length(sources::text) <= 262144),
  trace jsonb not null default '{}' check (jsonb_typeof(trace) = 'object' and octet_length(trace::text) <= 65536),
  provider text not null default '' check (char_length(provider) <= 24),
  model text not null default '' check (char_length(model) <= 120),
  prompt_tokens int not null default 0 check (prompt_tokens >= 0),
  completion_tokens int not null default 0 check (completion_tokens >= 0),
  cost_micros bigint check (cost_micros >= 0),  -- millionths of a US dollar; none if the price is not known
  latency_ms int check (latency_ms >= 0),
  mark text check (mark in ('better', 'same', 'worse')),
  primary key (sub_account_id, id),
  unique (sub_account_id, rehearsal_id, position),
  foreign key (sub_account_id, rehearsal_id) references ai_rehearsals (sub_account_id, id) on delete cascade,
  foreign key (sub_account_id, trigger_message_id) references messages (sub_account_id, id) on delete cascade
);
create index ai_rehearsal_cases_day on ai_rehearsal_cases (sub_account_id, created_at);  -- questions of a day

alter table queues no force row level security;
insert into queues (key, at_once, per_agency, per_agency_setting, priority) values ('rehearsals', 8, 2, null, 48);  -- nobody outside waits for one
alter table queues force row level security;

call ops.protect('ai_rehearsals', 'B');
call ops.protect('ai_rehearsal_cases', 'B');
-- Old rehearsals are removed whichever business they belong to, and everything in pieces before the business itself.
do $$ declare t text; begin
  foreach t in array array['ai_rehearsals', 'ai_rehearsal_cases'] loop
    execute format('create policy retention on %I for all to app_worker using (created_at < (select now() - make_interval(secs => nullif(current_setting(''app.retention_seconds'', true), '''')::double precision))) with check (false)', t);
  end loop;
end $$;
call ops.index_fks();
