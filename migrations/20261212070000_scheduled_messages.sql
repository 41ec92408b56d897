-- Scheduled messages: what a person wrote to a customer for a later time. At its time each becomes a message like every other.
-- oldest program: 20261203104000

-- The keys to tenants, conversations and people wait briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

-- [B] a message that goes to a customer at a later time · web, worker (at its time)
create table scheduled_messages (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  conversation_id uuid not null,
  sender_user_id uuid references users on delete set null,  -- who wrote it
  kind text not null check (kind in ('text', 'template')),
  body text not null check (char_length(body) <= 65536),  -- as the customer reads it; empty once it was sent or canceled
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  reply_to uuid,  -- the message of the conversation that it answers
  send_at timestamptz not null,
  chosen_at timestamptz not null default now(),  -- when a person last chose the time: what the customer wrote since has no answer in it
  state text not null default 'waiting' check (state in ('waiting', 'missed', 'sent', 'cancelled')),
  primary key (sub_account_id, id),
  foreign key (sub_account_id, conversation_id) references conversations (sub_account_id, id) on delete cascade
);
create index scheduled_messages_due on scheduled_messages (send_at) where state = 'waiting';  -- whose time has come, whichever business it is of
create index scheduled_messages_open on scheduled_messages (sub_account_id, send_at, id) where state in ('waiting', 'missed');  -- the list

call ops.protect('scheduled_messages', 'B');
-- Those of all businesses whose time has come are found; they are removed in pieces before the business itself.
create policy retention on scheduled_messages for all to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision))) with check (false);
call ops.index_fks();
