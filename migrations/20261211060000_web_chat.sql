-- Web chat: on which web sites visitors may write to a business, and what they read first.
-- oldest program: 20261203104000

-- The keys to tenants and channels wait briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

-- [B] the web chat of a business: its public key, the web sites that may show it, its greeting · web
create table web_chats (
  sub_account_id uuid primary key references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  channel_id uuid not null,
  key text not null unique default left(replace(gen_random_uuid()::text, '-', ''), 24) check (key ~ '^[a-z0-9]{24}$'),  -- public: it stands in the pages of the web sites
  is_on boolean not null,
  origins text[] not null default '{}' check (cardinality(origins) <= 40),
  greeting text not null default '' check (char_length(greeting) <= 1200),
  foreign key (sub_account_id, channel_id) references channels (sub_account_id, id) on delete cascade
);

-- Whose web chat has a key, if it is on and the business is there.
create function lookup.web_chat(p_key text)
  returns table (agency_id uuid, sub_account_id uuid, channel_id uuid, name text, origins text[], greeting text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select s.agency_id, s.id, w.channel_id, s.name, w.origins, w.greeting
  from public.web_chats w join public.sub_accounts s on s.id = w.sub_account_id
  where w.key = p_key and w.is_on and s.deleted_at is null and s.status <> 'archived' $$;
create policy lookup on web_chats for select to app_lookup using (true);
grant select (sub_account_id, channel_id, key, is_on, origins, greeting) on web_chats to app_lookup;
alter function lookup.web_chat(text) owner to app_lookup;
revoke execute on function lookup.web_chat(text) from public;
grant execute on function lookup.web_chat(text) to app_worker, app_rt;

call ops.protect('web_chats', 'B');
-- Removed before the business itself, like everything that belongs to its conversations.
create policy retention on web_chats for all to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision))) with check (false);
call ops.index_fks();
