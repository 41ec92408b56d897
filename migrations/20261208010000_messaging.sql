-- Conversations with customers: what platforms send us, contacts, channels, messages and what is sent. And the rights to read and to answer.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles, queues, integrations in access exclusive mode;

-- The WhatsApp Business account that a number belongs to; its events concern all its numbers.
alter table integrations add column waba_id text check (char_length(waba_id) between 1 and 64);
create index integrations_waba on integrations (waba_id) where waba_id is not null;

-- [B] accounts that a consent brought and of which a person chooses one; the token is sealed · 1 h · web
create table channel_choices (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  type integration_type not null,
  user_id uuid not null references users on delete cascade,  -- who consented and may choose
  accounts jsonb not null check (jsonb_typeof(accounts) = 'array'),
  sealed_tokens bytea not null,  -- of the consent, and of each page
  key_id int not null,
  expires_at timestamptz not null,
  primary key (sub_account_id, id)
);
create index channel_choices_age on channel_choices (created_at);  -- retention

-- [I] a body as a platform sent it, stored before it is answered; nobody knows yet which tenants it concerns · 30 d · web inserts, worker
create table inbound_events (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  provider text not null check (char_length(provider) between 1 and 16),
  body bytea not null check (octet_length(body) <= 4194304),
  body_sha256 bytea not null check (length(body_sha256) = 32),
  state text not null default 'received' check (state in ('received', 'done', 'quarantined')),
  items int,  -- how many it holds; none until it was read
  attempts int not null default 0,
  error text check (char_length(error) <= 500),
  done_at timestamptz
);
create index inbound_events_open on inbound_events (created_at) where state = 'received';  -- found again if its queue row is lost
create index inbound_events_age on inbound_events (created_at);  -- retention

-- [W] idempotency keys of items: the same item in another body is a repeat · 14 d · worker
create table inbound_keys (
  provider text not null check (char_length(provider) between 1 and 16),
  key text not null check (char_length(key) between 1 and 400),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  event_id uuid not null,
  primary key (provider, key)
);
create index inbound_keys_age on inbound_keys (created_at);  -- retention

-- [WL] one item of a body: which tenant it concerns and what became of it · payload and row 30 d · worker
create table inbound_items (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  event_id uuid not null,
  position int not null check (position >= 0),
  provider text not null check (char_length(provider) between 1 and 16),
  kind text not null check (char_length(kind) between 1 and 48),  -- message, status, reaction …
  account text not null default '' check (char_length(account) <= 255),  -- the platform's id of the account
  agency_id uuid references agencies on delete cascade,  -- none if no connected account is meant
  sub_account_id uuid,
  integration_id uuid,
  key text not null check (char_length(key) between 1 and 400),
  payload jsonb not null default '{}',
  happened_at timestamptz,
  outcome text not null default 'waiting' check (outcome in ('waiting', 'processed', 'duplicate', 'unroutable', 'ignored', 'quarantined')),
  attempts int not null default 0,
  error text check (char_length(error) <= 500),
  conversation_id uuid,
  message_id uuid,
  processed_at timestamptz,
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  unique (event_id, position)
);
create index inbound_items_business on inbound_items (sub_account_id, created_at desc, id desc) where sub_account_id is not null;
create index inbound_items_agency on inbound_items (agency_id, created_at desc, id desc) where agency_id is not null;
create index inbound_items_list on inbound_items (created_at desc, id desc);  -- the platform's list, retention

-- [B] somebody a business talks to · web, worker
create table contacts (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null default '' check (char_length(name) <= 480),
  is_named boolean not null default false,  -- a person of the business wrote the name: what platforms say changes it no more
  email text check (char_length(email) <= 320),
  phone text check (phone ~ '^\+[0-9]{5,20}$'),
  company text not null default '' check (char_length(company) <= 480),
  note text not null default '' check (char_length(note) <= 4000),
  opted_out_at timestamptz,  -- asked not to get automatic messages
  marketing_refused_at timestamptz,
  last_activity_at timestamptz,
  primary key (sub_account_id, id)
);
create index contacts_activity on contacts (sub_account_id, last_activity_at desc nulls last, id desc);
create index contacts_search on contacts using gin ((searchable(name || e'\n' || coalesce(email, '') || e'\n' || coalesce(phone, ''))) gin_trgm_ops);

-- [B] the ids under which platforms know a contact · web, worker
create table contact_identities (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  contact_id uuid not null,
  kind text not null check (kind in ('wa_id', 'bsuid', 'parent_bsuid', 'psid', 'igsid', 'webchat')),
  scope text not null default '' check (char_length(scope) <= 255),  -- the page or Instagram account of an id that only it knows
  external_id text not null check (char_length(external_id) between 1 and 255),
  username text check (char_length(username) <= 255),
  ended_at timestamptz,  -- the platform gave the person another id
  primary key (sub_account_id, id),
  foreign key (sub_account_id, contact_id) references contacts (sub_account_id, id) on delete cascade
);
create unique index contact_identities_key on contact_identities (sub_account_id, kind, scope, external_id) where ended_at is null;  -- concurrent first messages make one contact

-- [BA] an inbox: one number, page or account on which a business talks · web, worker
create table channels (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null,
  agency_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  type channel not null,
  integration_id uuid,
  external_id text not null check (char_length(external_id) between 1 and 255),
  name text not null default '' check (char_length(name) <= 480),
  display_address text not null default '' check (char_length(display_address) <= 255),
  is_active boolean not null default true,
  ai_mode text not null default 'draft' check (ai_mode in ('off', 'draft', 'auto')),
  late_answers boolean not null default false,  -- the platform granted HUMAN_AGENT
  hold_since timestamptz,  -- nothing is sent until the connection works again
  primary key (sub_account_id, id),
  unique (sub_account_id, type, external_id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (sub_account_id, integration_id) references integrations (sub_account_id, id) on delete set null (integration_id)
);

-- [BA] a thread with one contact on one channel, with everything that a line of the list shows · web, worker
create table conversations (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null,
  agency_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  channel_id uuid not null,
  contact_id uuid not null,
  type channel not null,
  contact_name text not null default '' check (char_length(contact_name) <= 480),
  status text not null default 'open' check (status in ('open', 'snoozed', 'closed')),
  snoozed_until timestamptz,
  assigned_to uuid references users on delete set null,
  ai_mode text check (ai_mode in ('off', 'draft', 'auto')),  -- none: that of the channel
  ai_state text not null default 'bot' check (ai_state in ('bot', 'waiting_human', 'human')),
  ai_paused_until timestamptz,
  last_message_at timestamptz not null default now(),
  last_preview text not null default '' check (char_length(last_preview) <= 200),
  last_direction text check (last_direction in ('in', 'out')),
  last_sender text check (char_length(last_sender) <= 16),
  unread int not null default 0 check (unread >= 0),
  waiting_since timestamptz,  -- the customer's first message without an answer
  window_closes_at timestamptz,  -- none: the customer never wrote, or the channel has no window
  waiting_order timestamptz not null generated always as (coalesce(waiting_since, '9999-01-01 00:00:00+00'::timestamptz)) stored,  -- orders of the list: none comes last
  window_order timestamptz not null generated always as (coalesce(window_closes_at, '9999-01-01 00:00:00+00'::timestamptz)) stored,
  external_address text not null check (char_length(external_address) between 1 and 255),  -- where answers go, in the platform's words
  primary key (sub_account_id, id),
  unique (sub_account_id, channel_id, contact_id),  -- one thread with a contact on a channel
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (sub_account_id, channel_id) references channels (sub_account_id, id) on delete cascade,
  foreign key (sub_account_id, contact_id) references contacts (sub_account_id, id) on delete cascade
);
create index conversations_list on conversations (sub_account_id, status, last_message_at desc, id desc);  -- the list, keyset
create index conversations_all on conversations (sub_account_id, last_message_at desc, id desc);
create index conversations_mine on conversations (sub_account_id, assigned_to, status, last_message_at desc, id desc) where assigned_to is not null;
create index conversations_waiting on conversations (sub_account_id, status, waiting_order, id);
create index conversations_window on conversations (sub_account_id, status, window_order, id);
create index conversations_snoozed on conversations (snoozed_until) where status = 'snoozed';
create index conversations_agency on conversations (agency_id, status, last_message_at desc, id desc);  -- the inbox of all clients
create index conversations_agency_all on conversations (agency_id, last_message_at desc, id desc);
create index conversations_agency_waiting on conversations (agency_id, status, waiting_order, id);
create index conversations_agency_window on conversations (agency_id, status, window_order, id);

-- [B] one message, note or line of a conversation · web, worker
create table messages (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  conversation_id uuid not null,
  channel channel not null default 'WEBCHAT',
  happened_at timestamptz not null default now(),  -- by the platform, never later than we heard of it
  direction text not null check (direction in ('in', 'out', 'internal')),
  sender text not null check (sender in ('contact', 'person', 'assistant', 'automation', 'campaign', 'echo', 'system')),
  sender_user_id uuid references users on delete set null,
  kind text not null default 'text' check (char_length(kind) between 1 and 24),
  body text not null default '' check (char_length(body) <= 65536),
  details jsonb not null default '{}',
  external_id text check (char_length(external_id) <= 512),
  reply_to text check (char_length(reply_to) <= 512),  -- the platform's id of the message that it answers
  status text not null default 'received' check (status in ('received', 'pending', 'held', 'sent', 'delivered', 'read', 'failed', 'cancelled')),
  error_code text check (char_length(error_code) <= 40),
  error_text text check (char_length(error_text) <= 500),
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  edited_at timestamptz,
  revoked_at timestamptz,
  primary key (sub_account_id, id),
  foreign key (sub_account_id, conversation_id) references conversations (sub_account_id, id) on delete cascade
);
create index messages_thread on messages (sub_account_id, conversation_id, happened_at desc, id desc);  -- a thread, keyset
create unique index messages_external on messages (sub_account_id, conversation_id, external_id) where external_id is not null;  -- our own words come back once
create index messages_by_external on messages (sub_account_id, external_id) where external_id is not null;  -- statuses, reactions

-- [B] a file of a message: the platform's id until it is fetched, then where it lies · web, worker
create table message_attachments (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  message_id uuid not null,
  position smallint not null default 0,
  kind text not null check (char_length(kind) between 1 and 24),
  name text not null default '' check (char_length(name) <= 255),
  mime text check (char_length(mime) <= 127),
  bytes bigint check (bytes >= 0),
  media_id text check (char_length(media_id) <= 255),
  url text check (char_length(url) <= 4000),
  sha256 bytea check (length(sha256) = 32),  -- the name of the stored file
  state text not null default 'waiting' check (state in ('waiting', 'stored', 'failed', 'expired')),
  error text check (char_length(error) <= 200),
  primary key (sub_account_id, id),
  foreign key (sub_account_id, message_id) references messages (sub_account_id, id) on delete cascade
);

-- [B] the reaction of one side to a message · web, worker
create table message_reactions (
  sub_account_id uuid not null references sub_accounts on delete cascade,
  message_id uuid not null,
  by_contact boolean not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  emoji text not null check (char_length(emoji) <= 16),  -- empty: taken back
  happened_at timestamptz not null default now(),
  primary key (sub_account_id, message_id, by_contact),
  foreign key (sub_account_id, message_id) references messages (sub_account_id, id) on delete cascade
);

-- [B] what is to be sent, in order for each conversation; the platform's answer decides it · worker, web
create table message_sends (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  message_id uuid not null,
  conversation_id uuid not null,
  channel_id uuid not null,
  seq bigint generated always as identity,
  state text not null default 'queued' check (state in ('queued', 'held', 'sending', 'in_doubt', 'accepted', 'failed', 'cancelled')),
  hold_reason text check (char_length(hold_reason) <= 64),
  not_before timestamptz,
  attempts int not null default 0,
  sent_at timestamptz,  -- when the last call began
  error_code text check (char_length(error_code) <= 40),
  decided_at timestamptz,
  primary key (sub_account_id, id),
  unique (sub_account_id, message_id),
  foreign key (sub_account_id, message_id) references messages (sub_account_id, id) on delete cascade,
  foreign key (sub_account_id, conversation_id) references conversations (sub_account_id, id) on delete cascade,
  foreign key (sub_account_id, channel_id) references channels (sub_account_id, id) on delete cascade
);
create index message_sends_order on message_sends (sub_account_id, channel_id, seq) where state in ('queued', 'held', 'sending', 'in_doubt');

-- [B] what a status says of a message that we do not know yet, because it overtook the answer to our call · 7 d · worker
create table early_statuses (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  external_id text not null check (char_length(external_id) between 1 and 512),
  status jsonb not null,
  happened_at timestamptz,
  primary key (sub_account_id, id)
);
create index early_statuses_of on early_statuses (sub_account_id, external_id);
create index early_statuses_age on early_statuses (created_at);  -- retention

-- [B] texts that a platform approved for use outside the window, as it lists them · worker, web
create table message_templates (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  waba_id text not null check (char_length(waba_id) between 1 and 64),
  external_id text not null default '' check (char_length(external_id) <= 64),
  name text not null check (char_length(name) between 1 and 512),
  language text not null check (char_length(language) between 1 and 16),
  category text not null check (char_length(category) between 1 and 24),
  status text not null check (char_length(status) between 1 and 24),
  components jsonb not null default '[]',
  synced_at timestamptz not null default now(),
  primary key (sub_account_id, id),
  unique (sub_account_id, waba_id, name, language)
);

-- Which connected account an item of a platform is for. Inactive ones answer too, so that what still comes is not lost.
create function lookup.route(p_type integration_type, p_platform_id text)
  returns table (integration_id uuid, agency_id uuid, sub_account_id uuid)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select id, agency_id, sub_account_id from public.integrations
  where type = p_type and platform_id = p_platform_id and sub_account_id is not null
  order by is_active desc, connected_at desc nulls last limit 1 $$;
-- The connected numbers of a WhatsApp Business account.
create function lookup.route_waba(p_waba_id text)
  returns table (integration_id uuid, agency_id uuid, sub_account_id uuid)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select id, agency_id, sub_account_id from public.integrations
  where waba_id = p_waba_id and sub_account_id is not null and is_active limit 100 $$;
grant select (id, agency_id, sub_account_id, type, platform_id, is_active, connected_at, waba_id) on integrations to app_lookup;
alter function lookup.route(integration_type, text) owner to app_lookup;
alter function lookup.route_waba(text) owner to app_lookup;
revoke execute on function lookup.route(integration_type, text), lookup.route_waba(text) from public;
grant execute on function lookup.route(integration_type, text), lookup.route_waba(text) to app_worker, app_rt;

alter table queues no force row level security;
insert into queues (key, at_once, per_agency, per_agency_setting, priority) values
  ('messages_in', 16, 16, null, 5), ('messages_out', 16, 4, null, 6), ('media', 6, 3, null, 45);
alter table queues force row level security;

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('inbox.all', 'agency', 'See the conversations of all clients in one list'),
  ('inbox.read', 'business', 'Read conversations with customers'),
  ('inbox.reply', 'business', 'Answer customers'),
  ('channels.connect', 'business', 'Connect WhatsApp, Instagram and Messenger');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and case p.key
    when 'inbox.all' then r.key in ('agency_owner', 'agency_admin', 'agency_staff')
    when 'inbox.read' then r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner', 'team_member')
    when 'inbox.reply' then r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner', 'team_member')
    when 'channels.connect' then r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner')
    else false end;
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('channel_choices', 'B');
call ops.protect('inbound_events', 'I');
call ops.protect('inbound_keys', 'W');
call ops.protect('inbound_items', 'WL');
call ops.protect('contacts', 'B');
call ops.protect('contact_identities', 'B');
call ops.protect('channels', 'BA');
call ops.protect('conversations', 'BA');
call ops.protect('messages', 'B');
call ops.protect('message_attachments', 'B');
call ops.protect('message_reactions', 'B');
call ops.protect('message_sends', 'B');
call ops.protect('early_statuses', 'B');
call ops.protect('message_templates', 'B');
-- Old ones are removed whichever business they belong to.
create policy retention on early_statuses for all to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision))) with check (false);
-- What a business and its customers said is removed in pieces before the business itself.
do $$ declare t text; begin
  foreach t in array array['channel_choices', 'contacts', 'contact_identities', 'messages', 'message_attachments', 'message_reactions', 'message_sends', 'message_templates'] loop
    execute format('create policy retention on %I for all to app_worker using (created_at < (select now() - make_interval(secs => nullif(current_setting(''app.retention_seconds'', true), '''')::double precision))) with check (false)', t);
  end loop;
end $$;
call ops.index_fks();
-- The platform sees that there are conversations, not what is said in them.
call ops.hide('conversations', 'app_platform', '{contact_name,last_preview,external_address}');
call ops.hide('inbound_events', 'app_platform', '{body}');
call ops.hide('inbound_items', 'app_platform', '{payload}');
